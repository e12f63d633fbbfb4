"""How long an answer takes now: measured in each queue from its latest first answers and from what waits there. Pure.

The time of a newcomer is `base + each * waiting`, both measured, times what recent newcomers with about as many before them really took of
that (conformal prediction: quantiles of measured ratios, no distribution assumed). The level of each quantile follows how often it has held
of late (adaptive conformal inference), so it goes on holding in half and in nine of ten cases when the desk's pace drifts.
Spans are working time of the desk's calendar; moments are rounded up to a quarter of an hour, so none is earlier than measured.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from helpdesk.config.calendar import due, usual_day
from helpdesk.config.policy import Busy, Calendar, Policy

MOST_ANSWERS = 500  # latest first answers of a queue that are looked at
ALIKE = 150  # of them those with about as many before them
LOADED = 1 / 3  # the part of them, those with most before them, that shows how fast the queue moves
STEP = 0.01  # by which one case moves a level
MOST_LATE = 20  # unanswered ones past their figure that count; more move nothing any more
QUARTER = timedelta(minutes=15)
LONGEST_DAYS = 60  # working days; nobody is told of a time farther away


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """A first answer: how many waited in the queue before it, how long it took, and whether its two figures held (None: had none)."""

    waiting: int
    took: timedelta
    held: bool | None = None  # the ninetieth
    median_held: bool | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """How often a figure is to hold, and between which quantiles it is looked for."""

    target: float
    lowest: float
    highest: float

    def within(self, level: float) -> float:
        return min(self.highest, max(self.lowest, level))


MEDIAN = Level(0.55, 0.5, 0.9)  # a little more than half and nine of ten: in a burst the answers that tell of it come late
NINETIETH = Level(0.91, 0.85, 0.99)


@dataclass(frozen=True, slots=True)
class Rung:
    """Of newcomers with about as many before them: what they took of the expected time. No figure of it is below its floor (seconds)."""

    median: float
    ninetieth: float
    median_floor: float
    ninetieth_floor: float


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a queue answers. Spans in seconds; rung `n` is for 2**n - 1 waiting and more."""

    base: float
    each: float
    rungs: tuple[Rung, ...]

    def expected(self, waiting: int) -> float:
        return self.base + self.each * waiting


@dataclass(frozen=True, slots=True)
class QueueLoad:
    """A queue as a newcomer finds it. `pace` None: too few answers to say anything."""

    waiting: int = 0  # without a first answer, on support's move
    busy: bool = False  # as it was for the one before
    pace: Pace | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Half are answered within the one, nine of ten within the other: working time."""

    median: timedelta
    ninetieth: timedelta


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured when a request came; kept with it, so that it is known later how often it held.

    `told` where the customer was told the two moments; they are None where too little was known, or too long a time came out.
    """

    queue: str
    waiting: int
    at: datetime
    median_at: datetime | None
    ninetieth_at: datetime | None
    busy: bool
    told: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """How it went on with a measured request: its first answer, or that it ended without one. Both None and False: it waits again."""

    ticket_id: int
    at: datetime | None
    took: timedelta | None
    ended: bool


def pace_of(answers: Sequence[PastAnswer], late: int, busy: Busy) -> Pace | None:
    """From the latest answers, newest first, and the number of requests that wait beyond their upper figure; None of too few."""
    answers = answers[:MOST_ANSWERS]
    if len(answers) < busy.answers:
        return None
    took = [max(answer.took.total_seconds(), 1.0) for answer in answers]
    base, each = _line(answers, took)
    half = _level(MEDIAN, [answer.median_held for answer in answers], late)
    level = _level(NINETIETH, [answer.held for answer in answers], late)
    ratios = [(_rung(answer.waiting), span / (base + each * answer.waiting)) for answer, span in zip(answers, took, strict=True)]
    rungs: list[Rung] = []
    median_floor = ninetieth_floor = 0.0
    for number in range(max(rung for rung, _ in ratios) + 1):
        alike = sorted(ratio for _, ratio in sorted(ratios, key=lambda one: abs(one[0] - number))[:ALIKE])
        rung = Rung(_quantile(alike, min(half, level)), _quantile(alike, level), median_floor, ninetieth_floor)
        rungs.append(rung)
        last = base + each * (2 ** (number + 1) - 2)
        median_floor, ninetieth_floor = max(median_floor, last * rung.median), max(ninetieth_floor, last * rung.ninetieth)
    return Pace(base, each, tuple(rungs))


def figures_of(pace: Pace, waiting: int) -> Figures:
    """For a newcomer with so many before it. More before it never means less time."""
    rung, expected = pace.rungs[min(_rung(waiting), len(pace.rungs) - 1)], pace.expected(waiting)
    median = max(rung.median_floor, expected * rung.median)
    ninetieth = max(rung.ninetieth_floor, expected * rung.ninetieth)
    return Figures(timedelta(seconds=median), timedelta(seconds=ninetieth))


def is_busy(before: bool, figures: Figures | None, busy: Busy) -> bool:
    """A busy period begins above one threshold and ends below a lower one; in between it stays as it was. Unknown is not busy."""
    if figures is None:
        return False
    return figures.ninetieth >= busy.leave_below if before else figures.ninetieth > busy.enter_above


def measure(queue: str, load: QueueLoad, now: datetime, policy: Policy) -> Measured:
    """What a request that comes now may expect, and whether its queue is busy."""
    figures = figures_of(load.pace, load.waiting) if load.pace else None
    busy = is_busy(load.busy, figures, policy.busy)
    if figures is None or figures.ninetieth > LONGEST_DAYS * usual_day(policy.calendar):
        return Measured(queue, load.waiting, now, None, None, busy)
    median_at, ninetieth_at = (_moment(now, span, policy.calendar) for span in (figures.median, figures.ninetieth))
    return Measured(queue, load.waiting, now, median_at, ninetieth_at, busy)


def _line(answers: Sequence[PastAnswer], took: Sequence[float]) -> tuple[float, float]:
    """Seconds of working time for a request with nobody before it, and for each one before it.

    How fast the queue moves shows where many wait: elsewhere those who answer wait too.
    """
    pairs = sorted(zip((answer.waiting for answer in answers), took, strict=True), key=lambda pair: -pair[0])
    loaded = pairs[: max(1, math.ceil(len(pairs) * LOADED))]
    each = sum(span for _, span in loaded) / sum(waiting + 1 for waiting, _ in loaded)
    rest = sum(span - each * waiting for waiting, span in pairs) / len(pairs)
    return max(rest, each / 2), each


def _level(figure: Level, held: Sequence[bool | None], late: int) -> float:
    """The quantile that is to be taken so that a figure holds as often as it should: up with each that did not, down with each that did."""
    level = figure.target
    for clock in reversed(held):
        if clock is not None:
            level = figure.within(level + STEP * (figure.target - clock))
    return figure.within(level + STEP * figure.target * min(late, MOST_LATE))


def _quantile(ordered: Sequence[float], level: float) -> float:
    """Of the next case, by the ranks of those before it."""
    return ordered[min(len(ordered), math.ceil(level * (len(ordered) + 1))) - 1]


def _rung(waiting: int) -> int:
    return (waiting + 1).bit_length() - 1


def _moment(now: datetime, span: timedelta, calendar: Calendar) -> datetime:
    at = due(now, span, calendar)
    past = (at - datetime.min.replace(tzinfo=UTC)) % QUARTER
    return at + (QUARTER - past if past else timedelta(0))
