"""Mail data, chunk by chunk: the end is found wherever chunks are cut, and memory stays bounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.gateway.doors.data import DataCollector, Flaw
from helpdesk.gateway.doors.trace import has_too_many_hops

LINES = st.lists(st.text(alphabet=".a \x80ü", max_size=4).map(str.encode), max_size=8)
SHREDS = st.lists(st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"x", b"\0", b".\r\n"]), max_size=30).map(b"".join)


def stuffed(lines: list[bytes]) -> bytes:
    return b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines)


def cut(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({min(place, len(data)) for place in cuts})
    return [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]


def collect(chunks: list[bytes], max_size: int = 10_000) -> tuple[DataCollector, bytes | None]:
    """Feed chunks to the end of data; the collector, and all that came behind it (None without an end)."""
    collector = DataCollector(max_size)
    for number, chunk in enumerate(chunks):
        rest = collector.feed(chunk)
        if rest is not None:
            return collector, rest + b"".join(chunks[number + 1 :])
    return collector, None


@given(LINES, st.binary(max_size=12), st.lists(st.integers(0, 60), max_size=10))
def test_any_lines_come_through_any_cuts(lines: list[bytes], behind: bytes, cuts: list[int]) -> None:
    collector, rest = collect(cut(stuffed(lines) + b".\r\n" + behind, cuts))
    assert (collector.content, collector.flaw, rest) == (b"".join(line + b"\r\n" for line in lines), None, behind)


@given(SHREDS, st.lists(st.integers(0, 40), max_size=8))
def test_cuts_make_no_difference_to_hostile_data(data: bytes, cuts: list[int]) -> None:
    whole, rest_of_whole = collect([data])
    pieces, rest_of_pieces = collect(cut(data, cuts))
    assert (whole.content, whole.flaw, rest_of_whole) == (pieces.content, pieces.flaw, rest_of_pieces)


@given(SHREDS, st.lists(st.integers(0, 40), max_size=8), st.integers(0, 30))
def test_chunks_give_what_the_whole_gives(data: bytes, cuts: list[int], max_size: int) -> None:
    """Compared with a reader that waits for the end and looks at all octets then."""
    collector, rest = collect(cut(data, cuts), max_size)
    end = (b"\r\n" + data).find(b"\r\n.\r\n")
    assert rest == (None if end < 0 else data[end + 3 :])
    if rest is None:
        return
    stuffed_mail = b"\r\n" + data[:end]  # to the CRLF before the dot
    mail = stuffed_mail.replace(b"\r\n.", b"\r\n")[2:]
    is_bad = any(lone in stuffed_mail.replace(b"\r\n", b"") for lone in (b"\r", b"\n", b"\0"))
    flaws = {flaw for flaw, shows in ((Flaw.BAD_LINE_ENDS, is_bad), (Flaw.TOO_LARGE, len(mail) > max_size)) if shows}
    assert collector.flaw in (flaws or (None,))
    assert collector.content == (b"" if flaws else mail)


@given(SHREDS)
def test_data_ends_exactly_at_the_first_crlf_dot_crlf(data: bytes) -> None:
    end = (b"\r\n" + data).find(b"\r\n.\r\n")
    collector, rest = collect([data])
    assert rest == (None if end < 0 else data[end + 3 :])
    if rest is not None and collector.flaw is None:
        assert not any(lone in collector.content.replace(b"\r\n", b"") for lone in (b"\r", b"\n", b"\0"))
    elif rest is not None:
        assert collector.content == b""


def test_every_octet_but_nul_is_kept_as_it_is() -> None:
    octets = bytes(octet for octet in range(1, 256) if octet not in b"\r\n")
    collector, _ = collect([octets + b"\r\n.\r\n"])
    assert collector.content == octets + b"\r\n"


@pytest.mark.parametrize("line", [b"a" * 98, b"." * 98, b".\r\n" * 32 + b"."])
def test_the_size_counts_the_mail_without_its_stuffing(line: bytes) -> None:
    lines = line.split(b"\r\n")
    size = len(line) + 2
    octets = [bytes([octet]) for octet in stuffed(lines) + b".\r\n"]
    assert collect(octets, size)[0].flaw is None
    assert collect(octets, size - 1)[0].flaw is Flaw.TOO_LARGE


def test_what_is_too_large_is_read_to_its_end_and_not_kept() -> None:
    collector = DataCollector(1000)
    most = 0
    for _ in range(1000):
        assert collector.feed(b"x" * 997) is None
        most = max(most, collector.buffered)
    assert most < 3000
    assert collector.feed(b"\r\n.\r") is None
    assert collector.feed(b"\nQUIT\r\n") == b"QUIT\r\n"
    assert (collector.flaw, collector.content, collector.buffered) == (Flaw.TOO_LARGE, b"", 0)


def test_a_discarded_mail_keeps_its_first_flaw() -> None:
    collector = DataCollector(100)
    collector.feed(b"x" * 500)
    collector.discard(Flaw.NO_ROOM)
    assert collector.flaw is Flaw.TOO_LARGE


@pytest.mark.parametrize(("fields", "expected"), [(100, False), (101, True)])
def test_more_than_a_hundred_received_fields_are_a_loop(fields: int, expected: bool) -> None:
    trace = b"".join(b"%s: from a\r\n by b\r\n" % name for name in [b"Received", b"RECEIVED "] * 50 + [b"received"])
    header = b"\r\n".join(trace.split(b"\r\n")[: 2 * fields]) + b"\r\nSubject: x\r\n"
    assert has_too_many_hops(header + b"\r\n" + b"Received: in the body\r\n" * 500) is expected
    assert has_too_many_hops(header.replace(b"\r\n", b"\n") + b"\nbody") is expected
