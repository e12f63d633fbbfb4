"""The retry table: what follows from one attempt to send a letter. No I/O, no clock; the waits are the desk's `[retry]`
policy.
"""

from datetime import timedelta

from helpdesk.config.conduct import Retry
from helpdesk.gateway.delivery.reply import RelayReply
from helpdesk.threading.model.letter_state import LetterState

# RFC 5321 §4.2.1: the first digit alone says whether to try again, also for an unknown code.
BY_FIRST_DIGIT: dict[int, LetterState] = {2: LetterState.SENT, 4: LetterState.DEFERRED, 5: LetterState.FAILED}
BY_PERMANENCE: dict[bool, LetterState] = {True: LetterState.FAILED, False: LetterState.DEFERRED}


def after_attempt(reply: RelayReply, attempts: int, age: timedelta, retry: Retry) -> tuple[LetterState, timedelta | None]:
    """The letter's next state, and for a deferred letter the wait until the next attempt.

    `attempts` counts the attempts so far, this one included. `age` is the time since the letter was created. A deferred
    letter fails with the first attempt at an age of `give_up_after` or more, never before (RFC 5321 §4.5.4.1).
    """
    state = outcome(reply)
    if state is not LetterState.DEFERRED:
        return state, None
    if age >= retry.give_up_after:
        return LetterState.FAILED, None
    return LetterState.DEFERRED, retry.waits[min(attempts, len(retry.waits)) - 1]


def outcome(reply: RelayReply) -> LetterState:
    """What one reply means by itself. A reply that is neither success nor refusal, or none at all, means another attempt."""
    if reply.permanent is not None:
        return BY_PERMANENCE[reply.permanent]
    return BY_FIRST_DIGIT.get((reply.code or 0) // 100, LetterState.DEFERRED)
