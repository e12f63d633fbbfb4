"""The list of open requests that a staff member gets."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DigestRow:
    """One request of a digest, under the number that an answer names it by; `version` is that of the ticket when it was listed."""

    number: int
    ticket_id: int
    reference: str
    version: int


@dataclass(frozen=True, slots=True)
class Digest:
    """The open requests of one staff member as a letter listed them; only that person's answer to it counts."""

    id: int
    staff: str
    rows: tuple[DigestRow, ...]
