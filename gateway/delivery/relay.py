"""The way out for letters: the interface of a relay, and the choice of one from `[relay] url`."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from helpdesk.config.settings import Relay
from helpdesk.gateway.delivery.breaker import Breaker
from helpdesk.gateway.delivery.maildir import MaildirRelay
from helpdesk.gateway.delivery.reply import RelayReply, always
from helpdesk.gateway.delivery.smarthost import smarthost
from helpdesk.gateway.delivery.smtp_connection import Timeouts
from helpdesk.gateway.delivery.smtp_relay import SmtpRelay

MAILDIR = "maildir:"
HOSTNAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Za-z:.]+\]")


class LetterRelay(Protocol):
    """Take letters one by one, several at a time. A relay lives in one event loop.

    At most `connections` letters are under way at once; more wait. `longest_transfer` is the longest time from the first
    call of `claim_lasts` to the reply.
    """

    @property
    def connections(self) -> int:
        """How many letters may be under way at once."""

    @property
    def longest_transfer(self) -> timedelta:
        """How long handing over one letter may take."""

    @property
    def trouble(self) -> str:
        """Why the relay takes no letters at all, in one line; "" while it does."""

    @property
    def room(self) -> int:
        """How many letters the relay would try now. While there is trouble: none, or one that probes whether it is over."""

    async def send(
        self,
        reverse_path: str,
        recipient: str,
        content: bytes,
        *,
        envelope_id: str = "",
        claim_lasts: Callable[[timedelta], bool] = always,
    ) -> RelayReply:
        """Hand over one letter. Faults of a relay or a network are in the reply and are never raised.

        `envelope_id` comes back in delivery reports where the relay supports that. `claim_lasts` answers whether the claim
        on the letter lasts for so long; it is called before the content goes, and again just before the final dot. After
        False the letter is not sent.
        """

    async def rest(self) -> None:
        """Close connections that have been idle for long. Called between rounds."""

    async def close(self) -> None:
        """Say QUIT on idle connections. The relay may be used again."""


def relay_for(settings: Relay, hostname: str, monotonic: Callable[[], float] = time.monotonic) -> LetterRelay:
    """The relay of this node, not connected yet. Raise ValueError with one sentence.

    `hostname` is the name in EHLO, a domain or an address literal (RFC 5321 §4.1.1.1). `monotonic` is a clock in seconds.
    """
    if settings.url.startswith(MAILDIR):
        return MaildirRelay(Path(settings.url.removeprefix(MAILDIR)))
    if not HOSTNAME.fullmatch(hostname):
        raise ValueError(f"desk.hostname: {hostname!r} cannot stand in EHLO; write an ASCII domain such as mail.example.com")
    return SmtpRelay(
        smarthost(settings),
        hostname,
        Timeouts(settings.timeout, settings.final_dot_timeout),
        Breaker(monotonic),
        connections=settings.connections,
    )
