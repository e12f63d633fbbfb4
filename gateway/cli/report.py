"""`helpdesk report`: what the desk has done in a span of time, for people, as JSON, and as pictures."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from helpdesk.config.private_files import make_folder, write_private
from helpdesk.config.section import duration
from helpdesk.gateway.cli.options import config_option, load_or_exit
from helpdesk.gateway.cli.store import as_json, opened
from helpdesk.gateway.terminal import echo
from helpdesk.store.statistics import desk_facts
from helpdesk.templates.plots import NoPlots, plots
from helpdesk.templates.report_words import PROMISED, held, in_words, kept, oldest, percent, span_words
from helpdesk.threading.model.promise import TargetKind
from helpdesk.threading.reporting.report import AnswerTimes, GroupFigures, Held, Promises, Report, Span, report_of


class Since(click.ParamType[datetime | timedelta]):
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
            self.fail(f'{text}: a day or a moment such as "2026-11-01", or a span such as "30d"', parameter, context)


@click.command("report")
@click.option("--since", default="7d", show_default=True, type=Since(), help='A day ("2026-11-01"), a moment, or a span ("30d").')
@click.option("--until", type=Since(), help="The end, as --since; now without it.")
@click.option("--plots", "folder", type=click.Path(path_type=Path, file_okay=False), help="A folder for pictures of it (PNG).")
@click.option("as_object", "--json", is_flag=True, help="One JSON object.")
@config_option
def report_command(
    since: datetime | timedelta, until: datetime | timedelta | None, folder: Path | None, as_object: bool, config: Path
) -> None:
    """Volumes, answer times, promises kept, backlog, and what came back. Times are working time of the desk's calendar."""
    policy = load_or_exit(config).policy
    zone, now = ZoneInfo(policy.calendar.zone), datetime.now(UTC)
    span = Span(_moment(since, now, zone), _moment(until, now, zone) if until is not None else now)
    if span.since >= span.until:
        raise click.UsageError("nothing lies between --since and --until")
    with opened(config) as database, database.reading() as connection:
        report = report_of(desk_facts(connection, span.since, span.until), policy, span)
    echo(as_json(_object(report)) if as_object else "\n".join(_lines(report, zone)))
    if folder is not None:
        _draw(report, folder)


def _moment(word: datetime | timedelta, now: datetime, zone: ZoneInfo) -> datetime:
    """A day without a zone begins where the desk is."""
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
    """Spans in seconds."""
    return {
        "since": report.span.since,
        "until": report.span.until,
        "zone": report.zone,
        "volumes": report.volumes,
        "answer_times": {"first_response": _seconds(report.first_response), "resolution": _seconds(report.resolution)},
        "promises": {
            **{kind.value: _promised(promises) for kind, promises in report.promises.items()},
            "told": _measured(report.told),
            "measured": _measured(report.measured),
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
            {"day": str(one.day), "opened": one.opened, "resolved": one.resolved, "backlog": one.backlog} for one in report.days
        ],
        "queues": [_group(one) for one in report.queues],
        "plans": [_group(one) for one in report.plans],
        "categories": [_group(one) for one in report.categories],
    }


def _seconds(times: AnswerTimes) -> dict[str, Any]:
    return {
        "count": times.count,
        "median": None if times.median is None else times.median.total_seconds(),
        "p90": None if times.ninetieth is None else times.ninetieth.total_seconds(),
    }


def _promised(promises: Promises) -> dict[str, Any]:
    return {"kept": promises.kept, "missed": promises.missed, "open": promises.open, "rate": promises.rate}


def _measured(one: Held) -> dict[str, Any]:
    """Of the time within which nine of ten answers come; told: in busy periods, to customers."""
    return {
        "stated": one.held + one.broken + one.open,
        "kept": one.held,
        "missed": one.broken,
        "open": one.open,
        "rate": one.rate,
    }


def _group(one: GroupFigures) -> dict[str, Any]:
    return {
        "name": one.name,
        "opened": one.opened,
        "resolved": one.resolved,
        "backlog": one.backlog,
        "first_response": _seconds(one.first_response),
        "promises": _promised(one.promises),
    }


def _lines(report: Report, zone: ZoneInfo) -> Iterator[str]:
    since, until = (moment.astimezone(zone) for moment in (report.span.since, report.span.until))
    yield f"{since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} {report.zone}"
    yield ""
    volumes = report.volumes
    yield f"requests:        {volumes.opened} opened, {volumes.resolved} resolved, {volumes.escalated} escalated, {volumes.reopened} reopened"
    yield f"mail:            {volumes.customer_messages} messages of customers, {volumes.letters} letters sent"
    yield f"first response:  {in_words(report.first_response)}"
    yield f"resolution:      {in_words(report.resolution)}"
    for kind, promises in report.promises.items():
        yield f"{'promises:' if kind is TargetKind.FIRST_RESPONSE else '':<17}{PROMISED[kind]:<15}{kept(promises)}"
    yield f"told when busy:  {held(report.told)}"
    yield f"all measured:    {held(report.measured)}"
    yield f"backlog:         {report.backlog.open} open, {report.backlog.waiting_on_support} wait on support{oldest(report, zone)}"
    yield f"reopened:        {percent(report.reopen_rate)} of what was resolved"
    yield f"not delivered:   {percent(report.bounce_rate)} of the letters"
    yield f"satisfaction:    {', '.join(f'{count} {word}' for word, count in report.satisfaction)}"
    for title, groups in (("queue", report.queues), ("plan", report.plans), ("category", report.categories)):
        yield ""
        yield f"{title:<20}{'opened':>8}{'resolved':>10}{'backlog':>9}{'median':>13}{'90 of 100':>13}{'in time':>12}"
        for one in groups:
            times, promises = one.first_response, one.promises
            spans = "".join(f"{span_words(span) if span is not None else '-':>13}" for span in (times.median, times.ninetieth))
            in_time = f"{promises.kept} of {promises.kept + promises.missed}" if promises.rate is not None else "-"
            yield f"{one.name:<20}{one.opened:>8}{one.resolved:>10}{one.backlog:>9}{spans}{in_time:>12}"
