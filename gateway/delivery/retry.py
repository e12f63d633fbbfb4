"""The retry table: what follows from one attempt to send a letter. No I/O, no clock; the waits are the desk's `[retry]`
policy.
"""

from datetime import timedelta
from typing import Literal

from helpdesk.config.policy import Retry
from helpdesk.gateway.delivery.reply import RelayReply

State = Literal["sent", "deferred", "failed"]

# RFC 5321 §4.2.1: the first digit alone says whether to try again, also for an unknown code.
BY_FIRST_DIGIT: dict[int, State] = {2: "sent", 4: "deferred", 5: "failed"}
BY_PERMANENCE: dict[bool, State] = {True: "failed", False: "deferred"}


def after_attempt(reply: RelayReply, attempts: int, age: timedelta, retry: Retry) -> tuple[State, timedelta | None]:
    """The letter's next state, and for a deferred letter the wait until the next attempt.

    `attempts` counts the attempts so far, this one included. `age` is the time since the letter was created. A deferred
    letter fails with the first attempt at an age of `give_up_after` or more, never before (RFC 5321 §4.5.4.1).
    """
    state = outcome(reply)
    if state != "deferred":
        return state, None
    if age >= retry.give_up_after:
        return "failed", None
    return "deferred", retry.waits[min(attempts, len(retry.waits)) - 1]


def outcome(reply: RelayReply) -> State:
    """What one reply means by itself. A reply that is neither success nor refusal, or none at all, means another attempt."""
    if reply.permanent is not None:
        return BY_PERMANENCE[reply.permanent]
    return BY_FIRST_DIGIT.get((reply.code or 0) // 100, "deferred")
