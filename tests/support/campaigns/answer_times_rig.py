"""A desk that answers for a year with a clock of its own: what newcomers were told of their answer, and what they got.

Requests come at random (Poisson), every fifth week twice as many as in the others and more than the staff can answer. Three people answer in
shifts, each request takes them a lognormal time, the oldest first but for some urgent ones. The desk's own arithmetic of working time is the
oracle of the calendar's. `run_calibrated(seed, count)` plays at least so many requests.
"""

import heapq
import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count as counted

from helpdesk.config.calendar import working_time
from helpdesk.config.people import SupportAddress
from helpdesk.config.policy import Policy
from helpdesk.threading.promises.busy import Measured, PastAnswer, QueueLoad, measure, pace_of

DAY = 8 * 3600  # seconds that the desk works, 09:00 to 17:00 UTC, Monday to Friday
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
SHIFTS = ((0, DAY), (0, DAY // 2), (DAY * 3 // 8, DAY))
SERVICE, SPREAD = 1200.0, 0.8  # mean seconds for an answer, and sigma of its logarithm
CAPACITY = sum(ends - begins for begins, ends in SHIFTS) / SERVICE  # answers in a day
STEADY, BURST = 0.7, 1.5  # of the capacity
BURST_EVERY = 5  # weeks
URGENT = 0.1
AT_NIGHT = 0.25
WEEKS = 52
POLICY = Policy(addresses=(SupportAddress(address="help@support.example.com"),))


@dataclass
class Request:
    """`came` and `done` in working seconds since the start."""

    number: int
    came: int
    at: datetime
    burst: bool
    urgent: bool
    waiting: int = 0
    told: Measured | None = None
    done: int = 0

    @property
    def held(self) -> bool | None:
        if self.told is None or self.told.ninetieth_at is None:
            return None
        return moment(self.done) <= self.told.ninetieth_at

    @property
    def median_held(self) -> bool | None:
        if self.told is None or self.told.median_at is None:
            return None
        return moment(self.done) <= self.told.median_at


@dataclass
class Figures:
    """By kind of week: how many had figures, and for how many each held; the same of what a busy desk told."""

    cases: Counter[str] = field(default_factory=Counter)
    ninetieth: Counter[str] = field(default_factory=Counter)
    median: Counter[str] = field(default_factory=Counter)

    def part(self, kind: str) -> float:
        return self.ninetieth[kind] / self.cases[kind]

    def __str__(self) -> str:
        return ", ".join(
            f"{kind}: {self.part(kind):.1%} of {self.cases[kind]} (median {self.median[kind] / self.cases[kind]:.1%})"
            for kind in sorted(self.cases)
        )


def moment(working: int) -> datetime:
    day, second = divmod(working, DAY)
    if working and not second:
        day, second = day - 1, DAY  # an answer at the end of a day, not at the beginning of the next
    return START + timedelta(days=day // 5 * 7 + day % 5, seconds=second)


def requests(random_: random.Random, weeks: int) -> Iterator[Request]:
    """In the order in which they come; those of the night wait for the morning."""
    numbers = counted(1)
    for day in range(weeks * 5):
        burst = day // 5 % BURST_EVERY == BURST_EVERY - 1
        rate = CAPACITY * (BURST if burst else STEADY) / DAY
        at_night: list[int] = []
        at_day: list[int] = []
        second = 0.0
        while (second := second + random_.expovariate(rate)) < DAY:
            (at_night if random_.random() < AT_NIGHT else at_day).append(int(second))
        nights = sorted(timedelta(seconds=random_.randrange(1, 8 * 3600)) for _ in at_night)
        times = [(day * DAY, START + timedelta(days=day // 5 * 7 + day % 5) - night) for night in reversed(nights)]
        times += [(day * DAY + second, START + timedelta(days=day // 5 * 7 + day % 5, seconds=second)) for second in at_day]
        for came, at in times:
            yield Request(next(numbers), came, at, burst, random_.random() < URGENT)


def answered(random_: random.Random, waiting: list[Request]) -> None:
    """Sets when each is answered: whoever is free takes the next."""
    mean = math.log(SERVICE) - SPREAD**2 / 2
    free = [(_on_shift(0, shift), number, shift) for number, shift in enumerate(SHIFTS)]
    heapq.heapify(free)
    queue: list[tuple[bool, int, Request]] = []
    coming = iter(waiting)
    following = next(coming, None)
    while following is not None or queue:
        now, number, shift = heapq.heappop(free)
        while following is not None and following.came <= now:
            heapq.heappush(queue, (not following.urgent, following.number, following))
            following = next(coming, None)
        if not queue:
            assert following is not None
            heapq.heappush(free, (_on_shift(max(now, following.came), shift), number, shift))
            continue
        taken = heapq.heappop(queue)[2]
        taken.done = _worked(now, max(1, int(random_.lognormvariate(mean, SPREAD))), shift)
        heapq.heappush(free, (_on_shift(taken.done, shift), number, shift))


def played(seed: int, weeks: int) -> list[Request]:
    """Every request with what was measured when it came."""
    random_ = random.Random(seed)
    all_of_them = list(requests(random_, weeks))
    answered(random_, all_of_them)
    happens = sorted(
        [(request.done, 0, request) for request in all_of_them] + [(request.came, 1, request) for request in all_of_them],
        key=_order,
    )
    desk = _Desk()
    for _, comes, one in happens:
        desk.comes(one) if comes else desk.goes(one)
    return all_of_them


class _Desk:
    """What the store would have at each moment."""

    def __init__(self) -> None:
        self.answers: list[PastAnswer] = []  # newest first
        self.waiting: dict[int, Request] = {}
        self.busy = False

    def comes(self, one: Request) -> None:
        late = sum(
            1 for other in self.waiting.values() if other.told and other.told.ninetieth_at and other.told.ninetieth_at < one.at
        )
        one.waiting = len(self.waiting)
        load = QueueLoad(one.waiting, self.busy, pace_of(self.answers, late, POLICY.busy))
        one.told = measure("general", load, one.at, POLICY)
        self.busy = one.told.busy
        self.waiting[one.number] = one

    def goes(self, one: Request) -> None:
        del self.waiting[one.number]
        self.answers.insert(0, PastAnswer(one.waiting, timedelta(seconds=one.done - one.came), one.held, one.median_held))
        del self.answers[600:]


def figures(all_of_them: list[Request]) -> Figures:
    found = Figures()
    for request in all_of_them:
        if request.told is None or request.told.ninetieth_at is None or request.told.median_at is None:
            continue
        kinds = ["burst" if request.burst else "steady", *(["told when busy"] if request.told.busy else [])]
        for kind in kinds:
            found.cases[kind] += 1
            found.ninetieth[kind] += bool(request.held)
            found.median[kind] += moment(request.done) <= request.told.median_at
    return found


def run_calibrated(seed: int, count: int) -> str:
    """A year or longer: in the steady and in the burst weeks nine of ten held, within five of a hundred, and at least half within the median."""
    weeks = max(WEEKS, count // 150)
    all_of_them = played(seed, weeks)
    for request in all_of_them[::97]:
        assert working_time(request.at, moment(request.done), POLICY.calendar) == timedelta(
            seconds=request.done - request.came
        ), request
    found = figures(all_of_them)
    for kind in ("steady", "burst"):
        assert 0.85 <= found.part(kind) <= 0.95, f"seed {seed}: {found}"
        assert found.median[kind] >= 0.5 * found.cases[kind], f"seed {seed}: {found}"
    return str(found)


def _order(happening: tuple[int, int, Request]) -> tuple[int, int, int]:
    at, comes, one = happening
    return at, comes, one.number


def _on_shift(at: int, shift: tuple[int, int]) -> int:
    """The first moment from then on at which that person works."""
    day, second = divmod(at, DAY)
    begins, ends = shift
    return day * DAY + max(second, begins) if second < ends else (day + 1) * DAY + begins


def _worked(at: int, seconds: int, shift: tuple[int, int]) -> int:
    """When that person has worked so long."""
    while True:
        day, second = divmod(at, DAY)
        left = shift[1] - second
        if seconds <= left:
            return at + seconds
        seconds -= left
        at = (day + 1) * DAY + shift[0]
