"""The spine: the steps that take one cause to its end, whatever kind it is.

Look up, decide, compose, record. Everything but looking up and recording is pure, so whoever loses a race simply does it again.
Sending is not part of it: letters become rows in the same transaction as everything else.
"""

from collections.abc import Iterable
from datetime import datetime

from helpdesk.gateway.work.desk import Desk
from helpdesk.gateway.work.item import MailFiles, WorkItem
from helpdesk.store.cause import Outcome
from helpdesk.store.identifiers import new_ids, new_reference, new_thread_key
from helpdesk.store.letter_files import FilePlaces
from helpdesk.templates.compose import compose
from helpdesk.threading.letters.letter import Letter
from helpdesk.threading.lifecycle.context import Context, Fresh
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.matching.known import Known
from helpdesk.threading.reading.places import NoPlace, OpenedMail, Place


def decide(item: WorkItem, known: Known, desk: Desk, now: datetime) -> Decision:
    """What follows from a cause. Raises KeyError where the ticket or letter that it names does not exist."""
    fresh = Fresh(new_ids(now), new_reference(desk.prefix), new_thread_key())
    return item.decide(Context(desk.policy, known, now, fresh, desk.house.ours))


def outcome_of(item: WorkItem, decision: Decision, desk: Desk, now: datetime) -> Outcome:
    """The decision with the final bytes of its letters, signed: what the store records, and every attempt to send repeats."""
    orders = (order for part in decision.parts for order in part.letters)
    letters = tuple(_signed(compose(order, desk.letterhead, item.files.contents, now), desk) for order in orders)
    return Outcome(item.cause, decision, letters, now, desk.node, _places(letters, item.files))


def _signed(letter: Letter, desk: Desk) -> Letter:
    """Signatures are made over the whole letter, and stand above it. One letter is whole at a time: they may be hundreds."""
    if desk.signed is None or not letter.skeleton:
        return letter
    content = letter.content
    return letter.with_fields(desk.signed(content).removesuffix(content))


def _places(letters: Iterable[Letter], files: MailFiles) -> FilePlaces:
    """Where in the mail files of the letters lie, as far as it gives exactly their octets there."""
    contents = {file.sha256: file.content for letter in letters for file in letter.files}
    mail, found = OpenedMail(files.raw), {}
    for digest, content in contents.items():
        place = files.places.get(digest, ())
        if place and _lies_there(mail, place, content):
            found[digest] = place
    return found


def _lies_there(mail: OpenedMail, place: Place, content: bytes) -> bool:
    try:
        return mail.octets(place) == content
    except NoPlace:
        return False
