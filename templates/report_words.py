"""A report in words, for `helpdesk report` and for the weekly letter."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from helpdesk.threading.model.promise import TargetKind
from helpdesk.threading.reporting.report import AnswerTimes, FiguresHeld, GroupFigures, Promises, Report

PROMISED = {
    TargetKind.FIRST_RESPONSE: "first answers",
    TargetKind.NEXT_RESPONSE: "later answers",
    TargetKind.RESOLUTION: "solutions",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the weekly letter: a label, and its value in the week and in the week before."""

    label: str
    now: str
    before: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One queue, plan or category in the weekly letter."""

    name: str
    opened: int
    resolved: int
    backlog: int
    median: str
    in_time: str


def compare_reports(report: Report, before: Report) -> tuple[Figure, ...]:
    """The figures of two reports side by side."""
    pairs = zip(_summary(report), _summary(before), strict=True)
    return tuple(Figure(label, now, earlier) for (label, now), (_, earlier) in pairs)


def group_rows(groups: tuple[GroupFigures, ...]) -> tuple[GroupRow, ...]:
    """The rows of queues, plans or categories."""
    return tuple(
        GroupRow(
            name=group.name,
            opened=group.opened,
            resolved=group.resolved,
            backlog=group.backlog,
            median=span_cell(group.first_response.median),
            in_time=in_time_cell(group.promises),
        )
        for group in groups
    )


def span_cell(span: timedelta | None) -> str:
    """A span in a table; "-" where there is none."""
    return "-" if span is None else span_words(span)


def in_time_cell(promises: Promises) -> str:
    """How many promises were kept of those that were due, in a table; "-" where none was due."""
    return "-" if promises.rate is None else f"{promises.kept} of {promises.kept + promises.missed}"


def _summary(report: Report) -> Iterator[tuple[str, str]]:
    volumes, zone = report.volumes, ZoneInfo(report.zone)
    yield "Opened", str(volumes.opened)
    yield "Resolved", str(volumes.resolved)
    yield "Escalated", str(volumes.escalated)
    yield "Reopened", _with_part(volumes.reopened, report.reopen_rate, "of what was resolved")
    yield "Messages of customers", str(volumes.customer_messages)
    yield "Letters sent", _with_part(volumes.letters, report.bounce_rate, "not delivered")
    yield "First response", in_words(report.first_response)
    yield "Resolution", in_words(report.resolution)
    for kind, promises in report.promises.items():
        yield f"Promised {PROMISED[kind]}", promise_words(promises)
    yield "Told when busy", stated_times_words(report.told)
    yield "Open at the end", f"{report.backlog.open}, {report.backlog.waiting_on_support} wait on support{oldest(report, zone)}"
    yield "How it went", ", ".join(f"{count} {word}" for word, count in report.satisfaction)


def _with_part(count: int, part: float | None, of: str) -> str:
    return str(count) if part is None else f"{count} ({percent(part)} {of})"


def in_words(times: AnswerTimes) -> str:
    """Median and 90th percentile of answer times as a phrase."""
    if times.median is None or times.ninetieth is None:
        return "none given"
    return f"half within {span_words(times.median)}, 90 of 100 within {span_words(times.ninetieth)} ({times.count} given)"


def promise_words(promises: Promises) -> str:
    """How many promises were kept, as a phrase."""
    if promises.rate is None:
        return f"none was due, {promises.open} to come" if promises.open else "none was due"
    return f"{in_time_cell(promises)} in time ({percent(promises.rate)})"


def stated_times_words(times: FiguresHeld) -> str:
    """How often the stated time, within which nine of ten answers come, was kept."""
    if times.rate is None:
        return f"none is decided, {times.open} to come" if times.open else "none"
    return f"the 90 of 100 held for {times.held} of {times.held + times.broken} ({percent(times.rate)})"


def span_words(span: timedelta) -> str:
    """A span in hours and minutes, rounded to the minute."""
    minutes = round(span.total_seconds() / 60)
    if minutes < 1:
        return "under 1 min"
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"


def percent(part: float | None) -> str:
    """A share in per cent; "none" where there is nothing to take a share of."""
    return "none" if part is None else f"{part:.0%}"


def oldest(report: Report, zone: ZoneInfo) -> str:
    """A clause about the oldest open request; "" where none is open."""
    return f", the oldest since {report.backlog.oldest.astimezone(zone):%Y-%m-%d %H:%M}" if report.backlog.oldest else ""
