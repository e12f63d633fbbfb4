"""Letters over SMTP to a smarthost, on a few connections that are kept while there is work."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from helpdesk.gateway.delivery.breaker import Breaker
from helpdesk.gateway.delivery.reply import RelayReply, always
from helpdesk.gateway.delivery.smarthost import Smarthost
from helpdesk.gateway.delivery.smtp_connection import Connection, Envelope, Fault
from helpdesk.gateway.delivery.token_login import TokenLogin
from helpdesk.gateway.oauth import AccessTokens

LONGEST_IDLE = 30.0  # seconds; servers hang up after a minute or more
SERVICE_CLOSING = 421
LETTERS_A_CONNECTION = 100  # servers refuse more, at a time of their choosing


class Unreachable(Fault):
    """There was no connection, so nothing was said about the letter."""


class SmtpRelay:
    """At most `connections` at once; one letter at a time on each, with RSET between them.

    A connection is dropped after any fault and after 421. A smarthost that cannot be reached, or breaks off again and again, is
    left alone as the breaker says, and no letter pays for that with an attempt.
    `timeout` counts for each command and each block of content, and twice for opening a connection; `final_dot_timeout` for a
    content with its final answer (RFC 5321 §4.5.3.2 asks for ten minutes).
    """

    def __init__(
        self,
        smarthost: Smarthost,
        hostname: str,
        *,
        connections: int,
        timeout: timedelta,
        final_dot_timeout: timedelta,
        breaker: Breaker,
    ) -> None:
        self.connections = connections
        self.longest_transfer = timeout + final_dot_timeout
        self._smarthost = smarthost
        self._login = token_login(smarthost)
        self._hostname = hostname
        self._timeout = timeout
        self._final_dot_timeout = final_dot_timeout
        self._breaker = breaker
        self._slots = asyncio.Semaphore(connections)
        self._idle: list[Connection] = []
        self._busy: set[Connection] = set()

    @property
    def trouble(self) -> str:
        return self._breaker.trouble

    @property
    def room(self) -> int:
        if self._breaker.resting:
            return 0
        return 1 if self._breaker.trouble else self.connections

    async def send(
        self,
        reverse_path: str,
        recipient: str,
        content: bytes,
        *,
        envelope_id: str = "",
        claim_lasts: Callable[[timedelta], bool] = always,
    ) -> RelayReply:
        """Hand over one letter; waits for a free connection."""
        envelope = Envelope(reverse_path, recipient, envelope_id)
        try:
            async with self._slots, self._connection() as connection:
                reply = await connection.transfer(envelope, content, claim_lasts)
        except Unreachable as fault:
            return RelayReply(None, fault.text, untried=True)
        except Fault as fault:
            if not fault.ours:
                self._breaker.failed(fault.text)
            return RelayReply(None, fault.text, uncertain=fault.uncertain, untried=fault.ours)
        if reply.code == SERVICE_CLOSING:
            self._breaker.failed(f"{reply.code} {reply.text}")
        else:
            self._breaker.succeeded()
        return reply

    async def rest(self) -> None:
        """Hang up where nothing was sent for half a minute."""
        long_ago = asyncio.get_running_loop().time() - LONGEST_IDLE
        await self._hang_up([one for one in self._idle if one.idle_since <= long_ago])

    async def close(self) -> None:
        await self._hang_up(list(self._idle))

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        """A connection for one letter: a kept one where it still answers, else a new one. Raises Fault."""
        connection = await self._kept() or await self._new()
        self._busy.add(connection)
        try:
            yield connection
        except BaseException:
            connection.drop()
            raise
        finally:
            self._busy.discard(connection)
            await self._keep(connection)

    async def _kept(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            alive = False
            try:
                alive = await connection.reset()
            finally:
                if not alive:
                    connection.drop()
            if alive:
                return connection
        return None

    async def _new(self) -> Connection:
        if self._breaker.resting:
            raise Unreachable(self._breaker.trouble)
        try:
            return await Connection.open(self._smarthost, self._login, self._hostname, self._timeout, self._final_dot_timeout)
        except Fault as fault:
            if not self._busy and not self._idle:  # a server may limit connections and be well
                self._breaker.failed(fault.text)
            raise Unreachable(fault.text) from fault

    async def _keep(self, connection: Connection) -> None:
        if connection.letters >= LETTERS_A_CONNECTION:
            await connection.goodbye()
        if connection.usable:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.append(connection)

    async def _hang_up(self, connections: list[Connection]) -> None:
        self._idle = [one for one in self._idle if one not in connections]
        await asyncio.gather(*(one.goodbye() for one in connections))


def token_login(smarthost: Smarthost) -> TokenLogin | None:
    if smarthost.oauth is None:
        return None
    return TokenLogin(smarthost.user, smarthost.host, smarthost.port, AccessTokens(smarthost.oauth))
