"""Plots of a report as PNG, drawn by matplotlib, which only this module imports and which is optional."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

from helpdesk.threading.model.sentence import sentence
from helpdesk.threading.reporting.report import GroupFigures, Report

OPENED, RESOLVED, BACKLOG = "#3b6fb6", "#2f9e6e", "#c0632b"
KEPT, MISSED = "#2f9e6e", "#c2383f"
HOUR = timedelta(hours=1)
MOST_ROWS = 20  # rows of one plot; those with the largest numbers are shown
LONGEST_NAME = 28  # characters


Say = Callable[[str], str]


class NoPlots(Exception):
    """matplotlib is not installed."""


def plots(report: Report, say: Say = str) -> dict[str, bytes]:
    """PNG files by name, with their words as `say` says them. Raise NoPlots."""
    return {
        "volumes.png": _png(_volumes(report, say)),
        "answer-times.png": _png(_answer_times(report, say)),
        "promises.png": _png(_promises(report, say)),
    }


def _figure(title: str, **more: float) -> tuple[Any, Any]:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise NoPlots("plots need matplotlib: install helpdesk-gateway[report]") from None
    figure = Figure(figsize=(6.4, more.get("height", 3.4)), dpi=110, layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, loc="left", fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.25)
    return figure, axes


def _png(figure: Any) -> bytes:
    octets = BytesIO()
    figure.savefig(octets, format="png", metadata={"Software": None})
    return octets.getvalue()


def _volumes(report: Report, say: Say) -> Any:
    """Requests opened and resolved on each day, and open at its end."""
    figure, axes = _figure(say(sentence("Requests a day")))
    places = range(len(report.days))
    axes.bar([at - 0.2 for at in places], [day.opened for day in report.days], 0.4, color=OPENED, label=say(sentence("opened")))
    axes.bar(
        [at + 0.2 for at in places], [day.resolved for day in report.days], 0.4, color=RESOLVED, label=say(sentence("resolved"))
    )
    axes.plot(
        list(places),
        [day.backlog for day in report.days],
        color=BACKLOG,
        marker="o",
        markersize=3,
        label=say(sentence("open at its end")),
    )
    step = max(1, -(-len(report.days) // 8))
    axes.set_xticks(list(places)[::step], [f"{day.day:%d %b}" for day in report.days[::step]])
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.legend(frameon=False, fontsize=8, ncols=3, loc="upper left", bbox_to_anchor=(0, -0.1))
    return figure


def _answer_times(report: Report, say: Say) -> Any:
    """Median and 90th percentile of the first response in each queue."""
    queues = _busiest([queue for queue in report.queues if queue.first_response.count], lambda queue: queue.first_response.count)
    figure, axes = _figure(say(sentence("First response, working hours")), height=1.4 + 0.5 * max(1, len(queues)))
    for at, queue in enumerate(queues):
        median, ninetieth = _hours(queue.first_response.median), _hours(queue.first_response.ninetieth)
        axes.barh(at - 0.18, median, 0.34, color=OPENED, label=say(sentence("median")) if not at else None)
        axes.barh(at + 0.18, ninetieth, 0.34, color=BACKLOG, label=say(sentence("90 of 100 within")) if not at else None)
    return _with_names(figure, axes, queues, say)


def _promises(report: Report, say: Say) -> Any:
    """First responses of each plan, in time or late."""
    plans = _busiest([plan for plan in report.plans if _due(plan)], _due)
    figure, axes = _figure(say(sentence("First responses, as promised or late")), height=1.4 + 0.5 * max(1, len(plans)))
    for at, plan in enumerate(plans):
        axes.barh(at, plan.promises.kept, 0.5, color=KEPT, label=say(sentence("in time")) if not at else None)
        axes.barh(
            at, plan.promises.missed, 0.5, left=plan.promises.kept, color=MISSED, label=say(sentence("late")) if not at else None
        )
    axes.xaxis.get_major_locator().set_params(integer=True)
    return _with_names(figure, axes, plans, say)


def _with_names(figure: Any, axes: Any, groups: list[GroupFigures], say: Say) -> Any:
    """The figure with the name of each row, from the top down, and a legend."""
    axes.set_yticks(range(len(groups)), [_short(group.name) for group in groups], parse_math=False)
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", alpha=0.25)
    if groups:
        axes.legend(frameon=False, fontsize=8, ncols=2, loc="upper left", bbox_to_anchor=(0, -0.15))
    else:
        axes.text(
            0.5, 0.5, say(sentence("nothing in this time")), ha="center", va="center", transform=axes.transAxes, color="#777777"
        )
    return figure


def _busiest(rows: list[GroupFigures], count: Callable[[GroupFigures], int]) -> list[GroupFigures]:
    """The rows with the largest counts, in their original order."""
    busiest = sorted(rows, key=count, reverse=True)[:MOST_ROWS]
    return [row for row in rows if row in busiest]


def _due(group: GroupFigures) -> int:
    return group.promises.kept + group.promises.missed


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _hours(span: timedelta | None) -> float:
    return span / HOUR if span is not None else 0.0
