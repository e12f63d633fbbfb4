"""`helpdesk init`, `--config`, and `helpdesk check`, as a person in a shell meets them."""

import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import click
import pytest
import trustme
from click.testing import CliRunner, Result

from helpdesk.config.load import load
from helpdesk.config.new_desk import write_new_desk
from helpdesk.config.settings import Lmtp, Relay, Settings
from helpdesk.gateway.cli.check import check_command, return_path_warnings, trials
from helpdesk.gateway.cli.init import init_command
from helpdesk.gateway.cli.options import config_option
from helpdesk.store.database import Database
from helpdesk.store.migrate import migrate


@click.group("helpdesk")
@config_option
def helpdesk(config: Path) -> None:
    """The commands under test, as the program groups them."""


@helpdesk.command("where")
@config_option
def where(config: Path) -> None:
    click.echo(str(config))


helpdesk.add_command(init_command)
helpdesk.add_command(check_command)


def run(*words: str, environment: dict[str, str] | None = None) -> Result:
    cleared: dict[str, str | None] = {name: None for name in os.environ if name.startswith("HELPDESK_")}
    return CliRunner().invoke(helpdesk, list(words), env=cleared | (environment or {}))


def test_init_writes_a_configuration_that_loads_and_says_what_to_do_next(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "desk"
    result = run("init", str(folder))
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in folder.iterdir()) == ["helpdesk.toml", "secret"]
    for command in ("migrate", "check", "serve"):
        assert f"helpdesk {command} --config {folder}/helpdesk.toml" in result.output
    loaded = load(folder / "helpdesk.toml", {})
    assert {member.role for member in loaded.policy.staff} == {"agent", "senior"}
    assert len(loaded.policy.accounts) == 2


def test_the_secret_is_random_and_its_owner_s_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        one, other = write_new_desk(tmp_path / "a")[1], write_new_desk(tmp_path / "b")[1]
    finally:
        os.umask(before)
    assert one.stat().st_mode & 0o777 == 0o600
    assert one.read_text() != other.read_text()
    ((name, key),) = load(tmp_path / "a" / "helpdesk.toml", {}).secret
    assert (name, len(key)) == ("a", 32)


def test_init_takes_what_it_is_told_about_the_desk(tmp_path: Path) -> None:
    told = {
        "--domain": "help.acme.test",
        "--name": 'Acme "Care"',
        "--prefix": "ACM",
        "--agent": "Omar Haddad <omar@desk.example>",
        "--relay": "smtp://127.0.0.1:25",
        "--data": str(tmp_path / "data"),
        "--database": "postgresql+psycopg://helpdesk@/helpdesk",
        "--listen": "127.0.0.1:2626",
    }
    result = run("init", str(tmp_path / "desk"), *(word for option in told.items() for word in option))
    assert result.exit_code == 0, result.output
    loaded = load(tmp_path / "desk" / "helpdesk.toml", {})
    settings, [omar] = loaded.settings, loaded.policy.staff
    assert (settings.desk.name, settings.desk.prefix, settings.desk.domain) == ('Acme "Care"', "ACM", "help.acme.test")
    assert [address.address for address in loaded.policy.addresses] == ["help@help.acme.test"]
    assert (omar.name, omar.address, omar.role) == ("Omar Haddad", "omar@desk.example", "senior")
    assert (settings.database.url, settings.database.blobs) == (told["--database"], f"{tmp_path}/data/blobs")
    assert settings.relay.url == told["--relay"] and settings.smtp is not None and settings.smtp.listen == "127.0.0.1:2626"
    assert (settings.node.control, loaded.policy.accounts) == (f"{tmp_path}/data/control", ())


@pytest.mark.parametrize(
    ("option", "word", "reason"),
    [
        ("--agent", "Omar", "not a member of staff"),
        ("--relay", "ftp://127.0.0.1", "relay.url"),
        ("--domain", "not a domain", "desk.domain"),
    ],
)
def test_init_leaves_no_configuration_that_does_not_load(option: str, word: str, reason: str, tmp_path: Path) -> None:
    result = run("init", str(tmp_path), option, word)
    assert result.exit_code == os.EX_CANTCREAT
    assert reason in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["helpdesk.toml", "secret"])
def test_init_never_overwrites(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine")
    result = run("init", str(tmp_path))
    assert result.exit_code == os.EX_CANTCREAT
    assert result.stderr.splitlines() == [
        f"{tmp_path / name} exists and is never overwritten; name another folder, or move it away first"
    ]
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_init_does_not_write_through_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret").symlink_to(tmp_path / "elsewhere")
    assert run("init", str(tmp_path)).exit_code == os.EX_CANTCREAT
    assert not (tmp_path / "elsewhere").exists()


def test_init_below_a_file_says_so_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = run("init", str(tmp_path / "file" / "desk"))
    assert (result.exit_code, len(result.stderr.splitlines())) == (os.EX_CANTCREAT, 1)
    assert "cannot be written: Not a directory" in result.stderr


@pytest.mark.parametrize(
    ("words", "environment", "file"),
    [
        (("where",), {}, "helpdesk.toml"),
        (("where",), {"HELPDESK_CONFIG": "e.toml"}, "e.toml"),
        (("--config", "b.toml", "where"), {"HELPDESK_CONFIG": "e.toml"}, "b.toml"),
        (("where", "--config", "a.toml"), {"HELPDESK_CONFIG": "e.toml"}, "a.toml"),
        (("--config", "b.toml", "where", "--config", "a.toml"), {}, "a.toml"),
    ],
)
def test_the_file_is_named_before_or_after_the_command_or_by_the_environment(
    words: tuple[str, ...], environment: dict[str, str], file: str
) -> None:
    assert run(*words, environment=environment).output == f"{file}\n"


def test_check_prints_every_problem_and_leaves_with_78(tmp_path: Path) -> None:
    (tmp_path / "helpdesk.toml").write_text('[desk]\nname = "A"\n')
    result = run("check", "--config", str(tmp_path / "helpdesk.toml"))
    assert result.exit_code == os.EX_CONFIG
    assert result.stdout == ""
    assert f"{tmp_path}/helpdesk.toml: desk.domain: is missing; write it" in result.stderr.splitlines()
    assert len(result.stderr.splitlines()) > 2


def test_check_says_the_policy_in_plain_sentences_and_that_all_is_well(tmp_path: Path) -> None:
    file = write_new_desk(tmp_path)[0]
    migrated(file)
    result = run("check", "--config", str(file))
    assert result.exit_code == 0, result.output
    for sentence in (
        "Mail to help@support.example.com waits in queue general.",
        "Queue general has 2 members: Omar Haddad (agent) and Ines Duarte (senior).",
        "Plan free promises no time.",
        "Plan starter promises a first answer within one working day.",
        "The desk works Monday to Friday 09:00-17:00 (UTC).",
        "warning: the SMTP door has no TLS certificate, so mail arrives unencrypted and nobody can log in; name one (smtp.certificate)",
        f"ok: database sqlite:///{tmp_path}/var/helpdesk.db",
        f"ok: blobs {tmp_path}/var/blobs",
        f"ok: relay {tmp_path}/var/outgoing",
    ):
        assert sentence in result.stdout.splitlines()


def test_check_changes_nothing_and_names_a_database_that_is_not_made_yet(tmp_path: Path) -> None:
    file = write_new_desk(tmp_path)[0]
    result = run("check", "--config", str(file))
    assert result.exit_code == os.EX_UNAVAILABLE
    assert f"problem: database sqlite:///{tmp_path}/var/helpdesk.db: there is none yet; run: helpdesk migrate" in result.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["helpdesk.toml", "secret"]


def test_a_database_without_tables_or_that_is_none_is_named(tmp_path: Path) -> None:
    file = write_new_desk(tmp_path)[0]
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "helpdesk.db").touch()
    assert "run: helpdesk migrate" in run("check", "--config", str(file)).stdout
    (tmp_path / "var" / "helpdesk.db").write_bytes(b"no database" * 1000)
    assert "does not answer: " in run("check", "--config", str(file)).stdout


def test_a_database_server_that_is_away_is_named_without_its_password(tmp_path: Path) -> None:
    environment = {"HELPDESK_DATABASE__URL": f"postgresql://desk:hush@127.0.0.1:{closed_port()}/desk"}
    result = run("check", "--config", str(write_new_desk(tmp_path)[0]), environment=environment)
    assert result.exit_code == os.EX_UNAVAILABLE
    assert "problem: database postgresql://desk:…@127.0.0.1" in result.stdout
    assert "hush" not in result.stdout


def test_a_folder_below_a_file_cannot_hold_letters(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert relay_fault(tmp_path, f"maildir:{tmp_path}/file/out") == f"{tmp_path}/file is not a folder; name another one"


def test_a_relay_that_is_ready_one_that_is_not_and_one_that_is_away(tmp_path: Path) -> None:
    with listener(b"220 mail.example ready\r\n") as port:
        assert relay_fault(tmp_path, f"smtp://127.0.0.1:{port}") == ""
    with listener(b"554 go away\r\n") as port:
        assert relay_fault(tmp_path, f"smtp://127.0.0.1:{port}") == "does not speak SMTP; it says: '554 go away'"
    assert relay_fault(tmp_path, f"smtp://127.0.0.1:{closed_port()}").startswith("does not answer: ")


def test_a_relay_behind_tls_must_show_a_certificate_that_is_trusted(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with listener(b"220 mail.example ready\r\n", context) as port:
        assert relay_fault(tmp_path, f"smtps://127.0.0.1:{port}", str(tmp_path / "ca.pem")) == ""
    with listener(b"220 mail.example ready\r\n", context) as port:
        assert "certificate verify failed" in relay_fault(tmp_path, f"smtps://127.0.0.1:{port}")


def test_check_tries_the_folder_of_the_lmtp_socket(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = load(write_new_desk(tmp_path / "desk")[0], {}).settings
    for listen, sound in (
        (f"unix:{tmp_path}/new/lmtp", [True]),
        (f"unix:{tmp_path}/file/lmtp", [False]),
        ("127.0.0.1:2424", []),
    ):
        found = list(trials(settings.model_copy(update={"lmtp": Lmtp(listen=listen)})))
        assert [not one.fault for one in found if one.subject.startswith("lmtp ")] == sound


def migrated(file: Path) -> None:
    database = Database(load(file, {}).settings.database.url)
    migrate(database)
    database.close()


def relay_fault(folder: Path, url: str, ca_file: str = "") -> str:
    settings: Settings = load(write_new_desk(folder / url.replace("/", "_") / ca_file.replace("/", "_"))[0], {}).settings
    finding = list(trials(settings.model_copy(update={"relay": Relay(url=url, ca_file=ca_file)})))[-1]
    assert finding.subject.startswith("relay ")
    return finding.fault


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def listener(banner: bytes, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that says one line to one caller."""

    def answer() -> None:
        try:
            caller = server.accept()[0]
            with context.wrap_socket(caller, server_side=True) if context else caller as spoken:
                spoken.sendall(banner)
                spoken.recv(1)
        except OSError:
            return  # the caller did not trust us and left

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer)
        thread.start()
        yield int(server.getsockname()[1])
        thread.join(10)
        assert not thread.is_alive()


RELAYS = {
    "smtp+starttls://desk%40corp.example@smtp.gmail.com:587": "desk@corp.example",
    "smtp+starttls://desk%40corp.example@SMTP.Office365.com:587": "desk@corp.example",
    "smtp+starttls://desk%40corp.example@relay.example:587": "",
    "smtp://relay.example:25": "",
    "maildir:var/outgoing": "",
}


@pytest.mark.parametrize("url", RELAYS)
def test_check_names_a_relay_that_sends_reports_to_the_mailbox_of_its_login(url: str) -> None:
    def warned(*mailboxes: str) -> list[str]:
        read = [SimpleNamespace(url=mailbox) for mailbox in mailboxes]
        return list(return_path_warnings(cast("Settings", SimpleNamespace(relay=SimpleNamespace(url=url), mailboxes=read))))

    assert [RELAYS[url] in line for line in warned("imaps://other@imap.example")] == ([True] if RELAYS[url] else [])
    assert warned("imaps://desk%40corp.example@imap.example") == []
