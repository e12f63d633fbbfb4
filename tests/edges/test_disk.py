"""A disk that is nearly full, or that does not keep what is written: mail waits outside, and comes in by itself when all is well."""

import errno
import logging
import os
import smtplib
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.desk.outcomes import NOW, raw_mail
from support.desk.story import StoryDesk, configured
from support.servers.dialog import Client
from support.servers.smtp_door import running_door

from helpdesk.config.load import load
from helpdesk.gateway.disk import Disk, DiskTrouble, disk_of
from helpdesk.store.blob_folder import BlobFolder
from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database, DatabaseAway, DiskFault
from helpdesk.store.inbound import content_of, store_raw
from helpdesk.store.migrate import migrate

MIB = 1024 * 1024
RESERVE = 100 * MIB
PLENTY = timedelta(seconds=60)


@dataclass
class World:
    """A file system of 1 GiB, and what a trial write does."""

    free: int = 500 * MIB
    inodes: int = 10_000
    fault: Exception | None = None
    probes: int = 0
    asked: list[Path] = field(default_factory=list)

    def statvfs(self, folder: Path) -> Any:
        self.asked.append(folder)
        return SimpleNamespace(
            f_bavail=self.free // 4096, f_frsize=4096, f_blocks=1024 * MIB // 4096, f_files=10**6, f_favail=self.inodes
        )

    def probe(self) -> None:
        self.probes += 1
        if self.fault:
            raise self.fault


def disk(world: World, folder: Path, fraction: float = 0.0) -> Disk:
    return Disk([folder / "not" / "there" / "yet"], RESERVE, fraction, world.probe, world.statvfs)


def test_mail_waits_outside_while_there_is_less_than_the_reserve_and_is_told_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world = World()
    one = disk(world, tmp_path)
    assert one.trouble() is None
    for free, expected in ((RESERVE, None), (RESERVE - 4096, "full"), (0, "full"), (RESERVE, "full"), (RESERVE * 2, None)):
        world.free = free
        assert one.trouble() == expected, free
        one.look()
    assert [(record.message, record.levelno) for record in caplog.records] == [
        ("disk.full", logging.ERROR),
        ("disk.has_space", logging.WARNING),
    ]
    assert set(world.asked) == {tmp_path}  # the nearest folder that is there
    assert world.probes == 0


def test_a_part_of_the_file_system_counts_where_it_is_more(tmp_path: Path) -> None:
    world = World(free=200 * MIB)
    assert disk(world, tmp_path).trouble() is None
    assert disk(world, tmp_path, 0.25).trouble() is DiskTrouble.FULL
    assert disk(world, tmp_path, 0.01).trouble() is None


def test_names_can_run_out_too(tmp_path: Path) -> None:
    assert disk(World(inodes=3), tmp_path).trouble() is DiskTrouble.FULL


FAULTS_OF_A_DISK = [
    OSError(errno.EIO, "Input/output error"),
    OSError(errno.EROFS, "Read-only file system"),
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.EDQUOT, "Disk quota exceeded"),
    DiskFault("disk I/O error"),
]
OTHER_FAULTS = [
    OSError(errno.ENOENT, "no such file"),
    OSError(errno.EMFILE, "too many files"),
    DatabaseAway("locked"),
    ValueError(),
]


@pytest.mark.parametrize("fault", FAULTS_OF_A_DISK, ids=repr)
def test_a_disk_that_failed_takes_no_mail_until_a_trial_write_succeeds(
    fault: Exception, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world = World(fault=OSError(errno.EIO, "still"))
    one = disk(world, tmp_path)
    one.failed(fault)
    one.failed(fault)
    for _ in range(3):
        one.look()
        assert one.trouble() is DiskTrouble.BROKEN
    assert world.probes == 3
    world.fault = None
    one.look()
    assert one.trouble() is None
    assert [record.message for record in caplog.records] == ["disk.failed", "disk.recovered"]


@pytest.mark.parametrize("fault", OTHER_FAULTS, ids=repr)
def test_other_faults_are_not_the_disks(fault: Exception, tmp_path: Path) -> None:
    one = disk(World(), tmp_path)
    one.failed(fault)
    assert one.trouble() is None


@dataclass
class Switch:
    trouble: DiskTrouble | None = None

    def __call__(self) -> DiskTrouble | None:
        return self.trouble


REPLIES = [
    (DiskTrouble.FULL, "452 4.3.1 insufficient system storage, try again later"),
    (DiskTrouble.BROKEN, "451 4.3.0 try again later"),
]


@pytest.mark.parametrize(("trouble", "reply"), REPLIES)
def test_the_door_says_it_before_the_content_comes_and_takes_mail_again_by_itself(trouble: DiskTrouble, reply: str) -> None:
    switch = Switch(trouble)
    with running_door(trouble=switch) as door, Client(door.port) as client:
        assert client.says("EHLO client.test").startswith("250")
        assert client.says("MAIL FROM:<a@b.test>") == reply
        assert client.says("RCPT TO:<help@desk.test>").startswith("503")
        assert client.says("MAIL FROM:<a@b.test> FRUIT=1").startswith("555")  # what the client does wrong is told all the same
        switch.trouble = None
        assert client.mail(b"good\r\n").startswith("250 2.0.0")
        assert [mail.content for mail in door.mails] == [b"good\r\n"]


@pytest.mark.parametrize(("trouble", "reply"), REPLIES)
def test_a_disk_that_fills_up_during_the_content_refuses_it_too(trouble: DiskTrouble, reply: str) -> None:
    switch = Switch()
    with running_door(trouble=switch) as door, Client(door.port) as client:
        client.envelope()
        assert client.says("DATA").startswith("354")
        switch.trouble = trouble
        assert client.says("x\r\n.") == reply
        assert door.mails == []


def program(*words: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    helpdesk = Path(sys.executable).with_name("helpdesk")
    return subprocess.run(
        [helpdesk, *words], input=stdin, capture_output=True, timeout=120, check=False, env={**os.environ, **environment}
    )


def test_the_pipe_leaves_the_mail_with_its_mail_system(tmp_path: Path) -> None:
    config = str(configured(tmp_path))
    assert program("migrate", "--config", config).returncode == os.EX_OK
    words = ("deliver", "--config", config, "--from", "a@b.example", "help@support.example.com")
    full = program(*words, stdin=b"Subject: x\r\n\r\nhello\r\n", HELPDESK_DATABASE__RESERVE=str(10**18))
    assert (full.returncode, b"disk" in full.stderr) == (os.EX_TEMPFAIL, True)
    assert program(*words, stdin=b"Subject: x\r\n\r\nhello\r\n").returncode == os.EX_OK


def test_the_disk_of_a_node_is_that_of_its_blobs_and_its_file(tmp_path: Path) -> None:
    settings = load(configured(tmp_path), {"HELPDESK_DATABASE__RESERVE": "1000"}).settings.database
    database = Database(settings.url)
    migrate(database)
    one = disk_of(settings, database)
    assert one.trouble() is None
    one.failed(DiskFault("disk I/O error"))
    one.look()
    assert not (tmp_path / "blobs").exists()  # nothing is made in the place of a folder that is away
    (tmp_path / "blobs").mkdir()
    one.failed(DiskFault("disk I/O error"))
    one.look()
    assert one.trouble() is None
    assert list((tmp_path / "blobs").iterdir()) == []  # the trial left nothing
    (tmp_path / "blobs").rmdir()
    (tmp_path / "blobs").write_text("no folder")
    one.failed(DiskFault("disk I/O error"))
    one.look()
    assert one.trouble() is DiskTrouble.BROKEN
    database.close()


def test_a_commit_that_the_disk_did_not_keep_stops_the_door_of_its_node(wire: StoryDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """At first the mail is refused that met the fault, then all at their first word, until the disk keeps things again."""

    def failing(*_: object) -> list[int]:
        raise DiskFault("disk I/O error")

    node, anna = wire.node, wire.person("anna@acme.example")
    monkeypatch.setattr("helpdesk.gateway.node.roles.store_raw", failing)
    monkeypatch.setattr(node.disk, "_probe", failing)
    with pytest.raises(smtplib.SMTPDataError, match="451"):
        anna.writes("Printer", "It jams.")
    with pytest.raises(smtplib.SMTPSenderRefused, match="451"):
        anna.writes("Printer", "It jams.")
    assert node.disk.trouble() is DiskTrouble.BROKEN
    monkeypatch.undo()
    node.disk.look()
    anna.writes("Printer", "It jams.")
    assert len(wire.tickets()) == 1


def test_a_disk_that_fills_up_stops_the_door_of_its_node(wire: StoryDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = wire.person("anna@acme.example")
    monkeypatch.setattr(wire.node.disk, "_statvfs", World(free=0).statvfs)
    with pytest.raises(smtplib.SMTPSenderRefused, match="452"):
        anna.writes("Printer", "It jams.")
    monkeypatch.undo()
    anna.writes("Printer", "It jams.")
    assert len(wire.tickets()) == 1


# --- a real file system that fills up


@contextmanager
def mount(size: int) -> Iterator[Path]:
    """A file system of `size` octets.

    It stands outside the folders of pytest: when a run is killed, what it mounted stays, and the next run could not remove an old folder.
    """
    folder = Path(tempfile.mkdtemp(prefix="desk-disk-"))
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, check=False)
    if made.returncode:
        folder.rmdir()
        pytest.skip(f"no file system can be mounted here: {made.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)
        folder.rmdir()


def stored(database: Database, blobs: BlobStore, number: int, size: int) -> int | None:
    try:
        return store_raw(database, blobs, 65536, [raw_mail(content=bytes([number % 256]) * size)], NOW)[0]
    except (DiskFault, OSError):
        return None


@pytest.mark.parametrize("mebibytes", [2, 3, 5, 8, 16])
def test_a_full_disk_loses_nothing_and_is_used_again_when_there_is_room(mebibytes: int) -> None:
    """Mails of many sizes until nothing fits any more, small ones last; then somebody makes room."""
    with mount(mebibytes * MIB) as folder:
        ballast = folder / "ballast"
        ballast.write_bytes(b"x" * (mebibytes * MIB // 4))
        database, blobs = Database(f"sqlite:///{folder}/desk.db"), BlobFolder(folder / "blobs")
        with suppress(DatabaseAway):
            migrate(database)
        kept: dict[int, tuple[int, int]] = {}
        number = 0
        for size in (100_000, 20_000, 1000):
            refusals = 0
            while refusals < 3:
                number += 1
                key = stored(database, blobs, number, size)
                if key is None:
                    refusals += 1
                else:
                    kept[key] = (number, size)
        ballast.unlink()
        migrate(database)
        last = stored(database, blobs, 0, 1000)
        assert last is not None
        kept[last] = (0, 1000)
        with database.reading() as connection:
            for key, (number, size) in kept.items():
                assert content_of(connection, blobs, key) == bytes([number % 256]) * size
        assert database.damage(within=PLENTY) == ""
        assert not list((folder / "blobs").glob("*/*.tmp"))
        database.close()


def test_a_disk_that_becomes_read_only_is_a_disk_that_failed() -> None:
    with mount(8 * MIB) as folder:
        database, blobs = Database(f"sqlite:///{folder}/desk.db"), BlobFolder(folder / "blobs")
        migrate(database)
        first = stored(database, blobs, 1, 1000)
        one = Disk([folder], 0, 0.0, database.probe)
        database.close()  # a file that is open for writing keeps its file system from becoming read-only
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        with pytest.raises(DiskFault) as fault:
            store_raw(database, blobs, 65536, [raw_mail()], NOW)
        with pytest.raises(OSError, match="Read-only"):
            store_raw(database, blobs, 65536, [raw_mail(content=b"x" * 100_000)], NOW)
        one.failed(fault.value)
        one.look()
        assert one.trouble() is DiskTrouble.BROKEN
        subprocess.run(["mount", "-o", "remount,rw", folder], check=True)
        one.look()
        assert one.trouble() is None
        second = stored(database, blobs, 2, 1000)
        assert first is not None and second is not None
        database.close()


# --- the check at the start


def broken(path: Path) -> None:
    """Overwrites the middle of the file, as a disk does that mixes up its blocks."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096 * 2)
        file.write(b"\xff" * (size - 4096 * 4))


def test_a_damaged_file_is_found_at_the_start_and_told_in_one_line(tmp_path: Path) -> None:
    config = str(configured(tmp_path))
    assert program("migrate", "--config", config).returncode == os.EX_OK
    broken(tmp_path / "helpdesk.db")
    for command in ("serve", "tick"):
        done = program(command, "--config", config)
        assert done.returncode in (os.EX_DATAERR, os.EX_TEMPFAIL), done.stderr
        [line] = [line for line in done.stderr.decode().splitlines() if not line.startswith("warning:")]
        assert "damaged" in line or "malformed" in line


def test_the_check_takes_no_longer_than_it_may(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    assert database.damage(within=PLENTY) == ""
    assert database.damage(within=timedelta(seconds=-1)) == ""
    with database.writing() as connection:  # nothing of the check is left over
        connection.exec_driver_sql("PRAGMA user_version = 0")
    database.close()
