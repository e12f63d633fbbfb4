"""The measurements of the gateway itself: accepting alone, processing alone, and both at once in a running node."""

import time
from collections.abc import Callable, Sequence

from helpdesk.gateway.bench.client import send
from helpdesk.gateway.bench.folder import Folder
from helpdesk.gateway.bench.measure import Measure
from helpdesk.gateway.bench.server import LOOK_EVERY, Server, door
from helpdesk.gateway.bench.workload import Mail

PATIENCE = 300.0  # seconds without any progress


class Stuck(Exception):
    """The node made no progress for too long. The text is one line."""


def measure_accepting(name: str, folder: Folder, mails: Sequence[Mail]) -> Measure:
    """Measure our door with group commit: every mail is durable before its 250. The mails stay pending in the store."""
    with door(folder.config) as server:
        watch = server.stopwatch()
        with watch:
            send(server.port, mails)
        return watch.measure(name, len(mails))


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


def measure_end_to_end(
    name: str, name_with_letters: str, folder: Folder, server: Server, mails: Sequence[Mail]
) -> tuple[Measure, Measure]:
    """Measure from the first 250 to the last committed effect, and then until the last letter is sent; mail arrives while it
    is processed.
    """
    wait_until_settled(folder)
    watch = server.stopwatch()
    watch.start()
    sent = send(server.port, mails)
    _wait_until_fewer(folder.pending, 1)
    watch.stop()
    decided_at, cpu_seconds = time.perf_counter(), watch.cpu_seconds
    watch.start()
    wait_until_settled(folder)
    watch.stop()
    done_at = time.perf_counter()
    return (
        Measure(name, len(mails), decided_at - sent.first_at, cpu_seconds),
        Measure(name_with_letters, len(mails), done_at - sent.first_at, watch.cpu_seconds),
    )


def wait_until_settled(folder: Folder) -> None:
    """Wait until every mail is decided and every letter is sent. Raise Stuck."""
    _wait_until_fewer(folder.pending, 1)
    _wait_until_fewer(folder.unsent, 1)


def _wait_until_fewer(count: Callable[[], int], than: int) -> None:
    """Wait until the count is below `than`. Raise Stuck."""
    least, patience_ends = count(), time.monotonic() + PATIENCE
    while least >= than:
        time.sleep(LOOK_EVERY)
        now = count()
        if now < least:
            least, patience_ends = now, time.monotonic() + PATIENCE
        elif time.monotonic() > patience_ends:
            raise Stuck(f"{now} mails or letters wait, and none was finished for {PATIENCE:.0f} seconds")
