"""`helpdesk import`: progress, its sum, and going on after whatever ended it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from support.desk.story import configured
from support.servers.peers import wait_for

from helpdesk.store.database import Database
from helpdesk.store.migrate import migrate
from helpdesk.store.schema import inbound, message, outbox, ticket

PROGRAM = Path(sys.executable).with_name("helpdesk")
MANY = 420  # mails, which are three batches


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    configured(tmp_path)
    opened = Database(f"sqlite:///{tmp_path}/helpdesk.db")
    migrate(opened)
    yield opened
    opened.close()


def archive_of(folder: Path, count: int) -> Path:
    """Conversations of two mails."""
    path = folder / "archive.mbox"
    with path.open("wb") as file:
        for number in range(count):
            parent = f"In-Reply-To: <{number - 1}@old.example>\n" if number % 2 else ""
            file.write(
                f"From a@b Mon May  3 08:00:00 2021\nFrom: anna{number // 2}@old.example\nTo: help@support.example.com\nSubject: {number // 2}\n"
                f"Date: Mon, 3 May 2021 {number // 3600:02}:{number // 60 % 60:02}:{number % 60:02} +0000\n"
                f"Message-ID: <{number}@old.example>\n{parent}\nHello {number}.\n\n".encode()
            )
    return path


def started(folder: Path, *words: str) -> "subprocess.Popen[str]":
    command = [str(PROGRAM), "--config", str(folder / "helpdesk.toml"), "import", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def imported(folder: Path, *words: str) -> tuple[int, str, str]:
    with started(folder, *words) as process:
        out, err = process.communicate(timeout=200)
        return process.returncode, out, err


def counted(database: Database) -> tuple[int, int, int, int]:
    with database.reading() as connection:
        tables = (inbound, ticket, message, outbox)
        mails, tickets, messages, letters = (
            connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables
        )
    return mails, tickets, messages, letters


def stored(database: Database) -> int:
    return counted(database)[0]


def test_it_says_how_far_it_is_and_what_became_of_it(tmp_path: Path, database: Database) -> None:
    code, out, err = imported(tmp_path, str(archive_of(tmp_path, 20)), "--json")
    said = json.loads(out)
    assert (code, said["found"], said["stored"], said["opened"], said["threaded"]) == (os.EX_OK, 20, 20, 10, 10)
    assert said["mails_per_second"] > 0
    assert err.splitlines()[0] == "found 20 mails"
    assert err.splitlines()[-1].startswith("20 of 20 mails, ")
    assert counted(database) == (20, 10, 20, 0)
    code, out, _ = imported(tmp_path, str(tmp_path / "archive.mbox"))
    assert out.startswith("0 mails stored")
    assert "20 were stored already" in out
    assert counted(database) == (20, 10, 20, 0)


def test_after_kill_nine_it_goes_on(tmp_path: Path, database: Database) -> None:
    path = str(archive_of(tmp_path, MANY))
    with started(tmp_path, path) as process:
        wait_for(lambda: stored(database) > 0 or process.poll() is not None, "the first batch is stored")
        process.kill()
        process.communicate()
    assert 0 < stored(database) < MANY
    with database.writing() as connection:  # as if the leases of the killed one had run out
        connection.execute(inbound.update().values(lease_until=None))
    code, _, err = imported(tmp_path, path)
    assert code == os.EX_OK, err
    assert counted(database) == (MANY, MANY // 2, MANY, 0)


def test_an_interrupted_import_says_how_to_go_on(tmp_path: Path, database: Database) -> None:
    path = str(archive_of(tmp_path, MANY))
    with started(tmp_path, path) as process:
        wait_for(lambda: stored(database) > 0 or process.poll() is not None, "the first batch is stored")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 130
    assert "run the same command again to go on" in err.splitlines()[-1]
    assert 0 < stored(database) < MANY


@pytest.mark.parametrize("words", [("nothing",), ("helpdesk.toml",), (".",)])
def test_what_is_no_archive_is_one_line(tmp_path: Path, database: Database, words: tuple[str, ...]) -> None:
    code, out, err = imported(tmp_path, *(str(tmp_path / word) for word in words))
    assert (code, out) == (os.EX_NOINPUT, "")
    assert len(err.splitlines()) == 1


def test_what_is_left_out_of_a_maildir_is_named(tmp_path: Path, database: Database) -> None:
    box = tmp_path / "box"
    for part in ("cur", "new"):
        (box / part).mkdir(parents=True)
    (box / "cur" / "1.a").write_bytes(b"From: a@old.example\nTo: help@support.example.com\nSubject: x\n\nx\n")
    (box / "cur" / "2.\x1b[2J").symlink_to(tmp_path / "secret")
    os.mkfifo(box / "new" / "3.c")
    code, out, err = imported(tmp_path, str(box), "--json")
    said = json.loads(out)
    assert (code, said["found"], said["stored"], said["skipped"]) == (os.EX_OK, 1, 1, 2)
    assert f"left out, not a mail: {box}/cur/2.\\x1b[2J: it is a symbolic link" in err.splitlines()
    assert f"left out, not a mail: {box}/new/3.c: it is a FIFO" in err.splitlines()
