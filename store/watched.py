"""The figures of a desk for a monitoring system. Each statement reads rows that wait, or no more rows than `MOST_COUNTED`."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, TextClause, func, select
from sqlalchemy.sql.selectable import FromClause

from helpdesk.store.alarms import open_alarms
from helpdesk.store.canary import CanaryRound, canary_round
from helpdesk.store.condition import condition_of
from helpdesk.store.mailboxes import Seen
from helpdesk.store.schema import HELD, UNSENT, UNSETTLED, inbound, mailbox_folder, mailbox_mail, outbox, suppression
from helpdesk.store.webhooks import WebhookFigures, webhook_figures
from helpdesk.threading.reporting.alarms import OpenAlarm
from helpdesk.threading.reporting.condition import Condition

TRIES = 3  # looks at which a mail was not handed over, before anybody is told
MOST_COUNTED = 10_000  # rows of a table without a queue's end; more of them are shown as so many


@dataclass(frozen=True, slots=True)
class WatchedFolder:
    """A folder of a mailbox: when it was last read to its end, by any node, and mails with which something is left to do.

    `withheld` are those of them that the server has listed and not handed over at `TRIES` looks or more.
    """

    mailbox: str
    folder: str
    first_seen_at: datetime | None
    looked_at: datetime | None
    unfetched: int
    withheld: int = 0


@dataclass(frozen=True, slots=True)
class DeskFigures:
    """What the store says about a desk at one moment."""

    condition: Condition
    letters: dict[str, int]  # that have not left, by state
    held: int
    suppressions: int
    folders: tuple[WatchedFolder, ...]
    canary: CanaryRound
    alarms: tuple[OpenAlarm, ...]
    webhooks: tuple[WebhookFigures, ...] = ()


def desk_figures(connection: Connection, now: datetime) -> DeskFigures:
    """The figures of this moment."""
    states = select(outbox.c.state, func.count()).where(UNSENT).group_by(outbox.c.state)
    return DeskFigures(
        condition=condition_of(connection, now),
        letters={row[0]: row[1] for row in connection.execute(states)},
        held=_count(connection, inbound, HELD),
        suppressions=_count(connection, suppression),
        folders=_folders(connection),
        canary=canary_round(connection),
        alarms=tuple(open_alarms(connection, now)),
        webhooks=tuple(webhook_figures(connection)),
    )


def _folders(connection: Connection) -> tuple[WatchedFolder, ...]:
    places = (mailbox_mail.c.mailbox, mailbox_mail.c.folder)
    tried = func.count().filter(mailbox_mail.c.outcome == Seen.UNREADABLE, mailbox_mail.c.attempts >= TRIES)
    unsettled = connection.execute(select(*places, func.count(), tried).where(UNSETTLED).group_by(*places)).all()
    unfetched = Counter({(mailbox, folder): count for mailbox, folder, count, _ in unsettled})
    withheld = Counter({(mailbox, folder): count for mailbox, folder, _, count in unsettled})
    return tuple(
        WatchedFolder(
            row.mailbox,
            row.folder,
            row.first_seen_at,
            row.looked_at,
            unfetched[row.mailbox, row.folder],
            withheld[row.mailbox, row.folder],
        )
        for row in connection.execute(select(mailbox_folder).order_by(mailbox_folder.c.mailbox, mailbox_folder.c.folder))
    )


def _count(connection: Connection, table: FromClause, *conditions: ColumnElement[bool] | TextClause) -> int:
    some = select(table.c[0]).select_from(table).where(*conditions).limit(MOST_COUNTED).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()
