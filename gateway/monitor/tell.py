"""Tells an operator of an alarm: by a letter through the relay, by a webhook, and by a second relay; never only through what is broken.

A letter of an alarm does not pass through the outbox, because the database may be what is broken.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, make_msgid
from http.client import HTTPException
from urllib.parse import urlsplit

from helpdesk.config.settings import AlarmSettings
from helpdesk.gateway.delivery.relay import LetterRelay
from helpdesk.gateway.delivery.retry import outcome
from helpdesk.gateway.observe import Log
from helpdesk.gateway.terminal import fault_in_one_line, in_one_line
from helpdesk.gateway.web import request
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.reporting.alarms import AlarmStage, Telling, TroubleKind

TIMEOUT = 15.0  # seconds for a web server
LETTER_PATIENCE = 30.0  # seconds for a letter to one address

log = Log("helpdesk.monitor")


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Who writes the letters of a node: the desk's name and address, the domain of Message-IDs, the host, and the signature."""

    name: str
    address: str
    domain: str
    host: str
    signed: Callable[[bytes], bytes] | None  # None where the desk has no keys

    def letter(self, to: str, subject: str, text: str, at: datetime, message_id: str = "") -> bytes:
        """A letter from a machine (RFC 3834 §5.2), with its signatures."""
        letter = EmailMessage(policy=SMTP)
        letter["From"] = formataddr((self.name, self.address))
        letter["To"] = to
        letter["Subject"] = in_one_line(subject)
        letter["Date"] = format_datetime(at)
        letter["Message-ID"] = message_id or make_msgid("alarm", self.domain)
        letter["Auto-Submitted"] = "auto-generated"
        letter["X-Auto-Response-Suppress"] = "All"
        letter.set_content(text)
        content = letter.as_bytes()
        return self.signed(content) if self.signed else content


class AlarmPaths:
    """The ways to an operator. Lives in one event loop."""

    def __init__(self, settings: AlarmSettings, letterbox: Letterbox, relay: LetterRelay, second: LetterRelay | None) -> None:
        self._settings, self.letterbox = settings, letterbox
        self._relay, self._second = relay, second

    async def tell(self, telling: Telling) -> bool:
        """Tell of an alarm on every way, and return whether one of them has taken it."""
        ways = [self._send_letters(telling)] if self._settings.mail_to else []
        ways += [self._post(telling)] if self._settings.webhook else []
        taken = await asyncio.gather(*ways)
        return any(taken)

    async def beat(self) -> None:
        """Say to the service of `heartbeat_url` that all is well."""
        await self._visit(self._settings.heartbeat_url, "GET", None)

    async def close(self) -> None:
        await self._relay.close()
        if self._second is not None:
            await self._second.close()

    async def _send_letters(self, telling: Telling) -> bool:
        sent = await asyncio.gather(*(self._send_letter(to, telling) for to in self._settings.mail_to))
        return all(sent)

    async def _send_letter(self, to: str, telling: Telling) -> bool:
        """Send one letter by the relay, or by the second one where the first is what is in trouble or does not take it."""
        text = "\n\n".join([*telling.lines, f"Host {self.letterbox.host}, desk {self.letterbox.name}."]) + "\n"
        subject = f"[{self.letterbox.name}] {telling.subject}"
        content = self.letterbox.letter(to, subject, text, telling.at)
        in_trouble = telling.alarm.kind is TroubleKind.RELAY and telling.stage is not AlarmStage.OVER
        relays = [self._relay] if self._second is None else [self._second] if in_trouble else [self._relay, self._second]
        for relay in relays:
            if await self._hand_over(relay, to, content):
                return True
        return False

    async def _hand_over(self, relay: LetterRelay, to: str, content: bytes) -> bool:
        try:
            async with asyncio.timeout(LETTER_PATIENCE):
                reply = await relay.send(self.letterbox.address, to, content)
        except (OSError, TimeoutError) as fault:
            log.warning("alarm.not_sent", reason=fault_in_one_line(fault) or "no answer in time")
            return False
        if outcome(reply) is LetterState.SENT:
            return True
        log.warning("alarm.not_sent", code=reply.code, reason=reply.text)
        return False

    async def _post(self, telling: Telling) -> bool:
        return await self._visit(self._settings.webhook, "POST", json.dumps(self.hook(telling)).encode())

    def hook(self, telling: Telling) -> Mapping[str, object]:
        """What is posted for an alarm. `text` is what chat programs show."""
        alarm = telling.alarm
        over = telling.stage is AlarmStage.OVER
        return {
            "text": f"[{self.letterbox.name}] {telling.subject}. {' '.join(telling.lines)}",
            "alarm": alarm.name,
            "kind": alarm.kind.value,
            "stage": telling.stage.value,
            "trouble": alarm.text,
            "since": alarm.since.isoformat(),
            "until": telling.at.isoformat() if over else None,
            "host": self.letterbox.host,
            "desk": self.letterbox.name,
        }

    async def _visit(self, url: str, method: str, body: bytes | None) -> bool:
        headers = {"User-Agent": "helpdesk-gateway", **({"Content-Type": "application/json"} if body else {})}
        try:
            status, _ = await asyncio.to_thread(request, urlsplit(url), method, body, headers, TIMEOUT)
        except (OSError, HTTPException) as fault:
            log.warning("alarm.web_away", target=urlsplit(url).hostname, reason=fault_in_one_line(fault))
            return False
        if not 200 <= status < 300:
            log.warning("alarm.web_refused", target=urlsplit(url).hostname, code=status)
        return 200 <= status < 300
