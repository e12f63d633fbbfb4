"""Mail that breaks something of ours: within three tries it is a ticket or set aside, and its neighbours do not wait for it."""

import resource
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from jinja2 import TemplateRuntimeError, UndefinedError
from support.desk.story import StoryDesk, configured, direct_desk
from support.mails.plain_reader import InProcess
from support.slices import some_of

from helpdesk.gateway.reader import Reader, ReaderDied
from helpdesk.gateway.work import mail, settle
from helpdesk.gateway.work.kind import TRIES
from helpdesk.store import record
from helpdesk.store.cause import Outcome
from helpdesk.store.effects.messages import message_rows
from helpdesk.store.effects.statements import Values
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.reading.parsed import Reading

NEIGHBOURS = 3


def delivered(desk: StoryDesk, poison: bytes) -> None:
    """The poison first, then its neighbours, all before anybody looks."""
    for number in range(NEIGHBOURS + 1):
        header = f"From: c{number}@other.example\r\nSubject: No. {number}\r\nMessage-ID: <{number}@other.example>\r\n"
        content = poison if number == 0 else f"{header}\r\nIt jams.\r\n".encode()
        desk.deliver(f"c{number}@other.example", ["help@support.example.com"], content, "127.0.0.1")


def poison_of(text: str = "This is poison.", header: str = "") -> bytes:
    return f"From: c0@other.example\r\nSubject: Hello\r\nMessage-ID: <0@other.example>\r\n{header}\r\n{text}\r\n".encode()


def ends(desk: StoryDesk) -> Disposition:
    """The poison's end; its neighbours had theirs in the first round, and it took no more than the tries that it has."""
    desk.settle()
    assert [desk.why(f"{number}@other.example").state for number in range(1, NEIGHBOURS + 1)] == [Disposition.OPENED] * NEIGHBOURS
    for _ in range(TRIES):
        desk.passes(minutes=2)
    poison = [stored for stored in desk.mails() if stored.message_id not in {f"{number}@other.example" for number in (1, 2, 3)}]
    assert len(poison) == 1
    assert poison[0].attempts <= TRIES
    return poison[0].state


# --- readers that die


class Limited(InProcess):
    """Takes memory or time away from the child before it reads poison: what a mail does that needs more than there is."""

    def __init__(self, pool: Reader, limit: int) -> None:
        self._pool, self._limit = pool, limit
        self.deaths = 0

    def read(self, content: bytes, keep_signature: bool = False, banners: Sequence[str] = ()) -> Reading:
        if b"poison" not in content:
            return self._pool.read(content, keep_signature, banners)
        child = self._pool._free_child()
        resource.prlimit(child.pid, self._limit, (1, 1))
        self._pool._give_back(child)
        try:
            return self._pool.read(content, keep_signature, banners)
        except ReaderDied:
            self.deaths += 1
            raise


@pytest.mark.parametrize("limit", [resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_DATA])
def test_a_mail_that_needs_more_than_a_reader_may_have_becomes_a_ticket(tmp_path: Path, limit: int) -> None:
    with Reader(processes=1) as pool:
        limited = Limited(pool, limit)
        with direct_desk(configured(tmp_path), limited) as desk:
            mails = next(kind for kind in desk.node.worker._kinds if isinstance(kind, mail.Mails))
            mails._reading._max_workers = 1  # the limited child is the one that reads
            delivered(desk, poison_of("This is poison. " + "x" * 3_000_000))
            assert ends(desk) is Disposition.OPENED
        assert limited.deaths == TRIES


@pytest.mark.parametrize(
    "fault", [ReaderDied("CPU"), MemoryError(), RecursionError("deep"), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x")], ids=repr
)
def test_whatever_a_reader_raises_ends_as_a_degraded_ticket(tmp_path: Path, reader: Reader, fault: Exception) -> None:
    class Raising(InProcess):
        def read(self, content: bytes, keep_signature: bool = False, banners: Sequence[str] = ()) -> Reading:
            if b"poison" in content:
                raise fault
            return reader.read(content, keep_signature, banners)

    with direct_desk(configured(tmp_path), Raising()) as desk:
        delivered(desk, poison_of())
        assert ends(desk) is Disposition.OPENED


# --- our own code, letters and rows


@contextmanager
def faulty(
    monkeypatch: pytest.MonkeyPatch, place: object, name: str, fault: Callable[..., bool], what: Exception
) -> Iterator[None]:
    really = getattr(place, name)

    def failing(*arguments: object) -> object:
        if fault(*arguments):
            raise what
        return really(*arguments)

    monkeypatch.setattr(place, name, failing)
    yield
    monkeypatch.undo()


def about_poison(heard: object, *_: object) -> bool:
    return "poison" in str(getattr(getattr(heard, "incoming", None), "text", ""))


STEPS = [(mail, "mail_item"), (settle, "decide"), (settle, "outcome_of")]
FAULTS = [TemplateRuntimeError("no such filter"), UndefinedError("no such name"), RecursionError("deep"), KeyError("x")]


@pytest.mark.parametrize(("place", "step"), STEPS)
@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_a_fault_of_ours_sets_its_mail_aside_and_holds_up_nobody(
    desk: StoryDesk, monkeypatch: pytest.MonkeyPatch, place: object, step: str, fault: Exception
) -> None:
    def applies(first: object, *_: object) -> bool:
        return b"poison" in getattr(getattr(first, "raw", None), "content", b"") or about_poison(first)

    with faulty(monkeypatch, place, step, applies, fault):
        delivered(desk, poison_of())
        assert ends(desk) is Disposition.QUARANTINED
    assert type(fault).__name__ in desk.why("0@other.example").decision["reason"]


def test_rows_that_no_database_takes_set_their_mail_aside_alone(
    tmp_path: Path, reader: Reader, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They stand in one transaction with their neighbours."""

    def too_large(outcome: Outcome) -> Iterator[Values]:
        for row in really(outcome):
            yield row | ({"id": 2**70} if "poison" in row["text"] else {})

    effects = [(statements, rows) for statements, rows in record.EFFECTS]
    really = message_rows
    monkeypatch.setattr(record, "EFFECTS", [(statements, too_large if rows is really else rows) for statements, rows in effects])
    with direct_desk(configured(tmp_path, database=database_url), reader) as desk:
        delivered(desk, poison_of())
        assert ends(desk) is Disposition.QUARANTINED
        assert len(desk.tickets()) == NEIGHBOURS


ODD = {
    "NUL in the text": poison_of("poi\0son"),
    "NUL by base64": poison_of("cG9pAHNvbg==", "Content-Transfer-Encoding: base64\r\n"),
    "half a character": poison_of(
        "2ADYAA==", "Content-Type: text/plain; charset=utf-16-be\r\nContent-Transfer-Encoding: base64\r\n"
    ),
    "half a character in the subject": poison_of("x").replace(b"Subject: Hello", b"Subject: =?utf-16-be?b?2AA=?="),
    "an endless Message-ID": poison_of("x").replace(b"<0@other.example>", b"<" + b"x" * 50_000 + b"@other.example>"),
    "NUL in the Message-ID": poison_of("x").replace(b"<0@", b"<\0@"),
    "the year 9999": poison_of("x", "Date: Fri, 31 Dec 9999 23:59:59 -1400\r\n"),
    "bytes above ASCII everywhere": poison_of("x").replace(b"Hello", bytes(range(128, 256))),
    "many references": poison_of("x", "References: " + " ".join(f"<{n}@x.example>" for n in range(20_000)) + "\r\n"),
    "no header at all": b"\r\npoison\r\n",
    "only a header": b"Subject: poison",
    "nothing": b"",
    "parts without end": poison_of("--b\r\n" * 5000, 'Content-Type: multipart/mixed; boundary="b"\r\n'),
    "parts in parts": poison_of(
        "".join(f'--b{n}\r\nContent-Type: multipart/mixed; boundary="b{n + 1}"\r\n\r\n' for n in range(500)),
        'Content-Type: multipart/mixed; boundary="b0"\r\n',
    ),
}


@pytest.mark.parametrize("content", some_of(ODD.values(), 2), ids=some_of(ODD, 2))
def test_odd_mail_ends_as_a_ticket_or_aside(tmp_path: Path, reader: Reader, database_url: str, content: bytes) -> None:
    with direct_desk(configured(tmp_path, database=database_url), reader) as desk:
        delivered(desk, content)
        assert ends(desk) in (Disposition.OPENED, Disposition.DISCARDED, Disposition.NOTED, Disposition.HELD)


def test_three_tries_take_less_than_two_minutes(desk: StoryDesk) -> None:
    assert sum(mail.RETRY_AFTER[: TRIES - 1], timedelta()) <= timedelta(minutes=2)
