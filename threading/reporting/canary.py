"""The Message-IDs of letters that a desk sends to itself to see whether mail comes round."""

PREFIX = "canary."
HEXADECIMAL = frozenset("0123456789abcdef")
DIGITS = 32


def canary_id(token: str, domain: str) -> str:
    """The Message-ID of a letter. `token` has 128 bits as hexadecimal digits, so that nobody can guess it."""
    return f"<{PREFIX}{token}@{domain}>"


def canary_token(message_id: str | None) -> str | None:
    """The token in a Message-ID of that form, with or without angle brackets; None for any other."""
    local, _, domain = (message_id or "").strip("<>").partition("@")
    token = local.removeprefix(PREFIX)
    if not domain or not local.startswith(PREFIX) or len(token) != DIGITS or not set(token) <= HEXADECIMAL:
        return None
    return token
