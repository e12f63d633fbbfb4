"""What operators have done with mails, letters and addresses: one row for each act, written in its transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select

from helpdesk.store.database import Database, repeats_lost_races
from helpdesk.store.identifiers import first_id, new_id
from helpdesk.store.schema import operator_act

KEPT = timedelta(days=365)


class ActKind(StrEnum):
    """What an operator did."""

    MAIL_REPLAYED = "mail_replayed"
    MAIL_RELEASED = "mail_released"
    MAIL_DROPPED = "mail_dropped"
    LETTERS_HELD = "letters_held"
    LETTERS_RELEASED = "letters_released"
    ADDRESS_SUPPRESSED = "address_suppressed"
    ADDRESS_LIFTED = "address_lifted"


@dataclass(frozen=True, slots=True)
class OperatorAct:
    """Something that somebody did at a moment. `subject` is the number of a mail, an address, or a reason."""

    at: datetime
    who: str
    kind: ActKind
    subject: str = ""


def record_act(connection: Connection, act: OperatorAct) -> None:
    """Write who did what, in the transaction of the act."""
    connection.execute(insert(operator_act).values(id=new_id(act.at), at=act.at, who=act.who, kind=act.kind, subject=act.subject))


def newest_acts(connection: Connection, limit: int) -> list[OperatorAct]:
    """Return the last acts, newest first."""
    rows = connection.execute(select(operator_act).order_by(operator_act.c.id.desc()).limit(limit))
    return [OperatorAct(row.at, row.who, ActKind(row.kind), row.subject) for row in rows]


@repeats_lost_races
def forget_acts(database: Database, now: datetime) -> int:
    """Delete the acts that are older than `KEPT`. Return how many there were."""
    with database.writing() as connection:
        return connection.execute(delete(operator_act).where(operator_act.c.id < first_id(now - KEPT))).rowcount
