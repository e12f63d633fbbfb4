"""A week at a desk of seven, through the real path with a clock of its own, against a ledger of what each person must have been told.

    .venv/bin/python tests/campaign.py --only week --seed 7 --count 400

`count` is the number of requests. Staff answer, hand over, escalate, misspell and take back; customers reply, thank, are away and press
"solved"; answers come back, requests are merged, an incident is made, and half of the team is away for a day or two.
"""

import tempfile
from pathlib import Path
from random import Random

from support.desk.story import configured, direct_desk
from support.week.cast import configuration
from support.week.ledger import Breach
from support.week.play import Act, Measured, Week

from helpdesk.gateway.reader import Reader
from helpdesk.gateway.work.kind import MailReader

MOST_STAFF_LETTERS = 3  # of a request, at the median
MOST_LINES = 25  # of a letter about an ordinary request
SHOWN = 40  # broken promises


def play_week(
    seed: int, count: int, reader: MailReader, *, deeds: dict[Act, int] | None = None, ends_at_fault: bool = False
) -> tuple[Measured, list[Breach]]:
    """A week with so many requests: its figures, and the promises that were broken."""
    with tempfile.TemporaryDirectory(prefix="desk-week-") as folder:
        config = configured(Path(folder) / "desk")
        config.write_text(configuration())
        with direct_desk(config, reader) as desk:
            week = Week(desk, Random(seed), count, deeds, ends_at_fault)
            week.plays()
            return week.measured, week.ledger.breaches


def check_week(measured: Measured, breaches: list[Breach]) -> None:
    """Raises AssertionError with the first broken promises, or where staff get too many letters or too long ones."""
    shown = "\n".join(map(str, breaches[:SHOWN]))
    assert not breaches, f"{len(breaches)} promises were broken; {measured}\n{shown}"
    assert measured.median_staff_letters <= MOST_STAFF_LETTERS, str(measured)
    assert measured.longest_letter <= MOST_LINES, f"{measured}; {measured.longest}"


def run(seed: int, count: int) -> str:
    """Play a week with `count` requests; its figures."""
    with Reader() as reader:
        measured, breaches = play_week(seed, count, reader)
    check_week(measured, breaches)
    return str(measured)
