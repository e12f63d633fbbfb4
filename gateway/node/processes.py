"""The processes of a node: which role each one has, what it is given, and how it lives."""

import asyncio
import gc
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from helpdesk.config.load import load
from helpdesk.gateway.counts import counts
from helpdesk.gateway.fork_server import ForkServerLine, serve_forks
from helpdesk.gateway.node.bells import Bells
from helpdesk.gateway.node.node import Node
from helpdesk.gateway.node.roles import (
    DoorRole,
    HousekeeperRole,
    MailboxRole,
    NodeRole,
    SenderRole,
    WorkerRole,
    keep_time,
    tell_counts,
)
from helpdesk.gateway.node.supervisor import Lifeline, ProcessPlan
from helpdesk.gateway.observe import Log
from helpdesk.gateway.reader import preload
from helpdesk.gateway.terminal import echo, exit_code_of, fault_in_one_line
from helpdesk.store.identifiers import ClaimTokens
from helpdesk.store.leases import end_claims_of

BRINGS_MAIL, WORKS, SENDS, FORKS = range(4)  # the stages in which processes drain
WORKER_NICENESS = 5  # the door answers first when all cores are busy

log = Log("helpdesk.node")


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What the supervisor must know of the configuration, which it does not read itself."""

    workers: int
    mailboxes: bool
    watched: bool
    log_format: str


def plans_of(config: Path, first: FirstLook) -> list[ProcessPlan]:
    """Return the processes of a node, in the order in which they start."""
    bells = Bells()
    lines = [ForkServerLine() for _ in range(first.workers + 1)]

    def plan(
        role: type[NodeRole], stage: int, line: ForkServerLine | None = None, *, name: str = "", secret: bool = True
    ) -> ProcessPlan:
        process = _RoleProcess(config, role, bells, ClaimTokens(), line, lines, secret, name or role.name)
        return ProcessPlan(name or role.name, stage, process.live)

    plans = [ProcessPlan("fork server", FORKS, partial(_serve_forks, lines))]
    plans.append(plan(DoorRole, BRINGS_MAIL, secret=False))
    if first.mailboxes:
        plans.append(plan(MailboxRole, BRINGS_MAIL, secret=False))
    plans += [plan(WorkerRole, WORKS, line, name=f"worker {number}") for number, line in enumerate(lines[:-1], 1)]
    plans.append(plan(HousekeeperRole, WORKS, lines[-1]))
    plans.append(plan(SenderRole, SENDS, secret=False))
    if first.watched:
        from helpdesk.gateway.node.watching import MonitorRole  # a node that nobody watches starts without it

        plans.append(plan(MonitorRole, FORKS, secret=False))  # it says until the end that the node is being stopped
    return plans


class _RoleProcess:
    """The life of a process with one role. It reads the configuration by itself, with the keys of reply tokens only where it needs them."""

    def __init__(
        self,
        config: Path,
        role: type[NodeRole],
        bells: Bells,
        tokens: ClaimTokens,
        line: ForkServerLine | None,
        lines: Sequence[ForkServerLine],
        secret: bool,
        name: str,
    ) -> None:
        self._config, self._role, self._bells = config, role, bells
        self._tokens, self._line, self._lines, self._secret = tokens, line, lines, secret
        self._name = name

    def live(self, lifeline: Lifeline, replaces: bool) -> int:
        for line in self._lines:
            line.only_ask()
        try:
            node = Node(
                load(self._config, os.environ, with_secret=self._secret),
                launch=self._line.launch if self._line else None,
                process=self._role.process,
                bells=self._bells,
                tokens=self._tokens,
            )
            try:
                if replaces:
                    counts.add("claims_expired_total", by=end_claims_of(node.database, self._tokens, node.clock()))
                if self._role is WorkerRole:
                    os.nice(WORKER_NICENESS)
                asyncio.run(_live(self._role(node), lifeline, self._name))
            finally:
                node.close()
        except Exception as fault:
            echo(f"helpdesk: {fault_in_one_line(fault)}", err=True)
            return exit_code_of(fault)
        return os.EX_OK


async def _live(role: NodeRole, lifeline: Lifeline, name: str) -> None:
    """Start the role, say so, and drain when the supervisor says so or is gone."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to every process; the supervisor decides
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_reader(lifeline.cut, stop.set)
    beside = [asyncio.create_task(keep_time(role.node)), asyncio.create_task(tell_counts(role.node, name))]
    try:
        lifeline.say(await role.start())
        _spare_from_collection()
        await stop.wait()
    finally:
        for task in beside:
            task.cancel()
        loop.remove_reader(lifeline.cut)
        await role.drain()


def _spare_from_collection() -> None:
    """Let the garbage collector pass over everything that is there now: it lives as long as the process, and forked children share it."""
    gc.collect()
    gc.freeze()


def _serve_forks(lines: Sequence[ForkServerLine], lifeline: Lifeline, replaces: bool) -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.nice(WORKER_NICENESS)  # the children have it too
    preload()
    _spare_from_collection()
    lifeline.say([])
    serve_forks(lines, lifeline.cut)
    return os.EX_OK
