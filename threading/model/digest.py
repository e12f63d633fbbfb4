"""The digest: the list of open requests that a staff member gets by mail."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DigestRow:
    """One request of a digest. An answer names it by `number`; `version` is the ticket's version when it was listed."""

    number: int
    ticket_id: int
    reference: str
    version: int


@dataclass(frozen=True, slots=True)
class Digest:
    """The open requests of one staff member as a letter listed them. Only that staff member's answer to the letter counts."""

    id: int
    staff: str
    rows: tuple[DigestRow, ...]
