"""Wake-ups between the processes of a node, and the one fact that they share. A lost wake-up costs time and nothing else: every part also
looks at each tick.

Sockets and memory are made before the processes are forked, so they outlast each of them. A process that is killed leaves nothing locked.
"""

import asyncio
import mmap
import select
import socket
from contextlib import suppress

from helpdesk.gateway.counts import CountsLine

RING = b"!"
OCTETS_OF_RINGS = 4096  # so that few rings wait: the first one says all


class Bell:
    """Wakes one of those who wait for it, in whatever process they are."""

    def __init__(self) -> None:
        self._rung, self._pulled = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._pulled.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, OCTETS_OF_RINGS)
        self._pulled.setblocking(False)

    def ring(self) -> None:
        """Wake one who waits, or the next one who will. Never blocks; may be called from any thread."""
        with suppress(BlockingIOError):  # enough rings wait already
            self._pulled.send(RING)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the bell rings, and forget all rings. Return False when the time is over, or when somebody else was faster.

        Of those who wait without an end, the kernel wakes one for each ring, in turn: the others sleep on. Those with an end are all woken.
        """
        if seconds is None:
            self._rung.recv(len(RING))
            self._forget_rings()
            return True
        select.select([self._rung], [], [], seconds)
        return self._forget_rings()

    def connect(self, loop: asyncio.AbstractEventLoop, woken: asyncio.Event) -> None:
        """Set `woken` in this loop at each ring."""

        def wake() -> None:
            if self._forget_rings():
                woken.set()

        loop.add_reader(self._rung, wake)

    def disconnect(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.remove_reader(self._rung)

    def close(self) -> None:
        self._rung.close()
        self._pulled.close()

    def _forget_rings(self) -> bool:
        rung = False
        with suppress(BlockingIOError):
            while self._rung.recv(len(RING), socket.MSG_DONTWAIT):
                rung = True
        return rung


class SharedFlag:
    """One yes or no that all processes of a node see. Whoever restarts writes it anew."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 1)

    def set(self, value: bool) -> None:
        self._memory[0] = value

    def is_set(self) -> bool:
        return bool(self._memory[0])

    def close(self) -> None:
        self._memory.close()


class Bells:
    """What rings in a node: `mails` for mails and replies that wait, `letters` for letters to send, `due` for what the clock makes due.

    `relay_stalled` says whether the relay takes no letters at present; the sender writes it. `draining` says whether the node is being
    stopped; the door writes it. `counts` leads what the processes count to the one that shows it.
    """

    def __init__(self) -> None:
        self.mails, self.letters, self.due = Bell(), Bell(), Bell()
        self.relay_stalled, self.draining = SharedFlag(), SharedFlag()
        self.counts = CountsLine()

    def close(self) -> None:
        for part in (self.mails, self.letters, self.due, self.relay_stalled, self.draining, self.counts):
            part.close()
