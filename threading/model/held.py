"""Held mails of staff: why they are held, and how they are released."""

from dataclasses import dataclass
from enum import StrEnum


class HeldOver(StrEnum):
    """What was doubtful about a staff member's mail, so that it is held."""

    AUTHORITY = "authority"  # who wrote it
    STRANGER = "stranger"  # somebody else wrote to an address that was given to them, or names them in it
    STEP_UP = "step_up"  # a step so wide that its author must confirm it
    STALE = "stale"  # somebody wrote meanwhile
    FIREWALL = "firewall"  # words of an internal note
    DISCLOSURE = "disclosure"  # a sensitive matter, and nothing proves who the customer is


class Let(StrEnum):
    """What becomes of a held mail by the word of the staff member who was asked."""

    SEND = "send"  # it is carried out as it is: their own mail alone
    INBOX = "inbox"  # it is carried out, and its words stand in the customer's platform inbox alone
    NOTE = "note"  # its words are kept inside, and nothing else of it happens
    REQUEST = "request"  # it opens a request of whoever wrote it
    ASK = "ask"  # the time to answer was over, so they are asked once more


@dataclass(frozen=True, slots=True)
class Release:
    """A held mail that is let go: `waived` names the doubts that do not count any more.

    `reference` names the ticket that it is about, where the mail itself does not. `asked` are the doubts about which somebody was asked
    anew, because their time to answer was over.
    """

    by: str
    word: Let
    reference: str
    waived: tuple[HeldOver, ...]
    asked: tuple[HeldOver, ...] = ()

    @property
    def as_note(self) -> bool:
        return self.word is Let.NOTE
