"""Login at the relay with an access token instead of a password: AUTH OAUTHBEARER (RFC 7628) or XOAUTH2."""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable, Collection
from typing import Protocol

from helpdesk.gateway.oauth import (
    AFTER_CHALLENGE,
    AccessTokens,
    TokenRefused,
    TokenUnavailable,
    challenge_status,
    oauthbearer,
    xoauth2,
)


class AuthReply(Protocol):
    """A reply to AUTH or to a response, as aiosmtplib gives it."""

    @property
    def code(self) -> int: ...

    @property
    def message(self) -> str: ...


Say = Callable[..., Awaitable[AuthReply]]


class LoginRefused(Exception):
    """The relay refused the login, or there is no token. The text is one line."""


class TokenLogin:
    """The login of one user at one relay. A refused token is renewed once; a password is never tried in its place."""

    def __init__(self, user: str, host: str, port: int, tokens: AccessTokens) -> None:
        self._tokens = tokens
        # In order of preference: the standard, then its predecessor.
        self._responses: dict[str, Callable[[str], bytes]] = {
            "OAUTHBEARER": lambda token: oauthbearer(user, host, port, token),
            "XOAUTH2": lambda token: xoauth2(user, token),
        }

    async def log_in(self, offered: Collection[str], say: Say) -> None:
        """Log in. `offered` are the mechanisms of EHLO in any case; `say` sends one command and gives the reply. Raise
        LoginRefused.
        """
        names = {name.upper() for name in offered}
        mechanism = next((name for name in self._responses if name in names), None)
        if mechanism is None:
            raise LoginRefused("the relay offers neither AUTH OAUTHBEARER nor AUTH XOAUTH2")
        try:
            token = await asyncio.to_thread(self._tokens.current)
            refusal = await self._try(mechanism, token, say)
            if refusal and refusal[0] // 100 == 5:
                token = await asyncio.to_thread(self._tokens.renew, token)
                refusal = await self._try(mechanism, token, say)
        except (TokenRefused, TokenUnavailable) as fault:
            raise LoginRefused(f"no access token: {fault}") from fault
        if refusal:
            raise LoginRefused(f"{refusal[0]} {refusal[1]}")

    async def _try(self, mechanism: str, token: str, say: Say) -> tuple[int, str] | None:
        """Try one token. None after success; else code and text of the refusal."""
        reply = await say(b"AUTH", mechanism.encode(), base64.b64encode(self._responses[mechanism](token)))
        status = ""
        if reply.code == 334:
            status = challenge_status(_decode(reply.message))
            reply = await say(base64.b64encode(AFTER_CHALLENGE[mechanism]))
        if reply.code == 235:
            return None
        return reply.code, f"{reply.message} ({status})" if status else reply.message


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii", "replace"))
    except binascii.Error:
        return b""
