"""Takes people out of the database, table by table, as `store.persons` declares it.

Rows that are a person's own (`store.own_rows`) are emptied or deleted. In all other rows their addresses and names are masked, and octets
that name them are emptied. Rows that are emptied stay, so that what is counted stays the same. A table is walked by its key in small steps;
only rows that change are written, each as it is at that moment.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Table, delete, insert, or_, select, update

from helpdesk.store.blobs import BlobDamaged, BlobStore
from helpdesk.store.database import AnyRow, Database, repeats_lost_races
from helpdesk.store.identifiers import new_id, new_reference, new_thread_key
from helpdesk.store.lists import among, rows_among
from helpdesk.store.mentions import Person, mask, mask_tree, mentions
from helpdesk.store.own_rows import Own, Owners, names_author, tables_in_order
from helpdesk.store.persons import COVERS, GONE, Cover
from helpdesk.store.schema import (
    event,
    inbound,
    internal_note,
    known_id,
    measurement,
    message,
    metadata,
    outbox,
    participant,
    related,
    search_words,
    ticket,
    ticket_words,
    timer,
    undo_step,
)
from helpdesk.store.search import drop_forgotten, index_again
from helpdesk.store.table_walk import has_key, key_of, rows_of
from helpdesk.threading.matching.sent_words import octets_of_words
from helpdesk.threading.model.letter_state import UNSENT_STATES, LetterState
from helpdesk.threading.model.mail import Disposition

T = TypeVar("T")

NOBODY = "@erased.invalid"
WRITTEN_AT_ONCE = 20  # rows of one transaction: on SQLite nobody else writes meanwhile
UNDECIDED = (Disposition.PENDING, Disposition.HELD, Disposition.QUARANTINED)
OF_TICKETS = (
    message,
    internal_note,
    event,
    participant,
    timer,
    measurement,
    outbox,
    inbound,
)  # their rows stay with an emptied ticket
SEARCHED = (message, internal_note)
GONE_WITH_TICKETS = (known_id, ticket_words, undo_step)


class Erasure:
    """One erasure of several people. Each method is complete by itself, and may be called again: gone already is done."""

    def __init__(
        self, database: Database, blobs: BlobStore, people: Sequence[Person], own: Own, of_staff: frozenset[str]
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._people = people
        self._own = own
        pseudonyms = {address: person.pseudonym(address) for person in people for address in person.addresses}
        # What staff wrote is the conversation of customers: there they are masked, and nothing is emptied.
        owned = {address: name for address, name in pseudonyms.items() if address not in of_staff}
        self._owners = Owners(own, owned)
        self.changed: dict[str, int] = {}

    def walk(self) -> None:
        """Empty, delete and mask rows in all tables. Raises DatabaseAway."""
        for table in tables_in_order():
            self._walk_table(table)

    def finish(self, now: datetime, prefix: str) -> None:
        """Give emptied tickets other keys, so that no token, reference or id leads to them, and write the search words anew."""
        for number in sorted(self._own.tickets):
            self._give_other_keys(number, now, prefix)
        for ids in _batches(sorted((self._own.indexed | self._own.shared) - self._own.tickets), WRITTEN_AT_ONCE):
            with self._database.writing() as connection:
                there = [row.id for row in rows_among(connection, select(ticket.c.id).where(among(ticket.c.id)), ids)]
                index_again(connection, there)
        drop_forgotten(self._database)

    def remains(self) -> dict[str, int]:
        """Look at every column again, and return by table how many rows still name these people."""
        found: dict[str, int] = {}
        for table in metadata.sorted_tables:
            cover = COVERS[table.name]
            for rows in rows_of(self._database, table):
                count = sum(self._is_named(table, cover, row) for row in rows)
                if count:
                    found[table.name] = found.get(table.name, 0) + count
        return found

    @property
    def contents(self) -> frozenset[str]:
        """The SHA-256 of contents that may be in the blob store for nobody now."""
        return frozenset(self._own.contents)

    @property
    def waiting(self) -> int:
        return self._own.waiting

    def _walk_table(self, table: Table) -> None:
        for rows in rows_of(self._database, table):
            found = [(row, change) for row in rows if (change := self._change(table, row)) is not None]
            for few in _batches(found, WRITTEN_AT_ONCE):
                self._write(table, few)

    @repeats_lost_races
    def _write(self, table: Table, found: Sequence[tuple[AnyRow, dict[str, Any]]]) -> None:
        """Change these rows, as they are now. What to look for takes long, so it is looked for again only in a row that has changed."""
        with self._database.writing() as connection:
            for seen, seen_change in found:
                key = key_of(table, seen)
                row = connection.execute(select(table).where(has_key(table, key)).with_for_update()).one_or_none()
                change = None if row is None else seen_change if row == seen else self._change(table, row)
                if change is None:
                    continue
                if change == {}:
                    connection.execute(delete(table).where(has_key(table, key)))
                else:
                    connection.execute(update(table).where(has_key(table, key)).values(change))
                self.changed[table.name] = self.changed.get(table.name, 0) + 1

    def _change(self, table: Table, row: AnyRow) -> dict[str, Any] | None:
        """The new values of a row; nothing but {} for one that is deleted, None for one that stays."""
        cover = COVERS[table.name]
        is_own = self._owners.owns(table.name, row)
        if is_own and self._owners.is_doubtful(table.name, row) and row.ticket_id not in self._own.tickets:
            content = self._octets_of_mail(row)
            # Where nothing tells, the right to be forgotten is stronger.
            is_own = not content or names_author(content, self._people)
        if is_own:
            self._owners.note(table.name, row)
            if cover.is_deleted:
                return {}
        change = self._mask(table, cover, row) | (self._empty(table.name, cover, row) if is_own else {})
        differing = {name: value for name, value in change.items() if value != getattr(row, name)}
        if not differing:
            return None
        if table.name in ("message", "internal_note"):
            self._own.indexed.add(row.ticket_id)
        if table.name == "ticket":
            differing["version"] = row.version + 1  # whoever decides on it now decides again
        if table.name == "staff" and "address" in differing:
            differing["active"] = False  # in a backup from before they left
        if table.name == "platform_thread":
            differing["version"] = row.version + 1
        return differing

    def _mask(self, table: Table, cover: Cover, row: AnyRow) -> dict[str, Any]:
        people, change = self._people, {}
        for name in cover.words.split():
            value = getattr(row, name)
            if isinstance(value, str):
                change[name] = mask(value, people)
        for name in cover.trees.split():
            value = getattr(row, name)
            if value is not None:
                change[name] = mask_tree(value, people)
        if any(self._octets_name(table.name, name, row) for name in cover.octets.split()):
            change |= self._without_octets(table.name, row)
        return change

    def _octets_name(self, table: str, name: str, row: AnyRow) -> bool:
        value = self._octets_of_mail(row) if table == "inbound" else getattr(row, name)
        if not value:
            return False
        if table == "outbox" and name == "words":
            value = octets_of_words(bytes(value))
        return mentions(bytes(value), self._people)

    def _octets_of_mail(self, row: AnyRow) -> bytes:
        """The octets of a mail; nothing where they are gone or cannot be read."""
        try:
            return self._blobs.get(row.sha256) if row.content is None else bytes(row.content)
        except (OSError, BlobDamaged):
            return b""

    def _without_octets(self, table: str, row: AnyRow) -> dict[str, Any]:
        """Empty the octets of somebody else's mail or letter that name an erased person. What is not done with yet is left for later."""
        if table == "outbox":
            if row.state in UNSENT_STATES:
                self._own.waiting += 1
                return {}
            return {"content": GONE, "words": GONE, "files": None, "files_of": None}
        if table == "inbound":
            if row.content is None:
                self._own.contents.add(row.sha256)
            return {"content": GONE} if row.state != "pending" else {}
        return {"content": GONE}

    def _empty(self, name: str, cover: Cover, row: AnyRow) -> dict[str, Any]:
        change = dict(cover.emptied)
        for column in cover.owners:
            pseudonym = self._owners.label_of(getattr(row, column))
            if pseudonym and column not in change:
                change[column] = pseudonym
        if name == "outbox":
            change["message_id"] = f"{row.id}{NOBODY}"
            if row.state in UNSENT_STATES:
                change |= {"state": LetterState.SUPPRESSED, "next_attempt_at": None, "lease_until": None, "lease_token": None}
        if name == "inbound" and row.state in UNDECIDED:
            change |= {"state": Disposition.DISCARDED, "lease_until": None, "lease_token": None}
        return change

    def _is_named(self, table: Table, cover: Cover, row: AnyRow) -> bool:
        if self._owners.owns(table.name, row) and cover.is_deleted:
            return True
        return any(value != getattr(row, name) for name, value in self._mask(table, cover, row).items())

    @repeats_lost_races
    def _give_other_keys(self, number: int, now: datetime, prefix: str) -> None:
        with self._database.writing() as connection:
            row = connection.execute(select(ticket).where(ticket.c.id == number).with_for_update()).one_or_none()
            if row is None:
                return
            other = new_id(row.created_at)
            names = {"id": other, "reference": new_reference(prefix, 10), "thread_key": new_thread_key(), "merged_into": None}
            connection.execute(insert(ticket).values(dict(row._mapping) | names))
            # A text that was empty before is not replaced, so that no trigger has deleted its words.
            for table in SEARCHED:
                connection.execute(
                    delete(search_words).where(search_words.c.id.in_(select(table.c.id).where(table.c.ticket_id == number)))
                )
            for table in OF_TICKETS:
                connection.execute(update(table).where(table.c.ticket_id == number).values(ticket_id=other))
            for table in GONE_WITH_TICKETS:
                connection.execute(delete(table).where(table.c.ticket_id == number))
            connection.execute(delete(related).where(or_(related.c.ticket_id == number, related.c.other_id == number)))
            connection.execute(update(ticket).where(ticket.c.incident == number).values(incident=other))
            connection.execute(delete(ticket).where(ticket.c.id == number))


def _batches(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    yield from (values[begin : begin + size] for begin in range(0, len(values), size))
