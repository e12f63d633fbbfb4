"""How sure the gateway is of who wrote a mail."""

from enum import StrEnum


class Assurance(StrEnum):
    """How sure we are that the author is who the mail says."""

    PLATFORM = "platform"
    AUTHENTICATED = "authenticated"
    UNVERIFIED = "unverified"
    FAILED = "failed"


SURE = frozenset({Assurance.AUTHENTICATED, Assurance.PLATFORM})
