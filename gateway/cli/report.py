"""`helpdesk report`: what the desk did in a span of time, for people, as JSON, and as plots."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from helpdesk.config.private_files import make_folder, write_private
from helpdesk.config.section import duration
from helpdesk.gateway.cli.options import config_option, load_or_exit
from helpdesk.gateway.cli.retention import purged_lines
from helpdesk.gateway.cli.store import as_json, open_store
from helpdesk.gateway.terminal import echo
from helpdesk.store.retention import totals
from helpdesk.store.statistics import desk_facts
from helpdesk.templates.plots import NoPlots, plots
from helpdesk.templates.report_words import (
    PROMISED,
    in_time_cell,
    in_words,
    oldest,
    percent,
    promise_words,
    span_cell,
    stated_times_words,
)
from helpdesk.threading.model.promise import TargetKind
from helpdesk.threading.reporting.report import AnswerTimes, FiguresHeld, GroupFigures, Promises, Report, Span, report_of


class MomentParam(click.ParamType[datetime | timedelta]):
    """A day or moment in ISO 8601, or a span that ends now."""

    name = "moment"

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> datetime | timedelta:
        text = str(value)
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
        try:
            return duration(text)
        except ValueError:
            self.fail(
                f'{text}: not a moment; write a day or moment such as "2026-11-01", or a span such as "30d"', parameter, context
            )


@click.command("report")
@click.option(
    "--since",
    default="7d",
    show_default=True,
    type=MomentParam(),
    help='The beginning: a day ("2026-11-01"), a moment, or a span up to now ("30d").',
)
@click.option("--until", type=MomentParam(), help="The end, written as --since; default: now.")
@click.option("--plots", "folder", type=click.Path(path_type=Path, file_okay=False), help="Write plots (PNG) into this folder.")
@click.option("as_object", "--json", is_flag=True, help="Print one JSON object.")
@config_option
def report_command(
    since: datetime | timedelta, until: datetime | timedelta | None, folder: Path | None, as_object: bool, config: Path
) -> None:
    """Report volumes, answer times, promises kept, backlog and reopened requests. Times are working time of the desk's
    calendar.
    """
    policy = load_or_exit(config).policy
    zone, now = ZoneInfo(policy.calendar.zone), datetime.now(UTC)
    span = Span(_moment(since, now, zone), _moment(until, now, zone) if until is not None else now)
    if span.since >= span.until:
        raise click.UsageError("--since must be before --until")
    with open_store(config) as database, database.reading() as connection:
        report = report_of(desk_facts(connection, span.since, span.until), policy, span)
        purged = totals(connection)
    if as_object:
        echo(
            as_json(_object(report) | {"purged": {kind: {"count": count, "last_at": at} for kind, (count, at) in purged.items()}})
        )
    else:
        echo("\n".join((*_lines(report, zone), *purged_lines(purged))))
    if folder is not None:
        _draw(report, folder)


def _moment(word: datetime | timedelta, now: datetime, zone: ZoneInfo) -> datetime:
    """The moment that a word means. A day without a zone begins in the zone of the desk's calendar."""
    if isinstance(word, timedelta):
        return now - word
    return (word if word.tzinfo else word.replace(tzinfo=zone)).astimezone(UTC)


def _draw(report: Report, folder: Path) -> None:
    try:
        drawn = plots(report)
    except NoPlots as fault:
        raise click.ClickException(str(fault)) from None
    make_folder(folder)
    for name, content in drawn.items():
        write_private(folder / name, content)
        echo(f"written: {folder / name}", err=True)


def _object(report: Report) -> dict[str, Any]:
    """The report under the names of the JSON contract; spans are in seconds."""
    return {
        "since": report.span.since,
        "until": report.span.until,
        "zone": report.zone,
        "volumes": report.volumes,
        "answer_times": {"first_response": _seconds(report.first_response), "resolution": _seconds(report.resolution)},
        "promises": {
            **{kind.value: _promise_object(promises) for kind, promises in report.promises.items()},
            "told": _measured_object(report.told),
            "measured": _measured_object(report.measured),
        },
        "backlog": {
            "open": report.backlog.open,
            "waiting_on_support": report.backlog.waiting_on_support,
            "oldest_at": report.backlog.oldest,
        },
        "reopen_rate": report.reopen_rate,
        "bounce_rate": report.bounce_rate,
        "satisfaction": dict(report.satisfaction),
        "days": [
            {"day": str(day.day), "opened": day.opened, "resolved": day.resolved, "backlog": day.backlog} for day in report.days
        ],
        "queues": [_group(queue) for queue in report.queues],
        "plans": [_group(plan) for plan in report.plans],
        "categories": [_group(category) for category in report.categories],
    }


def _seconds(times: AnswerTimes) -> dict[str, Any]:
    return {
        "count": times.count,
        "median": None if times.median is None else times.median.total_seconds(),
        "p90": None if times.ninetieth is None else times.ninetieth.total_seconds(),
    }


def _promise_object(promises: Promises) -> dict[str, Any]:
    return {"kept": promises.kept, "missed": promises.missed, "open": promises.open, "rate": promises.rate}


def _measured_object(times: FiguresHeld) -> dict[str, Any]:
    """How often the stated time, within which nine of ten answers come, was kept."""
    return {
        "stated": times.held + times.broken + times.open,
        "kept": times.held,
        "missed": times.broken,
        "open": times.open,
        "rate": times.rate,
    }


def _group(group: GroupFigures) -> dict[str, Any]:
    return {
        "name": group.name,
        "opened": group.opened,
        "resolved": group.resolved,
        "backlog": group.backlog,
        "first_response": _seconds(group.first_response),
        "promises": _promise_object(group.promises),
    }


def _lines(report: Report, zone: ZoneInfo) -> Iterator[str]:
    since, until = (moment.astimezone(zone) for moment in (report.span.since, report.span.until))
    yield f"{since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} {report.zone}"
    yield ""
    volumes = report.volumes
    yield f"requests:        {volumes.opened} opened, {volumes.resolved} resolved, {volumes.escalated} escalated, {volumes.reopened} reopened"
    yield f"mail:            {volumes.customer_messages} messages from customers, {volumes.letters} letters sent"
    yield f"first response:  {in_words(report.first_response)}"
    yield f"resolution:      {in_words(report.resolution)}"
    for kind, promises in report.promises.items():
        yield f"{'promises:' if kind is TargetKind.FIRST_RESPONSE else '':<17}{PROMISED[kind].removeprefix('Promised '):<15}{promise_words(promises)}"
    yield f"told when busy:  {stated_times_words(report.told)}"
    yield f"all measured:    {stated_times_words(report.measured)}"
    yield f"backlog:         {report.backlog.open} open, {report.backlog.waiting_on_support} waiting on support{''.join(f', {line}' for line in oldest(report, zone))}"
    yield f"reopened:        {percent(report.reopen_rate)} of the resolved requests"
    yield f"not delivered:   {percent(report.bounce_rate)} of the letters"
    yield f"satisfaction:    {', '.join(f'{count} {word}' for word, count in report.satisfaction)}"
    for title, groups in (("queue", report.queues), ("plan", report.plans), ("category", report.categories)):
        yield ""
        yield f"{title:<20}{'opened':>8}{'resolved':>10}{'backlog':>9}{'median':>13}{'90 of 100':>13}{'in time':>12}"
        for group in groups:
            times, promises = group.first_response, group.promises
            figures = f"{group.opened:>8}{group.resolved:>10}{group.backlog:>9}"
            spans = f"{span_cell(times.median):>13}{span_cell(times.ninetieth):>13}"
            yield f"{group.name:<20}{figures}{spans}{in_time_cell(promises):>12}"
