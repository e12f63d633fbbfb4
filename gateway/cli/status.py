"""`helpdesk status`: does the desk work? For people, and for a monitor, which looks at the exit code alone."""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import click

from helpdesk.config.control import control_place
from helpdesk.config.load import load
from helpdesk.config.problems import ConfigurationProblems
from helpdesk.config.settings import DatabaseSettings, WebhookSettings
from helpdesk.gateway.backup import last_backup
from helpdesk.gateway.beginning import WrongSchema, check_schema, is_away
from helpdesk.gateway.blobs import blobs_of
from helpdesk.gateway.cli.options import config_option
from helpdesk.gateway.cli.store import as_json
from helpdesk.gateway.clock import clock_for
from helpdesk.gateway.disk import DiskTrouble, disk_of
from helpdesk.gateway.monitor.signs import fault_of_webhook
from helpdesk.gateway.node.control import has_node
from helpdesk.gateway.orphans import orphans_now
from helpdesk.gateway.terminal import echo
from helpdesk.store.alarms import open_alarms
from helpdesk.store.backfills import backfills_in
from helpdesk.store.condition import condition_of
from helpdesk.store.database import COMMAND, Database, DatabaseAway
from helpdesk.store.desk_identity import strange_folder
from helpdesk.store.migrate import UnknownSchema, check_revision
from helpdesk.store.webhooks import WebhookFigures, webhook_figures
from helpdesk.threading.reporting.alarms import OpenAlarm
from helpdesk.threading.reporting.condition import Condition, StatusLevel, StatusLine, findings_of, lines_of


@click.command("status")
@click.option("as_object", "--json", is_flag=True, help="Print one JSON object.")
@config_option
def status_command(as_object: bool, config: Path) -> None:
    """Say whether the desk works: what waits and for how long, its nodes, its disk. The worst line comes first.

    The exit code is that of monitoring plugins, and not of sysexits: 0 all is well, 1 warning, 2 critical, 3 unknown. Nothing is changed.
    """
    condition, findings = _look(config)
    level = max(finding.level for finding in findings)
    if as_object:
        lines = [{"level": finding.level.name.lower(), "subject": finding.subject, "text": finding.text} for finding in findings]
        echo(as_json({"status": level.name.lower(), "code": int(level), "findings": lines, "condition": condition}))
    else:
        for finding in findings:
            echo(f"{finding.level.name:<9} {finding.subject}: {finding.text}")
    raise click.exceptions.Exit(int(level))


def _look(config: Path) -> tuple[Condition | None, list[StatusLine]]:
    try:
        loaded = load(config, os.environ, with_secret=False)
    except ConfigurationProblems as problems:
        found = [StatusLine(StatusLevel.UNKNOWN, "configuration", str(problem)) for problem in problems.problems]
        if has_node(control_place(config, os.environ)):
            text = "one runs on this machine, with the configuration from before this fault; correct the file, then run helpdesk reload"
            found.append(StatusLine(StatusLevel.OK, "nodes", text))
        return None, found
    settings = loaded.settings.database
    database = Database(settings.url, role=COMMAND)
    try:
        clock = clock_for(database)
        clock.tick()
        try:
            check_revision(database)
        except UnknownSchema as fault:
            return None, [StatusLine(StatusLevel.CRITICAL, "database", str(fault)), *lines_of(backfills_in(database), clock())]
        check_schema(database)
        with database.reading() as connection:
            condition = condition_of(connection, clock())
            alarms = [_alarm(alarm) for alarm in open_alarms(connection, clock())]
            webhooks = list(_webhooks(webhook_figures(connection), loaded.settings.webhook))
            orphans = [StatusLine(StatusLevel.WARNING, "people", text) for text in orphans_now(connection, loaded.policy)]
        findings = [*findings_of(condition), *alarms, *webhooks, *orphans, *_disk(settings, database), _backup(settings, clock())]
        return condition, sorted(findings, key=lambda finding: -finding.level)
    except WrongSchema as fault:
        return None, [StatusLine(StatusLevel.CRITICAL, "database", str(fault))]
    except DatabaseAway as fault:
        return None, [StatusLine(StatusLevel.CRITICAL, "database", f"it does not answer: {fault}")]
    finally:
        database.close()


def _alarm(alarm: OpenAlarm) -> StatusLine:
    """An alarm that a node has told and that is not over."""
    return StatusLine(StatusLevel.WARNING, "alarm", f"{alarm.text} Since {alarm.since:%Y-%m-%d %H:%M} UTC ({alarm.name})")


def _webhooks(told: Sequence[WebhookFigures], configured: Sequence[WebhookSettings]) -> Iterator[StatusLine]:
    """A line for each webhook that does not take events."""
    names = {target.name for target in configured}
    for webhook in told:
        fault = fault_of_webhook(webhook)
        if fault and webhook.name in names:
            text = f"{fault}; try it with helpdesk webhook test, and go on with helpdesk webhook replay"
            yield StatusLine(StatusLevel.WARNING, "webhook", text)


DISK_FINDINGS = {
    None: StatusLine(StatusLevel.OK, "disk", "has room"),
    DiskTrouble.FULL: StatusLine(
        StatusLevel.CRITICAL, "disk", "less room than [database] reserve, so that no mail is taken; make room"
    ),
    DiskTrouble.BROKEN: StatusLine(
        StatusLevel.CRITICAL, "disk", "a trial write failed, so that no mail is taken; check the disk"
    ),
}


BACKUP_LATE = timedelta(hours=26)  # a daily backup that is two hours late


def _backup(settings: DatabaseSettings, now: datetime) -> StatusLine:
    last = last_backup(blobs_of(settings))
    if last is None:
        return StatusLine(StatusLevel.OK, "backup", "none was made by `helpdesk backup`; copy the desk every day")
    age = now - last.at
    level = StatusLevel.WARNING if age > BACKUP_LATE else StatusLevel.OK
    return StatusLine(level, "backup", f"the last one is {age.total_seconds() / 3600:.1f} hours old: {last.place}")


def _disk(settings: DatabaseSettings, database: Database) -> Iterator[StatusLine]:
    yield DISK_FINDINGS[disk_of(settings, database).trouble()]
    if is_away(database, blobs_of(settings)):
        text = f"the folder {settings.blobs} is away or is another one, so that large mail waits; mount it, or put it back"
        yield StatusLine(StatusLevel.CRITICAL, "blobs", text)
    elif fault := strange_folder(database, blobs_of(settings)):
        yield StatusLine(StatusLevel.CRITICAL, "blobs", fault)
