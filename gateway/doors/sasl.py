"""Credentials from a SASL exchange (RFC 4954): one function for each mechanism. No I/O: `ask` sends a challenge and waits.

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
    """RFC 4616; acting for somebody else is not offered."""
    response = decoded(initial) if initial else await ask("")
    if isinstance(response, Reply):
        return response
    identity, _, rest = response.partition("\0")
    name, separator, password = rest.partition("\0")
    if not separator:
        return replies.BAD_BASE64
    return (name, password) if identity in ("", name) else replies.BAD_CREDENTIALS


async def login(initial: bytes, ask: Ask) -> Credentials:
    name = decoded(initial) if initial else await ask("Username:")
    if isinstance(name, Reply):
        return name
    password = await ask("Password:")
    return password if isinstance(password, Reply) else (name, password)


def encoded(challenge: str) -> bytes:
    return base64.b64encode(challenge.encode())


def decoded(response: bytes) -> str | Reply:
    """A base64 response; "=" stands for the empty one (RFC 4954 §4)."""
    try:
        return "" if response == b"=" else base64.b64decode(response, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return replies.BAD_BASE64


MECHANISMS: dict[bytes, Callable[[bytes, Ask], Awaitable[Credentials]]] = {b"PLAIN": plain, b"LOGIN": login}
