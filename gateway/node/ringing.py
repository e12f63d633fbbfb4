"""The rounds of the process that sends: each webhook gets a turn every other second, in a thread of its own, so that none waits for another."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from functools import partial
from threading import Event

from helpdesk.config.settings import WebhookSettings
from helpdesk.gateway.node.node import Node
from helpdesk.gateway.observe import Log
from helpdesk.gateway.webhooks.ringer import LIMIT, Ringer
from helpdesk.store.database import DatabaseAway, StaleTicket

EVERY = timedelta(seconds=2)

log = Log("helpdesk.webhooks")


class WebhookRounds:
    """Tells the webhooks of the present configuration of what is new, until it is drained."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._stopping = Event()
        self._ringer = Ringer(node.database, node.tokens, node.clock, self._stopping.is_set)
        self._turns: dict[str, asyncio.Task[None]] = {}
        self._rounds: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._rounds = asyncio.create_task(self._go_round())

    async def drain(self) -> None:
        """Begin no further attempt, and give those under way their time."""
        self._stopping.set()
        if self._rounds is not None:
            self._rounds.cancel()
            with suppress(asyncio.CancelledError):
                await self._rounds
        if self._turns:
            await asyncio.wait(tuple(self._turns.values()), timeout=2 * LIMIT)

    async def _go_round(self) -> None:
        while True:
            for target in self._node.configuration.settings.webhook:
                if target.name not in self._turns:
                    turn = self._turns[target.name] = asyncio.create_task(self._take_turn(target))
                    turn.add_done_callback(partial(self._end_turn, target.name))
            await asyncio.sleep(EVERY.total_seconds())

    def _end_turn(self, name: str, turn: "asyncio.Task[None]") -> None:
        del self._turns[name]

    async def _take_turn(self, target: WebhookSettings) -> None:
        try:
            await asyncio.to_thread(self._ringer.take_turn, target)
        except (DatabaseAway, StaleTicket) as fault:
            log.warning("store.away", reason=str(fault))
        except Exception:
            log.exception("webhook.failed", webhook=target.name)


def ring_once(node: Node) -> int:
    """Give each webhook one turn, for `helpdesk tick`. Return how many attempts were made. Raises DatabaseAway."""
    ringer = Ringer(node.database, node.tokens, node.clock)
    return sum(ringer.take_turn(target) for target in node.configuration.settings.webhook)
