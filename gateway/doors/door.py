"""A door that listens: it opens, counts its sessions, and closes so that nothing on its way is lost."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, Protocol

from helpdesk.config.domain_names import a_labels
from helpdesk.config.settings import Desk, ListeningDoor
from helpdesk.config.shapes import endpoint
from helpdesk.gateway.doors import replies
from helpdesk.gateway.doors.admission import Admission, Guest, who_gives_place
from helpdesk.gateway.doors.replies import Reply
from helpdesk.gateway.doors.transaction import Transaction
from helpdesk.gateway.intake import Intake

MOST_MEMORY = 512 * 1024 * 1024  # bytes of all mails that are just coming in
BACKLOG = 1024  # connections that the system keeps until we take them


class Session(Guest, Protocol):
    """One client, as the door sees it. `ended` is done when the connection is gone."""

    peer: str
    ended: asyncio.Future[None]

    def wake(self) -> None: ...

    def give_place(self) -> None: ...

    def abort(self) -> None: ...


class Door:
    """Listens, and hands each mail to the intake.

    `is_ours` says whether a recipient address is one of the desk's. For peers in `relays`, networks that are trusted, there is always
    room. Subclasses make the sessions.
    """

    NAME: ClassVar[str]

    def __init__(
        self,
        settings: ListeningDoor,
        desk: Desk,
        intake: Intake,
        is_ours: Callable[[str], bool],
        clock: Callable[[], datetime],
        most_memory: int = MOST_MEMORY,
        relays: tuple[str, ...] = (),
    ) -> None:
        self.settings = settings
        self.intake = intake
        self.clock = clock
        self.hostname = a_labels(desk.hostname or desk.domain)
        self.port = 0  # known once it listens
        self.is_draining = False
        self.held = 0  # bytes of mail data in all sessions
        self.most_memory = most_memory
        self.sessions: set[Session] = set()
        self._strangers: set[Session] = set()  # those of no relay
        self._is_ours = is_ours
        self._domain = desk.domain
        self._admission = Admission(settings.max_sessions, settings.max_sessions_per_peer, relays)
        self._server: asyncio.Server | None = None

    def session(self, loop: asyncio.AbstractEventLoop) -> asyncio.BaseProtocol:
        raise NotImplementedError

    async def start(self) -> None:
        """Listen from now on. Raises OSError where the address cannot be had."""
        loop = asyncio.get_running_loop()
        self._server = await self.listening(loop)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def listening(self, loop: asyncio.AbstractEventLoop) -> asyncio.Server:
        host, port = endpoint(self.settings.listen)
        return await loop.create_server(lambda: self.session(loop), host, port, backlog=BACKLOG)

    @property
    def address(self) -> str:
        """Where it listens, as `serve` says it."""
        return f"{self.settings.listen.rpartition(':')[0]}:{self.port}"

    async def drain(self, seconds: float) -> None:
        """Take no new session, tell idle clients 421, let mails on their way finish, close what is left after `seconds`."""
        self.is_draining = True
        if self._server is not None:
            self._server.close()
        for session in self.sessions:
            session.wake()
        end = asyncio.get_running_loop().time() + seconds
        while (left := end - asyncio.get_running_loop().time()) > 0 and self.sessions:
            await asyncio.wait([session.ended for session in self.sessions], timeout=left)
        for session in tuple(self.sessions):
            session.abort()

    def transaction(self) -> Transaction:
        return Transaction(self._is_ours, self._domain, self.settings.max_size, self.settings.max_recipients)

    def enter(self, session: Session) -> Reply | None:
        """Count a session, or say why there is no room for it. Whoever stands about without a mail gives place to the next."""
        if self.is_draining:
            return replies.DRAINING
        is_relay = self._admission.is_relay(session.peer)
        if self._admission.is_full_for(session.peer) and not self._admission.has_its_share(session.peer):
            self._make_room(is_relay)
        if not self._admission.enter(session.peer):
            return replies.TOO_MANY_SESSIONS
        self.sessions.add(session)
        if not is_relay:
            self._strangers.add(session)
        return None

    def leave(self, session: Session) -> None:
        if session in self.sessions:
            self.sessions.remove(session)
            self._strangers.discard(session)
            self._admission.leave(session.peer)

    def _make_room(self, at_once: bool) -> None:
        """A session of a stranger ends, if one has been idle for long; for a relay, however short that is."""
        idle = who_gives_place(self._strangers, asyncio.get_running_loop().time(), at_once)
        if idle is not None:
            self.leave(idle)
            idle.give_place()
