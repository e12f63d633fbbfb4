"""The tour is run as a reader would run it: a real gateway, real mails, and what each command prints is what the page shows.

`RENEW_DOCS=1 pytest tests/docs` writes the output of each command into the page; the difference is reviewed as text.
"""

import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest
from support.documentation.pages import ROOT, blocks

from helpdesk.store.pause import pause

TOUR = ROOT / "docs" / "tour.md"
PORT = "2525"
(FIRST,) = blocks(TOUR.read_text("utf-8"), "sh")  # what a reader does before the first command
PATIENCE = 20  # seconds until the gateway has worked on a mail
HIDDEN = [  # what differs from run to run
    (re.compile(r"policy [0-9a-f]{8}"), "policy DIGEST"),
    (re.compile(r"\b\d{15,}\b"), "NUMBER"),
    (re.compile(r"ACZ-[0-9A-Z]{6}"), "REFERENCE"),
    (re.compile(r"(?<=help\+)[a-z0-9]+(?=@)"), "TOKEN"),
    (re.compile(r"\w{3} \d{1,2} \w{3}, \d\d:\d\d \w+"), "MOMENT"),
    (re.compile(r"\w{3,6}day, \d{1,2} \w{3,9} \d{4} at \d\d:\d\d"), "MOMENT"),
    (re.compile(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d"), "DATE"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?"), "TIME"),
    (re.compile(r"(?<=Assignee Omar Haddad: ).*"), "REASON"),  # it depends on whether the desk is open
]
WORKED = "SELECT count(*) FROM inbound WHERE state NOT IN ('pending', 'processing')"
LAST_LINES = re.compile(
    r"\n*^\[[a-z]+\]$.*\Z", re.MULTILINE | re.DOTALL
)  # of a letter: how its delivery stands, which takes time


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Path]:
    """A folder in which `make run` has been said; the port is a free one."""
    binaries = tmp_path / ".venv" / "bin"
    binaries.parent.mkdir()
    binaries.symlink_to(Path(sys.executable).parent)
    settings = tmp_path / "var" / "helpdesk.toml"
    settings.parent.mkdir(mode=0o700)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings.write_text(files("helpdesk.config").joinpath("demo.toml").read_text("utf-8").replace(PORT, str(port)), "utf-8")
    settings.chmod(0o600)
    helpers = tmp_path / "docs" / "tour.sh"
    helpers.parent.mkdir()
    helpers.write_text((ROOT / "docs" / "tour.sh").read_text("utf-8").replace(PORT, str(port)), "utf-8")
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen([binaries / "helpdesk", "demo", "var"], cwd=tmp_path, stdout=log, stderr=log) as gateway,
    ):
        try:
            wait_until_ready(tmp_path / "log", gateway)
            yield tmp_path
        finally:
            gateway.terminate()


def test_the_tour_goes_as_written(desk: Path) -> None:
    assert b"Omar Haddad" in first_page_of_the_demo(desk)
    page = TOUR.read_text("utf-8")
    renew = bool(os.environ.get("RENEW_DOCS"))
    for block in blocks(page, "console"):
        shown = []
        for command, expected in commands(block):
            got = printed(desk, command)
            shown.append(f"$ {command}\n{got}")
            if not renew:
                assert steady(got) == steady(expected), f"{command}: RENEW_DOCS=1 writes what it prints now"
        page = page.replace(block, "".join(shown))
    if renew:
        TOUR.write_text(page, "utf-8")


def test_the_short_tour_of_the_first_page_is_part_of_it() -> None:
    """It leaves steps out, and shows what the tour shows."""
    tour, first_page = (
        dict(shown for block in blocks(page.read_text("utf-8"), "console") for shown in commands(block))
        for page in (TOUR, ROOT / "README.md")
    )
    assert first_page
    for command, output in first_page.items():
        assert command in tour
        assert steady(output) == steady(tour[command])


def first_page_of_the_demo(desk: Path) -> bytes:
    """What a browser gets at the one address that the command prints: everybody's mailbox."""
    address = re.search(r"http://127\.0\.0\.1:\d+/", (desk / "log").read_text("utf-8"))
    assert address
    with urllib.request.urlopen(address[0]) as answer:
        return bytes(answer.read())


def commands(block: str) -> list[tuple[str, str]]:
    """Each command of a block with what stands below it."""
    parts = [part.partition("\n") for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    return [(command, output) for command, _, output in parts]


def printed(desk: Path, command: str) -> str:
    """What a command prints once the gateway has worked on every mail that was sent before."""
    wait_until_worked(desk)
    return LAST_LINES.sub("\n", run(desk, command))


def wait_until_worked(desk: Path) -> None:
    """Wait until every mail has its effect. The database is read here, because a command of ours takes half a second to start."""
    sent = desk / "var" / "sent"
    number = int(sent.read_text("utf-8")) if sent.exists() else 0
    deadline = time.monotonic() + PATIENCE
    with closing(sqlite3.connect(desk / "var" / "helpdesk.db")) as connection:
        while connection.execute(WORKED).fetchone()[0] < number:
            assert time.monotonic() < deadline, (desk / "log").read_text("utf-8")
            pause(0.05)


def run(desk: Path, command: str) -> str:
    words = ["bash", "-c", f"{FIRST}\n{command}"]
    done = subprocess.run(words, cwd=desk, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=True)
    return done.stdout


def steady(text: str) -> str:
    """A text without what differs from run to run."""
    text = LAST_LINES.sub("", text)
    for pattern, name in HIDDEN:
        text = pattern.sub(name, text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def wait_until_ready(log: Path, gateway: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE
    while "ready" not in log.read_text("utf-8").splitlines():
        assert gateway.poll() is None, log.read_text("utf-8")
        assert time.monotonic() < deadline, log.read_text("utf-8")
        pause(0.1)
