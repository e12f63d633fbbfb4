"""A database that has gone back in time sends nothing again by itself: what has gone already is known to nobody but the people who got it."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from support.desk.story import MONDAY, StoryDesk, configured, direct_desk

from helpdesk.gateway.cli.main import helpdesk
from helpdesk.gateway.delivery.watermark import NAME, Watermark
from helpdesk.gateway.reader import Reader
from helpdesk.store.blob_folder import NoteFolder
from helpdesk.store.database import DatabaseAway
from helpdesk.store.hold import current_hold, hold_letters
from helpdesk.store.outbox import list_letters
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status

LATER = MONDAY + timedelta(days=2)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return configured(tmp_path / "desk")


def told(config: Path, *words: str) -> Result:
    return CliRunner().invoke(helpdesk, [*words, "--config", str(config)], catch_exceptions=False)


def gone_out(config: Path) -> set[str]:
    return {one.name for one in (config.parent / "outgoing" / "new").iterdir()}


def back_up(config: Path) -> Path:
    copy = config.parent / "backup.db"
    with closing(sqlite3.connect(config.parent / "helpdesk.db")) as live, closing(sqlite3.connect(copy)) as kept:
        live.backup(kept)
    return copy


def restore(config: Path, copy: Path) -> None:
    for rest in config.parent.glob("helpdesk.db*"):
        rest.unlink()
    shutil.copy(copy, config.parent / "helpdesk.db")


@contextmanager
def at(config: Path, reader: Reader, *, days: int) -> Iterator[StoryDesk]:
    with direct_desk(config, reader) as desk:
        desk.now = MONDAY + timedelta(days=days)
        yield desk


def a_day_after_the_backup(config: Path, reader: Reader) -> Path:
    """Anna has asked when the backup is made. Then Omar answers, and Carla asks."""
    with at(config, reader, days=0) as desk:
        anna, omar, carla = (desk.person(one) for one in ("anna@acme.example", "omar@desk.example", "carla@globex.example"))
        anna.writes("Printer", "It jams.")
        copy = back_up(config)
        omar.replies(Notice.NEW_TICKET, "#resolve\nOpen flap B.")
        carla.writes("Scanner", "It blinks.")
    return copy


def test_a_restored_database_sends_nothing_until_somebody_has_looked(config: Path, reader: Reader) -> None:
    copy = a_day_after_the_backup(config, reader)
    went = gone_out(config)
    restore(config, copy)
    with at(config, reader, days=2) as desk:
        desk.settle()
        desk.person("dora@globex.example").writes("Keyboard", "A key is stuck.")
        assert [one.subject for one in desk.tickets()] == ["Printer", "Keyboard"]
        assert desk.ticket().status is Status.ESCALATED  # for all that this database knows nobody has answered
        assert gone_out(config) == went
        with desk.database.reading() as connection:
            assert current_hold(connection) is not None
            waiting = [letter.notice for letter in list_letters(connection, LetterState.QUEUED)]
        assert {Notice.ESCALATION, Notice.CONFIRMATION} <= set(waiting)
    checked = told(config, "check")
    assert checked.exit_code and "letters are held (the database lacks attempts that this node has made" in checked.output
    assert "letters have been held since" in told(config, "outbox", "list").output


def test_once_it_is_released_only_what_had_not_gone_goes_out(config: Path, reader: Reader) -> None:
    copy = a_day_after_the_backup(config, reader)
    went = gone_out(config)
    restore(config, copy)
    with at(config, reader, days=2) as desk:
        desk.settle()
    released = told(config, "outbox", "release", "--gone-before", (LATER + timedelta(seconds=1)).isoformat())
    assert released.output.startswith("letters go out again; treated as sent: ") and not released.output.endswith(": 0\n")
    with at(config, reader, days=2) as desk:
        desk.now += timedelta(minutes=1)
        dora = desk.person("dora@globex.example")
        dora.writes("Keyboard", "A key is stuck.")
        assert desk.notices_to(dora) == [Notice.CONFIRMATION]
        with desk.database.reading() as connection:
            assert current_hold(connection) is None
            new = [letter for letter in list_letters(connection, LetterState.SENT) if letter.at > LATER + timedelta(seconds=1)]
        assert len(gone_out(config) - went) == len(new)
    assert told(config, "outbox", "release").exit_code


def test_where_all_was_restored_the_operator_holds_them_first(config: Path, reader: Reader) -> None:
    copy = a_day_after_the_backup(config, reader)
    went = gone_out(config)
    restore(config, copy)
    (config.parent / "blobs" / NAME).unlink()
    assert told(config, "outbox", "hold", "--reason", "backup of Monday").output.startswith("letters are held;")
    assert told(config, "outbox", "hold").output == "letters were held already\n"
    with at(config, reader, days=2) as desk:
        desk.settle()
    assert gone_out(config) == went
    assert "letters are held (backup of Monday)" in told(config, "check").output


def test_a_node_that_only_stood_still_holds_nothing(config: Path, reader: Reader) -> None:
    a_day_after_the_backup(config, reader)
    went = gone_out(config)
    with at(config, reader, days=2) as desk:
        desk.settle()
        with desk.database.reading() as connection:
            assert current_hold(connection) is None
    assert gone_out(config) > went


def test_a_new_desk_in_an_old_folder_holds_nothing(config: Path, reader: Reader) -> None:
    a_day_after_the_backup(config, reader)
    for rest in config.parent.glob("helpdesk.db*"):
        rest.unlink()
    with at(config, reader, days=2) as desk:
        anna = desk.person("anna@acme.example")
        anna.writes("Printer", "It jams.")
        assert desk.notices_to(anna) == [Notice.CONFIRMATION]
        with desk.database.reading() as connection:
            assert current_hold(connection) is None


@pytest.mark.parametrize("words", ["", "x", "-4", "7" * 40, "\udcff7", "4\n\n"])
def test_any_file_may_stand_where_the_mark_is_kept(tmp_path: Path, words: str) -> None:
    (tmp_path / NAME).write_text(words, encoding="utf-8", errors="surrogateescape")
    assert Watermark(NoteFolder(tmp_path)).is_ahead_of(3) is (words.strip() == "4")


def test_a_mark_that_cannot_be_kept_is_remembered(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("no folder")
    mark = Watermark(NoteFolder(tmp_path / "blobs"))

    def seen_ahead(newest: int) -> bool:
        is_ahead = mark.is_ahead_of(newest)
        mark.keep(newest)
        return is_ahead

    assert [seen_ahead(number) for number in (5, 5, 4, 4, 6)] == [False, False, True, False, False]


def test_a_hold_that_could_not_be_written_is_written_at_the_next_start(
    config: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = a_day_after_the_backup(config, reader)
    went = gone_out(config)
    restore(config, copy)
    faults = [DatabaseAway("no answer")]

    def away_once(*arguments: Any) -> bool:
        if faults:
            raise faults.pop()
        return hold_letters(*arguments)

    monkeypatch.setattr("helpdesk.gateway.delivery.outbox.hold_letters", away_once)
    with pytest.raises(DatabaseAway), at(config, reader, days=2):
        pytest.fail("the node has started")
    with at(config, reader, days=2) as desk:
        desk.settle()
        with desk.database.reading() as connection:
            assert current_hold(connection) is not None
    assert not faults and gone_out(config) == went
