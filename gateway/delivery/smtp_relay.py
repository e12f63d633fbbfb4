"""The relay over SMTP: letters go to a smarthost on a few connections, which are kept while there is work."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from helpdesk.gateway.delivery.breaker import Breaker
from helpdesk.gateway.delivery.reply import RelayReply, always, domain_of_recipient
from helpdesk.gateway.delivery.smarthost import Smarthost
from helpdesk.gateway.delivery.smtp_connection import Connection, Fault, LetterEnvelope, Timeouts
from helpdesk.gateway.delivery.token_login import TokenLogin
from helpdesk.gateway.oauth import AccessTokens

LONGEST_IDLE = 30.0  # seconds; servers close idle connections after a minute or more
SERVICE_CLOSING = 421
LETTERS_A_CONNECTION = 100  # servers refuse more on one connection, each at a number of its own


class Unreachable(Fault):
    """No connection could be opened, so the letter was not mentioned."""


class SmtpRelay:
    """At most `connections` connections at once, with one letter at a time on each and RSET between letters.

    A connection is dropped after any fault and after 421. A smarthost that cannot be reached, or breaks off for several
    domains, is left alone as the breaker says, and letters lose no attempt by that. RFC 5321 §4.5.3.2 asks for a timeout of ten minutes
    after the final dot.
    """

    def __init__(
        self,
        smarthost: Smarthost,
        hostname: str,
        timeouts: Timeouts,
        breaker: Breaker,
        *,
        connections: int,
    ) -> None:
        self.connections = connections
        self.longest_transfer = timeouts.command + timeouts.final_dot
        self._smarthost = smarthost
        self._login = token_login(smarthost)
        self._hostname = hostname
        self._timeouts = timeouts
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
        """Hand over one letter, after waiting for a free connection."""
        envelope = LetterEnvelope(reverse_path, recipient, envelope_id)
        try:
            async with self._slots, self._connection() as connection:
                reply = await connection.transfer(envelope, content, claim_lasts)
        except Unreachable as fault:
            return RelayReply(None, fault.text, untried=True)
        except Fault as fault:
            if not fault.ours:
                self._breaker.record_failure(fault.text, "" if fault.before_recipient else domain_of_recipient(recipient))
            return RelayReply(
                None,
                fault.text,
                uncertain=fault.uncertain,
                untried=fault.ours,
                before_recipient=fault.before_recipient,
            )
        if reply.code == SERVICE_CLOSING:
            domain = "" if reply.before_recipient else domain_of_recipient(recipient)
            self._breaker.record_failure(f"{reply.code} {reply.text}", domain)
        else:
            self._breaker.record_success()
        return reply

    async def rest(self) -> None:
        """Close connections over which nothing was sent for `LONGEST_IDLE` seconds."""
        long_ago = asyncio.get_running_loop().time() - LONGEST_IDLE
        await self._hang_up([connection for connection in self._idle if connection.idle_since <= long_ago])

    async def close(self) -> None:
        await self._hang_up(list(self._idle))

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        """A connection for one letter: an idle one that still answers, else a new one. Raise Fault."""
        connection = await self._reusable() or await self._open_new()
        self._busy.add(connection)
        try:
            yield connection
        except BaseException:
            connection.drop()
            raise
        finally:
            self._busy.discard(connection)
            await self._keep(connection)

    async def _reusable(self) -> Connection | None:
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

    async def _open_new(self) -> Connection:
        if self._breaker.resting:
            raise Unreachable(self._breaker.trouble)
        try:
            return await Connection.open(self._smarthost, self._login, self._hostname, self._timeouts)
        except Fault as fault:
            if not self._busy and not self._idle:  # while others are open, the server may merely limit their number
                self._breaker.record_failure(fault.text)
            raise Unreachable(fault.text) from fault

    async def _keep(self, connection: Connection) -> None:
        if connection.letters >= LETTERS_A_CONNECTION:
            await connection.goodbye()
        if connection.usable:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.append(connection)

    async def _hang_up(self, connections: list[Connection]) -> None:
        self._idle = [connection for connection in self._idle if connection not in connections]
        await asyncio.gather(*(connection.goodbye() for connection in connections))


def token_login(smarthost: Smarthost) -> TokenLogin | None:
    """The login by access token; None where the smarthost has none configured."""
    if smarthost.oauth is None:
        return None
    return TokenLogin(smarthost.user, smarthost.host, smarthost.port, AccessTokens(smarthost.oauth))
