"""The way out for letters: a protocol, and the one place that picks its form from `[relay] url`."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from helpdesk.config.settings import Relay as RelaySettings
from helpdesk.gateway.delivery.breaker import Breaker
from helpdesk.gateway.delivery.maildir import MaildirRelay
from helpdesk.gateway.delivery.reply import RelayReply, always
from helpdesk.gateway.delivery.smarthost import smarthost
from helpdesk.gateway.delivery.smtp_relay import SmtpRelay

MAILDIR = "maildir:"
HOSTNAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Za-z:.]+\]")


class Relay(Protocol):
    """Takes letters one by one, several at a time. Lives in one event loop.

    `connections` letters may be under way at once, more wait. `longest_transfer` is the longest time from the first question
    `claim_lasts` to the answer.
    """

    @property
    def connections(self) -> int: ...

    @property
    def longest_transfer(self) -> timedelta: ...

    @property
    def trouble(self) -> str:
        """Why the relay takes no letters at all, in one line; "" while it does."""

    @property
    def room(self) -> int:
        """How many letters it would try now: while there is trouble none, or one that finds out whether it is over."""

    async def send(
        self,
        reverse_path: str,
        recipient: str,
        content: bytes,
        *,
        envelope_id: str = "",
        claim_lasts: Callable[[timedelta], bool] = always,
    ) -> RelayReply:
        """Hand over one letter. `envelope_id` comes back in delivery reports where the relay can do that.

        `claim_lasts` is asked before the content goes, and again in the last moment before its final dot, whether the letter
        is ours for so much longer; False leaves it unsent. Never raises for what a relay or a network does: that is in the reply.
        """

    async def rest(self) -> None:
        """Called between rounds: let go of what has been idle for long."""

    async def close(self) -> None:
        """Say goodbye on idle connections. The relay may be used again."""


def relay_for(settings: RelaySettings, hostname: str, monotonic: Callable[[], float] = time.monotonic) -> Relay:
    """The relay of this node; `hostname` is what it calls itself in EHLO (RFC 5321 §4.1.1.1: a domain or an address literal).

    `monotonic` is a clock in seconds. Connects to nothing yet. Raises ValueError with one sentence.
    """
    if settings.url.startswith(MAILDIR):
        return MaildirRelay(Path(settings.url.removeprefix(MAILDIR)))
    if not HOSTNAME.fullmatch(hostname):
        raise ValueError(f"desk.hostname: {hostname!r} cannot stand in EHLO; write a domain in ASCII, such as mail.example.com")
    return SmtpRelay(
        smarthost(settings),
        hostname,
        connections=settings.connections,
        timeout=settings.timeout,
        final_dot_timeout=settings.final_dot_timeout,
        breaker=Breaker(monotonic),
    )
