"""The role that watches a node: it listens for scrapes, looks at everything, and tells of alarms."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

from helpdesk.config.load import Configuration
from helpdesk.gateway.delivery.relay import relay_for
from helpdesk.gateway.monitor.canary import CanarySender
from helpdesk.gateway.monitor.listener import MetricsDoor, WatchedPath
from helpdesk.gateway.monitor.monitor import Monitor, NodeView
from helpdesk.gateway.monitor.tell import AlarmPaths, Letterbox
from helpdesk.gateway.node.editions import Edition
from helpdesk.gateway.node.node import Node
from helpdesk.gateway.node.roles import NodeRole
from helpdesk.gateway.observe import Log
from helpdesk.gateway.work.desk import signing
from helpdesk.store.database import MONITOR

TURN = timedelta(seconds=15)
LAST_ERRANDS = 5.0  # seconds that letters and visits may take when the node stops

log = Log("helpdesk.monitor")


class MonitorRole(NodeRole):
    """Watches the other processes, the desk and the ways of mail. It holds no key of reply tokens."""

    name = "monitor"
    process = MONITOR

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self._monitor = monitor_of(node)
        self._listener = metrics_door(self._monitor)
        self._turning: asyncio.Task[None] | None = None

    async def start(self) -> list[str]:
        asyncio.get_running_loop().add_reader(self.node.bells.counts, self._hear)
        if self._listener is not None:
            await self._listener.start()
        self._turning = asyncio.create_task(self._turn())
        return [f"metrics: {self._listener.address}"] if self._listener else []

    async def drain(self) -> None:
        asyncio.get_running_loop().remove_reader(self.node.bells.counts)
        if self._turning is not None:
            self._turning.cancel()
            with suppress(asyncio.CancelledError):
                await self._turning
        await self._monitor.finish_errands(LAST_ERRANDS)
        if self._listener is not None:
            await self._listener.stop()
        if self._monitor.paths is not None:
            await self._monitor.paths.close()
        if self._monitor.relay is not None:
            await self._monitor.relay.close()

    def renewal(self, edition: Edition) -> tuple[Callable[[], None], Sequence[str]]:
        letterbox = letterbox_of(edition.configuration)
        take, changes = super().renewal(edition)

        def put() -> None:
            take()
            self._monitor.renew(self.node.configuration.settings, letterbox)

        return put, changes

    def _hear(self) -> None:
        self._monitor.hear(self.node.bells.counts.heard())

    async def _turn(self) -> None:
        while True:
            try:
                await self._monitor.take_turn()
            except Exception:
                log.exception("monitor.failed")
            await asyncio.sleep(TURN.total_seconds())


def monitor_of(node: Node) -> Monitor:
    """The monitor of a node, which has asked nothing yet. Raise UnusableKey for an unreadable DKIM key."""
    settings = node.configuration.settings
    hostname = settings.desk.hostname or settings.desk.domain
    letterbox = letterbox_of(node.configuration)
    alarm, canary = settings.alarm, settings.canary
    around = NodeView(
        clock=node.clock,
        policy=lambda: node.configuration.policy.digest,
        relay_stalled=node.bells.relay_stalled.is_set,
        draining=node.bells.draining.is_set,
        clock_ahead=node.clock_ahead,
        version=version("helpdesk-gateway"),
        host=letterbox.host,
    )
    second = relay_for(alarm.relay, hostname) if alarm and alarm.relay else None
    return Monitor(
        settings,
        node.database,
        node.disk,
        around,
        paths=AlarmPaths(alarm, letterbox, relay_for(settings.relay, hostname), second) if alarm else None,
        canary=CanarySender(node.database, canary.to, canary.every, letterbox) if canary else None,
        relay=relay_for(settings.relay, hostname) if canary else None,
    )


def letterbox_of(configuration: Configuration) -> Letterbox:
    """Who writes the monitor's letters. Raises UnusableKey for an unreadable DKIM key."""
    settings, address = configuration.settings, configuration.policy.addresses[0].address
    return Letterbox(settings.desk.name, address, settings.desk.domain, socket.gethostname(), signing(settings.dkim))


def metrics_door(monitor: Monitor) -> MetricsDoor | None:
    """The listener for scrapes, where one is configured."""
    metrics = monitor.settings.metrics
    if metrics is None:
        return None
    paths = {
        "/metrics": WatchedPath(monitor.metrics, needs_key=True),
        "/healthz": WatchedPath(monitor.healthz),
        "/readyz": WatchedPath(monitor.readyz),
    }
    key = Path(metrics.key_file).read_text("utf-8").strip() if metrics.key_file else ""
    return MetricsDoor(metrics.listen, paths, key)
