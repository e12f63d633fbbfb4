"""What an operator finds in the log: each trouble once and then counted, expected troubles in one line, and nobody's whole address."""

import logging
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from helpdesk.gateway.observe import FORMS, KEYS, JournalLines, JsonLines, LogHandler, TextLines, log_form, without_local_parts
from helpdesk.gateway.repeats import FIRST, MOST_TROUBLES, QUIET, Repeats, Repetition
from helpdesk.store.database import DatabaseAway, DiskFault

BEGIN = 1_700_000_000.0
# Each row: at which seconds the same trouble comes, and what stands in the log at which of them: 0 is the trouble itself, a number its count.
TOLD = {
    "once": ([0], {0: 0}),
    "a few within the first minute": ([0, 1, 2, 59], {0: 0}),
    "counted after a minute": ([0, 20, 40, 60, 80], {0: 0, 60: 3}),
    "counted after one, ten and sixty minutes": ([*range(0, 3700, 10)], {0: 0, 60: 6, 600: 54, 3600: 300}),
    "then every hour": ([*range(0, 11_000, 100)], {0: 0, 100: 1, 600: 5, 3600: 30, 7200: 36, 10_800: 36}),
    "late for its marks": ([0, 700, 701], {0: 0, 700: 1}),
    "again after a quiet time": ([0, 10, 10 + QUIET + 1, 12 + QUIET], {0: 0, 10 + QUIET + 1: 0}),
    "the clock went back": ([0, -50, -49], {0: 0, -50: 0}),
}


@pytest.mark.parametrize("moments, told", TOLD.values(), ids=TOLD)
def test_the_same_trouble_is_told_once_and_then_counted(moments: list[float], told: dict[float, int]) -> None:
    repeats = Repeats()
    found = {moment: repetition.times for moment in moments if (repetition := repeats.come("trouble", BEGIN + moment))}
    assert found == told


def test_troubles_are_counted_apart_and_not_kept_without_end() -> None:
    repeats = Repeats()
    assert all(repeats.come(number, BEGIN) is FIRST for number in range(2 * MOST_TROUBLES))
    assert repeats.come(2 * MOST_TROUBLES - 1, BEGIN + 61) == Repetition(1, BEGIN)
    assert repeats.come(0, BEGIN + 61) is FIRST


class Lines(LogHandler):
    """The handler of the log, which writes into memory at times of our own."""

    def __init__(self, form: str = "text") -> None:
        super().__init__()
        self.written = StringIO()
        self.setStream(self.written)
        self.setFormatter(FORMS[form]())

    def take(
        self, event: str, at: float = 0, fault: Exception | None = None, level: int = logging.WARNING, **keys: object
    ) -> None:
        info = (type(fault), fault, None) if fault else None
        values = {
            "name": "helpdesk.x",
            "msg": event,
            "levelno": level,
            "levelname": logging.getLevelName(level),
            "exc_info": info,
        }
        self.handle(logging.makeLogRecord({**values, "created": BEGIN + at, KEYS: keys}))

    @property
    def lines(self) -> list[str]:
        return self.written.getvalue().splitlines()


@pytest.fixture
def log() -> Iterator[Lines]:
    yield Lines()


def test_a_database_that_is_away_for_an_hour_is_eight_lines_and_no_traceback(log: Lines) -> None:
    """Two parts of a process meet it every two seconds."""
    for second in range(0, 3602, 2):
        log.take("database.away", second, reason=f"connection {second} refused")
        log.take("outbox.not_claimed", second, DatabaseAway("refused"), logging.ERROR)
    assert len(log.lines) == 8 and "Traceback" not in log.written.getvalue()
    assert log.lines[0] == '2023-11-14T22:13:20Z warning database.away reason="connection 0 refused"'
    assert log.lines[1] == '2023-11-14T22:13:20Z warning outbox.not_claimed reason="DatabaseAway: refused"'
    assert log.lines[2].endswith('reason="connection 60 refused" times=30 since=2023-11-14T22:13:20Z')


def test_troubles_of_different_things_are_each_told(log: Lines) -> None:
    for second in range(3):
        log.take("mailbox.away", second, mailbox="support")
        log.take("mailbox.away", second, mailbox="sales")
        log.take("mail.quarantined", second, inbound=second)
        log.take("relay.stalled", second, reason="421")
        log.take("mail.opened", second, level=logging.INFO)
    events = [line.split(maxsplit=2)[1:] for line in log.lines]
    assert len([event for event in events if event[-1].startswith("mailbox")]) == 2
    assert len([event for event in events if "inbound" in event[-1]]) == 3
    assert len([event for event in events if "relay.stalled" in event[-1]]) == 3  # logged when it begins, so each is news
    assert len([event for event in events if "mail.opened" in event]) == 3


EXPECTED = [
    DatabaseAway("gone"), DiskFault("full"), OSError(28, "No space left on device"), ConnectionRefusedError(111, "refused"), TimeoutError(),
]  # fmt: skip


@pytest.mark.parametrize("fault", EXPECTED, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize("form", FORMS)
def test_an_expected_fault_is_one_line(fault: Exception, form: str) -> None:
    log = Lines(form)
    log.take("intake.mail_not_stored", 0, fault, logging.ERROR)
    assert len(log.lines) == 1 and type(fault).__name__ in log.lines[0]


def test_a_fault_of_the_program_keeps_its_traceback(log: Lines) -> None:
    log.take("work.failed", 0, ZeroDivisionError("by anna@acme.example"), logging.ERROR)
    assert [line.strip() for line in log.lines[1:]] == ["ZeroDivisionError: by …@acme.example"]


ADDRESSES = {
    "": "", "no address": "no address", "anna@acme.example": "…@acme.example", "<anna.m@acme.example>: unknown": "<…@acme.example>: unknown",
    "a@b.example, c+d@e.example": "…@b.example, …@e.example", '"anna m"@acme.example': "…@acme.example", "grüße@acme.example": "…@acme.example",
    "anna@[192.0.2.1]": "…@[192.0.2.1]", "a @ b": "a @ b", "at 5 @home": "at 5 @home", "小@例.example": "…@例.example",
    "a@b@c": "…@…@c", "@": "@", '"@"@x': '"@…@x',
}  # fmt: skip


@pytest.mark.parametrize("text, masked", ADDRESSES.items())
def test_of_an_address_the_domain_is_logged(text: str, masked: str) -> None:
    assert without_local_parts(text) == masked
    made = logging.makeLogRecord({"msg": "mail.opened", "levelno": logging.INFO, "levelname": "INFO", KEYS: {"author": text}})
    assert ("anna" in TextLines().format(made)) is False and ("anna" in JsonLines().format(made)) is False


def test_journald_gets_a_priority_and_no_second_date(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    log = Lines("journal")
    log.take("mail.opened", level=logging.INFO, ticket="HD-1")
    log.take("relay.stalled")
    log.take("work.failed", 0, ZeroDivisionError("x"), logging.ERROR)
    assert log.lines == [
        "<6>mail.opened ticket=HD-1",
        "<4>warning relay.stalled",
        "<3>error work.failed",
        "<3>    ZeroDivisionError: x",
    ]
    assert isinstance(FORMS["journal"](), JournalLines)
    with (tmp_path / "errors").open("w") as errors:
        found = (tmp_path / "errors").stat()
        monkeypatch.setattr("sys.stderr", errors)
        monkeypatch.delenv("JOURNAL_STREAM", raising=False)
        assert log_form("auto") == "text"
        monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino}")
        assert log_form("auto") == "journal" and log_form("text") == "text"
        monkeypatch.setenv("JOURNAL_STREAM", "1:2")
        assert log_form("auto") == "text"
