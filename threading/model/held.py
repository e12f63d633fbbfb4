"""Held mail of staff: why it is held, and how a staff member releases it."""

from dataclasses import dataclass
from enum import StrEnum


class HoldReason(StrEnum):
    """The doubt for which a staff member's mail is held."""

    AUTHORITY = "authority"  # nothing proves who wrote it
    STRANGER = "stranger"  # somebody else wrote to the staff member's own reply address, or names the staff member as author
    STEP_UP = "step_up"  # it does something so far-reaching that its author must confirm it
    STALE = "stale"  # somebody else wrote on the ticket meanwhile
    FIREWALL = "firewall"  # it holds words of an internal note
    LATER = "later"  # its author wants it to be carried out at a later time
    PASTED = "pasted"  # a mail that the desk does not have stands in it, as if it were quoted
    DISCLOSURE = "disclosure"  # it answers a sensitive request, and nothing proves who the customer is


class ReleaseWord(StrEnum):
    """The word with which a staff member decides about a held mail."""

    SEND = "send"  # carry the mail out as it is; possible for the staff member's own mail alone
    INBOX = "inbox"  # carry the mail out, and show its words in the customer's platform inbox alone
    NOTE = "note"  # keep the words as an internal note, and do nothing else
    REQUEST = "request"  # open a request of the mail's author
    LET_IN = "let_in"  # the operator lets in a mail that a rule, a list or a spam filter kept out; `by` is their login name
    ASK = "ask"  # ask the staff member once more, because the time to answer was over


@dataclass(frozen=True, slots=True)
class Release:
    """How a held mail is released. `by` is the staff member's address, `addresses` are their further ones; `waived` are the doubts that count no longer.

    `reference` names the ticket that the mail is about, where the mail itself does not. `asked` are the doubts about which the staff
    member was asked once more, because the time to answer was over.
    """

    by: str
    word: ReleaseWord
    reference: str
    waived: tuple[HoldReason, ...]
    asked: tuple[HoldReason, ...] = ()
    addresses: tuple[str, ...] = ()

    @property
    def as_note(self) -> bool:
        return self.word is ReleaseWord.NOTE
