"""The installed program: its exit codes are those of sysexits, its errors are one line."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib import import_module
from pathlib import Path

import click
import pytest
from support.desk.story import StoryDesk, configured

PROGRAM = Path(sys.executable).with_name("helpdesk")


def helpdesk(*words: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(PROGRAM), *words], input=stdin, capture_output=True, timeout=120, check=False, env={**os.environ, **environment}
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def mail(text: str, message_id: str = "one@acme.example") -> bytes:
    return (
        f"From: anna@acme.example\r\nTo: help@support.example.com\r\nSubject: Printer\r\nMessage-ID: <{message_id}>\r\n\r\n{text}\r\n"
    ).encode()


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = str(configured(tmp_path))
    assert helpdesk("--config", path, "migrate").returncode == os.EX_OK
    return path


def test_a_database_of_another_version_is_refused_in_one_line(config: str) -> None:
    with closing(sqlite3.connect(Path(config).with_name("helpdesk.db"), isolation_level=None)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in ("migrate", "serve"):
        done = helpdesk("--config", config, command)
        assert done.returncode == os.EX_CONFIG
        [line] = done.stderr.splitlines()[-1:]
        assert line.startswith("helpdesk: the database has schema 9999, which this program does not know")


def test_the_help_lists_every_command_with_what_it_does() -> None:
    done = helpdesk("--help")
    assert done.returncode == os.EX_OK
    for name in "init serve check migrate deliver parse simulate why ticket outbox tick token bench".split():
        assert name in done.stdout


def test_every_command_takes_the_configuration_after_its_own_words() -> None:
    program = import_module("helpdesk.gateway.cli.main")
    waiting: list[click.Command] = [program.Commands("all").get_command(None, name) for name in program.COMMANDS]
    seen = 0
    while waiting:
        one = waiting.pop()
        if isinstance(one, click.Group):
            waiting.extend(one.commands.values())
        else:
            seen += 1
            assert any("--config" in parameter.opts for parameter in one.params), one.name
    assert seen >= len(program.COMMANDS)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--config", "/nowhere/helpdesk.toml", "check"), os.EX_CONFIG),
        (("ticket", "list", "--config", "/nowhere/helpdesk.toml"), os.EX_CONFIG),
        (("frobnicate",), os.EX_USAGE),
        (("parse",), os.EX_USAGE),
        (("parse", "--json", "/nowhere.eml"), os.EX_NOINPUT),
    ],
)
def test_failures_have_their_code_and_one_line(words: tuple[str, ...], code: int) -> None:
    done = helpdesk(*words)
    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_init_never_overwrites(tmp_path: Path) -> None:
    assert helpdesk("init", str(tmp_path / "desk")).returncode == os.EX_OK
    again = helpdesk("init", str(tmp_path / "desk"))
    assert again.returncode == os.EX_CANTCREAT
    assert "never overwritten" in again.stderr


def test_a_mail_by_pipe_becomes_a_ticket_at_the_next_tick(config: str) -> None:
    done = helpdesk(
        "--config", config, "deliver", "--from", "anna@acme.example", "help@support.example.com", stdin=mail("It jams.")
    )
    assert (done.returncode, done.stderr) == (os.EX_OK, "")
    ticked = helpdesk("tick", "--at", "2026-11-23T09:00:00Z", "--config", config)
    assert ticked.returncode == os.EX_OK, ticked.stderr
    row = json.loads(helpdesk("ticket", "list", "--json", "--config", config).stdout)
    assert (row["status"], row["requester"], row["messages"]) == ("in_review", "anna@acme.example", 1)
    shown = json.loads(helpdesk("ticket", "show", row["ticket"], "--json", "--config", config).stdout)
    assert [message["text"] for message in shown["messages"]] == ["It jams."]
    assert {letter["notice"] for letter in shown["letters"]} == {"confirmation", "new_ticket"}
    why = json.loads(helpdesk("why", "<one@acme.example>", "--json", "--config", config).stdout)
    assert (why["disposition"], why["ticket"]) == ("opened", row["ticket"])
    assert why["text"].count("\n") >= 2
    letter = shown["letters"][0]
    page = helpdesk("outbox", "show", str(letter["id"]), "--config", config)
    assert page.returncode == os.EX_OK
    assert "Subject:" in page.stdout


@pytest.mark.parametrize(
    ("recipient", "content", "code"),
    [
        ("nobody@support.example.com", b"From: a@b.example\r\n\r\nhello\r\n", os.EX_NOUSER),
        ("help@support.example.com", b"Received: by x\r\n" * 101 + b"\r\nhello\r\n", os.EX_DATAERR),
    ],
)
def test_the_pipe_refuses_with_the_codes_that_mail_systems_know(config: str, recipient: str, content: bytes, code: int) -> None:
    assert helpdesk("--config", config, "deliver", "--from", "a@b.example", recipient, stdin=content).returncode == code


def test_the_pipe_keeps_the_mail_outside_while_the_database_is_away(tmp_path: Path) -> None:
    config = configured(tmp_path, database="sqlite:////nowhere/at/all/helpdesk.db")
    done = helpdesk("--config", str(config), "deliver", "help@support.example.com", stdin=mail("It jams."))
    assert done.returncode == os.EX_TEMPFAIL
    broken = helpdesk("--config", str(tmp_path / "none.toml"), "deliver", "help@support.example.com", stdin=mail("It jams."))
    assert broken.returncode == os.EX_TEMPFAIL


def test_simulate_decides_and_writes_nothing(desk: StoryDesk, tmp_path: Path) -> None:
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    file = tmp_path / "mail.eml"
    file.write_bytes(mail("Still.").replace(b"\r\n\r\n", f"\r\nIn-Reply-To: <{anna.sent[0]}>\r\n\r\n".encode(), 1))
    done = helpdesk("simulate", "--json", str(file), "--config", str(desk.node.configuration.settings.folder / "helpdesk.toml"))
    answer = json.loads(done.stdout)
    assert (answer["disposition"], answer["ticket"]) == ("threaded", desk.ticket().reference)
    assert [clue["used"] for clue in answer["clues"]] == [True]
    assert len(desk.history().messages) == 1
    assert len(desk.mails()) == 1


def test_a_rotated_key_signs_and_the_old_one_still_verifies(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    old = str(anna.letters()[0].message["Reply-To"]).rpartition("<")[2].rstrip(">")
    config = str(desk.node.configuration.settings.folder / "helpdesk.toml")
    assert helpdesk("token", "rotate", "--config", config).returncode == os.EX_OK
    shown = json.loads(helpdesk("token", "show", old, "--config", config).stdout)
    assert (shown["purpose"], shown["subject"]) == ("reply", desk.ticket().id)
    assert helpdesk("token", "show", old.replace("+r", "+n"), "--config", config).returncode == 1


def test_a_mail_is_shown_below_the_trace_of_its_way_here(config: str) -> None:
    content = mail("Hello.", "shown@acme.example")
    assert (
        helpdesk(
            "--config", config, "deliver", "--from", "anna@acme.example", "help@support.example.com", stdin=content
        ).returncode
        == 0
    )
    assert helpdesk("--config", config, "tick").returncode == os.EX_OK
    why = json.loads(helpdesk("--config", config, "why", "shown@acme.example", "--json").stdout)
    shown = helpdesk("--config", config, "quarantine", "show", str(why["inbound"]), "--raw")
    assert shown.returncode == os.EX_OK
    trace, _, rest = shown.stdout.partition("From: ")
    assert f"From: {rest}" == content.decode()
    assert trace.startswith("Return-Path: <anna@acme.example>\r\nReceived: from local\r\n by support.example.com id ")
    books = json.loads(helpdesk("--config", config, "quarantine", "show", str(why["inbound"]), "--json").stdout)
    assert (books["door"], books["message_id"]) == ("pipe", "shown@acme.example")
    assert helpdesk("--config", config, "quarantine", "show", "7").returncode != os.EX_OK
