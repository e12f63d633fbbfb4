"""Letters on their way round: out by the relay, and back through a door like a customer's mail. The workers know them and open no request."""

import secrets
from datetime import datetime, timedelta

from helpdesk.gateway.delivery.relay import LetterRelay
from helpdesk.gateway.delivery.retry import outcome
from helpdesk.gateway.monitor.tell import Letterbox
from helpdesk.gateway.observe import Log
from helpdesk.store.canary import begin_canary
from helpdesk.store.database import Database
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.reporting.canary import canary_id

SUBJECT = "Test letter"
TEXT = """This letter tests the way of mail to and from the helpdesk. The desk sent it to itself.

It comes back to the desk by the way that customers' mail takes. Nobody has to do anything.
"""

log = Log("helpdesk.monitor")


class CanarySender:
    """Sends a letter in each span of time `every`, unless another node has done so. `to` "" stands for the desk's own address."""

    def __init__(self, database: Database, to: str, every: timedelta, letterbox: Letterbox) -> None:
        self._database, self._to, self._every = database, to, every
        self.letterbox = letterbox
        self._begun: int | None = None

    @property
    def _way(self) -> str:
        return self._to or self.letterbox.address

    def begin(self, now: datetime) -> bytes | None:
        """The letter that is to be sent now, or None. Raises DatabaseAway."""
        slot = int(now.timestamp() // self._every.total_seconds())
        if slot == self._begun:
            return None
        token = secrets.token_hex(16)
        ours = begin_canary(self._database, slot, token, now)
        self._begun = slot
        return self.letterbox.letter(self._way, SUBJECT, TEXT, now, canary_id(token, self.letterbox.domain)) if ours else None

    async def send(self, relay: LetterRelay, letter: bytes) -> None:
        """Hand a letter over. One that is not taken is late later, which is an alarm."""
        reply = await relay.send(self.letterbox.address, self._way, letter)
        if outcome(reply) is not LetterState.SENT:
            log.warning("canary.not_sent", code=reply.code, reason=reply.text)
