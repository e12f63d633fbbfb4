"""Rows of letters and of digests, and the changes to undelivered letters and to suppressed addresses."""

from collections.abc import Iterator

from sqlalchemy import bindparam, delete, update

from helpdesk.store.cause import Outcome
from helpdesk.store.digests import digest_row
from helpdesk.store.effects.statements import Values
from helpdesk.store.letter_files import content_columns
from helpdesk.store.listed_senders import listing_row
from helpdesk.store.schema import UNTOLD, outbox, suppression
from helpdesk.threading.model.letter_state import LetterState

FAIL_LETTER = (
    update(outbox)
    .where(outbox.c.id == bindparam("key"), outbox.c.state != LetterState.SUPPRESSED)
    .values(
        state=LetterState.FAILED,
        last_reply=bindparam("new_reply"),
        failure_told_at=bindparam("now"),
        next_attempt_at=None,
        lease_until=None,
        lease_token=None,
    )
)
LIFT = delete(suppression).where(suppression.c.address == bindparam("of_address"))


def outbox_rows(outcome: Outcome) -> Iterator[Values]:
    for letter in outcome.letters:
        limits, suppressed = letter.limits, bool(letter.limits.suppressed)
        if letter.to:
            yield content_columns(letter, outcome.places, outcome.cause.mail_id) | {
                "id": letter.id,
                "ticket_id": letter.ticket_id,
                "participant": letter.participant,
                "notice": letter.notice,
                "part": letter.part,
                "audience": "staff" if letter.for_staff else "customer",
                "recipient": letter.to,
                "reverse_path": letter.reverse_path,
                "message_id": letter.message_id,
                "subject": letter.subject,
                "words": letter.words,
                "automatic": letter.automatic,
                "cause": str(outcome.cause),
                "created_at": outcome.now,
                "state": LetterState.SUPPRESSED if suppressed else LetterState.QUEUED,
                "attempts": 0,
                "uncertain": 0,
                "next_attempt_at": None if suppressed else letter.not_before or outcome.now,
                "last_reply": limits.suppressed or None,
                "counted_as": None if suppressed else limits.counted_as or None,
                "counted_domain": None if suppressed else limits.counted_domain or None,
                "unproved": limits.unproved,
                "told_in": UNTOLD if limits.gathered else None,
            }


def failed_rows(outcome: Outcome) -> Iterator[Values]:
    for failed in outcome.decision.reach.failed_letters:
        yield {"key": failed.id, "new_reply": failed.reason, "now": outcome.now}


def suppression_rows(outcome: Outcome) -> Iterator[Values]:
    for suppressed in outcome.decision.reach.suppressions:
        yield {
            "address": suppressed.address,
            "reason": suppressed.reason,
            "diagnostic": suppressed.diagnostic,
            "since": suppressed.since,
            "until": suppressed.until,
            "letter_id": suppressed.letter_id,
        }


def lifted_rows(outcome: Outcome) -> Iterator[Values]:
    for address in dict.fromkeys(suppressed.address for suppressed in outcome.decision.reach.lifted):
        yield {"of_address": address}


def digest_rows(outcome: Outcome) -> Iterator[Values]:
    """Make the row of a digest on request or of gathered letters. The claim writes the rows of all other digests."""
    if outcome.decision.digest is not None and not outcome.cause.writes_digest:
        yield digest_row(outcome.decision.digest, outcome.now)


def listed_rows(outcome: Outcome) -> Iterator[Values]:
    for entry in outcome.decision.reach.listed:
        yield listing_row(entry)


def unlisted_rows(outcome: Outcome) -> Iterator[Values]:
    decision = outcome.decision
    for entry in decision.reach.unlisted if decision.ticket else ():
        yield {"of_entry": entry, "of_ticket": decision.ticket.reference if decision.ticket else ""}
