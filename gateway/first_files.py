"""The files with which the folder of a new desk begins, and the keys in its secret file."""

import secrets

CONFIGURATION = "helpdesk.toml"
SECRET = "secret"
FIRST_KEY = "a"
KEY_OCTETS = 32


def new_key(name: str) -> str:
    """A line of the secret file: 256 random bits under a name of one letter."""
    return f"{name} {secrets.token_hex(KEY_OCTETS)}\n"
