"""Large contents in a bucket of S3, on a real server of its protocol: what holds for a folder holds for a bucket."""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.desk.outcomes import raw_mail
from support.servers.bucket import BucketServer, bucket_server
from support.servers.peers import wait_for

from helpdesk.config.load import load
from helpdesk.gateway.beginning import WrongFolder, begin_store, is_away
from helpdesk.gateway.blobs import blobs_of
from helpdesk.gateway.cli.main import helpdesk
from helpdesk.store import blob_bucket
from helpdesk.store.blob_bucket import BlobBucket, BucketLogin
from helpdesk.store.blob_folder import BlobFolder
from helpdesk.store.blob_uses import discard_unused
from helpdesk.store.blobs import BlobDamaged, BlobsAway, BlobStore
from helpdesk.store.database import MIGRATION, Database
from helpdesk.store.inbound import content_of, store_raw

LARGE = b"Subject: large\r\n\r\n" + b"x" * 100_000
LATER = 2**33  # POSIX time: every content is older
CONFIGURATION = """
[desk]
name = "Support"
prefix = "HD"
domain = "support.example.com"
secret_file = "secret"
[[address]]
address = "help@support.example.com"
queue = "general"
[[staff]]
name = "Omar"
address = "omar@desk.example"
role = "senior"
queues = ["general"]
[database]
url = "sqlite:///helpdesk.db"
blobs = "s3://{bucket}/desk"
[database.bucket]
endpoint = "{endpoint}"
key_id = "key"
secret_file = "bucket-secret"
[relay]
url = "maildir:outgoing"
"""


@pytest.fixture(scope="module")
def server() -> Iterator[BucketServer]:
    with bucket_server() as running:
        yield running


@pytest.fixture
def blobs(server: BucketServer) -> BlobBucket:
    return new_blobs(server)


def new_blobs(server: BucketServer) -> BlobBucket:
    made = open_blobs(server, server.new_bucket())
    made.begin()
    return made


def open_blobs(server: BucketServer, bucket: str) -> BlobBucket:
    login = BucketLogin(server.endpoint, key_id="key", secret="secret")
    return BlobBucket(f"s3://{bucket}/desk", login, must_be_there=True)


@pytest.fixture
def config(server: BucketServer, tmp_path: Path) -> Path:
    return configure(tmp_path / "desk", server, server.new_bucket())


def configure(folder: Path, server: BucketServer, bucket: str) -> Path:
    folder.mkdir()
    for name, words in (("secret", f"k {'5e' * 32}\n"), ("bucket-secret", "word\n")):
        (folder / name).write_text(words)
        (folder / name).chmod(0o600)
    config = folder / "helpdesk.toml"
    config.write_text(CONFIGURATION.format(bucket=bucket, endpoint=server.endpoint))
    return config


def run(config: Path, *words: str) -> Result:
    return CliRunner().invoke(helpdesk, [*words, "--config", str(config)])


def test_a_content_is_put_once_and_read_by_its_name(blobs: BlobBucket) -> None:
    name = blobs.put(LARGE)
    assert blobs.put(LARGE) == name and blobs.get(name) == LARGE and blobs.size_of(name) == len(LARGE)
    assert list(blobs.names()) == [name] and blobs.has(name)
    with pytest.raises(FileNotFoundError):
        blobs.get("ab" * 32)
    blobs._patient.put(f"{name[:2]}/{name}", b"changed")
    with pytest.raises(BlobDamaged, match="does not match its name"):
        blobs.get(name)


def test_notes_are_replaced_and_a_trial_leaves_nothing(blobs: BlobBucket) -> None:
    assert blobs.note("erased") is None and blobs.written_at("erased") is None
    for words in (b"first", b"second"):
        blobs.write_note("erased", words)
    assert blobs.note("erased") == b"second" and blobs.written_at("erased")
    blobs.try_writing()
    assert {found["path"] for found in blobs._list(None)} == {"erased", "helpdesk-blobs"}


def test_what_is_young_stays_and_what_is_old_goes(blobs: BlobBucket) -> None:
    name = blobs.put(LARGE)
    put_at = datetime.now(UTC).timestamp()
    assert not blobs.discard(name, put_at - 60) and blobs.has(name)
    assert blobs.discard(name, LATER) and not blobs.has(name)
    assert blobs.discard(name, LATER)  # gone already is done
    assert list(blobs._list("doomed")) == []


def test_who_puts_a_content_that_is_being_removed_puts_it_anew(blobs: BlobBucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """The remover has seen that the content is old, and the writer comes before it is deleted: the bytes are there when `put` returns."""
    name, there = blobs.put(LARGE), list[bool]()
    waiting, removed = threading.Event(), threading.Event()
    real, writer = blobs._is_kept, threading.Thread(target=lambda: there.append(blobs.put(LARGE) == name and blobs.has(name)))

    def wait(seconds: float) -> None:
        waiting.set()
        removed.wait(30)

    def look(path: str, older_than: float) -> bool | None:
        found = real(path, older_than)
        if blobs._look(f"doomed/{name}") is not None:
            writer.start()
            while writer.is_alive() and not waiting.wait(0.05):
                pass
        return found

    monkeypatch.setattr(blobs, "_is_kept", look)
    monkeypatch.setattr(blob_bucket, "pause", wait)
    assert blobs.discard(name, LATER)
    removed.set()
    writer.join()
    assert waiting.is_set() and there == [True] and blobs.get(name) == LARGE


def test_a_remover_looks_once_more_when_its_mark_is_there(blobs: BlobBucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between its first look and its mark somebody has put the content again, and saw no mark."""
    name, answers = blobs.put(LARGE), iter((None, True))
    monkeypatch.setattr(blobs, "_is_kept", lambda path, older_than: next(answers))
    assert not blobs.discard(name, LATER) and blobs.has(name)
    assert list(blobs._list("doomed")) == []


def test_a_content_that_is_put_again_is_young_again(blobs: BlobBucket, monkeypatch: pytest.MonkeyPatch) -> None:
    name = blobs.put(LARGE)
    first = blobs.written_at(f"{name[:2]}/{name}")
    assert first is not None
    monkeypatch.setattr(blob_bucket, "YOUNG", timedelta(0))

    def is_younger() -> bool:  # the server counts in seconds
        blobs.put(LARGE)
        return (blobs.written_at(f"{name[:2]}/{name}") or 0) > first

    wait_for(is_younger, "the content became younger", seconds=5)
    assert not blobs.discard(name, first + 1)


def test_the_mark_of_a_remover_that_died_stops_nobody_for_long(blobs: BlobBucket, monkeypatch: pytest.MonkeyPatch) -> None:
    name = blobs.put(LARGE)
    blobs.write_note(f"doomed/{name}", b"")
    monkeypatch.setattr(blob_bucket, "BETWEEN", 0.0)
    with pytest.raises(BlobsAway, match="being removed"):
        blobs.put(LARGE)
    monkeypatch.setattr(blob_bucket, "MARKED", timedelta(0))
    assert blobs.put(LARGE) == name
    assert blobs.sweep(0) == 0 and blobs.sweep(LATER) == 1 and blobs.sweep(LATER) == 0


def test_orphans_are_swept_and_what_a_row_needs_stays(server: BucketServer, tmp_path: Path) -> None:
    blobs = open_blobs(server, server.new_bucket())
    with closing(Database(f"sqlite:///{tmp_path}/desk.db", role=MIGRATION)) as database:
        begin_store(database, blobs)
        [number] = store_raw(database, blobs, 65536, [raw_mail(content=LARGE)], datetime.now(UTC))
        orphan = blobs.put(b"a process died before its row")
        assert discard_unused(database, blobs, blobs.names(), datetime.now(UTC)) == 0  # both may be about to get their row
        assert discard_unused(database, blobs, blobs.names(), datetime.now(UTC) + timedelta(hours=1)) == 1
        assert not blobs.has(orphan)
        with database.reading() as connection:
            assert content_of(connection, blobs, number) == LARGE


def test_a_bucket_that_is_away_stores_no_row(server: BucketServer, tmp_path: Path) -> None:
    """Blob first, then row: without the blob there is no row, and the door says `try again later`."""
    nowhere = BlobBucket("s3://helpdesk/desk", BucketLogin("http://127.0.0.1:1", key_id="k", secret="s"), must_be_there=True)
    strange = open_blobs(server, "nosuchbucket")
    empty = open_blobs(server, server.new_bucket())
    with closing(Database(f"sqlite:///{tmp_path}/desk.db", role=MIGRATION)) as database:
        begin_store(database, BlobFolder(tmp_path / "blobs"))
        for blobs in (nowhere, strange, empty):
            assert not blobs.is_there
            with pytest.raises(BlobsAway) as fault:
                store_raw(database, blobs, 65536, [raw_mail(content=LARGE)], datetime.now(UTC))
            assert "away" in str(fault.value) and "\n" not in str(fault.value)
        assert store_raw(database, nowhere, 65536, [raw_mail()], datetime.now(UTC))  # a small mail needs no bucket
        assert is_away(database, nowhere)


def test_a_bucket_belongs_to_one_desk(server: BucketServer, tmp_path: Path) -> None:
    blobs = open_blobs(server, server.new_bucket())
    for name in ("one", "two"):
        with closing(Database(f"sqlite:///{tmp_path}/{name}.db", role=MIGRATION)) as database:
            begin_store(database, BlobFolder(tmp_path / name))
            if name == "one":
                begin_store(database, blobs)
                continue
            with pytest.raises(WrongFolder, match="s3://"):
                begin_store(database, blobs)
            begin_store(database, blobs, anew=True)


def test_a_forked_process_is_told_and_does_not_hang(blobs: BlobBucket, monkeypatch: pytest.MonkeyPatch) -> None:
    assert blobs.is_there
    monkeypatch.setattr(blob_bucket, "_process", [os.getpid() + 1])
    with pytest.raises(BlobsAway, match="forked"):
        blobs.put(LARGE)


def contents_of(config: Path) -> BlobStore:
    return blobs_of(load(config, {}).settings.database)


def take(config: Path, content: bytes) -> int:
    settings = load(config, {}).settings.database
    with closing(Database(settings.url)) as database:
        [number] = store_raw(database, contents_of(config), 65536, [raw_mail(content=content)], datetime.now(UTC))
    return number


def test_a_desk_is_checked_backed_up_and_restored_into_another_bucket(config: Path, server: BucketServer, tmp_path: Path) -> None:
    assert run(config, "migrate").exit_code == 0
    number = take(config, LARGE)
    checked = run(config, "check")
    assert f"ok: blobs {load(config, {}).settings.database.blobs}" in checked.output, checked.output
    made = run(config, "backup", str(tmp_path / "backups"), "--json")
    assert made.exit_code == 0, made.output
    assert json.loads(made.output)["blobs"] == 1
    assert "backup: the last one is 0.0 hours old" in run(config, "status").output
    other = configure(tmp_path / "other", server, server.new_bucket())
    restored = run(other, "restore", json.loads(made.output)["place"])
    assert restored.exit_code == 0, restored.output
    with closing(Database(load(other, {}).settings.database.url)) as database, database.reading() as connection:
        assert content_of(connection, contents_of(other), number) == LARGE
        assert not is_away(database, contents_of(other))


def test_a_bucket_with_older_versions_is_told(server: BucketServer, tmp_path: Path) -> None:
    """What is erased stays there as an older version."""
    config = configure(tmp_path / "desk", server, server.new_bucket(versions=True))
    assert run(config, "migrate").exit_code == 0
    assert "keeps older versions" in run(config, "check").output


def test_a_server_that_does_not_answer_is_one_line(config: Path) -> None:
    assert run(config, "migrate").exit_code == 0
    take(config, b"Subject: small\r\n\r\nx\r\n")
    config.write_text(config.read_text().replace(":2", ":1"))  # a port at which nothing listens
    checked = run(config, "check")
    [line] = [line for line in checked.output.splitlines() if line.startswith("problem: blobs s3://")]
    assert "is away" in line
    assert "is away" in run(config, "status").output
