"""Reads what the desk has of people for an export, table by table, as `store.persons` declares it.

An export has their requests, their words, what was written to them, and the team's notes on requests that are theirs alone. It has no words
of other customers, no letters to anybody else, and nothing by which the team arranges its work.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, LargeBinary, select

from helpdesk.store.database import AnyRow, Database
from helpdesk.store.lists import among, rows_among
from helpdesk.store.own_rows import Owners, tables_in_order
from helpdesk.store.person_findings import Findings
from helpdesk.store.persons import COVERS
from helpdesk.store.schema import outbox, staff, ticket
from helpdesk.store.table_walk import rows_of
from helpdesk.threading.matching.gather import ADDRESS_IN_TEXT
from helpdesk.threading.matching.sent_words import text_of_words
from helpdesk.threading.model.message import Direction
from helpdesk.threading.trust.addresses import canonical

SOMEBODY_ELSE = "[somebody else]"
# Texts of the team, in which the addresses of other people are replaced.
OF_TEAM = {"internal_note": ("text",), "ticket": ("permissions",)}
NOTHING_GIVEN = frozenset(name for name, cover in COVERS.items() if cover.withheld and not cover.given) - {"event"}


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One row of theirs. `values` are given to them; `row` is the whole row without octets.

    `is_doubtful` is as `Owners` has it.
    """

    table: str
    values: dict[str, Any]
    row: AnyRow
    is_doubtful: bool = False


class PersonRows:
    """The rows of people. `left_out` counts, by what they are, the rows of their requests that are not given."""

    def __init__(self, database: Database, findings: Findings, addresses: Collection[str], *, with_notes: bool) -> None:
        self._database = database
        self._addresses = frozenset(addresses)
        self._with_notes = with_notes
        customers = {address: address for address in addresses if address not in findings.of_staff}
        self._owners = Owners(findings.own, customers)
        self._team: frozenset[str] = frozenset()
        self._references: dict[int, str] = {}
        self.left_out: dict[str, int] = {}

    def walk(self) -> Iterator[PersonRow]:
        """Return their rows, those of a table in succession. Raises DatabaseAway."""
        own = self._owners.own
        with self._database.reading() as connection:
            self._references = _references(connection, own.tickets | own.shared)
            self._team = frozenset(connection.execute(select(staff.c.address)).scalars())
        for table in tables_in_order():
            cover = COVERS[table.name]
            if not cover.is_exported:
                continue
            octets = [column.name for column in table.columns if isinstance(column.type, LargeBinary)]
            for rows in rows_of(self._database, table, without=octets):
                for row in rows:
                    is_doubtful = self._owners.is_doubtful(table.name, row)
                    if self._is_given(table.name, row):
                        yield PersonRow(table.name, self._values(table.name, row), row, is_doubtful)

    def _is_given(self, name: str, row: AnyRow) -> bool:
        if name == "staff":
            return canonical(row.address) in self._addresses
        if not self._owners.owns(name, row):
            return False
        reason = self._reason_against(name, row)
        if reason:
            self.left_out[reason] = self.left_out.get(reason, 0) + 1
            return False
        self._owners.note(name, row)
        return name not in NOTHING_GIVEN

    def _reason_against(self, name: str, row: AnyRow) -> str:
        """Why a row that belongs to a request of theirs is not given; "" for one that is."""
        if name == "outbox" and not self._is_theirs(row.recipient):
            return "letters to other people"
        if self._owners.is_doubtful(name, row) and not self._owners.is_counted_as_theirs(row.sender):
            return "mails of other people"
        if name == "platform_inbox" and not self._is_theirs(row.contact_address):
            return "inbox rows of other people"
        if name == "internal_note":
            if not self._with_notes:
                return "internal notes, by choice"
            if (author := canonical(row.author)) and author not in self._team:
                return "internal notes with words of other people"
        return ""

    def _is_theirs(self, address: str | None) -> bool:
        return bool(self._owners.label_of(address))

    def _values(self, name: str, row: AnyRow) -> dict[str, Any]:
        cover = COVERS[name]
        values = {column: getattr(row, column) for column in cover.exported_columns()}
        for column in cover.owners:
            if values.get(column) and not self._is_theirs(values[column]):
                del values[column]
        if name == "message" and row.direction != Direction.CUSTOMER:
            values["elided_text"] = ""  # what an answer of the team quotes is a letter to the team, with its notes
        for column in OF_TEAM.get(name, ()):
            values[column] = self._without_others(values[column])
        request = self._references.get(row.id if name == "ticket" else getattr(row, "ticket_id", None) or 0, "")
        return ({"request": request} if request else {}) | values

    def _without_others(self, value: Any) -> Any:
        if isinstance(value, str):
            return ADDRESS_IN_TEXT.sub(lambda found: found[0] if self._is_theirs(found[0].rstrip(".")) else SOMEBODY_ELSE, value)
        if isinstance(value, dict):
            return {key: self._without_others(entry) for key, entry in value.items()}
        if isinstance(value, list | tuple):
            return [self._without_others(entry) for entry in value]
        return value


def words_of_letter(connection: Connection, number: int) -> str:
    """Return the text of a letter, which the desk keeps after its octets have gone; "" if it has none."""
    packed = connection.execute(select(outbox.c.words).where(outbox.c.id == number)).scalar_one_or_none()
    return text_of_words(bytes(packed)) if packed else ""


def _references(connection: Connection, tickets: Collection[int]) -> dict[int, str]:
    rows = rows_among(connection, select(ticket.c.id, ticket.c.reference).where(among(ticket.c.id)), tickets)
    return {row.id: row.reference for row in rows}
