"""Letters over SMTP to a smarthost, on a few connections that are kept while there is work."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from helpdesk.gateway.delivery.reply import RelayReply
from helpdesk.gateway.delivery.smarthost import Smarthost
from helpdesk.gateway.delivery.smtp_connection import Connection, Fault

LONGEST_IDLE = 30.0  # seconds; servers hang up after a minute or more
LETTERS_A_CONNECTION = 100  # servers refuse more, at a time of their choosing


class SmtpRelay:
    """At most `connections` at once; one letter at a time on each, with RSET between them.

    A connection is dropped after any fault and after 421. When the smarthost cannot be reached and no connection is left, the
    letters of the same round share that answer and do not wait for it one after another; `rest` begins a new round.
    `timeout` counts for each command and each block of content, `final_dot_timeout` for a content with its final answer
    (RFC 5321 §4.5.3.2 asks for ten minutes).
    """

    def __init__(
        self, smarthost: Smarthost, hostname: str, *, connections: int, timeout: timedelta, final_dot_timeout: timedelta
    ) -> None:
        self.connections = connections
        self.longest_transfer = timeout + final_dot_timeout
        self._smarthost = smarthost
        self._hostname = hostname
        self._timeout = timeout
        self._final_dot_timeout = final_dot_timeout
        self._slots = asyncio.Semaphore(connections)
        self._idle: list[Connection] = []
        self._busy: set[Connection] = set()
        self._unreachable = ""

    async def send(
        self, reverse_path: str, recipient: str, content: bytes, *, may_start: Callable[[], bool] = lambda: True
    ) -> RelayReply:
        """Hand over one letter; waits for a free connection."""
        try:
            async with self._slots, self._connection() as connection:
                return await connection.transfer(reverse_path, recipient, content, may_start)
        except Fault as fault:
            return RelayReply(None, fault.text, uncertain=fault.uncertain)

    async def rest(self) -> None:
        """Hang up where nothing was sent for half a minute, and be ready to try an unreachable smarthost again."""
        self._unreachable = ""
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
        if self._unreachable and not self._busy and not self._idle:
            raise Fault(self._unreachable)
        try:
            return await Connection.open(self._smarthost, self._hostname, self._timeout, self._final_dot_timeout)
        except Fault as fault:
            self._unreachable = fault.text
            raise

    async def _keep(self, connection: Connection) -> None:
        if connection.letters >= LETTERS_A_CONNECTION:
            await connection.goodbye()
        if connection.usable:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.append(connection)

    async def _hang_up(self, connections: list[Connection]) -> None:
        self._idle = [one for one in self._idle if one not in connections]
        await asyncio.gather(*(one.goodbye() for one in connections))
