"""Runs a node in one process, as small machines and tests do: every role in one event loop."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from helpdesk.gateway.node.node import Node
from helpdesk.gateway.node.roles import DoorRole, MailboxRole, NodeRole, SenderRole, SoleWorkerRole, keep_time
from helpdesk.gateway.service_manager import tell_alive, tell_stopping
from helpdesk.store.leases import end_leases

ALIVE_EVERY = 5.0  # seconds

# Roles start in this order. The first two bring mail in, so they drain first.
ROLES: tuple[type[NodeRole], ...] = (DoorRole, MailboxRole, SoleWorkerRole, SenderRole)


async def serve(node: Node, ready: Callable[[list[str]], None], stop: asyncio.Event) -> None:
    """Run until `stop` is set, then drain: doors close, and work that has begun finishes. `ready` gets a line for each door."""
    if node.database.is_sqlite:
        # A database file has one node, so claims from before this start belong to a process that has ended.
        end_leases(node.database, node.clock())
    keeping_time = asyncio.create_task(keep_time(node))
    started: list[NodeRole] = []
    try:
        lines: list[str] = []
        for make in ROLES:
            role = make(node)
            started.append(role)
            lines += await role.start()
        ready(lines)
        while not stop.is_set():
            tell_alive()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), ALIVE_EVERY)
        tell_stopping()
    finally:
        keeping_time.cancel()
        for role in started:
            await role.drain()
