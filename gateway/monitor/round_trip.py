"""Letters that an operator sends round once: one that comes back to the desk, and one that must fail and be reported."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from helpdesk.gateway.delivery.relay import LetterRelay
from helpdesk.gateway.delivery.reply import RelayReply
from helpdesk.gateway.delivery.retry import outcome
from helpdesk.gateway.monitor.canary import SUBJECT, TEXT
from helpdesk.gateway.monitor.tell import Letterbox
from helpdesk.store.canary import begin_canary, is_back
from helpdesk.store.database import Database
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.reporting.canary import canary_id

EVERY = 1.0  # seconds between two looks
NOWHERE = """This letter goes to an address that does not exist, so that somebody tests whether a report of its failure comes back.

Nobody has to do anything.
"""


@dataclass(frozen=True, slots=True)
class Way:
    """What became of one letter. `fault` says what is wrong and what to do; "" where all is well."""

    what: str
    fault: str = ""


class RoundTrip:
    """Sends both letters and waits for them. A node has to run, whose doors take them. Lives in one event loop."""

    def __init__(self, database: Database, relay: LetterRelay, letterbox: Letterbox, patience: timedelta) -> None:
        self._database, self._relay, self._letterbox = database, relay, letterbox
        self._patience = patience

    async def run(self, to: str) -> AsyncIterator[Way]:
        """What became of the letter to `to`, and of the one to nobody. Raises DatabaseAway."""
        there, nobody = secrets.token_hex(16), secrets.token_hex(16)
        reply = await self._send(to, TEXT, there)
        if outcome(reply) is not LetterState.SENT:
            yield Way(f"letter to {to}", f"the relay does not take it: {_words(reply)}")
            return
        began = time.monotonic()
        failing = f"nobody-{nobody[:8]}@{self._letterbox.domain}"
        refused = await self._send(failing, NOWHERE, nobody)
        if await self._wait(there, began):
            yield Way(f"a letter to {to} came back after {time.monotonic() - began:.0f} s")
        else:
            yield Way(
                f"letter to {to}",
                f"the relay took it, and it is not back {self._span}; is a node running, and does mail to {to} reach it?",
            )
        if outcome(refused) is LetterState.FAILED:
            yield Way(f"the relay refuses a wrong address at once, with {refused.code}, so that no report is needed")
        elif outcome(refused) is not LetterState.SENT:
            yield Way(f"letter to {failing}", f"the relay neither takes nor refuses it: {_words(refused)}")
        elif await self._wait(nobody, began):
            yield Way(f"a report about a wrong address came back after {time.monotonic() - began:.0f} s")
        else:
            yield Way(
                f"letter to {failing}",
                f"no report of its failure came back {self._span}: nobody hears of letters that do not arrive; let the relay send reports to {self._letterbox.address}",
            )

    @property
    def _span(self) -> str:
        return f"within {self._patience.total_seconds():.0f} s"

    async def _send(self, to: str, text: str, token: str) -> RelayReply:
        now = datetime.now(UTC)
        # Those of nodes are numbered by time, from 1970 on; below zero is room for these.
        await asyncio.to_thread(begin_canary, self._database, -time.time_ns(), token, now)
        letter = self._letterbox.letter(to, SUBJECT, text, now, canary_id(token, self._letterbox.domain))
        return await self._relay.send(self._letterbox.address, to, letter)

    async def _wait(self, token: str, began: float) -> bool:
        while not (back := await asyncio.to_thread(is_back, self._database, token)):
            if time.monotonic() - began > self._patience.total_seconds():
                break
            await asyncio.sleep(EVERY)
        return back


def _words(reply: RelayReply) -> str:
    return " ".join(str(word) for word in (reply.code, reply.text) if word)
