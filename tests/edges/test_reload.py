"""A running node takes its configuration anew, as a whole or not at all: no door shuts, no session ends, and the next mail is decided by it."""

import asyncio
import json
import os
import signal
import smtplib
import sqlite3
import ssl
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trustme
from click.testing import CliRunner, Result
from support.campaigns.kill_rig import Gateway
from support.desk.story import MONDAY, SUPPORT, configured
from support.servers.peers import free_ports, wait_for
from support.servers.smtp_door import MemoryCounts

from helpdesk.config.control import control_place
from helpdesk.config.load import load
from helpdesk.gateway.cli.explain import why_command
from helpdesk.gateway.cli.reload import reload_command
from helpdesk.gateway.cli.status import status_command
from helpdesk.gateway.doors import replies
from helpdesk.gateway.doors.certificate import DoorCertificate, UnusableCertificate, read_certificate, renewed_certificate
from helpdesk.gateway.doors.logins import Logins
from helpdesk.gateway.node.editions import Refused, edition_of, next_edition

ANNA = "anna@acme.example"
SALES = "sales@support.example.com"


class Site:
    """A node, its files, and what its operator does."""

    def __init__(self, folder: Path, more: str) -> None:
        [self.port] = free_ports(1)
        self.config = configured(folder, more=more)
        self.folder = folder
        self.edit('listen = "127.0.0.1:0"', f'listen = "127.0.0.1:{self.port}"')

    def edit(self, old: str, new: str) -> None:
        text = self.config.read_text()
        assert old in text
        self.config.write_text(text.replace(old, new, 1))

    def run(self, command: object, *words: str) -> Result:
        return CliRunner().invoke(command, [*words, "--config", str(self.config)])  # type: ignore[arg-type]

    def reload(self) -> Result:
        return self.run(reload_command)

    def ask(self, statement: str) -> list[str]:
        with closing(sqlite3.connect(self.folder / "helpdesk.db", timeout=60)) as connection:
            return [row[0] for row in connection.execute(statement)]

    def policies(self) -> list[str]:
        """By which policies mails were decided, in their order."""
        return self.ask("SELECT json_extract(decision, '$.policy') FROM inbound WHERE decision IS NOT NULL ORDER BY id")

    def keys(self) -> str:
        """The names of the keys that the node knows, the one that signs first."""
        return " ".join(part[0] for part in self.ask("SELECT keys FROM heartbeat")[0].split())

    def policy(self) -> str:
        return load(self.config, {}).policy.digest

    def writes(self, session: smtplib.SMTP, to: str, number: int) -> None:
        """Anna writes in a session, and waits until her mail is decided."""
        mail = f"From: {ANNA}\r\nTo: {to}\r\nSubject: No. {number}\r\nMessage-ID: <{number}@acme.example>\r\n\r\nIt jams.\r\n"
        session.sendmail(ANNA, [to], mail)
        wait_for(lambda: len(self.policies()) == number, f"mail {number} is decided")


def running(site: Site, work: Callable[[Gateway], None]) -> None:
    with (site.folder / "log").open("wb") as log:
        node = Gateway(site.config, log)
        node.start()
        try:
            node.wait_until_ready()
            work(node)
            assert node.stop() == 0
        finally:
            node.kill()


def certificate(folder: Path, authority: trustme.CA, kind: trustme.KeyType, **dates: Any) -> tuple[str, str]:
    """Write a certificate with its key in the place of the ones before."""
    issued = authority.issue_cert("desk.test", key_type=kind, **dates)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cert.pem").write_bytes(b"".join(part.bytes() for part in issued.cert_chain_pems))
    (folder / "key.pem").write_bytes(issued.private_key_pem.bytes())
    (folder / "key.pem").chmod(0o600)
    return str(folder / "cert.pem"), str(folder / "key.pem")


def secured(site: Site, authority: trustme.CA) -> smtplib.SMTP:
    """A session under TLS, and with its certificate checked."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    session = smtplib.SMTP("127.0.0.1", site.port, "client.example", timeout=60)
    session._host = "desk.test"  # type: ignore[attr-defined]  # the name that smtplib checks
    session.starttls(context=context)
    return session


def serial(session: smtplib.SMTP) -> str:
    assert isinstance(session.sock, ssl.SSLSocket)
    return str((session.sock.getpeercert() or {})["serialNumber"])


def test_a_node_takes_what_is_sound_and_goes_on_with_what_it_has_where_it_is_not(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate(tmp_path, authority, trustme.KeyType.RSA)
    site = Site(tmp_path, "[node]\nworkers = 1\n")
    site.edit("[smtp]\n", '[smtp]\ncertificate = "cert.pem"\nkey = "key.pem"\n')

    def work(node: Gateway) -> None:
        [worker, door] = node.processes("worker")[0], node.processes("door")[0]
        before = site.policy()
        old, second = secured(site, authority), smtplib.SMTP("127.0.0.1", site.port, "client.example", timeout=60)
        site.writes(old, SUPPORT, 1)

        # A new address, a new certificate of another kind of key, and a door that only a restart can move.
        site.edit("[[staff]]", f'[[address]]\naddress = "{SALES}"\n[[staff]]')
        site.edit("[smtp]\n", "[smtp]\nmax_recipients = 200\n")
        certificate(tmp_path, authority, trustme.KeyType.ECDSA)
        taken = site.reload()
        assert taken.exit_code == os.EX_OK
        assert [line.partition("good until")[0] for line in taken.output.splitlines()[:-1]] == [
            f"changed: [[address]] {SALES} is new",
            "changed: [smtp] the certificate is another one, which is ",
            "needs a restart: [smtp] max_recipients",
        ]
        site.writes(old, SALES, 2)  # in the session that was open before, under the old certificate
        context = ssl.create_default_context()
        authority.configure_trust(context)
        second._host = "desk.test"  # type: ignore[attr-defined]
        second.starttls(context=context)  # of a session that was open before as well
        fresh = secured(site, authority)
        assert serial(second) == serial(fresh) != serial(old)
        after = site.policy()
        assert site.policies() == [before, after]

        # A wrong file changes nothing, is told by `helpdesk status`, and a process that dies is replaced all the same.
        sound = site.config.read_text()
        site.edit("[desk]", '[desk]\ncolour = "blue"')
        refused = site.reload()
        assert refused.exit_code == os.EX_CONFIG
        said = site.run(status_command).output
        assert "UNKNOWN   configuration: " in said and "one runs on this machine, with the configuration from before" in said
        assert "desk.colour: unknown key" in refused.output and "goes on with the configuration that it has" in refused.output
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: node.processes("worker") not in ([], [worker]), "the worker is replaced")
        site.writes(fresh, SALES, 3)
        site.config.write_text(sound)
        assert "WARNING   configuration: " in (told := site.run(status_command)).output and "desk.colour" in told.output
        (tmp_path / "key.pem").write_bytes(authority.issue_cert("desk.test").private_key_pem.bytes())
        assert "key values mismatch" in site.reload().output
        certificate(tmp_path, authority, trustme.KeyType.RSA, not_after=datetime.now(UTC) - timedelta(days=1))
        assert "certificate has expired" in site.reload().output
        assert site.policies()[2] == after

        # SIGHUP, with a new key, and then no file is looked at while mail is decided.
        certificate(tmp_path, authority, trustme.KeyType.RSA)
        (tmp_path / "secret").write_text("b " + "6e" * 32 + "\na " + "5e" * 32 + "\n")
        node.hang_up()
        wait_for(lambda: site.keys() == "b a", "the new key signs")
        assert "configuration:" not in site.run(status_command).output
        files = [tmp_path / name for name in ("helpdesk.toml", "secret", "cert.pem", "key.pem")]
        for file in files:
            file.rename(file.with_suffix(".gone"))
        site.writes(fresh, SUPPORT, 4)
        assert site.ask("SELECT substr(message_id, 1, 2) FROM outbox ORDER BY id DESC LIMIT 1")[0][1] == "b"
        for file in files:
            file.with_suffix(".gone").rename(file)
        why = json.loads(site.run(why_command, "4@acme.example", "--json").output)
        assert (why["policy"], f"It is decided by policy {after[:8]}." in why["text"]) == (after, True)
        assert node.processes("door") == [door]
        for session in (old, second, fresh):
            session.quit()

    running(site, work)


def test_a_node_of_one_process_takes_it_too(tmp_path: Path) -> None:
    site = Site(tmp_path, "[node]\nworkers = 0\n")

    def work(node: Gateway) -> None:
        session = smtplib.SMTP("127.0.0.1", site.port, "client.example", timeout=60)
        before = site.policy()
        site.writes(session, SUPPORT, 1)
        site.edit("[[staff]]", f'[[address]]\naddress = "{SALES}"\n[[staff]]')
        after = site.policy()
        assert site.reload().output.splitlines()[0] == f"changed: [[address]] {SALES} is new"
        site.writes(session, SALES, 2)
        site.config.write_text(site.config.read_text().replace("support.example.com", "other.example.com"))
        refused = site.reload()
        assert refused.exit_code == os.EX_CONFIG and "[desk] domain needs a restart" in refused.output
        site.config.write_text("[[[")
        node.hang_up()
        wait_for(lambda: "not TOML" in site.ask("SELECT refusal FROM heartbeat")[0], "SIGHUP is answered in the sign of life")
        assert "not TOML" in json.loads(site.run(reload_command, "--json").output)["problems"][0]
        site.writes(session, SALES, 3)
        assert site.policies() == [before, after, after]
        session.quit()

    running(site, work)


def test_without_a_node_nobody_answers(tmp_path: Path) -> None:
    site = Site(tmp_path / "desk", "")
    assert (result := site.reload()).exit_code == os.EX_UNAVAILABLE
    assert "no node answers at" in result.output


def test_own_templates_are_tried_before_they_are_taken(tmp_path: Path) -> None:
    config = configured(tmp_path, more="")
    config.write_text(config.read_text().replace("[desk]", '[desk]\ntemplates = "templates"', 1))
    template = tmp_path / "templates" / "customer" / "closing.txt.j2"
    template.parent.mkdir(parents=True)
    running = edition_of(load(config, {}))
    for kind in ("txt", "html"):
        template.with_name(f"closing.{kind}.j2").write_text("{{ nobody.knows }}")
    with pytest.raises(Refused, match="templates: customer/closing.*nobody"):
        next_edition(config, {}, running)
    for kind in ("txt", "html"):
        template.with_name(f"closing.{kind}.j2").unlink()
    (tmp_path / "templates" / "de.toml").write_text('[courtesy]\nno_such_string = "x"\n')
    with pytest.raises(Refused, match="templates: de.toml"):
        next_edition(config, {}, running)
    (tmp_path / "templates" / "de.toml").unlink()
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "refund.en.md").write_text("You can return it.")
    found, changes = next_edition(config, {}, running)
    assert changes.taken == ("[[ready_answer]] refund is new",)
    assert found.configuration.policy.digest != running.configuration.policy.digest


def test_a_password_that_was_taken_away_proves_nobody_in_a_session_that_is_open() -> None:
    async def story() -> tuple[object, object]:
        logins = Logins(lambda name, password: name, ["omar@desk.example"], MemoryCounts(), lambda: MONDAY)
        before = await logins.prove("192.0.2.1", "omar@desk.example", "right")
        logins.use(None, ())
        after = await logins.prove("192.0.2.1", "omar@desk.example", "right")
        logins.close()
        return before, after

    assert asyncio.run(story()) == ("omar@desk.example", replies.BAD_CREDENTIALS)


@pytest.mark.parametrize(
    ("text", "environment", "place"),
    [
        ("", {}, "var/control"),
        ("[[[", {}, "var/control"),
        ("node = 7", {}, "var/control"),
        ('[node]\ncontrol = "run/c"\n[desk]\ncolour = 1', {}, "run/c"),
        ('[node]\ncontrol = "run/c"', {"HELPDESK_NODE__CONTROL": "/run/other"}, "/run/other"),
    ],
)
def test_the_control_socket_is_found_in_a_faulty_file(tmp_path: Path, text: str, environment: dict[str, str], place: str) -> None:
    (tmp_path / "helpdesk.toml").write_text(text)
    assert control_place(tmp_path / "helpdesk.toml", environment) == tmp_path / place


def test_a_certificate_that_nobody_could_use_is_refused(tmp_path: Path) -> None:
    authority, kind = trustme.CA(), trustme.KeyType.ECDSA
    files = certificate(tmp_path, authority, kind)
    running = read_certificate(*files)
    assert renewed_certificate(*files, running) is None
    ahead, past = datetime.now(UTC) + timedelta(days=30), datetime.now(UTC) - timedelta(days=2)
    renewed = renewed_certificate(*certificate(tmp_path, authority, kind, not_after=ahead), running)
    assert renewed is not None and isinstance(renewed[0], DoorCertificate)
    assert abs(renewed[1] - ahead) < timedelta(seconds=2)
    cases: dict[str, Callable[[], object]] = {
        "certificate has expired": partial(certificate, tmp_path, authority, kind, not_after=past),
        "certificate is not yet valid": partial(
            certificate, tmp_path, authority, kind, not_before=ahead, not_after=ahead + timedelta(1)
        ),
        "key values mismatch": lambda: (tmp_path / "key.pem").write_bytes(
            authority.issue_cert("a", key_type=kind).private_key_pem.bytes()
        ),
        "not a certificate with its key": lambda: (tmp_path / "cert.pem").write_text("nothing"),
        "cannot be read": (tmp_path / "cert.pem").unlink,
    }
    for said, spoil in cases.items():
        spoil()
        with pytest.raises(UnusableCertificate, match=said):
            renewed_certificate(*files, running)
