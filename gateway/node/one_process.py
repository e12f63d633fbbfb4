"""Runs a node in one process, as small machines and tests do: every role in one event loop."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from helpdesk.gateway.node.attendant import refusal_of
from helpdesk.gateway.node.control import close_control, open_control, question_of
from helpdesk.gateway.node.editions import edition_of
from helpdesk.gateway.node.node import Node
from helpdesk.gateway.node.outcome import ReloadOutcome, outcome_as_json
from helpdesk.gateway.node.reload import Answer, EditionReader, ReloadPart, reload_all
from helpdesk.gateway.node.roles import DoorRole, MailboxRole, NodeRole, SenderRole, SoleWorkerRole, keep_time, tell_counts
from helpdesk.gateway.service_manager import tell_alive, tell_stopping
from helpdesk.store.leases import end_leases

ALIVE_EVERY = 5.0  # seconds

# Roles start in this order. The first two bring mail in, so they drain first.
ROLES: tuple[type[NodeRole], ...] = (DoorRole, MailboxRole, SoleWorkerRole, SenderRole)


async def serve(node: Node, ready: Callable[[list[str]], None], stop: asyncio.Event, config: Path | None = None) -> None:
    """Run until `stop` is set, then drain: doors close, and work that has begun finishes. `ready` gets a line for each door.

    With the file of its configuration the node can take that anew.
    """
    if node.database.is_sqlite:
        # A database file has one node, so claims from before this start belong to a process that has ended.
        end_leases(node.database, node.clock())
    started: list[NodeRole] = []
    beside = [asyncio.create_task(keep_time(node)), asyncio.create_task(tell_counts(node, "node", started))]
    reloads: _Reloads | None = None
    try:
        lines: list[str] = []
        for make in roles_of(node):
            role = make(node)
            started.append(role)
            lines += await role.start()
        if config is not None:
            reloads = _Reloads(config, node, started)
            reloads.begin()
        ready(lines)
        while not stop.is_set():
            tell_alive()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), ALIVE_EVERY)
        tell_stopping()
    finally:
        if reloads is not None:
            await reloads.end()
        for task in beside:
            task.cancel()
        for role in started:
            await role.drain()


def roles_of(node: Node) -> tuple[type[NodeRole], ...]:
    """The roles of a node, with those that serve the HTTP API and watch it where that is configured."""
    roles = ROLES
    if node.configuration.settings.has_api:
        from helpdesk.gateway.node.serving import HttpRole  # imported only where [http] is configured: it makes a start slower

        roles = (*roles, HttpRole)
    if node.configuration.settings.has_operator_page:
        from helpdesk.gateway.node.operating import OperatorRole  # likewise

        roles = (*roles, OperatorRole)
    if not node.configuration.settings.is_watched:
        return roles
    from helpdesk.gateway.node.watching import (
        MonitorRole,  # imported only where [metrics], [alarm] or [canary] is configured: it makes a start slower
    )

    return (*roles, MonitorRole)


class _Reloads:
    """The reloads of a node of one process: by SIGHUP, and for clients at its control socket. One at a time, in a thread."""

    def __init__(self, config: Path, node: Node, roles: Collection[NodeRole]) -> None:
        self._config = config
        reader = EditionReader(config, os.environ, edition_of(node.configuration))
        self._parts = {
            role.name: ReloadPart(role, reader.just_read, reader if isinstance(role, SoleWorkerRole) else None) for role in roles
        }
        self._place = Path(node.configuration.settings.node.control)
        self._listening: socket.socket | None = None
        self._one_at_a_time = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, lambda: self._begin_serving(None))
        self._listening = open_control(self._place)
        if self._listening is not None:
            loop.add_reader(self._listening, self._accept)

    async def end(self) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_signal_handler(signal.SIGHUP)
        if self._listening is not None:
            loop.remove_reader(self._listening)
            close_control(self._listening, self._place)
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _accept(self) -> None:
        assert self._listening is not None
        try:
            connection, _ = self._listening.accept()
        except OSError:
            return
        self._begin_serving(connection)

    def _begin_serving(self, connection: socket.socket | None) -> None:
        task = asyncio.create_task(self._serve(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, connection: socket.socket | None) -> None:
        if connection is None:
            await self._reload()
            return
        with connection:
            question = await asyncio.to_thread(question_of, connection)
            if question:
                outcome = refusal_of(question, self._config) or await self._reload()
                await asyncio.to_thread(_answer, connection, outcome)

    async def _reload(self) -> ReloadOutcome:
        async with self._one_at_a_time:
            return await asyncio.to_thread(reload_all, self._ask, list(self._parts), SoleWorkerRole.name, 0)

    def _ask(self, names: Collection[str], message: Mapping[str, Any]) -> Mapping[str, Answer]:
        return {name: self._parts[name].answer(message) for name in names}


def _answer(connection: socket.socket, outcome: ReloadOutcome) -> None:
    try:
        connection.sendall(outcome_as_json(outcome))
    except OSError:  # the client has gone
        return
