"""A database, a schema or a folder of blobs that is not what it was: it is told in one line, and nothing acknowledged is lost in silence."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.desk.outcomes import LEASE, NOW, raw_mail
from support.desk.story import StoryDesk, configured

from helpdesk.gateway.beginning import StoreVanished, WrongFolder, WrongSchema, begin_store, is_away
from helpdesk.gateway.cli.main import helpdesk
from helpdesk.gateway.disk import Disk, DiskTrouble
from helpdesk.store.blob_folder import BlobFolder
from helpdesk.store.blobs import DESK, MARK, BlobsAway
from helpdesk.store.database import DOOR, NODE, WORKER, Database, DatabaseAway, DatabaseFileGone
from helpdesk.store.desk_identity import desk_id
from helpdesk.store.inbound import store_raw
from helpdesk.store.mail_claims import UNREADABLE_WAIT, claim_mail
from helpdesk.store.migrate import migrate

LARGE = b"Subject: hello\r\n\r\n" + b"row of it\r\n" * 10_000


def removed(file: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def moved_away(file: Path) -> None:
    file.rename(file.with_name("elsewhere.db"))


def emptied(file: Path) -> None:
    os.truncate(file, 0)


def replaced(file: Path) -> None:
    shutil.copy(file, file.with_name("copy.db"))
    file.with_name("copy.db").replace(file)


def without_its_log(file: Path) -> None:
    file.with_name(f"{file.name}-wal").unlink()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with closing(Database(f"sqlite:///{tmp_path}/desk.db")) as database:
        begin_store(database, BlobFolder(tmp_path / "blobs", must_be_there=True))
    return tmp_path / "desk.db"


@pytest.mark.parametrize("vanish", [removed, moved_away, emptied, replaced, without_its_log])
def test_nothing_is_acknowledged_into_a_file_that_nobody_finds_again(vanish: Callable[[Path], None], file: Path) -> None:
    blobs = BlobFolder(file.parent / "blobs", must_be_there=True)
    with closing(Database(f"sqlite:///{file}", role=DOOR)) as door:
        disk = Disk([file.parent], 0, 0.0, door.probe)
        store_raw(door, blobs, 65536, [raw_mail()], NOW)
        vanish(file)
        for _ in range(2):
            with pytest.raises(DatabaseAway) as fault:
                store_raw(door, blobs, 65536, [raw_mail(sender="paul@acme.example")], NOW)
            assert str(file) in str(fault.value) or "malformed" in str(fault.value)
            disk.failed(fault.value)
        if isinstance(fault.value, DatabaseFileGone):
            disk.look()
            assert disk.trouble() is DiskTrouble.BROKEN  # so the door refuses mail at its first word
    assert not (vanish in (removed, moved_away) and file.exists())  # and no process made an empty file in its place


def test_a_file_that_is_moved_back_is_used_again(file: Path) -> None:
    blobs = BlobFolder(file.parent / "blobs", must_be_there=True)
    with closing(Database(f"sqlite:///{file}", role=DOOR)) as door:
        disk = Disk([file.parent], 0, 0.0, door.probe)
        store_raw(door, blobs, 65536, [raw_mail()], NOW)
        moved_away(file)
        with pytest.raises(DatabaseFileGone, match="is not there; put it back") as fault:
            store_raw(door, blobs, 65536, [raw_mail()], NOW)
        disk.failed(fault.value)
        file.with_name("elsewhere.db").rename(file)
        disk.look()
        assert disk.trouble() is None
        assert store_raw(door, blobs, 65536, [raw_mail(sender="paul@acme.example")], NOW)


def test_only_what_begins_a_desk_makes_its_file(tmp_path: Path) -> None:
    said = "is not there; put it back, or restore a backup; for a new desk run: helpdesk migrate"
    for role in (DOOR, WORKER):
        database = Database(f"sqlite:///{tmp_path}/desk.db", role=role)
        with closing(database), pytest.raises(DatabaseAway, match=said):
            database.probe()
    assert list(tmp_path.glob("desk.db")) == []
    with closing(Database(f"sqlite:///{tmp_path}/desk.db", role=NODE)) as database:
        database.probe()


def emptied_before_a_start(file: Path) -> None:
    removed(file)
    file.touch()


def of_another_desk(file: Path) -> None:
    removed(file)
    with closing(Database(f"sqlite:///{file}")) as other:
        other.probe()


@pytest.mark.parametrize("vanish", [removed, emptied_before_a_start, of_another_desk])
def test_a_desk_that_has_begun_does_not_begin_again_in_silence(vanish: Callable[[Path], None], file: Path) -> None:
    vanish(file)
    blobs = BlobFolder(file.parent / "blobs", must_be_there=True)
    with closing(Database(f"sqlite:///{file}")) as database:
        with pytest.raises(StoreVanished, match="to begin a new desk all the same: helpdesk migrate --new"):
            begin_store(database, blobs)
        begin_store(database, blobs, anew=True)
        begin_store(database, blobs)  # and from now on it is an ordinary desk


def test_the_commands_say_so_in_one_line(tmp_path: Path) -> None:
    config = str(configured(tmp_path))

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(helpdesk, ["--config", config, *words], catch_exceptions=True)
        return (
            (done.exit_code, done.output)
            if done.exception is None or isinstance(done.exception, SystemExit)
            else (
                1,
                f"{type(done.exception).__name__}: {done.exception}",
            )
        )

    assert run("migrate")[0] == 0
    removed(tmp_path / "helpdesk.db")
    assert "the folder of blobs says that this desk has begun" in run("check")[1]
    assert run("migrate")[1].startswith("StoreVanished: the database sqlite:///")
    assert "is not there; put it back" in run("ticket", "list")[1]
    assert run("migrate", "--new") == (0, "the schema is up to date now\n")


SPOILED = {
    "no column outbox.words": "ALTER TABLE outbox DROP COLUMN words",
    "no table hold": "DROP TABLE hold",
    "no unique index inbound_one_effect": "DROP INDEX inbound_one_effect",
}


@pytest.mark.parametrize(("named", "spoil"), SPOILED.items())
def test_a_schema_that_is_not_what_its_revision_says_is_named(named: str, spoil: str, file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(spoil)
    with closing(Database(f"sqlite:///{file}")) as database, pytest.raises(WrongSchema, match=f"says: {named}; restore"):
        begin_store(database, BlobFolder(file.parent / "blobs", must_be_there=True))


def test_the_schema_is_compared_on_postgresql_too(open_database: Callable[[], Database], tmp_path: Path) -> None:
    database, blobs = open_database(), BlobFolder(tmp_path / "blobs", must_be_there=True)
    begin_store(database, blobs)
    with database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE timer RENAME COLUMN due_at TO was_due_at")
    with pytest.raises(WrongSchema, match=r"no column timer\.due_at"):
        begin_store(database, blobs)
    with database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE timer RENAME COLUMN was_due_at TO due_at")


def test_a_folder_of_blobs_that_is_away_is_not_made_anew(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Such as a file system that is not mounted: its empty place is there."""
    folder = file.parent / "blobs"
    blobs = BlobFolder(folder, must_be_there=True)
    with closing(Database(f"sqlite:///{file}")) as database:
        disk = Disk([file.parent], 0, 0.0, database.probe, blobs_are_there=lambda: blobs.is_there)
        [large] = store_raw(database, blobs, 65536, [raw_mail(LARGE)], NOW)
        folder.rename(file.parent / "away")
        for place in ("no folder", "an empty folder"):
            if place == "an empty folder":
                folder.mkdir()
            with pytest.raises(BlobsAway, match=f"the folder of blobs is away: .*blobs has no file {MARK}"):
                store_raw(database, blobs, 65536, [raw_mail(LARGE, sender="paul@acme.example")], NOW)
            begin_store(database, blobs)  # the node starts, for all that needs no blobs
            assert is_away(database, blobs)
            disk.look()
        assert store_raw(database, blobs, 65536, [raw_mail(sender="eva@acme.example")], NOW)
        assert list(folder.iterdir()) == []

        told: list[tuple[int, str]] = []

        def claimed_at(moment: timedelta) -> list[int]:
            found = claim_mail(
                database, blobs, NOW + moment, limit=9, lease=LEASE, max_bytes=2**30,
                on_unreadable=lambda number, fault: told.append((number, type(fault).__name__)),
            )  # fmt: skip
            return [mail.id for mail in found]

        assert large not in claimed_at(timedelta(0))
        assert told == [(large, "BlobsAway")]
        folder.rmdir()
        (file.parent / "away").rename(folder)
        disk.look()
        assert claimed_at(UNREADABLE_WAIT) == [large]
        assert not is_away(database, blobs)
    assert [record.message for record in caplog.records] == ["blobs.away", "blobs.back"]


def test_a_mail_whose_content_is_away_is_told_once_and_decided_when_it_is_back(
    desk: StoryDesk, caplog: pytest.LogCaptureFixture
) -> None:
    folder = Path(desk.node.configuration.settings.database.blobs)
    store_raw(desk.node.database, desk.node.blobs, 1000, [raw_mail(LARGE)], desk.now)
    folder.rename(folder.with_name("away"))
    for _ in range(3):
        desk.passes(seconds=20)
    folder.with_name("away").rename(folder)
    desk.passes(seconds=20)
    told = [record.message for record in caplog.records if record.message.startswith("mail.")]
    assert told[:2] == ["mail.unreadable", "mail.readable"], told
    assert desk.ticket(1).subject == "hello"


def test_names_of_new_folders_are_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also that of a sub-folder which another process has made a moment ago and not synced yet."""
    synced: list[Path] = []
    monkeypatch.setattr("os.fsync", lambda descriptor: synced.append(Path(f"/proc/self/fd/{descriptor}").readlink()))
    folder = tmp_path / "var" / "blobs"
    with closing(Database(f"sqlite:///{tmp_path}/var/data/desk.db")) as database:
        migrate(database)
    assert {tmp_path, tmp_path / "var"} <= set(synced)
    synced.clear()
    BlobFolder(folder).begin()
    assert {folder / MARK, folder, folder.parent} <= set(synced)
    sub_folder = BlobFolder(tmp_path / "other").put(LARGE)[:2]
    (folder / sub_folder).mkdir()
    synced.clear()
    BlobFolder(folder, must_be_there=True).put(LARGE)
    assert {folder, folder / sub_folder} <= set(synced)


def test_a_folder_of_another_desk_is_told_at_the_start_in_one_line(file: Path, tmp_path: Path) -> None:
    """Two desks on one machine, and one of the two paths in a configuration is the other's. Nothing is written into either."""
    with closing(Database(f"sqlite:///{tmp_path}/other/desk.db")) as other:
        begin_store(other, BlobFolder(tmp_path / "other" / "blobs", must_be_there=True))
    strange = BlobFolder(tmp_path / "other" / "blobs", must_be_there=True)
    before = strange.desk
    with closing(Database(f"sqlite:///{file}")) as database:
        with pytest.raises(WrongFolder, match="one of the two paths is wrong") as fault:
            begin_store(database, strange)
        assert strange.place in str(fault.value) and file.name in str(fault.value) and "\n" not in str(fault.value)
        assert strange.desk == before
        begin_store(database, BlobFolder(file.parent / "blobs", must_be_there=True))  # its own, again
        begin_store(database, strange, anew=True)  # the operator says that both are right
        assert strange.desk == desk_id(database) != before


@pytest.mark.parametrize("damage", ["", "garbage\n", None])
def test_a_folder_whose_desk_is_not_written_belongs_to_whoever_starts(file: Path, damage: str | None) -> None:
    """An older folder, one that was restored, or one whose file was cut off. Words that are no id are told."""
    blobs = BlobFolder(file.parent / "blobs", must_be_there=True)
    place = file.parent / "blobs" / DESK
    place.unlink() if damage is None else place.write_text(damage)
    with closing(Database(f"sqlite:///{file}")) as database:
        if damage == "garbage\n":
            with pytest.raises(WrongFolder):
                begin_store(database, blobs)
        else:
            begin_store(database, blobs)
            assert blobs.desk == desk_id(database) != ""
