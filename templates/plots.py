"""Reports as pictures: PNG, by matplotlib, which only this module imports and nothing else needs."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

from helpdesk.threading.reporting.report import GroupFigures, Report

OPENED, RESOLVED, BACKLOG = "#3b6fb6", "#2f9e6e", "#c0632b"
KEPT, MISSED = "#2f9e6e", "#c2383f"
HOUR = timedelta(hours=1)
MOST_ROWS = 20  # of a picture: those with most to show
LONGEST_NAME = 28  # characters


class NoPlots(Exception):
    """matplotlib is not installed."""


def plots(report: Report) -> dict[str, bytes]:
    """PNG files by their names. Raises NoPlots."""
    return {
        "volumes.png": _png(_volumes(report)),
        "answer-times.png": _png(_answer_times(report)),
        "promises.png": _png(_promises(report)),
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


def _volumes(report: Report) -> Any:
    """What came and what was done, day by day, and what was left in the evening."""
    figure, axes = _figure("Requests a day")
    places = range(len(report.days))
    axes.bar([at - 0.2 for at in places], [day.opened for day in report.days], 0.4, color=OPENED, label="opened")
    axes.bar([at + 0.2 for at in places], [day.resolved for day in report.days], 0.4, color=RESOLVED, label="resolved")
    axes.plot(
        list(places), [day.backlog for day in report.days], color=BACKLOG, marker="o", markersize=3, label="open at its end"
    )
    step = max(1, -(-len(report.days) // 8))
    axes.set_xticks(list(places)[::step], [f"{day.day:%d %b}" for day in report.days[::step]])
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.legend(frameon=False, fontsize=8, ncols=3, loc="upper left", bbox_to_anchor=(0, -0.1))
    return figure


def _answer_times(report: Report) -> Any:
    """Median and 90th percentile of each queue."""
    named = _busiest([one for one in report.queues if one.first_response.count], lambda one: one.first_response.count)
    figure, axes = _figure("First response, working hours", height=1.4 + 0.5 * max(1, len(named)))
    for at, one in enumerate(named):
        axes.barh(at - 0.18, _hours(one.first_response.median), 0.34, color=OPENED, label="median" if not at else None)
        axes.barh(
            at + 0.18, _hours(one.first_response.ninetieth), 0.34, color=BACKLOG, label="90 of 100 within" if not at else None
        )
    return _listed(figure, axes, named)


def _promises(report: Report) -> Any:
    """What was promised by plan, and kept."""
    named = _busiest([one for one in report.plans if _due(one)], _due)
    figure, axes = _figure("First responses, as promised or late", height=1.4 + 0.5 * max(1, len(named)))
    for at, one in enumerate(named):
        axes.barh(at, one.promises.kept, 0.5, color=KEPT, label="in time" if not at else None)
        axes.barh(at, one.promises.missed, 0.5, left=one.promises.kept, color=MISSED, label="late" if not at else None)
    axes.xaxis.get_major_locator().set_params(integer=True)
    return _listed(figure, axes, named)


def _listed(figure: Any, axes: Any, named: list[GroupFigures]) -> Any:
    """Rows from the top down, by name."""
    axes.set_yticks(range(len(named)), [_short(one.name) for one in named], parse_math=False)
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", alpha=0.25)
    if named:
        axes.legend(frameon=False, fontsize=8, ncols=2, loc="upper left", bbox_to_anchor=(0, -0.15))
    else:
        axes.text(0.5, 0.5, "nothing in this time", ha="center", va="center", transform=axes.transAxes, color="#777777")
    return figure


def _busiest(rows: list[GroupFigures], count: Callable[[GroupFigures], int]) -> list[GroupFigures]:
    """In the order that they have."""
    kept = sorted(rows, key=count, reverse=True)[:MOST_ROWS]
    return [one for one in rows if one in kept]


def _due(one: GroupFigures) -> int:
    return one.promises.kept + one.promises.missed


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _hours(span: timedelta | None) -> float:
    return span / HOUR if span is not None else 0.0
