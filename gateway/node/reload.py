"""Takes a new edition of the configuration in all processes of a node: all of them or none.

A reload has three steps, as nginx does it. One process, the reader, reads all files and says what is wrong with them. Then each process builds
all its new objects, and the old ones go on. Only when everybody has said that theirs are sound, each process puts its new objects in the
place of the old ones. Wherever a step fails, the old ones stay.
"""

import json
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from helpdesk.config.problems import ConfigurationProblems
from helpdesk.config.secret import prints_of
from helpdesk.gateway.node.editions import Edition, Refused, SharedEditions, next_edition, secret_of
from helpdesk.gateway.node.outcome import ReloadOutcome, shortened
from helpdesk.gateway.observe import Log
from helpdesk.gateway.service_manager import tell_alive
from helpdesk.gateway.terminal import fault_in_one_line

READ, PREPARE, TAKE, KEEP = "read", "prepare", "take", "keep"
STEP_SECONDS = 120.0  # for all processes together to answer
LOOK_EVERY = 0.2
LARGEST = 128 * 1024  # octets of a message
ENDS_A_NODE = frozenset({signal.SIGTERM, signal.SIGINT})

log = Log("helpdesk.reload")

Answer = Mapping[str, Any]
AskAll = Callable[[Collection[str], Mapping[str, Any]], Mapping[str, Answer]]  # one question to processes, by their names


class Renewable(Protocol):
    """A role, as a reload sees it."""

    def renewal(self, edition: Edition) -> tuple[Callable[[], None], Sequence[str]]:
        """Build what the role needs of an edition. Return the function that puts it in the place of the old, and what changes by it.

        Raises ConfigurationProblems or an exception that says in one line what is wrong; then nothing has changed.
        """

    def keep(self, reasons: Sequence[str]) -> None:
        """Learn that an edition was refused."""


class EditionReader:
    """The one that reads the files of a node. `running` is the edition that the node runs with."""

    def __init__(self, file: Path, environment: Mapping[str, str], running: Edition) -> None:
        self._file, self._environment = file, environment
        self.running = running
        self.read: Edition | None = None

    def look(self) -> Answer:
        self.read = None
        self.read, changes = next_edition(self._file, self._environment, self.running)
        return {"changed": changes.taken, "restart": changes.restart, "policy": self.read.configuration.policy.digest}

    def just_read(self, number: int) -> Edition:
        """The edition that was read last, with its keys, whatever number it has in shared memory."""
        assert self.read is not None
        return self.read

    def take(self) -> None:
        """What was read is what runs now."""
        assert self.read is not None
        self.running, self.read = self.read, None


class ReloadPart:
    """The part of one role in a reload. `edition_of` gets the edition with a number; `reader` is that of the process which reads."""

    def __init__(
        self,
        role: Renewable,
        edition_of: Callable[[int], Edition],
        reader: EditionReader | None = None,
        publish: Callable[[int, Edition], None] = lambda number, edition: None,
    ) -> None:
        self._role, self._edition_of = role, edition_of
        self._reader, self._publish = reader, publish
        self._prepared: Callable[[], None] | None = None

    def answer(self, message: Mapping[str, Any]) -> Answer:
        """Do a step, and say how it went. Never raises: a refusal is an answer."""
        try:
            return self._do(message)
        except Refused as fault:
            return {"problems": fault.reasons, "code": fault.code}
        except ConfigurationProblems as fault:
            return {"problems": list(map(str, fault.problems)), "code": os.EX_CONFIG}
        except Exception as fault:
            is_away = type(fault).__name__ == "DatabaseAway"
            return {"problems": [fault_in_one_line(fault)], "code": os.EX_TEMPFAIL if is_away else os.EX_CONFIG}

    def _do(self, message: Mapping[str, Any]) -> Answer:
        step, number = message["do"], message.get("edition", 0)
        if step == READ and self._reader is not None:
            found = self._reader.look()
            assert self._reader.read is not None
            self._publish(number, self._reader.read)
            return found
        if step == PREPARE:
            self._prepared = None
            self._prepared, changed = self._role.renewal(self._edition_of(number))
            return {"changed": list(changed)}
        if step == TAKE:
            take, self._prepared = self._prepared, None
            if take is not None:
                take()
                if self._reader is not None:
                    self._reader.take()
        if step == KEEP:
            self._prepared = None
            self._role.keep(message["reasons"])
        return {}


def with_secret(edition: Edition, environment: Mapping[str, str]) -> Edition:
    """The edition with its keys, which each process reads for itself. Raises Refused where they are not those that the reader saw."""
    secret = secret_of(edition, environment)
    if prints_of(secret) != edition.prints:
        raise Refused(("the secret changed while it was being read; reload again",), os.EX_TEMPFAIL)
    return replace(edition, configuration=replace(edition.configuration, secret=secret))


def reload_all(ask: AskAll, names: Sequence[str], reader: str, number: int) -> ReloadOutcome:
    """Bring a new edition, which gets this number, to all processes of these names, or to none of them."""
    read = ask([reader], {"do": READ, "edition": number})
    if refusal := _refusal(read):
        return _keep(ask, names, reader, refusal)
    prepared = ask(names, {"do": PREPARE, "edition": number})
    # The reader takes first: it brings the directory into the database, and that may fail.
    if refusal := _refusal(prepared) or _refusal(ask([reader], {"do": TAKE})):
        return _keep(ask, names, reader, refusal)
    ask([name for name in names if name != reader], {"do": TAKE})  # who is gone by now has a successor with this edition
    found = read[reader]
    more = dict.fromkeys(line for answer in prepared.values() for line in answer.get("changed", ()))
    outcome = ReloadOutcome(os.EX_OK, (*found["changed"], *more), tuple(found["restart"]), (), found["policy"])
    log.info(
        "reload.taken", changed="; ".join(outcome.changed), needs_restart="; ".join(outcome.restart), policy=outcome.policy[:8]
    )
    return outcome


def _refusal(answers: Mapping[str, Answer]) -> ReloadOutcome | None:
    refused = [answer for answer in answers.values() if answer.get("problems")]
    problems = tuple(dict.fromkeys(line for answer in refused for line in answer["problems"]))
    return ReloadOutcome(refused[0].get("code", os.EX_CONFIG), problems=problems) if refused else None


def _keep(ask: AskAll, names: Sequence[str], reader: str, refusal: ReloadOutcome) -> ReloadOutcome:
    log.warning("reload.refused", reason="; ".join(refusal.problems), do="the node keeps the configuration that it has")
    reasons = list(refusal.problems)
    ask([reader], {"do": KEEP, "reasons": reasons})
    ask([name for name in names if name != reader], {"do": KEEP, "reasons": []})
    return refusal


class ReloadLine:
    """The socket between the supervisor and one of its processes. It is made before the process is forked, and outlasts it."""

    def __init__(self) -> None:
        self.asking, self.answering = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def close(self) -> None:
        self.asking.close()
        self.answering.close()

    def hear(self) -> Mapping[str, Any]:
        """Take the next question, which is there."""
        question: Mapping[str, Any] = json.loads(self.answering.recv(LARGEST))
        return question

    def answer(self, part: ReloadPart, question: Mapping[str, Any]) -> None:
        """Do what was asked, however long it takes, and say how it went."""
        answer = {**shortened(part.answer(question)), "mark": question["mark"]}
        self.answering.send(json.dumps(answer).encode())


class Processes(Protocol):
    """What the supervisor knows of its processes."""

    def alive(self) -> set[str]:
        """The names of those that run."""


class Reloads:
    """Carries reloads out for a supervisor, one after another. `lines` has the line to each process by its name."""

    def __init__(self, lines: Mapping[str, ReloadLine], reader: str, editions: SharedEditions) -> None:
        self._lines, self._reader, self._editions = lines, reader, editions
        self._mark = 0

    def reload(self, processes: Processes) -> ReloadOutcome:
        """Take a new edition, or keep the running one and say why."""
        number = 1 - self._editions.running

        def ask(names: Collection[str], message: Mapping[str, Any]) -> Mapping[str, Answer]:
            answers = self._ask(names, message, processes)
            if message["do"] == TAKE and self._reader in names and not _refusal(answers):
                self._editions.running = number  # from here on successors start with it
            return answers

        alive = processes.alive()
        if self._reader not in alive:
            return ReloadOutcome(os.EX_TEMPFAIL, problems=(f"the {self._reader} process is being started anew; reload again",))
        return reload_all(ask, [name for name in self._lines if name in alive], self._reader, number)

    def _ask(self, names: Collection[str], message: Mapping[str, Any], processes: Processes) -> Mapping[str, Answer]:
        """Ask all at once, and wait for their answers. A process that has ended, or does not answer in time, has refused."""
        self._mark += 1
        waiting = {name: self._lines[name].asking for name in names}
        packet = json.dumps({**message, "mark": self._mark}).encode()
        for line in waiting.values():
            line.send(packet)
        answers: dict[str, Answer] = {}
        end = time.monotonic() + STEP_SECONDS
        while waiting:
            readable, _, _ = select.select(list(waiting.values()), [], [], LOOK_EVERY)
            tell_alive()
            for name in [name for name, line in waiting.items() if line in readable]:
                answer = json.loads(waiting[name].recv(LARGEST))
                if answer["mark"] == self._mark:  # else it is the late answer of an earlier reload
                    answers[name] = answer
                    del waiting[name]
            if not readable and (reason := self._why_none(waiting, end, processes)):
                gone = {name: {"problems": [reason], "code": os.EX_TEMPFAIL} for name in waiting}
                return answers | gone
        return answers

    def _why_none(self, waiting: Collection[str], end: float, processes: Processes) -> str:
        if dead := sorted(set(waiting) - processes.alive()):
            return f"the {', '.join(dead)} process ended meanwhile; reload again when it has been started anew"
        if signal.sigpending() & ENDS_A_NODE:
            return "the node is being stopped"
        return f"the {', '.join(sorted(waiting))} process does not answer" if time.monotonic() > end else ""
