"""The retry table: what follows from one try to send a letter. Pure; the desk's `[retry]` policy is the table."""

from datetime import datetime
from typing import Literal

from helpdesk.config.policy import Retry

State = Literal["sent", "deferred", "failed"]

# RFC 5321 §4.2.1: the first digit alone says whether to try again, also for a code never seen before.
BY_FIRST_DIGIT: dict[int, State] = {2: "sent", 4: "deferred", 5: "failed"}
BY_PERMANENCE: dict[bool, State] = {True: "failed", False: "deferred"}


def after_attempt(
    code: int | None,
    attempts: int,
    created_at: datetime,
    now: datetime,
    retry: Retry,
    *,
    permanent: bool | None = None,
) -> tuple[State, datetime | None]:
    """The letter's next state, and when to try again (only for a deferred one).

    `code` is the relay's reply code, None for a fault: a timeout, a lost connection, TLS that failed. `attempts` counts the
    tries so far, this one included: 1 or more. A letter is given up by the first try that ends `give_up_after` or more after
    `created_at`, never before (RFC 5321 §4.5.4.1).
    """
    state = outcome(code, permanent)
    if state != "deferred":
        return state, None
    if now - created_at >= retry.give_up_after:
        return "failed", None
    return "deferred", now + retry.waits[min(attempts, len(retry.waits)) - 1]


def outcome(code: int | None, permanent: bool | None) -> State:
    """What a single answer means. Whatever is neither success nor refusal is worth another try."""
    if permanent is not None:
        return BY_PERMANENCE[permanent]
    return BY_FIRST_DIGIT.get((code or 0) // 100, "deferred")
