"""Runs a node in one process, as small machines and tests do: every role in one event loop."""

import asyncio
from collections.abc import Callable

from helpdesk.gateway.node.node import Node
from helpdesk.gateway.node.roles import DoorRole, MailboxRole, NodeRole, SenderRole, SoleWorkerRole, keep_time, tell_counts
from helpdesk.store.leases import end_leases

# Roles start in this order. The first two bring mail in, so they drain first.
ROLES: tuple[type[NodeRole], ...] = (DoorRole, MailboxRole, SoleWorkerRole, SenderRole)


async def serve(node: Node, ready: Callable[[list[str]], None], stop: asyncio.Event) -> None:
    """Run until `stop` is set, then drain: doors close, and work that has begun finishes. `ready` gets a line for each door."""
    if node.database.is_sqlite:
        # A database file has one node, so claims from before this start belong to a process that has ended.
        end_leases(node.database, node.clock())
    beside = [asyncio.create_task(keep_time(node)), asyncio.create_task(tell_counts(node, "node"))]
    started: list[NodeRole] = []
    try:
        lines: list[str] = []
        for make in roles_of(node):
            role = make(node)
            started.append(role)
            lines += await role.start()
        ready(lines)
        await stop.wait()
    finally:
        for task in beside:
            task.cancel()
        for role in started:
            await role.drain()


def roles_of(node: Node) -> tuple[type[NodeRole], ...]:
    """The roles of a node, with the one that watches it where that is configured."""
    if not node.configuration.settings.is_watched:
        return ROLES
    from helpdesk.gateway.node.watching import MonitorRole  # a node that nobody watches starts without it

    return (*ROLES, MonitorRole)
