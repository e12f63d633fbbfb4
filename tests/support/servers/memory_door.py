"""A door without sockets: sessions on transports in memory, thousands of them beside each other in one event loop."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from support.servers.smtp_door import DESK, NOON

from helpdesk.config.settings import Lmtp, Smtp
from helpdesk.gateway.doors.door import Reception
from helpdesk.gateway.doors.lmtp import LmtpDoor
from helpdesk.gateway.doors.smtp import SmtpDoor
from helpdesk.gateway.intake import Intake, NotStored
from helpdesk.threading.model.mail import RawMessage


class MemoryIntake(Intake):
    """Keeps mails by the peer that handed them in; stores no `poison`."""

    def __init__(self, is_poison: Callable[[RawMessage], bool]) -> None:
        self.of_peer: dict[str, list[RawMessage]] = defaultdict(list)
        self._is_poison = is_poison

    def check(self) -> None:
        """There is always room."""

    async def accept(self, raw: RawMessage) -> int:
        if self._is_poison(raw):
            raise NotStored("poison")
        self.of_peer[raw.peer].append(raw)
        return 1


class MemoryTransport(asyncio.Transport):
    """What the session writes is kept; the connection ends one turn of the loop after it is closed."""

    def __init__(self, loop: asyncio.AbstractEventLoop, protocol: asyncio.Protocol, peer: str) -> None:
        super().__init__({"peername": (peer, 1)})
        self.written = bytearray()
        self.news = asyncio.Event()
        self.ended = False
        self._loop = loop
        self._protocol = protocol
        self._closing = False

    def write(self, data: Any) -> None:
        self.written += data
        self.news.set()

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self._lost)

    def abort(self) -> None:
        self.close()

    def pause_reading(self) -> None:
        """Nothing is read here; the client writes only when it has an answer."""

    def resume_reading(self) -> None:
        """See `pause_reading`."""

    def _lost(self) -> None:
        self._protocol.connection_lost(None)
        self.ended = True
        self.news.set()


class MemoryClient:
    """One client of a door, in the door's own event loop."""

    def __init__(self, door: SmtpDoor | LmtpDoor, peer: str) -> None:
        loop = asyncio.get_running_loop()
        self._session = door.session(loop)
        self._transport = MemoryTransport(loop, self._session, peer)
        self._session.connection_made(self._transport)

    def send(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._session.data_received(data)

    async def says(self, line: str) -> str:
        self.send(line.encode() + b"\r\n")
        return await self.reply()

    async def reply(self) -> str:
        """The first line of the next reply; "" when the session has ended."""
        written, news = self._transport.written, self._transport.news
        first = b""
        while True:
            while (end := written.find(b"\r\n")) < 0:
                if self._transport.ended:
                    return ""
                news.clear()
                await news.wait()
            line = bytes(written[:end])
            del written[: end + 2]
            first = first or line
            if line[3:4] != b"-":
                return first.decode()

    async def leave(self) -> None:
        self._transport.close()
        while not self._transport.ended:
            self._transport.news.clear()
            await self._transport.news.wait()
        assert not self._transport.written, f"said unasked: {self._transport.written!r}"


def memory_smtp_door(
    intake: MemoryIntake, ours: Callable[[str], bool], most: int, of_a_peer: int | None = None, relays: tuple[str, ...] = ()
) -> SmtpDoor:
    """An SMTP door for `most` sessions at once."""
    limits = {"max_size": 65536, "max_sessions": most, "max_sessions_per_peer": of_a_peer or most}
    return SmtpDoor(Smtp.model_validate(limits), Reception(DESK, ours, intake, lambda: NOON), relays=relays)


def memory_lmtp_door(intake: MemoryIntake, ours: Callable[[str], bool], most: int) -> LmtpDoor:
    """An LMTP door for `most` sessions at once."""
    limits = {"max_size": 65536, "max_sessions": most, "max_sessions_per_peer": most}
    return LmtpDoor(Lmtp.model_validate(limits), Reception(DESK, ours, intake, lambda: NOON))
