"""The plots of the operator's page: where each bar and line of an SVG stands, decided here and drawn by a template.

Lengths are in units of a view box that is `WIDTH` wide; a browser scales it to the width of the page.
"""

from dataclasses import dataclass

from helpdesk.threading.model.promise import TargetKind
from helpdesk.threading.reporting.report import DayFigures, GroupFigures, Promises, Report

WIDTH, HEIGHT = 640, 200
LEFT, TOP, BOTTOM = 48, 10, 26  # room for numbers and days
MOST_TICKS = 4
MOST_DAYS_NAMED = 6
MOST_ROWS = 20
NAMES = {
    TargetKind.FIRST_RESPONSE: "First answers",
    TargetKind.NEXT_RESPONSE: "Later answers",
    TargetKind.RESOLUTION: "Solutions",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a plot. `kind` is its class in the stylesheet, and `says` what a pointer over it reads."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    says: str


@dataclass(frozen=True, slots=True)
class PlotLabel:
    """A word or a number beside a plot."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class DaysPlot:
    """Requests that were opened and resolved on each day as bars, and those open at its end as a line."""

    bars: tuple[Bar, ...]
    line: str  # points of a polyline
    grid: tuple[PlotLabel, ...]
    days: tuple[PlotLabel, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """Promises that were kept and missed, as parts of a line that is 100 wide."""

    name: str
    kept: int
    missed: int
    open: int
    part: float | None  # of the decided ones, from 0 to 100

    @property
    def says(self) -> str:
        if self.part is None:
            return "none was due"
        return f"{self.kept} of {self.kept + self.missed} in time ({self.part:.0f} %)"


@dataclass(frozen=True, slots=True)
class PromisesView:
    """The page of promises: plots, and what they say in numbers."""

    days: DaysPlot
    kinds: tuple[PromiseRow, ...]
    plans: tuple[PromiseRow, ...]
    queues: tuple[PromiseRow, ...]


def report_view(report: Report) -> PromisesView:
    """Draw a report. Plans and queues show the promises of first answers."""
    return PromisesView(
        days=days_plot(report.days),
        kinds=tuple(_row(NAMES[kind], promises) for kind, promises in report.promises.items()),
        plans=_of_groups(report.plans),
        queues=_of_groups(report.queues),
    )


def days_plot(days: tuple[DayFigures, ...]) -> DaysPlot:
    """Place the figures of days side by side, to one scale."""
    most = max((max(day.opened, day.resolved, day.backlog) for day in days), default=0)
    step = next((size for size in _steps() if size * MOST_TICKS >= most), 1)
    top = max(step * -(-most // step), 1)
    slot, floor = (WIDTH - LEFT) / max(len(days), 1), HEIGHT - BOTTOM

    def tall(count: int) -> float:
        return round((floor - TOP) * count / top, 2)

    bars, points = [], []
    for number, day in enumerate(days):
        x = LEFT + slot * number
        for kind, count, place in (("opened", day.opened, 0.12), ("resolved", day.resolved, 0.5)):
            says = f"{day.day:%d %b}: {count} {kind}"
            bars.append(
                Bar(kind, round(x + slot * place, 2), round(floor - tall(count), 2), round(slot * 0.36, 2), tall(count), says)
            )
        points.append(f"{x + slot / 2:.1f},{floor - tall(day.backlog):.1f}")
    every = max(1, -(-len(days) // MOST_DAYS_NAMED))
    return DaysPlot(
        bars=tuple(bars),
        line=" ".join(points),
        grid=tuple(PlotLabel(LEFT - 6, round(floor - tall(count), 2), str(count)) for count in range(0, top + 1, step)),
        days=tuple(
            PlotLabel(round(LEFT + slot * (number + 0.5), 2), HEIGHT - 8, f"{day.day:%d %b}")
            for number, day in enumerate(days)
            if number % every == 0
        ),
        summary=f"{sum(day.opened for day in days)} opened and {sum(day.resolved for day in days)} resolved in {len(days)} days; "
        f"{days[-1].backlog if days else 0} open now",
    )


def _steps() -> list[int]:
    """Steps of a scale that people read easily."""
    return [digit * 10**power for power in range(8) for digit in (1, 2, 5)]


def _of_groups(groups: tuple[GroupFigures, ...]) -> tuple[PromiseRow, ...]:
    """The groups with the most promises, in the order of their names."""
    due = [group for group in groups if group.promises.kept + group.promises.missed + group.promises.open]
    largest = sorted(due, key=lambda group: -(group.promises.kept + group.promises.missed))[:MOST_ROWS]
    return tuple(_row(group.name, group.promises) for group in due if group in largest)


def _row(name: str, promises: Promises) -> PromiseRow:
    return PromiseRow(name, promises.kept, promises.missed, promises.open, None if promises.rate is None else 100 * promises.rate)
