"""How far a letter has come on its way out."""

from enum import StrEnum


class LetterState(StrEnum):
    """The state of a letter in the outbox."""

    QUEUED = "queued"  # it waits for its first attempt
    SENDING = "sending"  # a sender holds it under a lease
    SENT = "sent"  # the relay has taken it
    DEFERRED = "deferred"  # it waits for another attempt
    FAILED = "failed"  # it was given up
    SUPPRESSED = "suppressed"  # it was written and does not leave


NEVER_ARRIVED = frozenset({LetterState.FAILED, LetterState.SUPPRESSED})
UNSENT_STATES = frozenset({LetterState.QUEUED, LetterState.SENDING, LetterState.DEFERRED})
