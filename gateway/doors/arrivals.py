"""Listening sockets, and what a connection passes before its session begins: the header of a balancer, and TLS from the first octet."""

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from helpdesk.gateway.doors.proxy_header import BadHeader, read_header
from helpdesk.gateway.observe import Log
from helpdesk.threading.trust.assurance import is_within
from helpdesk.threading.trust.peers import plain_address

EVERYWHERE = "*"  # all addresses of this machine, IPv4 and IPv6
EVERYWHERE_IPV6 = "::"  # the same: people who write it do not mean to shut IPv4 out
HEADER_SECONDS = 5.0
HANDSHAKE_SECONDS = 30.0
NO_IPV6 = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
SHORT_PAUSE = 0.1  # seconds after an accept that failed, such as for want of descriptors

log = Log("helpdesk.doors")


@dataclass(frozen=True, slots=True)
class Passage:
    """What the connections of a listener pass. `balancers` are the networks whose connections begin with a PROXY header, `tls` gives the
    context of this moment where TLS begins with the first octet, and `most` is how many connections may be on their way at once.
    """

    balancers: tuple[str, ...]
    tls: Callable[[], ssl.SSLContext] | None
    most: int


def open_sockets(host: str, port: int, backlog: int) -> list[socket.socket]:
    """The sockets that listen there. Raises OSError, which names the place.

    A host of this machine's own name may have several addresses; "::" and "*" stand for all addresses of both families.
    """
    try:
        return _sockets_at(host, port, backlog)
    except OSError as fault:
        raise OSError(
            fault.errno, f"cannot listen at {host}:{port}: {(fault.strerror or str(fault)).partition(' (')[0].lower()}"
        ) from fault


def _sockets_at(host: str, port: int, backlog: int) -> list[socket.socket]:
    if host in (EVERYWHERE, EVERYWHERE_IPV6):
        if socket.has_dualstack_ipv6():
            try:
                return [socket.create_server(("::", port), family=socket.AF_INET6, backlog=backlog, dualstack_ipv6=True)]
            except OSError as fault:
                if fault.errno not in NO_IPV6:
                    raise
        host = "0.0.0.0"
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    opened: list[socket.socket] = []
    try:
        for family, address in dict.fromkeys((family, address) for family, _, _, _, address in found):
            opened.append(socket.create_server(address, family=family, backlog=backlog))
    except OSError:
        for listening in opened:
            listening.close()
        raise
    return opened


class Arrivals:
    """Accepts connections, lets each one pass, and begins its session. Lives in one event loop.

    `session` makes a session for a peer. Connections on their way are bounded in number and in time.
    """

    def __init__(self, listening: Sequence[socket.socket], passage: Passage, session: Callable[[str], asyncio.Protocol]) -> None:
        self._listening, self._passage, self._session = listening, passage, session
        self._on_their_way: set[asyncio.Task[None]] = set()
        self._accepting: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        for listening in self._listening:
            listening.setblocking(False)
            self._accepting.append(asyncio.create_task(self._accept(listening)))

    def close(self) -> None:
        """Accept nothing more, and cut what is on its way."""
        for task in (*self._accepting, *self._on_their_way):
            task.cancel()
        for listening in self._listening:
            listening.close()

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, address = await loop.sock_accept(listening)
            except OSError as fault:
                log.warning("door.not_accepted", reason=str(fault))
                await asyncio.sleep(SHORT_PAUSE)
                continue
            if len(self._on_their_way) >= self._passage.most:
                connection.close()
                continue
            task = asyncio.create_task(self._pass(connection, plain_address(str(address[0]))))
            self._on_their_way.add(task)
            task.add_done_callback(self._on_their_way.discard)

    async def _pass(self, connection: socket.socket, peer: str) -> None:
        loop, passage = asyncio.get_running_loop(), self._passage
        try:
            connection.setblocking(False)
            if is_within(peer, passage.balancers):
                async with asyncio.timeout(HEADER_SECONDS):
                    peer = await read_header(loop, connection) or peer
            tls = passage.tls() if passage.tls else None
            seconds = HANDSHAKE_SECONDS if tls else None
            await loop.connect_accepted_socket(lambda: self._session(peer), connection, ssl=tls, ssl_handshake_timeout=seconds)
        except (BadHeader, TimeoutError) as fault:
            log.warning("door.no_proxy_header", peer=peer, reason=str(fault) or "none came in time")
            connection.close()
        except (OSError, ssl.SSLError):
            connection.close()
        except asyncio.CancelledError:
            connection.close()
            raise
