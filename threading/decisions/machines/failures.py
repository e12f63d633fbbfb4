"""Explain an enhanced status code (RFC 3463) in plain words, and say whether it makes an address useless."""

from dataclasses import dataclass
from enum import StrEnum


class Lasts(StrEnum):
    """How long letters to the address are suppressed."""

    LONG = "long"
    SHORT = "short"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Failure:
    """The meaning of a status code, and how long letters to the address are suppressed."""

    words: str
    lasts: Lasts


# The table is asked for the exact code first, then for class and subject ("5.1"), then for the class.
FAILURES = {
    "5.1": Failure("the address is wrong", Lasts.LONG),
    "5.1.0": Failure("the address was refused", Lasts.LONG),
    "5.1.1": Failure("there is no mailbox of this address", Lasts.LONG),
    "5.1.2": Failure("the domain of the address does not exist", Lasts.LONG),
    "5.1.3": Failure("the address is not written as an address", Lasts.LONG),
    "5.1.4": Failure("the address stands for several mailboxes", Lasts.SHORT),
    "5.1.6": Failure("the mailbox has moved and left no new address", Lasts.LONG),
    "5.1.7": Failure("our own sender address was refused", Lasts.NOT),
    "5.1.8": Failure("our own sender address was refused", Lasts.NOT),
    "5.1.10": Failure("the domain of the address takes no mail at all", Lasts.LONG),
    "5.2": Failure("the mailbox cannot be used", Lasts.SHORT),
    "5.2.0": Failure("the mailbox cannot be used", Lasts.SHORT),
    "5.2.1": Failure("the mailbox is switched off", Lasts.LONG),
    "5.2.2": Failure("the mailbox is full", Lasts.SHORT),
    "5.2.3": Failure("the letter is too large for the mailbox", Lasts.NOT),
    "5.2.4": Failure("the address is a mailing list that could not be resolved", Lasts.SHORT),
    "5.3": Failure("the recipient's mail system has a fault", Lasts.SHORT),
    "5.3.4": Failure("the letter is too large for the recipient's mail system", Lasts.NOT),
    "5.4": Failure("the recipient's mail system could not be reached", Lasts.SHORT),
    "5.4.4": Failure("no mail system is known for the domain of the address", Lasts.LONG),
    "5.4.6": Failure("the letter went in a circle between mail systems", Lasts.SHORT),
    "5.4.7": Failure("the recipient's mail system took the letter for too long to deliver it", Lasts.NOT),
    "5.5": Failure("the mail systems did not understand each other", Lasts.NOT),
    "5.6": Failure("the recipient's mail system does not take what the letter holds", Lasts.NOT),
    "5.7": Failure("the recipient's mail system refused it by its own rules", Lasts.NOT),
    "5": Failure("the recipient's mail system refused it for good", Lasts.SHORT),
    "4.2.2": Failure("the mailbox is full, and stayed so", Lasts.NOT),
    "4": Failure("it was tried again and again, and given up", Lasts.NOT),
}
UNKNOWN = Failure("it was given up without a reason", Lasts.NOT)


def failure_of(status: str) -> Failure:
    """The closest entry for a status code; a general entry if the table has none."""
    parts = status.split(".")
    keys = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((FAILURES[key] for key in keys if key in FAILURES), UNKNOWN)
