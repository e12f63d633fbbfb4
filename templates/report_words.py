"""A report in words, for `helpdesk report` and for the weekly letter."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from helpdesk.threading.letters.names import RATING_NAMES
from helpdesk.threading.model.promise import TargetKind
from helpdesk.threading.model.sentence import Sentence, joined, plain, sentence
from helpdesk.threading.reporting.report import AnswerTimes, FiguresHeld, GroupFigures, Promises, Report

PROMISED = {
    TargetKind.FIRST_RESPONSE: sentence("Promised first answers"),
    TargetKind.NEXT_RESPONSE: sentence("Promised later answers"),
    TargetKind.RESOLUTION: sentence("Promised solutions"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the weekly letter: a label, and its value in the week and in the week before."""

    label: Sentence
    now: Sentence
    before: Sentence


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One queue, plan or category in the weekly letter."""

    name: str
    opened: int
    resolved: int
    backlog: int
    median: Sentence
    in_time: Sentence


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


def span_cell(span: timedelta | None) -> Sentence:
    """A span in a table; "-" where there is none."""
    return plain("-") if span is None else span_words(span)


def in_time_cell(promises: Promises) -> Sentence:
    """How many promises were kept of those that were due, in a table; "-" where none was due."""
    if promises.rate is None:
        return plain("-")
    return sentence("{count} of {all}", count=promises.kept, all=promises.kept + promises.missed)


def _summary(report: Report) -> Iterator[tuple[Sentence, Sentence]]:
    volumes, zone = report.volumes, ZoneInfo(report.zone)
    yield sentence("Opened"), plain(volumes.opened)
    yield sentence("Resolved"), plain(volumes.resolved)
    yield sentence("Escalated"), plain(volumes.escalated)
    yield sentence("Reopened"), _with_part(volumes.reopened, report.reopen_rate, "{count} ({percent} of what was resolved)")
    yield sentence("Messages of customers"), plain(volumes.customer_messages)
    yield sentence("Letters sent"), _with_part(volumes.letters, report.bounce_rate, "{count} ({percent} not delivered)")
    yield sentence("First response"), in_words(report.first_response)
    yield sentence("Resolution"), in_words(report.resolution)
    for kind, promises in report.promises.items():
        yield PROMISED[kind], promise_words(promises)
    yield sentence("Told when busy"), stated_times_words(report.told)
    waits = sentence("{open}, {waiting} wait on support", open=report.backlog.open, waiting=report.backlog.waiting_on_support)
    yield sentence("Open at the end"), joined((waits, *oldest(report, zone)), ", ")
    yield (
        sentence("How it went"),
        sentence("{words}", words=tuple(_say_rating(word, count) for word, count in report.satisfaction)),
    )


def _say_rating(word: str, count: int) -> Sentence:
    return sentence("{count} {rating}", count=count, rating=RATING_NAMES.get(word, word))


def _with_part(count: int, part: float | None, template: str) -> Sentence:
    return plain(count) if part is None else sentence(template, count=count, percent=percent(part))


def in_words(times: AnswerTimes) -> Sentence:
    """Median and 90th percentile of answer times as a phrase."""
    if times.median is None or times.ninetieth is None:
        return sentence("none given")
    return sentence(
        "half within {median}, 90 of 100 within {ninetieth} ({count} given)",
        median=span_words(times.median),
        ninetieth=span_words(times.ninetieth),
        count=times.count,
    )


def promise_words(promises: Promises) -> Sentence:
    """How many promises were kept, as a phrase."""
    if promises.rate is None:
        return sentence("none was due, {open} to come", open=promises.open) if promises.open else sentence("none was due")
    return sentence("{kept} in time ({percent})", kept=in_time_cell(promises), percent=percent(promises.rate))


def stated_times_words(times: FiguresHeld) -> Sentence:
    """How often the stated time, within which nine of ten answers come, was kept."""
    if times.rate is None:
        return sentence("none is decided, {open} to come", open=times.open) if times.open else sentence("none")
    return sentence(
        "the 90 of 100 held for {count} of {all} ({percent})",
        count=times.held,
        all=times.held + times.broken,
        percent=percent(times.rate),
    )


def span_words(span: timedelta) -> Sentence:
    """A span in hours and minutes, rounded to the minute."""
    minutes = round(span.total_seconds() / 60)
    if minutes < 1:
        return sentence("under 1 min")
    return plain(f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min")


def percent(part: float | None) -> Sentence:
    """A share in per cent; "none" where there is nothing to take a share of."""
    return sentence("none") if part is None else plain(f"{part:.0%}")


def oldest(report: Report, zone: ZoneInfo) -> tuple[Sentence, ...]:
    """A clause about the oldest open request; () where none is open."""
    if report.backlog.oldest is None:
        return ()
    return (sentence("the oldest since {at}", at=f"{report.backlog.oldest.astimezone(zone):%Y-%m-%d %H:%M}"),)
