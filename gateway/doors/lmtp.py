"""The LMTP door (RFC 2033): a mail system of our own hands mail over, and gets one reply for each recipient after the mail
data.

Limits, acceptance and durability are those of the SMTP door. There is no login and no TLS, so the door should listen only
where the mail system alone can reach it: on loopback or on a local socket. No places are reserved for trusted relays.
"""

import asyncio
import logging
import os
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from helpdesk.config.private_files import make_folder
from helpdesk.config.settings import Lmtp
from helpdesk.config.shapes import socket_path
from helpdesk.gateway.doors import replies
from helpdesk.gateway.doors.data import DataCollector
from helpdesk.gateway.doors.door import BACKLOG, Door, Reception
from helpdesk.gateway.doors.replies import Reply
from helpdesk.gateway.doors.smtp import SmtpSession

log = logging.getLogger(__name__)

FOLDER_OF_SOCKET = 0o755  # the mail system runs as another user and must reach the socket; `socket_mode` says who may connect
THIS_MACHINE = "127.0.0.1"  # the peer of every client of the local socket


class LmtpSession(SmtpSession):
    """One LMTP client. LHLO greets; HELO and EHLO are unknown commands (RFC 2033 §4.1)."""

    PROTOCOL: ClassVar[str] = "LMTP"
    AT_ONCE = {verb: answer for verb, answer in SmtpSession.AT_ONCE.items() if verb not in (b"HELO", b"EHLO")} | {
        b"LHLO": SmtpSession._ehlo
    }

    async def _reply_to_mail(self, collector: DataCollector) -> Reply:
        """Say one reply for each accepted recipient, in the order of RCPT, and return the last (RFC 2033 §4.2).

        All recipients get the same reply, except those that have left the directory since RCPT.
        """
        *others, last = await self._replies(collector)
        for reply in others:
            self._say(reply)
        return last

    async def _replies(self, collector: DataCollector) -> list[Reply]:
        envelope = self._transaction.envelope
        try:
            here = [path for path in envelope.forward_paths if self._transaction.is_here(path)]
            if here:
                reply = await self._store_mail(collector, replace(envelope, forward_paths=tuple(here)))
            else:
                reply = replies.UNKNOWN_RECIPIENT
        except Exception:
            log.exception("lmtp.not_stored", extra={"peer": self.peer})
            return [replies.TRY_LATER for _ in envelope.forward_paths]
        return [reply if path in here else replies.UNKNOWN_RECIPIENT for path in envelope.forward_paths]

    def _peer_of(self, transport: asyncio.BaseTransport) -> str:
        return super()._peer_of(transport) or THIS_MACHINE

    @property
    def _greeting(self) -> str:
        return self.PROTOCOL


class LmtpDoor(Door):
    """LMTP on a TCP port or on a local socket."""

    NAME = "lmtp"

    def __init__(self, settings: Lmtp, reception: Reception) -> None:
        super().__init__(settings, reception)
        self._socket = socket_path(settings.listen)
        self._mode = int(settings.socket_mode, 8)

    def session(self, loop: asyncio.AbstractEventLoop, peer: str = "") -> LmtpSession:
        return LmtpSession(self, loop)

    async def start(self) -> None:
        if self._socket is None:
            await super().start()
            return
        make_folder(Path(self._socket).parent, FOLDER_OF_SOCKET)
        loop = asyncio.get_running_loop()
        self._servers = [await loop.create_unix_server(lambda: self.session(loop), self._socket, backlog=BACKLOG)]
        os.chmod(self._socket, self._mode)

    @property
    def address(self) -> str:
        return super().address if self._socket is None else self.settings.listen
