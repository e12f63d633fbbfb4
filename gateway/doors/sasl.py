"""Credentials from a SASL exchange (RFC 4954), one function for each mechanism. No I/O: `ask` sends a challenge and gives
the response.

A mechanism gives user name and password, or the reply that ends the exchange without them.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable

from helpdesk.gateway.doors import replies
from helpdesk.gateway.doors.replies import Reply

Ask = Callable[[str], Awaitable[str | Reply]]
Credentials = tuple[str, str] | Reply


async def plain(initial: bytes, ask: Ask) -> Credentials:
    """PLAIN (RFC 4616). An authorization identity other than the user's own name is refused."""
    response = decode_response(initial) if initial else await ask("")
    if isinstance(response, Reply):
        return response
    identity, _, rest = response.partition("\0")
    name, separator, password = rest.partition("\0")
    if not separator:
        return replies.BAD_BASE64
    return (name, password) if identity in ("", name) else replies.BAD_CREDENTIALS


async def login(initial: bytes, ask: Ask) -> Credentials:
    """LOGIN: the server asks for the user name, then for the password. The mechanism never became a standard."""
    name = decode_response(initial) if initial else await ask("Username:")
    if isinstance(name, Reply):
        return name
    password = await ask("Password:")
    return password if isinstance(password, Reply) else (name, password)


def encode_challenge(challenge: str) -> bytes:
    """A challenge in base64, as it follows 334."""
    return base64.b64encode(challenge.encode())


def decode_response(response: bytes) -> str | Reply:
    """The text of a base64 response, or the reply that refuses it; "=" stands for the empty response (RFC 4954 §4)."""
    try:
        return "" if response == b"=" else base64.b64decode(response, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return replies.BAD_BASE64


MECHANISMS: dict[bytes, Callable[[bytes, Ask], Awaitable[Credentials]]] = {b"PLAIN": plain, b"LOGIN": login}
