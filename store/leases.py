"""Ends claims whose node has died."""

from datetime import datetime

from sqlalchemy import update

from helpdesk.store.database import Database, repeats_lost_races
from helpdesk.store.identifiers import ClaimTokens
from helpdesk.store.schema import LEASED, UNSENT, inbound, mailbox_folder, outbox, webhook_target
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.model.mail import Disposition


@repeats_lost_races
def end_leases(database: Database, now: datetime) -> int:
    """End all claims, so that everything can be claimed again at once. Return how many claims of mails and letters ended.

    Call this only if no other node uses the database. A late result of an old claim is still refused, because its fencing token is gone.
    """
    mails = update(inbound).where(inbound.c.state == Disposition.PENDING, inbound.c.lease_token.is_not(None))
    letters = update(outbox).where(outbox.c.state == LetterState.SENDING)
    with database.writing() as connection:
        ended = connection.execute(mails.values(lease_until=None, lease_token=None)).rowcount
        connection.execute(update(webhook_target).values(lease_until=None, lease_token=None))
        connection.execute(update(mailbox_folder).values(lease_until=None, lease_token=None))
        return ended + connection.execute(letters.values(lease_until=now, lease_token=None, next_attempt_at=now)).rowcount


@repeats_lost_races
def end_claims_of(database: Database, dead: ClaimTokens, now: datetime) -> int:
    """End the claims of a process that has died, so that its mails and letters need not wait for the end of their leases. Return how many.

    Its attempts count, and a letter that it was sending counts as uncertain.
    """
    least, largest = dead.span()
    mails = update(inbound).where(LEASED, inbound.c.lease_token.between(least, largest))
    letters = update(outbox).where(UNSENT, outbox.c.state == LetterState.SENDING, outbox.c.lease_token.between(least, largest))
    posting = update(webhook_target).where(webhook_target.c.lease_token.between(least, largest))
    with database.writing() as connection:
        connection.execute(posting.values(lease_until=None, lease_token=None))
        ended = connection.execute(mails.values(lease_until=None, lease_token=None)).rowcount
        return ended + connection.execute(letters.values(lease_until=now, lease_token=None, next_attempt_at=now)).rowcount
