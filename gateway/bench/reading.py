"""The reading of a mail alone, in this process."""

from collections.abc import Callable, Sequence

from helpdesk.gateway.bench.measure import Measure, Stopwatch
from helpdesk.gateway.bench.parts import WARM_UP
from helpdesk.gateway.bench.workload import Mail
from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.fields import split_header
from helpdesk.threading.reading.mime import structure
from helpdesk.threading.reading.outline import outline_of


def measure_reading(mails: Sequence[Mail]) -> list[Measure]:
    """Measure the bare MIME parser, and the whole reading of a mail."""
    return [_each("parse the MIME tree (bare mail-parser)", mails, _bare), _each("read", mails, read)]


def _each(name: str, mails: Sequence[Mail], step: Callable[[bytes], object]) -> Measure:
    for mail in mails[: len(mails) // WARM_UP]:
        step(mail.content)
    watch = Stopwatch()
    with watch:
        for mail in mails:
            step(mail.content)
    return watch.measure(name, len(mails))


def _bare(content: bytes) -> object:
    return structure(outline_of(split_header(content), content))
