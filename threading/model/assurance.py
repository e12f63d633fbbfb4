"""How sure the gateway is of who wrote a message."""

from enum import StrEnum


class Assurance(StrEnum):
    """How sure the gateway is that the author is who the message says."""

    PLATFORM = "platform"  # the author has signed in to the platform
    AUTHENTICATED = "authenticated"  # the origin of the mail, or an SMTP login, proves the author
    UNVERIFIED = "unverified"  # nothing proves the author, and nothing speaks against them
    FAILED = "failed"  # a check failed: the mail may be forged


# The levels at which the author is certain.
SURE = frozenset({Assurance.AUTHENTICATED, Assurance.PLATFORM})
