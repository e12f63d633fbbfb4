"""Looks up what the checks on mail of staff need: internal notes, so that no letter quotes them, and held mails."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import Column, Connection, Select, func, select

from helpdesk.store.lists import among, rows_among
from helpdesk.store.mail_claims import release_of
from helpdesk.store.merges import Merges
from helpdesk.store.schema import inbound, internal_note, related
from helpdesk.threading.matching.known import GuardedNote, HeldMail
from helpdesk.threading.model.held import HoldReason
from helpdesk.threading.model.mail import Disposition

MOST_LINKED = 50  # linked tickets whose notes are guarded on a ticket too, the newest; an incident may have thousands
OF_NOTES = ("ticket_id", "author", "text", "unasked", "attachments", "file_words")
NOTES = select(*(internal_note.c[name] for name in OF_NOTES)).where(among(internal_note.c.ticket_id)).order_by(internal_note.c.id)
OF_HELD = ("id", "state", "decision", "finished_at", "received_at", "release")
HELD = select(*(inbound.c[name] for name in OF_HELD)).where(among(inbound.c.id))


def _newest_linked(near: Column[int], far: Column[int]) -> Select[tuple[int, int, int]]:
    place = func.row_number().over(partition_by=near, order_by=far.desc()).label("place")
    newest = select(near, far, place).where(among(near)).subquery()
    return select(newest).where(newest.c.place <= MOST_LINKED)


LINKED = _newest_linked(related.c.ticket_id, related.c.other_id)
LINKING = _newest_linked(related.c.other_id, related.c.ticket_id)


def guarded_notes(connection: Connection, ids: Collection[int], merges: Merges) -> dict[int, tuple[GuardedNote, ...]]:
    """Return the internal notes of each ticket, of the tickets merged into it, and of the tickets linked with it.

    Staff read such tickets together, so a letter on one may quote a note of another. Only the guard of staff's letters uses the result.
    """
    found: dict[int, list[GuardedNote]] = defaultdict(list)
    places = _with_linked(connection, merges.places(ids))
    for row in rows_among(connection, NOTES, places):
        files = tuple(attachment["sha256"] for attachment in row.attachments)
        note = GuardedNote(row.author, row.text, row.unasked, files, row.file_words)
        for place in places[row.ticket_id]:
            found[place].append(note)
    return {number: tuple(notes) for number, notes in found.items()}


def _with_linked(connection: Connection, places: Mapping[int, Collection[int]]) -> dict[int, set[int]]:
    """Add the newest `MOST_LINKED` tickets linked with each, in either direction: a split, a follow-up, or a ticket that refers to it."""
    found = {number: set(whose) for number, whose in places.items()}
    for statement in (LINKED, LINKING):
        for here, there, _ in rows_among(connection, statement, places):
            found.setdefault(there, set()).update(places[here])
    return found


def held_mails(connection: Connection, ids: Collection[int]) -> dict[int, HeldMail]:
    """Return mails that are or were held, by their inbound id."""
    found = {}
    for row in rows_among(connection, HELD, ids):
        decision, release = row.decision or {}, release_of(row.release)
        held_for = decision.get("held_for") or (release.by if release else "")
        if held_for:
            found[row.id] = HeldMail(
                id=row.id,
                waits=row.state == Disposition.HELD,
                held_for=held_for,
                over=HoldReason(decision.get("held_over") or HoldReason.AUTHORITY),
                at=row.finished_at or row.received_at,
                release=release,
            )
    return found
