"""An archive is whatever somebody has put there: long lines cost what they are long, and nothing but regular files is read."""

import io
import os
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from helpdesk.gateway.doors import archive as archive_module
from helpdesk.gateway.doors.archive import Archive, NoArchive, sent_at
from helpdesk.gateway.doors.mbox import LONGEST_FROM_LINE, begins_a_mail, mail_at, mails_in
from helpdesk.gateway.doors.regular_files import NotRegular, open_below, open_named

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FROM = b"From anna@acme.example Mon Mar  2 11:00:00 2026\n"
MAIL = b"Date: Mon, 2 Mar 2026 10:00:00 +0000\nSubject: x\n\nx\n"
SECRET = b"Subject: secret\n\na 5e5e5e5e\n"

# What a line of an mbox is made of; each was, or would be, slow for some expression that looks for a date or a mark.
PIECES = {
    "time and year": b" 1:11 2024", "times": b" 1:11", "years": b" 2024", "year and time": b" 2024 1:11 2024", "colons": b":", "digits": b"1", "spaces": b" ", "tabs": b"\t",
    "marks": b">", "marked separators": b">From ", "separators": b"From ", "months": b"Mon 01 11:11 ", "carriage returns": b"\r", "dates": b"Mon Mar  2 11:00:00 2026 ",
}  # fmt: skip
BEGINNINGS = {"separator": b"From x", "quoted": b">From x", "date": b"Date: ", "received": b"Received: ; ", "text": b"x"}


def seconds(work: Callable[[Path], object], path: Path) -> float:
    """Of the processor, the best of three."""
    taken = []
    for _ in range(3):
        begin = time.process_time()
        work(path)
        taken.append(time.process_time() - begin)
    return min(taken)


def read_all(path: Path) -> None:
    """All that an import does with a file before a mail is stored."""
    archive = Archive(NOW)
    list(archive.add(path, "mbox", recursive=False))
    list(archive.in_order())


def mbox(path: Path, beginning: bytes, piece: bytes, size: int) -> Path:
    """One line in the header and one in the text; nothing that begins so is told from a mail by a short look."""
    line = beginning + piece * (size // len(piece)) + b"\n"
    path.write_bytes(FROM + b"Subject: x\n" + line + b"\n\n" + line + b"\n" + line)
    return path


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_no_line_takes_longer_than_its_length(tmp_path: Path, beginning: str) -> None:
    """Five times the length may take twelve times as long; an expression that is cubic takes more than a hundred times."""
    for name, piece in PIECES.items():
        small = mbox(tmp_path / "small", BEGINNINGS[beginning], piece, 12 << 10)
        large = mbox(tmp_path / "large", BEGINNINGS[beginning], piece, 60 << 10)
        assert seconds(read_all, large) < 12 * max(seconds(read_all, small), 0.002), name


def test_hundreds_of_hostile_lines_cost_what_ordinary_lines_of_their_length_cost(tmp_path: Path) -> None:
    size, count = 60 << 10, 200
    for name, line in (("hostile", b"From x" + b" 1:11 2024" * (size // 10)), ("ordinary", b"x" * size)):
        (tmp_path / name).write_bytes(FROM + b"Subject: x\n\n" + (b"\n" + line + b"\n") * count)
    hostile, ordinary = (seconds(lambda path: list(mails_in(path)), tmp_path / name) for name in ("hostile", "ordinary"))
    assert hostile < 5 * max(ordinary, 0.01)


@pytest.mark.parametrize(
    ("line", "begins"),
    [
        (FROM, True),
        (FROM.replace(b"\n", b"\r\n"), True),
        (b"From " + b"a" * 254 + b" Mon Mar  2 11:00:00 +0100 2026\n", True),
        (b"From a@b 2026-03-02 11:00\n", True),
        (b"From - Mon Mar 02 11:00:00 2026\n", True),
        (b"From \n", True),
        (b"From -\n", True),
        (b"From now on we meet at 10 o'clock.\n", False),
        (b"From 2026 on we meet again.\n", False),
        (b"From 11:00 on we meet.\n", False),
        (b"From  a@b Mon Mar  2 11:00:00 2026\n", False),
        (b"from a@b Mon Mar  2 11:00:00 2026\n", False),
        (b"From a@b Mon Mar  2 11:00:00 2026", False),
        (b"From a@b 11:00 2026" + b" " * LONGEST_FROM_LINE + b"\n", False),
    ],
)
def test_what_separates_mails(line: bytes, begins: bool) -> None:
    assert begins_a_mail(line) is begins


def test_the_date_of_a_header_is_looked_for_in_a_short_value() -> None:
    assert sent_at(b"Date: Mon, 2 Mar 2026 10:00:00 +0000" + b" (x" * 20_000 + b"\n", None, NOW) == datetime(
        2026, 3, 2, 10, tzinfo=UTC
    )


def maildir(folder: Path) -> Path:
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    (folder / "cur" / "1772449200.a").write_bytes(MAIL)
    return folder


def listed(path: Path, *, recursive: bool = False) -> tuple[list[bytes | None], list[str]]:
    archive = Archive(NOW)
    list(archive.add(path, "auto", recursive=recursive))
    return [mail.content for mail in archive.in_order()], archive.skipped


def put_link(place: Path) -> None:
    place.symlink_to(place.parent.parent.parent / "secret")


def put_dangling_link(place: Path) -> None:
    place.symlink_to("nowhere")


def put_link_to_folder(place: Path) -> None:
    place.symlink_to("/")


def put_device(place: Path) -> None:
    place.symlink_to("/dev/zero")


def put_socket(place: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        here = os.getcwd()
        os.chdir(place.parent)  # the path of a socket is short
        try:
            bound.bind(place.name)
        finally:
            os.chdir(here)


NO_MAIL: dict[str, Callable[[Path], None]] = {
    "a link to a secret": put_link,
    "a link that leads nowhere": put_dangling_link,
    "a link to a folder": put_link_to_folder,
    "a link to a device": put_device,
    "a FIFO": lambda place: os.mkfifo(place),
    "a folder": lambda place: place.mkdir(),
    "a socket": put_socket,
}


@pytest.mark.parametrize("part", ["cur", "new"])
@pytest.mark.parametrize("kind", NO_MAIL)
@pytest.mark.timeout(30)
def test_what_is_no_regular_file_is_named_and_left_out(tmp_path: Path, kind: str, part: str) -> None:
    (tmp_path / "secret").write_bytes(SECRET)
    box = maildir(tmp_path / "box")
    NO_MAIL[kind](box / part / "1772449201.x")
    contents, skipped = listed(box)
    assert contents == [MAIL]
    [line] = skipped
    assert line.startswith(f"{box / part / '1772449201.x'}: it is ")


@pytest.mark.timeout(30)
@pytest.mark.parametrize("kind", ["a link to a secret", "a FIFO"])
def test_a_file_that_is_exchanged_after_it_was_found_is_not_read(tmp_path: Path, kind: str) -> None:
    (tmp_path / "secret").write_bytes(SECRET)
    box = maildir(tmp_path / "box")
    archive = Archive(NOW)
    list(archive.add(box, "auto", recursive=False))
    (box / "cur" / "1772449200.a").unlink()
    NO_MAIL[kind](box / "cur" / "1772449200.a")
    assert list(archive.in_order()) == []
    assert len(archive.skipped) == 1


@pytest.mark.timeout(30)
@pytest.mark.parametrize("kind", ["a link to a secret", "a FIFO", "a link to a device"])
def test_a_file_that_is_exchanged_between_the_look_and_the_opening_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """As whoever writes into the archive at the same moment could do it."""
    (tmp_path / "secret").write_bytes(SECRET)
    box = maildir(tmp_path / "box")
    file = box / "cur" / "1772449200.a"
    look = os.lstat(file)
    file.unlink()
    NO_MAIL[kind](file)
    monkeypatch.setattr(os, "lstat", lambda *arguments, **options: look)
    with pytest.raises(OSError):
        open_below(box, "cur", file.name)


def test_a_folder_below_that_is_a_link_is_not_entered(tmp_path: Path) -> None:
    other = maildir(tmp_path / "other")
    box = maildir(tmp_path / "box")
    (box / ".Sent").symlink_to(other)
    (box / "new").rmdir()
    (box / "new").symlink_to(other / "cur")
    contents, skipped = listed(box, recursive=True)
    assert contents == [MAIL]
    assert skipped == [f"{box / 'new'}: it is a link or no folder"]
    with pytest.raises(OSError):
        open_below(box, "new", "1772449200.a")
    with pytest.raises(OSError):
        open_below(box, ".Sent", "cur", "1772449200.a")


def test_what_the_operator_names_may_be_a_link(tmp_path: Path) -> None:
    box = maildir(tmp_path / "box")
    (tmp_path / "link").symlink_to(box)
    (tmp_path / "old").write_bytes(FROM + MAIL)
    (tmp_path / "older").symlink_to(tmp_path / "old")
    assert listed(tmp_path / "link")[0] == [MAIL]
    assert listed(tmp_path / "older")[0] == [MAIL]


@pytest.mark.timeout(30)
def test_a_fifo_that_is_named_is_no_archive(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(NoArchive, match="neither a file nor a folder"):
        listed(tmp_path / "fifo")
    with pytest.raises(NotRegular, match="it is a FIFO"):
        open_named(tmp_path / "fifo")


def test_a_file_that_has_grown_since_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "LARGEST", 1000)
    box = maildir(tmp_path / "box")
    archive = Archive(NOW)
    list(archive.add(box, "auto", recursive=False))
    asked: list[int | None] = []

    class Grown(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            asked.append(size)
            return super().read(size)

    monkeypatch.setattr(archive_module, "open_below", lambda *place: Grown(b"x" * 5000))
    [mail] = archive.in_order()
    assert (mail.content, asked) == (None, [1001])


def test_quoted_lines_of_any_number_come_out_again(tmp_path: Path) -> None:
    content = FROM + b"A: 1\n\n" + b">From x\n" * 1000 + b">" * 100_000 + b"From y\n"
    (tmp_path / "mbox").write_bytes(content)
    [found] = mails_in(tmp_path / "mbox")
    with (tmp_path / "mbox").open("rb") as file:
        assert mail_at(file, found.offset, found.length) == b"A: 1\n\n" + b"From x\n" * 1000 + b">" * 99_999 + b"From y\n"
