"""A backup is read back before it counts, and the desk that is made of it is the desk of that moment, with all letters held."""

import json
import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.desk.outcomes import NOW, raw_mail
from support.desk.story import configured
from support.servers.databases import PROGRAMS, PostgresqlServer

from helpdesk.config.load import load
from helpdesk.config.settings import DatabaseSettings
from helpdesk.gateway.backup import LAST, MANIFEST, NoBackup, check_backup, make_backup, restore_backup
from helpdesk.gateway.beginning import begin_store
from helpdesk.gateway.cli.main import helpdesk
from helpdesk.store.blob_folder import BlobFolder
from helpdesk.store.condition import beat, nodes_of
from helpdesk.store.database import MIGRATION, Database
from helpdesk.store.hold import current_hold
from helpdesk.store.inbound import content_of, store_raw
from helpdesk.threading.reporting.condition import Heartbeat

LARGE = b"Subject: hello\r\n\r\n" + b"row of it\r\n" * 10_000


def run(config: Path, *words: str) -> Result:
    return CliRunner().invoke(helpdesk, ["--config", str(config), *words])


@pytest.fixture(params=["sqlite", "postgresql"])
def config(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if request.param == "sqlite":
        return configured(tmp_path / "desk")
    monkeypatch.setenv("PATH", f"{PROGRAMS}:{os.environ['PATH']}")
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    return configured(tmp_path / "desk", database=server.create())


@pytest.fixture
def elsewhere(config: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The same desk on a new machine."""
    url = settings_of(config).url
    url = request.getfixturevalue("postgresql_server").create() if url.startswith("postgresql") else "sqlite:///helpdesk.db"
    yield configured(tmp_path / "new machine", database=url)


def settings_of(config: Path) -> DatabaseSettings:
    return load(config, {}).settings.database


def take(config: Path, *contents: bytes) -> list[int]:
    settings = settings_of(config)
    database, blobs = Database(settings.url, role=MIGRATION), BlobFolder(Path(settings.blobs), must_be_there=True)
    begin_store(database, blobs)
    numbers = [
        store_raw(database, blobs, 65536, [raw_mail(content, sender=f"a{len(content)}@acme.example")], NOW)[0]
        for content in contents
    ]
    database.close()
    return numbers


def test_what_was_there_comes_back_and_what_came_later_does_not(config: Path, elsewhere: Path, tmp_path: Path) -> None:
    small, large = take(config, b"Subject: small\r\n\r\nrow\r\n", LARGE)
    lost = Database(settings_of(config).url)
    beat(lost, Heartbeat("lost:7", "lost", "0.1.0", "f" * 64, NOW, NOW))
    lost.close()
    first = run(config, "backup", str(tmp_path / "backups"), "--json")
    assert first.exit_code == 0, first.output
    manifest = json.loads(first.output)
    assert (manifest["counts"]["mails"], manifest["blobs"]) == (2, 1)
    assert "backup: the last one is 0.0 hours old" in run(config, "status").output
    take(config, LARGE + b"and one more\r\n")
    assert run(config, "backup", str(tmp_path / "backups")).output.endswith("\n")
    assert len(list((tmp_path / "backups" / "blobs").rglob("?" * 64))) == 2  # each content is there once

    restored = run(elsewhere, "restore", manifest["place"])
    assert restored.exit_code == 0, restored.output
    settings = settings_of(elsewhere)
    database, blobs = Database(settings.url), BlobFolder(Path(settings.blobs), must_be_there=True)
    with database.reading() as connection:
        assert content_of(connection, blobs, small) == b"Subject: small\r\n\r\nrow\r\n"
        assert content_of(connection, blobs, large) == LARGE
        hold = current_hold(connection)
        assert nodes_of(connection) == ()  # those of the lost desk run no more
    begin_store(database, blobs)  # a node starts on it
    database.close()
    assert hold is not None and "was restored" in hold.reason
    again = run(elsewhere, "restore", manifest["place"])
    assert again.exit_code == os.EX_CANTCREAT and "is not empty and is never overwritten" in again.output
    # Whoever restores in the place of the old desk moves its database away; its large contents may stay.


def test_a_backup_that_is_not_whole_does_not_count(tmp_path: Path) -> None:
    config = configured(tmp_path / "desk")
    take(config, LARGE)
    settings = settings_of(config)
    place, _ = make_backup(settings, tmp_path / "backups", NOW, lambda text: None)
    [content] = (tmp_path / "backups" / "blobs").rglob("?" * 64)

    def spoiled(file: Path, octets: bytes) -> None:
        kept = file.read_bytes()
        file.write_bytes(octets)
        with pytest.raises(NoBackup):
            check_backup(place)
        with pytest.raises(NoBackup):
            restore_backup(settings_of(configured(tmp_path / "other")), place, NOW, lambda text: None)
        file.write_bytes(kept)

    spoiled(place / "helpdesk.db", (place / "helpdesk.db").read_bytes()[:-4096])
    spoiled(content, LARGE[:-1])
    spoiled(place / MANIFEST, b'{"format": 1}')
    assert not (tmp_path / "other" / "helpdesk.db").exists()
    assert check_backup(place).counts["mails"] == 1
    (place / MANIFEST).unlink()
    told = run(config, "backup", "--check", str(place))
    assert told.exit_code == os.EX_CANTCREAT and "did not become whole" in told.output

    [source] = Path(settings.blobs).rglob("?" * 64)
    source.write_bytes(b"x" * len(LARGE))
    shutil.rmtree(tmp_path / "backups")
    told = run(config, "backup", str(tmp_path / "backups"))
    assert told.exit_code == os.EX_CANTCREAT and "the content does not match its name" in told.output
    assert list((tmp_path / "backups").rglob(MANIFEST)) == []


def test_an_old_pg_dump_is_no_backup(
    postgresql_server: PostgresqlServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its exit code counts, whatever it has written until then."""
    config = configured(tmp_path / "desk", database=postgresql_server.create())
    take(config, LARGE)
    (tmp_path / "bin").mkdir()
    for program, words in (
        ("pg_dump", "echo 'aborting because of server version mismatch' >&2; exit 1"),
        ("pg_restore", "exit 0"),
    ):
        (tmp_path / "bin" / program).write_text(f"#!/bin/sh\n{words}\n")
        (tmp_path / "bin" / program).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    told = run(config, "backup", str(tmp_path / "backups"))
    assert told.exit_code == os.EX_CANTCREAT
    assert "pg_dump failed with exit code 1: aborting because of server version mismatch" in told.output
    assert not (Path(settings_of(config).blobs) / LAST).exists()


def test_status_tells_a_backup_that_is_late(tmp_path: Path) -> None:
    config = configured(tmp_path / "desk")
    take(config, LARGE)
    make_backup(settings_of(config), tmp_path / "backups", NOW - timedelta(days=3), lambda text: None)
    told = run(config, "status")
    assert "WARNING   backup: the last one is " in told.output
