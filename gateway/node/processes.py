"""The processes of a node: which role each one has, what it is given, and how it lives."""

import asyncio
import gc
import os
import signal
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from helpdesk.config.secret import prints_of
from helpdesk.gateway.counts import counts
from helpdesk.gateway.fork_server import ForkServerLine, serve_forks
from helpdesk.gateway.node.attendant import Attendant
from helpdesk.gateway.node.bells import Bells
from helpdesk.gateway.node.earlier_claims import take_over_claims
from helpdesk.gateway.node.editions import Edition, SharedEditions, secret_of
from helpdesk.gateway.node.node import Node
from helpdesk.gateway.node.reload import EditionReader, ReloadLine, ReloadPart, Reloads, with_secret
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
from helpdesk.gateway.node.supervisor import Lifeline, ProcessPlan, Supervisor
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
    http: bool
    operator: bool
    log_format: str
    control: str


def supervisor_of(config: Path, first: FirstLook, editions: SharedEditions) -> Supervisor:
    """The supervisor of a node, with its processes in the order in which they start, and its control socket."""
    bells = Bells()
    lines = [ForkServerLine() for _ in range(first.workers + 1)]
    reload_lines: dict[str, ReloadLine] = {}
    own: list[ClaimTokens] = []
    earlier: list[ClaimTokens] = []

    def plan(
        role: type[NodeRole], stage: int, line: ForkServerLine | None = None, *, name: str = "", secret: bool = True
    ) -> ProcessPlan:
        reload_line = reload_lines[name or role.name] = ReloadLine()
        own.append(ClaimTokens())
        dead = earlier if role is DoorRole else []
        process = _RoleProcess(config, editions, reload_line, role, bells, own[-1], dead, line, lines, secret, name or role.name)
        return ProcessPlan(name or role.name, stage, process.live)

    plans = [ProcessPlan("fork server", FORKS, partial(_serve_forks, lines, editions, reload_lines))]
    plans.append(plan(DoorRole, BRINGS_MAIL, secret=False))
    if first.mailboxes:
        plans.append(plan(MailboxRole, BRINGS_MAIL, secret=False))
    plans += [plan(WorkerRole, WORKS, line, name=f"worker {number}") for number, line in enumerate(lines[:-1], 1)]
    plans.append(plan(HousekeeperRole, WORKS, lines[-1]))
    plans.append(plan(SenderRole, SENDS, secret=False))
    if first.http:
        from helpdesk.gateway.node.serving import HttpRole  # imported only where [http] is configured: it makes a start slower

        plans.append(plan(HttpRole, BRINGS_MAIL, secret=False))
    if first.operator:
        from helpdesk.gateway.node.operating import OperatorRole  # likewise

        plans.append(plan(OperatorRole, SENDS, secret=False))
    if first.watched:
        from helpdesk.gateway.node.watching import (
            MonitorRole,  # imported only where [metrics], [alarm] or [canary] is configured: it makes a start slower
        )

        plans.append(plan(MonitorRole, FORKS, secret=False))  # it says until the end that the node is being stopped
    earlier += take_over_claims(Path(first.control), own)
    attendant = Attendant(Path(first.control), config, Reloads(reload_lines, HousekeeperRole.name, editions))
    return Supervisor(plans, attendant=attendant)


class _RoleProcess:
    """The life of a process with one role. It has the edition that the node runs with, and the keys of reply tokens only where it needs them.

    The housekeeper reads the files at a reload, because it holds the keys and touches no mail. `dead` owned claims at earlier starts of this
    node, which this process ends before it begins.
    """

    def __init__(
        self,
        config: Path,
        editions: SharedEditions,
        reload_line: ReloadLine,
        role: type[NodeRole],
        bells: Bells,
        tokens: ClaimTokens,
        dead: Sequence[ClaimTokens],
        line: ForkServerLine | None,
        lines: Sequence[ForkServerLine],
        secret: bool,
        name: str,
    ) -> None:
        self._config, self._editions, self._reload_line = config, editions, reload_line
        self._role, self._bells = role, bells
        self._tokens, self._line, self._lines, self._secret = tokens, line, lines, secret
        self._dead = dead
        self._name = name

    def live(self, lifeline: Lifeline, replaces: bool) -> int:
        replaces = replaces and not self._role.process.is_customer_side  # which claims nothing, and may not look for claims
        for line in self._lines:
            line.only_ask()
        if self._role is not HousekeeperRole:
            self._editions.only_read()
        try:
            edition = self._edition(self._editions.running)
            node = Node(
                edition.configuration,
                overrides=edition.overrides,
                launch=self._line.launch if self._line else None,
                process=self._role.process,
                bells=self._bells,
                tokens=self._tokens,
            )
            try:
                if replaces:
                    counts.add("claims_expired_total", by=end_claims_of(node.database, self._tokens, node.clock()))
                for dead in self._dead:
                    counts.add("claims_expired_total", by=end_claims_of(node.database, dead, node.clock()))
                if self._role is WorkerRole:
                    os.nice(WORKER_NICENESS)
                role = self._role(node)
                asyncio.run(_live(role, lifeline, self._reload_line, self._part(role, edition), self._name))
            finally:
                node.close()
        except Exception as fault:
            echo(f"helpdesk: {fault_in_one_line(fault)}", err=True)
            return exit_code_of(fault)
        return os.EX_OK

    def _edition(self, number: int) -> Edition:
        """An edition from shared memory, with the keys as they are now where this process has them."""
        edition = self._editions.read(number)
        if not self._secret:
            return edition
        secret = secret_of(edition, os.environ)
        return replace(edition, configuration=replace(edition.configuration, secret=secret), prints=prints_of(secret))

    def _part(self, role: NodeRole, edition: Edition) -> ReloadPart:
        if self._role is HousekeeperRole:
            reader = EditionReader(self._config, os.environ, edition)
            return ReloadPart(role, reader.just_read, reader, self._editions.write)
        return ReloadPart(role, self._next_edition)

    def _next_edition(self, number: int) -> Edition:
        edition = self._editions.read(number)
        return with_secret(edition, os.environ) if self._secret else edition


async def _live(role: NodeRole, lifeline: Lifeline, reload_line: ReloadLine, part: ReloadPart, name: str) -> None:
    """Start the role, say so, take part in reloads, and drain when the supervisor says so or is gone."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to every process; the supervisor decides
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_reader(lifeline.cut, stop.set)
    beside = [asyncio.create_task(keep_time(role.node)), asyncio.create_task(tell_counts(role.node, name, (role,)))]
    steps = ThreadPoolExecutor(1, "reload")

    def hear() -> None:
        steps.submit(reload_line.answer, part, reload_line.hear())

    try:
        lifeline.say(await role.start())
        _spare_from_collection()
        loop.add_reader(reload_line.answering, hear)
        await stop.wait()
    finally:
        loop.remove_reader(reload_line.answering)
        steps.shutdown(cancel_futures=True)
        for task in beside:
            task.cancel()
        loop.remove_reader(lifeline.cut)
        await role.drain()


def _spare_from_collection() -> None:
    """Let the garbage collector pass over everything that is there now: it lives as long as the process, and forked children share it."""
    gc.collect()
    gc.freeze()


def _serve_forks(
    lines: Sequence[ForkServerLine],
    editions: SharedEditions,
    reload_lines: Mapping[str, ReloadLine],
    lifeline: Lifeline,
    replaces: bool,
) -> int:
    editions.close()
    for line in reload_lines.values():
        line.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.nice(WORKER_NICENESS)  # the children have it too
    preload()
    _spare_from_collection()
    lifeline.say([])
    serve_forks(lines, lifeline.cut)
    return os.EX_OK
