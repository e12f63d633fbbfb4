"""The measurements of the gateway itself: accepting alone, processing alone, and both at once in a running node."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from helpdesk.gateway.bench.client import send, send_to
from helpdesk.gateway.bench.door import STORED
from helpdesk.gateway.bench.folder import Folder
from helpdesk.gateway.bench.measure import Measure, Stopwatch, cpu_of, memory_of
from helpdesk.gateway.bench.server import LOOK_EVERY, Server, door, steps, storing_seconds
from helpdesk.gateway.bench.workload import Mail
from helpdesk.store.pause import pause

PATIENCE = 300.0  # seconds without any progress
DOOR = "door"
WARM_UP = 4  # of 4 mails, one more is taken before the measure, so that one-time work such as compiling templates is not measured


class Stuck(Exception):
    """The node made no progress for too long. The text is one line."""


@dataclass(frozen=True, slots=True)
class WholeRun:
    """A run of a node: from the first 250 to the last committed effect, and then until the last letter was sent."""

    decided: Measure
    sent: Measure
    accepted: Measure  # the mails that its door took while the workers were at work; it has no CPU time of its own
    memory: int  # octets of all processes of the node at the end
    database_cpu: float  # seconds of a database server on this machine, which no other figure has


def measure_accepting(name: str, folder: Folder, mails: Sequence[Mail]) -> tuple[Measure, list[Measure]]:
    """Measure our door with group commit: every mail is durable before its 250. The mails stay pending in the store.

    Also return its two parts, the door and the storing.
    """
    with door(folder.config) as server:
        watch = server.stopwatch()
        with watch:
            send(server.port, mails)
        whole = watch.measure(name, len(mails))
    storing = Measure(STORED.removesuffix(":"), len(mails), 0.0, storing_seconds(server))
    return whole, [Measure(DOOR, len(mails), whole.seconds, whole.cpu_seconds - storing.cpu_seconds), storing]


def measure_steps(folder: Folder, mails: Sequence[Mail]) -> list[Measure]:
    """Measure the steps from the door to the sent letter: first accept all mails, then take them to their end in one process.

    The first mails are taken before the measure and not counted.
    """
    first = len(mails) // WARM_UP
    with steps(folder.config) as program:
        with door(folder.config) as server:
            send(server.port, mails[:first])
        program.take(first)
        _, accepting = measure_accepting(DOOR, folder, mails[first:])
        return accepting + program.take(len(mails) - first)


def measure_processing(name: str, folder: Folder, server: Server) -> Measure:
    """Measure the processing of what is pending, from the first committed batch on, so that the start of the node is not
    counted.

    If one batch takes everything, the start is counted.
    """
    waiting = folder.pending()
    watch = server.stopwatch()
    watch.start()
    _wait_until_fewer(folder.pending, waiting)
    if left := folder.pending():
        watch = server.stopwatch()
        watch.start()
    _wait_until_fewer(folder.pending, 1)
    watch.stop()
    return watch.measure(name, left or waiting)


def measure_end_to_end(folder: Folder, servers: Sequence[Server], mails: Sequence[Mail]) -> WholeRun:
    """Measure nodes that share one desk, while mail arrives at all of them and is processed."""
    wait_until_settled(folder)
    database = folder.database_process()
    of_database = Stopwatch(partial(cpu_of, database) if database else lambda: 0.0)
    of_database.start()
    watches = [server.stopwatch() for server in servers]
    for watch in watches:
        watch.start()
    sent = send_to([server.port for server in servers], mails)
    _wait_until_fewer(folder.pending, 1)
    decided_at = time.monotonic()
    decided_cpu = 0.0
    for watch in watches:
        watch.stop()
        decided_cpu += watch.cpu_seconds
        watch.start()
    wait_until_settled(folder)
    done_at = time.monotonic()
    for watch in watches:
        watch.stop()
    of_database.stop()
    count, cpu_seconds = len(mails), sum(watch.cpu_seconds for watch in watches)
    return WholeRun(
        Measure("", count, decided_at - sent.first_at, decided_cpu),
        Measure("", count, done_at - sent.first_at, cpu_seconds),
        Measure("", count - 1, sent.last_at - sent.first_at, 0.0),
        sum(memory_of(server.pid) for server in servers),
        of_database.cpu_seconds,
    )


def wait_until_settled(folder: Folder) -> None:
    """Wait until every mail is decided and every letter is sent. Raise Stuck."""
    _wait_until_fewer(folder.pending, 1)
    _wait_until_fewer(folder.unsent, 1)


def _wait_until_fewer(count: Callable[[], int], than: int) -> None:
    """Wait until the count is below `than`. Raise Stuck."""
    least, patience_ends = count(), time.monotonic() + PATIENCE
    while least >= than:
        pause(LOOK_EVERY)
        now = count()
        if now < least:
            least, patience_ends = now, time.monotonic() + PATIENCE
        elif time.monotonic() > patience_ends:
            raise Stuck(f"{now} mails or letters wait, and none was finished for {PATIENCE:.0f} seconds")
