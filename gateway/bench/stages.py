"""A program that does a node's work in one process, step after step, to show what each step costs.

It reads lines from standard input. For each line it takes all pending mails of the store to their effects and sends all letters, with the
node's own worker and sender, and prints the CPU time of each step as one line of JSON.

A step is a function that the worker or the sender calls. It is replaced where it is called by one that adds up its CPU time. So the steps
are those of the node, whatever stands between them, and what stands between them is counted too.
"""

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

from helpdesk.config.load import Configuration, load
from helpdesk.gateway.bench.measure import Measure, cpu_of
from helpdesk.gateway.delivery.outbox import Outbox
from helpdesk.gateway.delivery.relay import relay_for
from helpdesk.gateway.delivery.sender import Sender
from helpdesk.gateway.delivery.watermark import Watermark
from helpdesk.gateway.observe import Log, log_to_standard_error
from helpdesk.gateway.origin.check import OriginCheck
from helpdesk.gateway.origin.resolver import Resolver
from helpdesk.gateway.reader import Reader
from helpdesk.gateway.terminal import echo
from helpdesk.gateway.work import mail, settle
from helpdesk.gateway.work.desk import desk_of
from helpdesk.gateway.work.incident import Outbreaks
from helpdesk.gateway.work.kind import Tools
from helpdesk.gateway.work.worker import Worker
from helpdesk.store.blob_folder import BlobFolder
from helpdesk.store.database import Database

LEASE_MARGIN = timedelta(minutes=2)


class MeasuredStep(NamedTuple):
    """A step by its name in the report, and the place from which it is called: an attribute of a module or a class."""

    name: str
    owner: Any
    attribute: str


IN_THE_CHILD, BETWEEN, HAND_OVER = "read, in the child", "worker, between the steps", "send"
STEPS = (
    MeasuredStep("claim", mail, "claim_mail"),
    MeasuredStep("read, pipe to the child", Reader, "read"),
    MeasuredStep("gather", mail, "mail_item"),
    MeasuredStep("look up", settle, "look_up_many"),
    MeasuredStep("match and decide", settle, "decide"),
    MeasuredStep("compose", settle, "outcome_of"),
    MeasuredStep("record", settle, "record_all"),
    MeasuredStep("outbreaks", Outbreaks, "work"),
    MeasuredStep("claim letters", Outbox, "claim"),
    MeasuredStep("settle letters", Outbox, "settle"),
)
OF_THE_SENDER = ("claim letters", "settle letters")
ORDER = (
    "claim",
    "read, pipe to the child",
    IN_THE_CHILD,
    "gather",
    "look up",
    "match and decide",
    "compose",
    "record",
    "outbreaks",
    BETWEEN,
    "claim letters",
    HAND_OVER,
    "settle letters",
)


@dataclass(slots=True)
class Costs:
    """CPU and wall seconds of each step. Threads may add at the same time.

    Where one step calls another, the time of the inner one is its own alone, so that the sum of all steps counts nothing twice.
    """

    cpu: dict[str, float] = field(default_factory=dict)
    wall: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _inside: threading.local = field(default_factory=threading.local)

    def add(self, name: str, wall: float, cpu: float) -> None:
        with self._lock:
            self.cpu[name] = self.cpu.get(name, 0.0) + cpu
            self.wall[name] = self.wall.get(name, 0.0) + wall

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with its time added to the step `name`."""

        @wraps(function)
        def measured(*arguments: Any, **named: Any) -> Any:
            outer = getattr(self._inside, "inner", (0.0, 0.0))
            self._inside.inner = (0.0, 0.0)
            wall, cpu = time.perf_counter(), time.thread_time()
            try:
                return function(*arguments, **named)
            finally:
                wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
                of_others = self._inside.inner
                self.add(name, wall - of_others[0], cpu - of_others[1])
                self._inside.inner = (outer[0] + wall, outer[1] + cpu)

        return measured

    def clear(self) -> None:
        self.cpu.clear()
        self.wall.clear()

    def total(self, names: Sequence[str]) -> float:
        """CPU seconds of these steps together."""
        return sum(self.cpu.get(name, 0.0) for name in names)


@contextmanager
def measured_steps(costs: Costs, steps: Sequence[MeasuredStep] = STEPS) -> Iterator[None]:
    """Measure the steps while the block runs. Raise AttributeError where a step is not there any more."""
    with ExitStack() as undo:
        for step in steps:
            plain = getattr(step.owner, step.attribute)
            setattr(step.owner, step.attribute, costs.timed(step.name, plain))
            undo.callback(setattr, step.owner, step.attribute, plain)
        yield


class OneProcess:
    """The worker and the sender of a node in this process. Nothing else may use its store meanwhile.

    It is made when the steps are measured already, because its parts keep the functions that they were made with.
    """

    def __init__(self, configuration: Configuration, costs: Costs) -> None:
        self._costs = costs
        settings, policy = configuration.settings, configuration.policy
        self._database = Database(settings.database.url)
        blobs = BlobFolder(Path(settings.database.blobs))
        self._reader = Reader(1)  # as each worker of a node has it
        origins = OriginCheck(settings.authentication, Resolver(settings.authentication.nameservers), self._reader)
        self._desk = desk_of(configuration, "steps")
        self._worker = Worker(Tools(self._database, blobs, self._desk, self._reader, now, origins=origins))
        self._relay = relay_for(settings.relay, settings.desk.hostname or settings.desk.domain)
        lease = self._relay.longest_transfer + LEASE_MARGIN
        outbox = Outbox(self._database, lease, Watermark(blobs), blobs)
        self._sender = Sender(outbox, self._relay, policy.retry, now, Log("helpdesk.sender"), lease=lease)

    def take(self) -> None:
        """Take everything that is due to its effects, and send all letters. The costs are those of this call alone."""
        costs = self._costs
        costs.clear()
        family, own, wall = cpu_of(os.getpid()), time.process_time(), time.perf_counter()
        self._worker.work()
        between, wall = time.process_time() - own, time.perf_counter() - wall
        costs.add(IN_THE_CHILD, 0.0, cpu_of(os.getpid()) - family - between)
        inside = costs.total([step.name for step in STEPS])
        costs.add(BETWEEN, wall - sum(costs.wall.values()), between - inside)
        own, wall = time.process_time(), time.perf_counter()
        asyncio.run(self._send())
        handing, wall = time.process_time() - own, time.perf_counter() - wall
        costs.add(HAND_OVER, wall, handing - costs.total(OF_THE_SENDER))

    async def _send(self) -> None:
        await self._sender.send_due()
        await self._relay.close()

    def close(self) -> None:
        self._worker.close()
        self._reader.close()
        self._desk.letterhead.renderer.close()
        self._database.close()


def measures(printed: str, mails: int) -> list[Measure]:
    """The steps in their order, from one line that the program printed."""
    told = json.loads(printed)
    return [Measure(name, mails, told["wall"].get(name, 0.0), told["cpu"].get(name, 0.0)) for name in ORDER]


def now() -> datetime:
    return datetime.now(UTC)


def main(config: Path) -> None:
    configuration = load(config, {})
    log_to_standard_error(configuration.settings.log_format)
    costs = Costs()
    with measured_steps(costs), closing(OneProcess(configuration, costs)) as process:
        echo("ready")
        for _ in sys.stdin:
            process.take()
            echo(json.dumps({"cpu": costs.cpu, "wall": costs.wall}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
