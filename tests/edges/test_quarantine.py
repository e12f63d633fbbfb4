"""Mail that is set aside: found, shown, processed once more, dropped."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.desk.story import StoryDesk

from helpdesk.gateway.cli.explain import why_command
from helpdesk.gateway.cli.outbox import outbox_group
from helpdesk.gateway.cli.quarantine import quarantine_group, replay_command
from helpdesk.gateway.node.housekeeping import forget
from helpdesk.gateway.work.kind import TRIES
from helpdesk.gateway.work.spine import decide as really_decided
from helpdesk.store.inbound import content_of, find_inbound
from helpdesk.store.quarantine import drop, forget_dropped, replay
from helpdesk.threading.model.mail import Disposition

FAULTY = "This is poison."


def config_of(desk: StoryDesk) -> list[str]:
    return ["--config", str(desk.node.configuration.settings.folder / "helpdesk.toml")]


def quarantine(desk: StoryDesk, *words: str) -> Result:
    return CliRunner().invoke(quarantine_group, [*words, *config_of(desk)])


@pytest.fixture
def poisoned(desk: StoryDesk, monkeypatch: pytest.MonkeyPatch) -> Iterator[StoryDesk]:
    """A desk with one quarantined mail, one that opened a ticket, and one copy of it."""

    def decided(heard, known, made, now):  # type: ignore[no-untyped-def]
        if heard.incoming is not None and "poison" in heard.incoming.text:
            raise ZeroDivisionError("a fault of ours")
        return really_decided(heard, known, made, now)

    monkeypatch.setattr("helpdesk.gateway.work.settle.decide", decided)
    desk.person("anna@acme.example").writes("Hello", FAULTY)
    carl = desk.person("carl@other.example")
    carl.writes("Printer", "It jams.")
    with desk.database.reading() as connection:
        copy = content_of(connection, desk.node.blobs, desk.why(carl.sent[0]).id)
    assert copy is not None
    carl.mail(copy, ["help@support.example.com"])
    for _ in range(TRIES):
        desk.passes(minutes=10)
    monkeypatch.undo()
    assert [mail.state for mail in desk.mails()] == [Disposition.QUARANTINED, Disposition.OPENED, Disposition.DISCARDED]
    yield desk


def test_the_list_shows_what_is_set_aside_and_with_all_every_mail_that_became_no_conversation(poisoned: StoryDesk) -> None:
    rows = [json.loads(line) for line in quarantine(poisoned, "list", "--json").stdout.splitlines()]
    assert [row["state"] for row in rows] == ["quarantined"]
    assert "ZeroDivisionError" in rows[0]["reason"]
    every = [json.loads(line)["state"] for line in quarantine(poisoned, "list", "--all", "--json").stdout.splitlines()]
    assert every == ["discarded", "quarantined"]


def test_a_quarantined_mail_is_found_by_its_message_id(poisoned: StoryDesk) -> None:
    [message_id] = poisoned.person("anna@acme.example").sent
    told = CliRunner().invoke(why_command, [f"<{message_id}>", *config_of(poisoned)])
    assert told.exit_code == os.EX_OK
    assert "quarantined" in told.stdout


def test_a_mail_is_shown_with_its_last_fault_and_its_octets(poisoned: StoryDesk) -> None:
    number = str(poisoned.mails()[0].id)
    shown = json.loads(quarantine(poisoned, "show", number, "--json").stdout)
    assert (shown["attempts"], shown["from"], shown["to"]) == (TRIES, "anna@acme.example", ["help@support.example.com"])
    assert "ZeroDivisionError" in shown["reason"]
    assert "ZeroDivisionError" in quarantine(poisoned, "show", number).stdout
    raw = quarantine(poisoned, "show", number, "--raw").stdout_bytes
    assert raw.startswith(b"Return-Path: <")
    assert len(raw) > poisoned.mails()[0].size
    assert FAULTY.encode() in raw


@pytest.mark.parametrize("words", [("--all",), None])
def test_a_hundred_replays_have_one_effect(poisoned: StoryDesk, words: tuple[str, ...] | None) -> None:
    number = str(poisoned.mails()[0].id)
    for round_ in range(100):
        done = quarantine(poisoned, "replay", *(words or (number,)))
        assert done.exit_code == (os.EX_OK if words or round_ == 0 else os.EX_DATAERR), done.output
        poisoned.settle()
    assert [mail.state for mail in poisoned.mails()] == [Disposition.OPENED, Disposition.OPENED, Disposition.DISCARDED]
    assert len(poisoned.tickets()) == 2
    assert len(poisoned.notices_to(poisoned.person("anna@acme.example"))) == 1


def test_a_replay_of_what_waits_already_changes_nothing(poisoned: StoryDesk) -> None:
    number = str(poisoned.mails()[0].id)
    assert quarantine(poisoned, "replay", number, number).exit_code == os.EX_OK
    again = CliRunner().invoke(replay_command, [number, *config_of(poisoned)])
    assert again.exit_code == os.EX_OK
    poisoned.settle()
    assert len(poisoned.tickets()) == 2


def test_a_dropped_mail_stays_on_record_and_loses_its_content_after_a_while(poisoned: StoryDesk) -> None:
    number = poisoned.mails()[0].id
    refused = quarantine(poisoned, "drop", str(number))
    assert (refused.exit_code, poisoned.mails()[0].state) == (2, Disposition.QUARANTINED)
    assert "--yes" in refused.stderr
    assert quarantine(poisoned, "drop", str(number), "--yes").exit_code == os.EX_OK
    dropped = poisoned.mails()[0]
    assert (dropped.state, bool(dropped.dropped_by), dropped.dropped_at is not None) == (Disposition.DISCARDED, True, True)
    assert "dropped by" in quarantine(poisoned, "list", "--all").stdout
    now = datetime.now(UTC)
    assert forget_dropped(poisoned.database, now - timedelta(days=30)) == 0
    assert forget_dropped(poisoned.database, now + timedelta(seconds=1)) == 1
    gone = quarantine(poisoned, "show", str(number), "--raw")
    assert (gone.exit_code, "its content is gone" in gone.stderr) == (os.EX_DATAERR, True)
    assert quarantine(poisoned, "replay", str(number)).exit_code == os.EX_DATAERR
    assert poisoned.mails()[0].state is Disposition.DISCARDED


def test_a_node_forgets_dropped_content_after_its_time(poisoned: StoryDesk) -> None:
    number = poisoned.mails()[0].id
    assert drop(poisoned.database, number, "ines", poisoned.now)
    for days, is_there in ((29, True), (2, False)):
        poisoned.now += timedelta(days=days)
        forget(poisoned.node)
        with poisoned.database.reading() as connection:
            assert bool(content_of(connection, poisoned.node.blobs, number)) is is_there


def test_a_dropped_mail_can_be_replayed_until_its_content_goes(poisoned: StoryDesk) -> None:
    number = poisoned.mails()[0].id
    assert drop(poisoned.database, number, "ines", datetime.now(UTC))
    assert not drop(poisoned.database, number, "ines", datetime.now(UTC))
    assert replay(poisoned.database, number)
    poisoned.settle()
    with poisoned.database.reading() as connection:
        [mail] = find_inbound(connection, str(number))
    assert (mail.state, mail.dropped_at, mail.dropped_by) == (Disposition.OPENED, None, None)


def test_a_mail_with_an_effect_can_be_neither_dropped_nor_replayed(poisoned: StoryDesk) -> None:
    number = str(poisoned.mails()[1].id)
    assert quarantine(poisoned, "drop", number, "--yes").exit_code == os.EX_DATAERR
    assert quarantine(poisoned, "replay", number).exit_code == os.EX_DATAERR
    assert poisoned.mails()[1].state is Disposition.OPENED


WRONG = ["9" * 30, "9" * 5000, "-1", "0x10", "ä", "\u0661", "1e3", "", "1\n2", "../../etc/passwd"]


@pytest.mark.parametrize("word", WRONG)
@pytest.mark.parametrize("command", ["show", "replay", "drop"])
def test_what_is_no_number_is_refused_in_one_line(desk: StoryDesk, command: str, word: str) -> None:
    told = CliRunner().invoke(
        quarantine_group, [command, *(("--yes",) if command == "drop" else ()), *config_of(desk), "--", word]
    )
    assert told.exit_code == os.EX_USAGE
    assert len(told.stderr.splitlines()) == 1
    assert "not the number of a mail or letter" in told.stderr


@pytest.mark.parametrize("number", ["0", "12", str(2**63 - 1)])
@pytest.mark.parametrize("command", ["show", "replay", "drop"])
def test_a_number_that_nothing_has_is_told_in_one_line(desk: StoryDesk, command: str, number: str) -> None:
    told = quarantine(desk, command, number, *(("--yes",) if command == "drop" else ()))
    assert told.exit_code == os.EX_DATAERR
    assert len(told.stderr.splitlines()) == 1


@pytest.mark.parametrize(("number", "code"), [("9" * 30, os.EX_USAGE), ("x", os.EX_USAGE), ("12", os.EX_DATAERR)])
def test_letters_are_asked_for_by_numbers_too(desk: StoryDesk, number: str, code: int) -> None:
    told = CliRunner().invoke(outbox_group, ["show", number, *config_of(desk)])
    assert (told.exit_code, len(told.stderr.splitlines())) == (code, 1)


def helpdesk(*words: str) -> subprocess.CompletedProcess[bytes]:
    program = Path(sys.executable).with_name("helpdesk")
    return subprocess.run([program, *words], capture_output=True, timeout=120, check=False)


def test_the_installed_program_exits_with_the_same_codes(poisoned: StoryDesk) -> None:
    config = config_of(poisoned)
    assert helpdesk("quarantine", "show", "9" * 30, *config).returncode == os.EX_USAGE
    assert helpdesk("quarantine", "drop", "12", *config).returncode == os.EX_USAGE
    assert helpdesk("quarantine", "replay", *config).returncode == os.EX_USAGE
    assert helpdesk("outbox", "show", "9" * 30, *config).returncode == os.EX_USAGE
    assert helpdesk("replay", "9" * 30, *config).returncode == os.EX_USAGE
