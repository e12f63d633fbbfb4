"""A desk in a scratch database: it decides one mail after another, at the moment at which each came, and sends nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from helpdesk.gateway.work.desk import Desk, new_identifiers
from helpdesk.gateway.work.kind import MailReader, Tools
from helpdesk.gateway.work.worker import Worker
from helpdesk.store.blob_folder import BlobFolder
from helpdesk.store.database import Database
from helpdesk.store.migrate import migrate
from helpdesk.store.scratch import add_undecided, count_as_sent, effects_of, names_of_ticket, row_of_mail
from helpdesk.threading.lifecycle.context import Fresh
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.sentence import unpacked

ASSIGNEE = "Assignee "  # a line of the reasons of triage that depends on how busy everybody is


@dataclass(frozen=True, slots=True)
class TicketNames:
    """The identifiers of a ticket that a mail has opened, so that what refers to them finds it again."""

    id: int
    reference: str
    thread_key: str


class ScratchDesk:
    """Decides mails in a new SQLite database in `folder`. Close it in the end."""

    def __init__(self, folder: Path, desk: Desk, reader: MailReader) -> None:
        self.database = Database(f"sqlite:///{folder / 'scratch.db'}")
        migrate(self.database)
        self._now = datetime.min.replace(tzinfo=UTC)
        self._next: TicketNames | None = None
        self._worker = Worker(
            Tools(
                database=self.database,
                blobs=BlobFolder(folder / "blobs"),
                desk=replace(desk, identifiers=self._identifiers, signed=None),
                reader=reader,
                clock=lambda: self._now,
            )
        )

    def decide(self, row: Mapping[str, Any], content: bytes, opens: TicketNames | None) -> dict[str, Any]:
        """Decide a recorded mail, after everything that became due before. Return its effects as `effects_in` does.

        `row` is its row in `inbound`; `opens` are the identifiers of the ticket that it opened when it was recorded.
        """
        self._now = max(self._now, row["received_at"])
        self._worker.work()
        with self.database.writing() as connection:
            add_undecided(connection, row, content)
        self._next = opens
        self._worker.work()
        self._next = None
        with self.database.writing() as connection:
            count_as_sent(connection)
        return effects_in(self.database, row["id"])

    def close(self) -> None:
        self._worker.close()
        self.database.close()

    def _identifiers(self, prefix: str, now: datetime) -> Fresh:
        fresh, opens = new_identifiers(prefix, now), self._next
        if opens is None:
            return fresh
        ids: Iterator[int] = chain((opens.id,), fresh.ids)
        return Fresh(ids, opens.reference, opens.thread_key)


def effects_in(database: Database, inbound_id: int) -> dict[str, Any]:
    """What became of a mail, in values that can be compared and do not depend on the load of people."""
    with database.reading() as connection:
        row = row_of_mail(connection, inbound_id)
        ticket_id = row["ticket_id"]
        reference = names_of_ticket(connection, ticket_id)[0] if ticket_id is not None else None
        letters, events = effects_of(connection, f"mail:{inbound_id}", ticket_id)
    decision = row["decision"] or {}
    counts = row["state"] == Disposition.OPENED or row["stopped_by"] is not None  # rules do nothing to other mail
    return {
        "disposition": row["state"],
        "ticket": reference,
        "row": decision.get("row", ""),
        "rule": decision.get("rule", ""),
        "rules": decision.get("sorting", {}).get("rules", []) if counts else [],
        "stopped_by": row["stopped_by"],
        "assurance": decision.get("assurance"),
        "letters": [f"{notice} to {recipient}" for notice, recipient in letters],
        "events": [kind for kind, _ in events],
        "triage": [line for kind, detail in events if kind == "triaged" for line in _reasons(detail)],
    }


def _reasons(detail: str) -> Iterator[str]:
    return (line for line in unpacked(detail).splitlines() if not line.startswith(ASSIGNEE))
