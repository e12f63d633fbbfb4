"""What somebody has to look at now: nodes, queues, open alarms, people, disk and backup, as `helpdesk status` and the operator's page say it."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from helpdesk.config.policy import Policy
from helpdesk.config.settings import DatabaseSettings
from helpdesk.gateway.backup import last_backup
from helpdesk.gateway.beginning import is_away
from helpdesk.gateway.blobs import blobs_of
from helpdesk.gateway.disk import DiskTrouble, disk_of
from helpdesk.gateway.orphans import orphans_now
from helpdesk.store.alarms import open_alarms
from helpdesk.store.condition import condition_of
from helpdesk.store.database import Database
from helpdesk.store.desk_identity import strange_folder
from helpdesk.store.webhooks import WebhookFigures, webhook_figures
from helpdesk.threading.reporting.alarms import OpenAlarm
from helpdesk.threading.reporting.condition import Condition, StatusLevel, StatusLine, findings_of

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


def desk_findings(
    database: Database, settings: DatabaseSettings, policy: Policy, now: datetime, webhooks: Collection[str] = ()
) -> tuple[Condition, list[StatusLine]]:
    """The condition of the desk, and a line for each thing to look at, the worst first. `webhooks` are the names of those that are configured.

    Raises DatabaseAway.
    """
    with database.reading() as connection:
        condition = condition_of(connection, now)
        alarms = [_alarm(alarm) for alarm in open_alarms(connection, now)]
        told = [_webhook(figures) for figures in webhook_figures(connection) if figures.fault and figures.name in webhooks]
        orphans = [StatusLine(StatusLevel.WARNING, "people", text) for text in orphans_now(connection, policy)]
    findings = [*findings_of(condition), *alarms, *told, *orphans, *_disk(settings, database), _backup(settings, now)]
    return condition, sorted(findings, key=lambda finding: -finding.level)


def _alarm(alarm: OpenAlarm) -> StatusLine:
    """An alarm that a node has told and that is not over."""
    return StatusLine(StatusLevel.WARNING, "alarm", f"{alarm.text} Since {alarm.since:%Y-%m-%d %H:%M} UTC ({alarm.name})")


def _webhook(figures: WebhookFigures) -> StatusLine:
    text = f"{figures.fault}; try it with helpdesk webhook test, and go on with helpdesk webhook replay"
    return StatusLine(StatusLevel.WARNING, "webhook", text)


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
