"""A clue to the ticket that a mail belongs to, as the record of a decision keeps it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clue:
    """One clue to the ticket of a mail, with whether it was trusted and used, and the reason."""

    kind: str
    value: str
    ticket: str | None  # reference
    trusted: bool
    used: bool
    reason: str
