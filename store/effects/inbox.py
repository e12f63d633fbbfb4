"""Rows of the platform inbox: the customers' own words, copies of the letters to them, and the files of both. Internal notes are not used here."""

from collections.abc import Iterable, Iterator, Mapping

from helpdesk.store.cause import Outcome
from helpdesk.store.effects.statements import Values
from helpdesk.store.letter_files import place_as_json
from helpdesk.store.platform_files import file_id
from helpdesk.threading.letters.carried import left_behind
from helpdesk.threading.letters.letter import Letter
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.model.attachment import attachments_as_json
from helpdesk.threading.model.message import Direction
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import ParticipantState, Role
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.reading.markup import markup_of
from helpdesk.threading.reading.shaping import shaped
from helpdesk.threading.reading.subjects import new_subject

INTERNAL = frozenset({"number", "kept_by"})  # what an entry about a file says that concerns staff and the store alone


def inbox_rows(outcome: Outcome) -> Iterator[Values]:
    """Make the inbox rows of an outcome: first the customer's own words, then the letters to customers."""
    one, decision = outcome.decision.ticket, outcome.decision
    if one is None or decision.grounds.from_archive:
        return
    handed_over = decision.past.handover.shows if decision.past.handover else ()
    for words in (*((decision.adds.message,) if decision.adds.message else ()), *handed_over):
        if words.direction != Direction.CUSTOMER or words.inbox_of is None or _is_strange(one, words.inbox_of):
            continue
        yield _inbox_row(outcome, one) | {
            "contact_address": _inbox_owner(one, words.inbox_of),
            "proved": words.proved,
            "direction": Direction.CUSTOMER,
            "notice": None,
            "subject": new_subject(words.subject, (one.subject,), one.reference) or one.subject,
            "body_text": words.text,
            "body_html": words.html or markup_of(shaped(words.text, ())),
            "attachments": _files_of_row(outcome, words.attachments, words.id),
            "letter_id": None,
            "words_id": words.id,
        }
    for letter in outcome.letters:
        if not letter.for_staff and letter.ticket_id == one.id and letter.notice is not Notice.CONSULTATION:
            yield _inbox_row(outcome, one) | {
                "contact_address": letter.to,
                "proved": True,
                "direction": Direction.SUPPORT,
                "notice": letter.notice,
                "subject": letter.subject,
                "body_text": letter.body_text,
                "body_html": letter.body_html,
                "attachments": _files_of_row(outcome, _attachments(outcome.decision, letter), letter.id),
                "letter_id": letter.id,
                "words_id": None,
            }


def attachment_rows(outcome: Outcome) -> Iterator[Values]:
    """Make a row for each file that the inbox rows of an outcome offer, but for those that the platform has written."""
    for row in inbox_rows(outcome) if outcome.shown_files else ():
        owner = row["words_id"] or row["letter_id"]
        for place, entry in enumerate(row["attachments"], start=1):
            if entry["id"] == file_id(owner, place):
                steps = outcome.shown_places.get(entry["sha256"])
                yield {
                    "id": entry["id"],
                    "words_id": row["words_id"],
                    "letter_id": row["letter_id"],
                    "filename": entry["filename"],
                    "content_type": entry["content_type"],
                    "size": entry["size"],
                    "sha256": entry["sha256"],
                    "content": outcome.shown_files[entry["sha256"]],
                    "mail_id": outcome.cause.mail_id if steps else None,
                    "place": place_as_json(steps) if steps else None,
                    "created_at": outcome.now,
                }


def files_to_show(decision: Decision, limit: int, *, has_links: bool = False) -> dict[str, bool]:
    """Return the SHA-256 of the files that may stand in the inbox of an account, and whether the inbox is the only place to get them.

    It is that for what customers wrote in the platform, for files that are larger than a letter carries (`limit`), for files of earlier
    mail whose words go into the inbox now, and for letters to customers without an address. All other files are in somebody's mailbox too.
    Customers without an account have no inbox; where letters have links (`has_links`), what their letters leave out is kept for the links.
    """
    found: dict[str, bool] = {}
    for part in decision.parts:
        if part.ticket is None or part.grounds.from_archive:
            continue
        if part.ticket.account is None:
            letters = [order for order in part.letters if has_links and not order.for_staff and order.to.address]
            found |= {file.sha256: True for order in letters for file in left_behind(order.words.attach, limit)}
            continue
        words = part.adds.message
        if words is not None and words.inbox_of is not None:
            found |= {str(entry["sha256"]): "id" in entry for entry in words.attachments}
        handed_over = part.past.handover.shows if part.past.handover else ()
        found |= {str(entry["sha256"]): True for words in handed_over for entry in words.attachments if entry.get("kept_by")}
        for order in part.letters if not decision.grounds.from_archive else ():
            if not order.for_staff and order.ticket is not None:
                files = order.words.attach
                alone = files if order.fixed_text or not order.to.address else left_behind(files, limit)
                found |= {file.sha256: file in alone for file in files}
    return found


def _files_of_row(outcome: Outcome, listed: Iterable[Mapping[str, object]], owner: int) -> list[Values]:
    """Return the files of an inbox row, each with the id of its row in `platform_attachment`; None if the gateway has no content for it."""
    return [
        {
            **{name: value for name, value in entry.items() if name not in INTERNAL},
            "id": entry.get("id") or (file_id(owner, place) if entry.get("sha256") in outcome.shown_files else None),
        }
        for place, entry in enumerate(listed, start=1)
    ]


def _inbox_row(outcome: Outcome, one: Ticket) -> Values:
    return {
        "account_id": one.account,
        "ticket": one.reference,
        "thread_key": one.thread_key,
        "fields": dict(one.labels.fields),
        "status_after": one.status,
        "created_at": outcome.now,
    }


def _is_strange(one: Ticket, author: str) -> bool:
    """Return whether the author is an unverified participant. Anybody can write to a leaked reply address, so their words are not shown."""
    person = one.participant_at(author, Role.CUSTOMER)
    return person is not None and person.state is ParticipantState.UNVERIFIED


def _inbox_owner(one: Ticket, author: str) -> str:
    """Return the address in whose inbox a customer's words appear. A stranger's words appear in the inbox of the requester."""
    person = one.participant_at(author)
    if person and person.role is Role.CUSTOMER and person.state is ParticipantState.ACTIVE:
        return author
    requester = one.participant(one.requester)
    return requester.address if requester else ""


def _attachments(decision: Decision, letter: Letter) -> list[Values]:
    """Return the attachments of a letter as JSON."""
    attached = next((order.words.attach for order in decision.letters if order.id == letter.id), ())
    return [*attachments_as_json(attached)]
