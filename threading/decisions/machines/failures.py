"""Explain an enhanced status code (RFC 3463) in plain words, and say whether it makes an address useless."""

from dataclasses import dataclass
from enum import StrEnum

from helpdesk.threading.model.sentence import Sentence, sentence


class Lasts(StrEnum):
    """How long letters to the address are suppressed."""

    LONG = "long"
    SHORT = "short"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Failure:
    """The meaning of a status code, and how long letters to the address are suppressed."""

    words: Sentence
    lasts: Lasts


# The table is asked for the exact code first, then for class and subject ("5.1"), then for the class.
FAILURES = {
    "5.1": Failure(sentence("the address is wrong"), Lasts.LONG),
    "5.1.0": Failure(sentence("the address was refused"), Lasts.LONG),
    "5.1.1": Failure(sentence("there is no mailbox of this address"), Lasts.LONG),
    "5.1.2": Failure(sentence("the domain of the address does not exist"), Lasts.LONG),
    "5.1.3": Failure(sentence("the address is not written as an address"), Lasts.LONG),
    "5.1.4": Failure(sentence("the address stands for several mailboxes"), Lasts.SHORT),
    "5.1.6": Failure(sentence("the mailbox has moved and left no new address"), Lasts.LONG),
    "5.1.7": Failure(sentence("our own sender address was refused"), Lasts.NOT),
    "5.1.8": Failure(sentence("our own sender address was refused"), Lasts.NOT),
    "5.1.10": Failure(sentence("the domain of the address takes no mail at all"), Lasts.LONG),
    "5.2": Failure(sentence("the mailbox cannot be used"), Lasts.SHORT),
    "5.2.0": Failure(sentence("the mailbox cannot be used"), Lasts.SHORT),
    "5.2.1": Failure(sentence("the mailbox is switched off"), Lasts.LONG),
    "5.2.2": Failure(sentence("the mailbox is full"), Lasts.SHORT),
    "5.2.3": Failure(sentence("the letter is too large for the mailbox"), Lasts.NOT),
    "5.2.4": Failure(sentence("the address is a mailing list that could not be resolved"), Lasts.SHORT),
    "5.3": Failure(sentence("the recipient's mail system has a fault"), Lasts.SHORT),
    "5.3.4": Failure(sentence("the letter is too large for the recipient's mail system"), Lasts.NOT),
    "5.4": Failure(sentence("the recipient's mail system could not be reached"), Lasts.SHORT),
    "5.4.4": Failure(sentence("no mail system is known for the domain of the address"), Lasts.LONG),
    "5.4.6": Failure(sentence("the letter went in a circle between mail systems"), Lasts.SHORT),
    "5.4.7": Failure(sentence("the recipient's mail system took the letter for too long to deliver it"), Lasts.NOT),
    "5.5": Failure(sentence("the mail systems did not understand each other"), Lasts.NOT),
    "5.6": Failure(sentence("the recipient's mail system does not take what the letter holds"), Lasts.NOT),
    "5.7": Failure(sentence("the recipient's mail system refused it by its own rules"), Lasts.NOT),
    "5": Failure(sentence("the recipient's mail system refused it for good"), Lasts.SHORT),
    "4.2.2": Failure(sentence("the mailbox is full, and stayed so"), Lasts.NOT),
    "4": Failure(sentence("it was tried again and again, and given up"), Lasts.NOT),
}
UNKNOWN = Failure(sentence("it was given up without a reason"), Lasts.NOT)


def failure_of(status: str) -> Failure:
    """The closest entry for a status code; a general entry if the table has none."""
    parts = status.split(".")
    keys = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((FAILURES[key] for key in keys if key in FAILURES), UNKNOWN)
