"""The supervisor of a node: it forks the processes of the node, restarts those that die, and lets them finish in order.

It reads no mail and no configuration, opens no database and holds no secret. The configuration stands in memory that its processes share and
that it never looks at; the keys of reply tokens are not there, and each process that needs them reads them for itself. A process that ends unexpectedly is started again, after a pause that grows while it goes on failing. When the supervisor itself dies,
its processes notice that their lifeline is cut, and drain as at SIGTERM.

Between the signals an attendant answers what an operator asks of the running node: to take its configuration anew.
"""

import gc
import os
import select
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from helpdesk.gateway.observe import Log
from helpdesk.gateway.process_name import name_process
from helpdesk.gateway.service_manager import tell_alive, tell_stopping
from helpdesk.gateway.terminal import flush_output

DRAIN_SECONDS = 45.0  # for the processes of one stage; those that take longer are killed
START_SECONDS = 60.0
LOOK_EVERY = 1.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 30.0  # seconds before a process that died is started again
SETTLED = 60.0  # seconds after which a process no longer counts as one that fails at its start
CALLS = frozenset({signal.SIGHUP, signal.SIGIO})  # for the attendant: reload, and somebody at the control socket
SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}) | CALLS
READY = "ready"

log = Log("helpdesk.supervisor")


class ProcessFailed(Exception):
    """A process of the node ended before it was ready. It has told the reason on standard error. `code` is its exit code."""

    def __init__(self, name: str, code: int) -> None:
        super().__init__(f"the {name} process did not start")
        self.code = code


@dataclass(frozen=True, slots=True)
class Lifeline:
    """What a process has of its supervisor. `cut` becomes readable when the supervisor is gone."""

    cut: int
    listener: int | None = None  # takes the lines of the first start; nobody hears what a successor says

    def say(self, lines: Sequence[str]) -> None:
        """Say once that the process has begun, with lines for the operator."""
        if self.listener is not None:
            os.write(self.listener, "".join(f"{line}\n" for line in [*lines, READY]).encode())
            os.close(self.listener)


class Attending(Protocol):
    """What answers the calls of an operator to a running node."""

    def begin(self) -> None:
        """Take calls from now on."""

    def attend(self, hung_up: bool, processes: "Supervisor") -> None:
        """Answer the calls that wait. `hung_up` says that SIGHUP came."""

    def forget(self) -> None:
        """Leave the calls to the supervisor, in a process that was forked from it."""

    def end(self) -> None:
        """Take no further call."""


class NobodyAttends:
    """Takes no calls: for a supervisor without a control socket, as in tests."""

    def begin(self) -> None:
        return

    def attend(self, hung_up: bool, processes: "Supervisor") -> None:
        return

    def forget(self) -> None:
        return

    def end(self) -> None:
        return


@dataclass(frozen=True, slots=True)
class ProcessPlan:
    """A process of the node. `run` is its life and returns its exit code; it is told whether it replaces one that died.

    Processes of a lower `stage` drain first: what brings mail in, then what works on it, then what sends letters.
    """

    name: str
    stage: int
    run: Callable[[Lifeline, bool], int]


@dataclass(slots=True)
class _Running:
    plan: ProcessPlan
    pid: int
    since: float
    pause: float = FIRST_PAUSE


@dataclass(slots=True)
class Supervisor:
    """Runs the processes of `plans`, which start in this order."""

    plans: Sequence[ProcessPlan]
    monotonic: Callable[[], float] = time.monotonic
    attendant: Attending = field(default_factory=NobodyAttends)
    _running: list[_Running] = field(default_factory=list)
    _due: list[tuple[float, ProcessPlan, float]] = field(
        default_factory=list
    )  # when to start again, what, and the pause after that

    def run(self, ready: Callable[[list[str]], None]) -> int:
        """Start every process, call `ready` with what they say, and return 0 after SIGTERM or SIGINT when all have drained.

        Raise ProcessFailed where one does not start at all; then the others have ended too.
        """
        gc.collect()
        gc.freeze()  # so that the collector of a process does not copy the memory that all of them share
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        # Ignored too, which the kernel heeds only where they are not blocked: in the processes, and after the end.
        dispositions = {call: signal.signal(call, signal.SIG_IGN) for call in CALLS}
        cut, keep = os.pipe()
        try:
            lines = self._start_all(cut, keep)
            self.attendant.begin()
            ready(lines)
            self._watch(cut, keep)
            tell_stopping()
            return os.EX_OK
        finally:
            self.attendant.end()
            self._drain()
            os.close(cut)
            os.close(keep)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            for call, disposition in dispositions.items():
                signal.signal(call, disposition)

    def alive(self) -> set[str]:
        """The names of the processes that run."""
        return {running.plan.name for running in self._running if not _has_ended(running.pid)}

    def _start_all(self, cut: int, keep: int) -> list[str]:
        lines: list[str] = []
        for plan in self.plans:
            heard, say = os.pipe()
            self._running.append(_Running(plan, self._fork(plan, Lifeline(cut, say), keep, replaces=False), self.monotonic()))
            os.close(say)
            said = _hear(heard)
            if said[-1:] != [READY]:
                raise ProcessFailed(plan.name, self._end_of(self._running.pop()))
            lines += said[:-1]
        return lines

    def _fork(self, plan: ProcessPlan, lifeline: Lifeline, keep: int, *, replaces: bool) -> int:
        flush_output()
        pid = os.fork()
        if pid:
            return pid
        code = os.EX_SOFTWARE
        try:
            os.close(keep)
            self.attendant.forget()
            name_process(plan.name)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            code = plan.run(lifeline, replaces)
        except BaseException:
            log.exception("process.failed", name=plan.name)
        finally:
            flush_output()
            os._exit(code)

    def _watch(self, cut: int, keep: int) -> None:
        """Until the node is told to stop, start again what ends."""
        while True:
            told = signal.sigtimedwait(SIGNALS, LOOK_EVERY)
            tell_alive()
            if told is not None and told.si_signo in (signal.SIGTERM, signal.SIGINT):
                return
            for ended, code in self._ended():
                lived = self.monotonic() - ended.since
                pause = FIRST_PAUSE if lived > SETTLED else ended.pause
                log.warning("process.ended", name=ended.plan.name, code=code, again_in=pause)
                self._due.append((self.monotonic() + pause, ended.plan, min(2 * pause, LONGEST_PAUSE)))
            self._start_due(cut, keep)
            self.attendant.attend(told is not None and told.si_signo == signal.SIGHUP, self)

    def _start_due(self, cut: int, keep: int) -> None:
        now = self.monotonic()
        due = [entry for entry in self._due if entry[0] <= now]
        self._due = [entry for entry in self._due if entry[0] > now]
        for _, plan, pause in due:
            self._running.append(_Running(plan, self._fork(plan, Lifeline(cut), keep, replaces=True), now, pause))

    def _ended(self) -> list[tuple[_Running, int]]:
        ended = []
        for running in list(self._running):
            pid, status = os.waitpid(running.pid, os.WNOHANG)
            if pid:
                self._running.remove(running)
                ended.append((running, os.waitstatus_to_exitcode(status)))
        return ended

    def _drain(self) -> None:
        """Stop the processes, stage after stage."""
        for stage in sorted({running.plan.stage for running in self._running}):
            of_stage = [running for running in self._running if running.plan.stage == stage]
            for running in of_stage:
                os.kill(running.pid, signal.SIGTERM)
            end = self.monotonic() + DRAIN_SECONDS
            while any(running in self._running for running in of_stage) and self.monotonic() < end:
                signal.sigtimedwait({signal.SIGCHLD}, LOOK_EVERY)
                self._ended()
            for running in of_stage:
                if running in self._running:
                    log.warning("process.killed", name=running.plan.name, reason="it did not end in time")
                    self._end_of(running, kill=True)

    def _end_of(self, running: _Running, *, kill: bool = False) -> int:
        """Wait for the end of a process, and return its exit code."""
        if kill:
            os.kill(running.pid, signal.SIGKILL)
        _, status = os.waitpid(running.pid, 0)
        if running in self._running:
            self._running.remove(running)
        return os.waitstatus_to_exitcode(status)


def _has_ended(pid: int) -> bool:
    """Whether a process has ended. Its exit code stays there for `waitpid`."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _hear(heard: int) -> list[str]:
    """Return the lines that a process says at its start, until it has said all or has ended."""
    said = b""
    end = time.monotonic() + START_SECONDS
    with open(heard, "rb", buffering=0) as pipe:
        while select.select([pipe], [], [], max(0.0, end - time.monotonic()))[0] and (octets := pipe.read(4096)):
            said += octets
    return said.decode().splitlines()
