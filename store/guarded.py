"""What guards need to know of staff's own affairs: internal notes, so that they do not leave the house, and mails that are held."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import Connection, func, select

from helpdesk.store.mail_claims import release_of
from helpdesk.store.schema import inbound, internal_note, related, ticket
from helpdesk.store.tickets import portions
from helpdesk.threading.matching.known import MOST_MERGES, GuardedNote, HeldMail
from helpdesk.threading.model.held import HeldOver
from helpdesk.threading.model.mail import Disposition

MOST_LINKED = 50  # requests that one is linked with whose notes are guarded there too; an incident may have thousands


def guarded_notes(connection: Connection, ids: Collection[int]) -> dict[int, tuple[GuardedNote, ...]]:
    """The notes of tickets, with those of tickets that were merged into them or are linked: they were one, or are read together.

    They go to the guard of staff's letters and nowhere else.
    """
    found: dict[int, list[GuardedNote]] = defaultdict(list)
    places = _with_linked(connection, _with_merged(connection, ids))
    columns = [internal_note.c[name] for name in ("ticket_id", "author", "text", "unasked", "attachments", "file_words")]
    for part in portions(places):
        statement = select(*columns).where(internal_note.c.ticket_id.in_(part))
        for row in connection.execute(statement.order_by(internal_note.c.id)):
            files = tuple(one["sha256"] for one in row.attachments)
            note = GuardedNote(row.author, row.text, row.unasked, files, row.file_words)
            for place in places[row.ticket_id]:
                found[place].append(note)
    return {number: tuple(notes) for number, notes in found.items()}


def _with_merged(connection: Connection, ids: Collection[int]) -> dict[int, set[int]]:
    """For each ticket, and each that was merged into one: whose conversation its notes belong to. A merge links both, so no search."""
    places = {number: {number} for number in ids}
    latest = set(ids)
    for _ in range(MOST_MERGES):
        merged = select(related.c.other_id, related.c.ticket_id).join(
            ticket, (ticket.c.id == related.c.other_id) & (ticket.c.merged_into == related.c.ticket_id)
        )
        rows = [row for part in portions(latest) for row in connection.execute(merged.where(related.c.ticket_id.in_(part)))]
        for gone, into in rows:
            places.setdefault(gone, {gone}).update(places[into])
        latest = {gone for gone, _ in rows}
        if not latest:
            break
    return places


def with_others_merged(connection: Connection, ids: Collection[int]) -> set[int]:
    """Those of these tickets into which another one was merged."""
    return {number for gone, whose in _with_merged(connection, ids).items() for number in whose if number != gone}


def _with_linked(connection: Connection, places: Mapping[int, Collection[int]]) -> dict[int, set[int]]:
    """The same with the tickets that each is linked with: a split, a follow-up, the request of whoever named it. The newest, in either direction."""
    found = {number: set(whose) for number, whose in places.items()}
    for part in portions(places):
        for near, far in ((related.c.ticket_id, related.c.other_id), (related.c.other_id, related.c.ticket_id)):
            ranked = select(near, far, func.row_number().over(partition_by=near, order_by=far.desc()).label("place"))
            newest = ranked.where(near.in_(part)).subquery()
            for here, there, _ in connection.execute(select(newest).where(newest.c.place <= MOST_LINKED)):
                found.setdefault(there, set()).update(places[here])
    return found


def held_mails(connection: Connection, ids: Collection[int]) -> dict[int, HeldMail]:
    """Mails that are held or were, by our number."""
    columns = (inbound.c.id, inbound.c.state, inbound.c.decision, inbound.c.finished_at, inbound.c.received_at, inbound.c.release)
    found = {}
    for part in portions(ids):
        for row in connection.execute(select(*columns).where(inbound.c.id.in_(part))):
            decision, release = row.decision or {}, release_of(row.release)
            held_for = decision.get("held_for") or (release.by if release else "")
            if held_for:
                found[row.id] = HeldMail(
                    id=row.id,
                    waits=row.state == Disposition.HELD,
                    held_for=held_for,
                    over=HeldOver(decision.get("held_over") or HeldOver.AUTHORITY),
                    at=row.finished_at or row.received_at,
                    release=release,
                )
    return found
