"""mbox files and Maildirs: where a mail ends, what was quoted, and when it was sent."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.gateway.doors import archive as archive_module
from helpdesk.gateway.doors.archive import Archive, NoArchive, sent_at
from helpdesk.gateway.doors.maildir import delivered_at
from helpdesk.gateway.doors.mbox import filed_at, mail_at, mails_in

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FROM = b"From anna@acme.example Mon Mar  2 11:00:00 2026\n"


def read(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        return [mail_at(file, found.offset, found.length) for found in mails_in(path)]


def listed(*paths: Path, form: str = "auto", recursive: bool = False) -> list[bytes | None]:
    archive = Archive(NOW)
    for path in paths:
        list(archive.add(path, form, recursive=recursive))
    return [one.content for one in archive.in_order()]


@pytest.mark.parametrize(
    ("content", "mails"),
    [
        (FROM + b"A: 1\n\nx\n\n" + FROM + b"A: 2\n\ny\n\n", [b"A: 1\n\nx\n", b"A: 2\n\ny\n"]),
        (FROM + b"A: 1\n\nx", [b"A: 1\n\nx"]),
        (FROM.replace(b"\n", b"\r\n") + b"A: 1\r\n\r\nx\r\n\r\n", [b"A: 1\r\n\r\nx\r\n"]),
        (FROM + b"A: 1\n\n>From here\n>>From there\n> From\n", [b"A: 1\n\nFrom here\n>From there\n> From\n"]),
        (FROM + b"A: 1\n\nx\nFrom a@b Mon Mar  2 11:00:00 2026\ny\n", [b"A: 1\n\nx\nFrom a@b Mon Mar  2 11:00:00 2026\ny\n"]),
        (FROM + b"A: 1\n\nx\n\nFrom now on we meet at 10 o'clock.\n", [b"A: 1\n\nx\n\nFrom now on we meet at 10 o'clock.\n"]),
        (b"From - Mon Mar 02 11:00:00 2026\nA: 1\n\nx\n\nFrom \nA: 2\n\ny\n", [b"A: 1\n\nx\n", b"A: 2\n\ny\n"]),
        (FROM + b"A: 1\n\n" + b"x" * 200_000 + b"\n\n" + FROM + b"A: 2\n\n", [b"A: 1\n\n" + b"x" * 200_000 + b"\n", b"A: 2\n"]),
        (FROM + b"A: 1\n\n\n" + b"y" * 65536 + b"From a@b Mon Mar  2 11:00:00 2026\nz\n", None),
        (FROM, [b""]),
        (b"", []),
        (b"no mbox\n\nFrom x\n", [b""]),
    ],
)
def test_where_a_mail_begins_and_ends(tmp_path: Path, content: bytes, mails: list[bytes] | None) -> None:
    path = tmp_path / "mbox"
    path.write_bytes(content)
    found = read(path)
    assert len(found) == 1 if mails is None else found == mails


@settings(max_examples=100, deadline=None)
@given(
    mails=st.lists(
        st.lists(st.sampled_from([b"From x", b">From y", b"", b"Subject: z", b"text", b"From a@b Mon Mar  2 11:00:00 2026"])),
        max_size=5,
    ),
    crlf=st.booleans(),
)
def test_what_is_quoted_into_a_file_comes_out_again(
    tmp_path_factory: pytest.TempPathFactory, mails: list[list[bytes]], crlf: bool
) -> None:
    end = b"\r\n" if crlf else b"\n"
    contents = [b"A: %d" % number + end + end + b"".join(line + end for line in lines) for number, lines in enumerate(mails)]
    path = tmp_path_factory.mktemp("mbox") / "mbox"
    path.write_bytes(b"".join(FROM.replace(b"\n", end) + quoted(content, end) + end for content in contents))
    assert read(path) == contents


def quoted(content: bytes, end: bytes) -> bytes:
    """As mboxrd writes it."""
    lines = content.split(end)
    return end.join(b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in lines)


@pytest.mark.parametrize(
    ("header", "filed", "expected"),
    [
        (b"Date: Mon, 2 Mar 2026 10:00:00 +0100\n", None, datetime(2026, 3, 2, 9, 0, tzinfo=UTC)),
        (b"date:\n Mon, 2 Mar 2026\n 10:00:00 -0000\n", None, datetime(2026, 3, 2, 10, 0, tzinfo=UTC)),
        (b"Date: yesterday\nReceived: from a by b; Mon, 2 Mar 2026 10:30:00 +0000\n", None, datetime(2026, 3, 2, 10, 30, tzinfo=UTC)),
        (b"Received: from a\n by b;\n Mon, 2 Mar 2026 10:30:00 +0000\nReceived: x; Sun, 1 Mar 2026 10:00:00 +0000\n", None,
         datetime(2026, 3, 2, 10, 30, tzinfo=UTC)),
        (b"Subject: x\n\nDate: Mon, 2 Mar 2026 10:00:00 +0000\n", datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)),
        (b"Date: Mon, 2 Mar 2099 10:00:00 +0000\n", datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)),
        (b"Date: Thu, 1 Jan 1970 00:00:00 +0000\n", None, NOW),
        (b"Date: Mon, 2 Mar 2026 25:61:00 +9999999999\n", None, NOW),
        (b"\xff\xfe", None, NOW),
    ],
)  # fmt: skip
def test_when_a_mail_was_sent(header: bytes, filed: datetime | None, expected: datetime) -> None:
    assert sent_at(header, filed, NOW) == expected


@given(header=st.binary(max_size=200))
def test_any_header_has_a_date(header: bytes) -> None:
    assert sent_at(b"Date: " + header, None, NOW) <= NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("From a@b Mon Mar  2 11:00:00 2026", datetime(2026, 3, 2, 11, 0, tzinfo=UTC)),
        ("From a@b Mon Mar 02 11:00 +0100 2026", datetime(2026, 3, 2, 11, 0, tzinfo=UTC)),
        ("From - ", None),
        ("From a@b Mon Feb 30 11:00:00 2026", None),
        ("From a@b Mon Foo 20 11:00:00 2026", None),
    ],
)
def test_the_moment_of_a_from_line(line: str, expected: datetime | None) -> None:
    assert filed_at(line) == expected


def test_the_moment_of_a_maildir_file() -> None:
    assert delivered_at("1772449200.M1P2.host:2,S") == datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
    assert delivered_at("notes.txt") is None
    assert delivered_at("9" * 30) is None


def maildir(folder: Path, *days: int) -> Path:
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    for day in days:
        (folder / ("cur" if day % 2 else "new") / f"{day}.x").write_bytes(dated(day))
    (folder / "tmp" / "1.half").write_bytes(b"Subject: half")
    return folder


def dated(day: int) -> bytes:
    return b"Date: %d Feb 2026 10:00:00 +0000\nSubject: %d\n\nx\n" % (day, day)


def test_mails_come_in_the_order_of_their_dates_across_all_paths(tmp_path: Path) -> None:
    inbox = maildir(tmp_path / "inbox", 4, 1)
    maildir(inbox / ".Sent", 2)
    (tmp_path / "old").write_bytes(FROM + dated(3) + b"\n" + FROM + dated(5))
    assert listed(tmp_path / "old", inbox, recursive=True) == [dated(day) for day in (1, 2, 3, 4, 5)]
    assert listed(inbox) == [dated(1), dated(4)]


def test_what_is_no_archive_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "mail.eml").write_bytes(b"Subject: x\n\nx\n")
    (tmp_path / "mbox").write_bytes(FROM)
    (tmp_path / "folder").mkdir()
    for path, form in (("nothing", "auto"), ("mail.eml", "auto"), ("mbox", "maildir"), ("folder", "auto"), ("folder", "mbox")):
        with pytest.raises(NoArchive):
            listed(tmp_path / path, form=form)


def test_a_huge_mail_is_left_out_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "LARGEST", 1000)
    (tmp_path / "mbox").write_bytes(FROM + b"A: 1\n\n" + b"x\n" * 1000 + b"\n" + FROM + b"A: 2\n\ny\n")
    archive = Archive(NOW)
    list(archive.add(tmp_path / "mbox", "auto", recursive=False))
    huge, small = sorted(archive.in_order(), key=lambda one: one.content is not None)
    assert (huge.content, small.content) == (None, b"A: 2\n\ny\n")
    assert huge.place == f"{tmp_path / 'mbox'} at octet {len(FROM)}"


def test_more_files_than_may_be_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "MOST_OPEN", 2)
    for day in range(1, 6):
        (tmp_path / f"{day}.mbox").write_bytes(FROM + dated(day))
    assert listed(*sorted(tmp_path.iterdir())) == [dated(day) for day in range(1, 6)]
