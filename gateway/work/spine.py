"""The steps that all kinds of cause share: look up, decide, compose, record.

All steps except looking up and recording are pure, so they can be repeated after a conflict with another node. Sending is not one of the
steps: letters are recorded as rows in the same transaction as the other effects, and are sent later.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from helpdesk.gateway.work.desk import Desk
from helpdesk.gateway.work.item import MailFiles, WorkItem
from helpdesk.store.cause import Outcome
from helpdesk.store.letter_files import FilePlaces
from helpdesk.templates.compose import compose
from helpdesk.threading.letters.letter import Letter
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.matching.known import Known
from helpdesk.threading.reading.places import NoPlace, OpenedMail, Place


def decide(item: WorkItem, known: Known, desk: Desk, now: datetime) -> Decision:
    """Decide a work item. Raises KeyError if the ticket or letter that its cause names does not exist."""
    first = desk.identifiers(desk.prefix, now)
    fresh = replace(first, further=iter(lambda: desk.identifiers(desk.prefix, now), None))
    return item.decide(Context(desk.policy, known, now, fresh, desk.house.ours, desk.letterhead.request_page))


def outcome_of(item: WorkItem, decision: Decision, desk: Desk, now: datetime) -> Outcome:
    """Compose and sign the letters of a decision. Their bytes are final, and each attempt to send uses the same bytes."""
    orders = (order for part in decision.parts for order in part.letters)
    letters = tuple(_sign_letter(compose(order, desk.letterhead, item.files.contents, now), desk) for order in orders)
    return Outcome(item.cause, decision, letters, now, desk.node, _places(letters, item.files), policy=desk.policy.digest)


def _sign_letter(letter: Letter, desk: Desk) -> Letter:
    """Add signatures above the header of a letter.

    They cover the whole letter. Only one letter has all its octets in memory at a time, because a decision may have hundreds.
    """
    if desk.signed is None or not letter.skeleton:
        return letter
    content = letter.content
    return letter.with_fields(desk.signed(content).removesuffix(content))


def _places(letters: Iterable[Letter], files: MailFiles) -> FilePlaces:
    """Return the places of the letters' files in the mail, for those whose octets there are exactly the same."""
    contents = {file.sha256: file.content for letter in letters for file in letter.files}
    mail, found = OpenedMail(files.raw), {}
    for digest, content in contents.items():
        place = files.places.get(digest, ())
        if place and lies_there(mail, place, content):
            found[digest] = place
    return found


def lies_there(mail: OpenedMail, place: Place, content: bytes) -> bool:
    """Whether a mail has exactly these octets at a place."""
    try:
        return mail.octets(place) == content
    except NoPlace:
        return False
