"""What SMTP and LMTP have in common: a door listens, counts its sessions, and drains so that no mail under way is lost."""

import asyncio
import ssl
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from helpdesk.config.domain_names import a_labels
from helpdesk.config.settings import DeskSettings, ListeningDoor
from helpdesk.config.shapes import endpoint
from helpdesk.gateway.counts import counts
from helpdesk.gateway.doors import replies
from helpdesk.gateway.doors.admission import Admission, AdmittedSession, session_to_close
from helpdesk.gateway.doors.arrivals import Arrivals, Passage, open_sockets
from helpdesk.gateway.doors.replies import Reply
from helpdesk.gateway.doors.transaction import Transaction
from helpdesk.gateway.intake import Intake
from helpdesk.gateway.service_manager import passed_sockets

MOST_MEMORY = 512 * 1024 * 1024  # octets of all mails that are being received
SESSIONS: Counter[str] = Counter()  # open sessions of all doors of this process, by the doors' names
BACKLOG = 1024  # connections that the kernel queues until the door accepts them


class ClientSession(AdmittedSession, Protocol):
    """One client, as the door sees it. `ended` is done when the connection is gone."""

    peer: str
    ended: asyncio.Future[None]

    def wake(self) -> None:
        """Let the session notice that the door is draining."""

    def give_place(self) -> None:
        """End an idle session, because another client needs its place."""

    def abort(self) -> None:
        """Cut the connection."""


@dataclass(frozen=True, slots=True)
class Reception:
    """What every door of a node shares: whose mail it takes, and where the mail goes.

    `is_ours` says whether a recipient address is one of the desk's.
    """

    desk: DeskSettings
    is_ours: Callable[[str], bool]
    intake: Intake
    clock: Callable[[], datetime]


class Door(ABC):
    """A door that listens and hands each mail to the intake. Subclasses say which protocol its sessions speak.

    Peers in `relays`, networks that are trusted, always find room. `most_memory` bounds the mail data of all sessions, in octets.
    """

    NAME: ClassVar[str]

    def __init__(
        self,
        settings: ListeningDoor,
        reception: Reception,
        *,
        relays: tuple[str, ...] = (),
        most_memory: int = MOST_MEMORY,
    ) -> None:
        self.settings = settings
        self.intake = reception.intake
        self.clock = reception.clock
        self.hostname = a_labels(reception.desk.hostname or reception.desk.domain)
        self.port = 0  # known once it listens
        self.is_draining = False
        self.buffered = 0  # octets of mail data in all sessions
        self.most_memory = most_memory
        self.sessions: set[ClientSession] = set()
        self._strangers: set[ClientSession] = set()  # sessions of peers that are no trusted relay
        self._is_ours = reception.is_ours
        self._domain = reception.desk.domain
        self._admission = Admission(settings.max_sessions, settings.max_sessions_per_peer, relays)
        self._servers: list[asyncio.Server] = []
        self._arrivals: Arrivals | None = None

    def renewal(self, settings: ListeningDoor | None) -> tuple[Callable[[], None], Sequence[str]]:
        """Build what may change while the door is open. Return the function that puts it in the place of the old, and what changes by it."""
        return (lambda: None), ()

    @abstractmethod
    def session(self, loop: asyncio.AbstractEventLoop, peer: str = "") -> asyncio.Protocol:
        """A new session, for a client that has just connected. `peer` is its address where a balancer has named it."""

    async def start(self) -> None:
        """Begin to listen, on the sockets that systemd opened for this port if there are any. Raise OSError where the address is taken
        or is none of this machine's.
        """
        loop = asyncio.get_running_loop()
        host, port = endpoint(self.settings.listen)
        listening = passed_sockets(port) or open_sockets(host, port, BACKLOG)
        self.port = int(listening[0].getsockname()[1])
        passage = self.passage
        if passage is not None:
            self._arrivals = Arrivals(listening, passage, lambda peer: self.session(loop, peer))
            self._arrivals.begin()
            return
        for listener in listening:
            self._servers.append(await loop.create_server(lambda: self.session(loop), sock=listener, backlog=BACKLOG))

    @property
    def passage(self) -> Passage | None:
        """What connections pass before their session begins; None where it begins at once."""
        return None

    @property
    def tls(self) -> ssl.SSLContext | None:
        """What STARTTLS shows; None where the door has no certificate."""
        return None

    @property
    def address(self) -> str:
        """Where the door listens, as `helpdesk serve` prints it."""
        return f"{self.settings.listen.rpartition(':')[0]}:{self.port}"

    async def drain(self, seconds: float) -> None:
        """Take no new session, tell idle clients 421, let mails under way finish, and cut what is left after `seconds`."""
        self.is_draining = True
        for server in self._servers:
            server.close()
        if self._arrivals is not None:
            self._arrivals.close()
        for session in self.sessions:
            session.wake()
        end = asyncio.get_running_loop().time() + seconds
        while (left := end - asyncio.get_running_loop().time()) > 0 and self.sessions:
            await asyncio.wait([session.ended for session in self.sessions], timeout=left)
        for session in tuple(self.sessions):
            session.abort()

    def transaction(self) -> Transaction:
        """The empty transaction with which a session begins."""
        return Transaction(self._is_ours, self._domain, self.settings.max_size, self.settings.max_recipients)

    def enter(self, session: ClientSession) -> Reply | None:
        """Count a session, or return the reply that refuses it. A session that has been idle for long ends to make room for
        a new one.
        """
        if self.is_draining:
            return replies.DRAINING
        is_relay = self._admission.is_relay(session.peer)
        if self._admission.is_full_for(session.peer) and not self._admission.has_reached_its_share(session.peer):
            self._make_room(is_relay)
        if not self._admission.enter(session.peer):
            return replies.TOO_MANY_SESSIONS
        self.sessions.add(session)
        SESSIONS[self.NAME] += 1
        counts.set("smtp_sessions", SESSIONS[self.NAME], self.NAME)
        if not is_relay:
            self._strangers.add(session)
        return None

    def leave(self, session: ClientSession) -> None:
        """Stop counting a session. A second call for the same session does nothing."""
        if session in self.sessions:
            self.sessions.remove(session)
            SESSIONS[self.NAME] -= 1
            counts.set("smtp_sessions", SESSIONS[self.NAME], self.NAME)
            self._strangers.discard(session)
            self._admission.leave(session.peer)

    def _make_room(self, at_once: bool) -> None:
        """End one stranger's session if it has been idle for long; with `at_once` (for a relay), however short it has been
        idle.
        """
        idle = session_to_close(self._strangers, asyncio.get_running_loop().time(), at_once)
        if idle is not None:
            self.leave(idle)
            idle.give_place()
