"""Rows of conversations as the platform lists them. They say of a ticket what its customer may know, and nothing of notes or of the team."""

from collections.abc import Sequence

from sqlalchemy import Connection, or_

from helpdesk.store.cause import Outcome
from helpdesk.store.effects.statements import DIALECTS, Statements, Values
from helpdesk.store.effects.tickets import changes_ticket
from helpdesk.store.schema import platform_thread

SHOWN = ("account_id", "subject", "status")  # what may change in a conversation


def write_threads(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    """Bring the conversations of changed tickets to the state of their tickets. A row in which nothing changes is not written."""
    rows = {row["thread_key"]: row for outcome in outcomes for row in _thread_rows(outcome)}  # the last state of each
    if rows:
        # Rows are locked in the order of their keys, as `store.inbox_positions` locks them too, so that two nodes cannot deadlock.
        connection.execute(THREADS[connection.dialect.name], [rows[key] for key in sorted(rows)])


def _thread_rows(outcome: Outcome) -> list[Values]:
    one = outcome.decision.ticket
    if one is None or outcome.decision.grounds.from_archive or not changes_ticket(outcome.decision):
        return []
    return [
        {
            "thread_key": one.thread_key,
            "account_id": one.account,
            "ticket": one.reference,
            "subject": one.subject,
            "status": one.status,
            "version": 1,
            "created_at": one.created_at,
            "updated_at": outcome.now,
        }
    ]


def _upsert_threads() -> Statements:
    statements = {}
    for name, dialect in DIALECTS.items():
        adding = dialect.insert(platform_thread)
        new = {column: adding.excluded[column] for column in (*SHOWN, "updated_at")}
        differs = or_(*(platform_thread.c[column].is_distinct_from(adding.excluded[column]) for column in SHOWN))
        grown = {"version": platform_thread.c.version + 1}
        statements[name] = adding.on_conflict_do_update(index_elements=["thread_key"], set_=new | grown, where=differs)
    return statements


THREADS = _upsert_threads()
