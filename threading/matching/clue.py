"""Evidence for the ticket that a mail belongs to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clue:
    """One piece of evidence about which ticket a mail belongs to, and what became of it."""

    kind: str
    value: str
    ticket: str | None  # reference
    trusted: bool
    used: bool
    reason: str
