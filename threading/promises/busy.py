"""Measure how long an answer takes now, for each queue, from its latest first answers and its waiting requests. Pure.

The expected time of a new request is `base + each * waiting`, both measured. It is multiplied by a quantile of the ratios between
measured and expected time, among recent requests with about as many before them (conformal prediction: no distribution is
assumed). The level of each quantile follows how often the figure has held lately (adaptive conformal inference), so it holds in
half and in nine of ten cases even when the desk's pace drifts. Spans are working time of the desk's calendar. Moments are rounded
up to a quarter of an hour, so none is earlier than measured.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from helpdesk.config.calendar import due, usual_day
from helpdesk.config.conduct import Busy
from helpdesk.config.opening_hours import Calendar
from helpdesk.config.policy import Policy

MOST_ANSWERS = 500  # latest first answers of a queue that are used
ALIKE = 150  # of these, the answers with the most similar number of requests before them
LOADED = 1 / 3  # part of the answers, those with the most requests before them, that measures the pace
STEP = 0.01  # by which one case changes a level
MOST_LATE = 20  # most late unanswered requests that raise a level
QUARTER = timedelta(minutes=15)
LONGEST_DAYS = 60  # working days; no customer is told a longer time


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """A first answer: how many requests waited before it, how long it took, and whether its two figures held (None: it had none)."""

    waiting: int
    took: timedelta
    held: bool | None = None  # whether the ninetieth held
    median_held: bool | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """How often a figure should hold, and the limits of the quantile that is used for it."""

    target: float
    lowest: float
    highest: float

    def within(self, level: float) -> float:
        """The level, kept within its limits."""
        return min(self.highest, max(self.lowest, level))


MEDIAN = Level(0.55, 0.5, 0.9)  # slightly above half and nine of ten, because in a burst the slow answers are known late
NINETIETH = Level(0.91, 0.85, 0.99)


@dataclass(frozen=True, slots=True)
class Rung:
    """Ratios of measured to expected time for requests with about as many before them. A figure is never below its floor (seconds)."""

    median: float
    ninetieth: float
    median_floor: float
    ninetieth_floor: float


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a queue answers. Spans are seconds; rung `n` applies from 2**n - 1 waiting requests on."""

    base: float
    each: float
    rungs: tuple[Rung, ...]

    def expected(self, waiting: int) -> float:
        """The expected seconds for a request with so many before it."""
        return self.base + self.each * waiting


@dataclass(frozen=True, slots=True)
class QueueLoad:
    """A queue as a new request finds it. `pace` is None if there are too few answers to measure it."""

    waiting: int = 0  # requests that have no first answer and wait on support
    busy: bool = False  # whether the queue was busy for the request before
    pace: Pace | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Two spans of working time: half of such requests are answered within `median`, nine of ten within `ninetieth`."""

    median: timedelta
    ninetieth: timedelta


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured when a request came. It is stored with the request, to learn later how often the figures hold.

    The two moments are None if too little was known or the time was too long. `told` says whether the customer was told them.
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
    """The outcome of a measured request: its first answer, or its end without one. If `at` is None and `ended` is False, it waits again."""

    ticket_id: int
    at: datetime | None
    took: timedelta | None
    ended: bool


def pace_of(answers: Sequence[PastAnswer], late: int, busy: Busy) -> Pace | None:
    """Compute the pace of a queue; None if there are too few answers.

    `answers` are the latest ones, newest first. `late` is the number of requests that still wait beyond their ninetieth figure.
    """
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
        alike = sorted(ratio for _, ratio in sorted(ratios, key=lambda pair: abs(pair[0] - number))[:ALIKE])
        rung = Rung(_quantile(alike, min(half, level)), _quantile(alike, level), median_floor, ninetieth_floor)
        rungs.append(rung)
        last = base + each * (2 ** (number + 1) - 2)
        median_floor, ninetieth_floor = max(median_floor, last * rung.median), max(ninetieth_floor, last * rung.ninetieth)
    return Pace(base, each, tuple(rungs))


def figures_of(pace: Pace, waiting: int) -> Figures:
    """The figures for a request with so many before it. More waiting requests never make them smaller."""
    rung, expected = pace.rungs[min(_rung(waiting), len(pace.rungs) - 1)], pace.expected(waiting)
    median = max(rung.median_floor, expected * rung.median)
    ninetieth = max(rung.ninetieth_floor, expected * rung.ninetieth)
    return Figures(timedelta(seconds=median), timedelta(seconds=ninetieth))


def is_busy(before: bool, figures: Figures | None, busy: Busy) -> bool:
    """Whether the queue is in a busy period: it begins above one threshold and ends below a lower one. Without figures it is not busy."""
    if figures is None:
        return False
    return figures.ninetieth >= busy.leave_below if before else figures.ninetieth > busy.enter_above


def measure(queue: str, load: QueueLoad, now: datetime, policy: Policy) -> Measured:
    """Measure what a request that comes now may expect, and whether its queue is busy."""
    figures = figures_of(load.pace, load.waiting) if load.pace else None
    busy = is_busy(load.busy, figures, policy.busy)
    if figures is None or figures.ninetieth > LONGEST_DAYS * usual_day(policy.calendar):
        return Measured(queue, load.waiting, now, None, None, busy)
    median_at, ninetieth_at = (_moment(now, span, policy.calendar) for span in (figures.median, figures.ninetieth))
    return Measured(queue, load.waiting, now, median_at, ninetieth_at, busy)


def _line(answers: Sequence[PastAnswer], took: Sequence[float]) -> tuple[float, float]:
    """The seconds of working time for a request with nobody before it, and for each request before it.

    The pace is taken from the answers with the most requests before them. In an idle queue, staff wait for requests too.
    """
    pairs = sorted(zip((answer.waiting for answer in answers), took, strict=True), key=lambda pair: -pair[0])
    loaded = pairs[: max(1, math.ceil(len(pairs) * LOADED))]
    each = sum(span for _, span in loaded) / sum(waiting + 1 for waiting, _ in loaded)
    rest = sum(span - each * waiting for waiting, span in pairs) / len(pairs)
    return max(rest, each / 2), each


def _level(figure: Level, held: Sequence[bool | None], late: int) -> float:
    """The quantile at which a figure holds as often as it should. Each failure raises it, and each success lowers it."""
    level = figure.target
    for figure_held in reversed(held):
        if figure_held is not None:
            level = figure.within(level + STEP * (figure.target - figure_held))
    return figure.within(level + STEP * figure.target * min(late, MOST_LATE))


def _quantile(ordered: Sequence[float], level: float) -> float:
    """The quantile for the next case, by the ranks of the earlier ones."""
    return ordered[min(len(ordered), math.ceil(level * (len(ordered) + 1))) - 1]


def _rung(waiting: int) -> int:
    return (waiting + 1).bit_length() - 1


def _moment(now: datetime, span: timedelta, calendar: Calendar) -> datetime:
    at = due(now, span, calendar)
    past = (at - datetime.min.replace(tzinfo=UTC)) % QUARTER
    return at + (QUARTER - past if past else timedelta(0))
