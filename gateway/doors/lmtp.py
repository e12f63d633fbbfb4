"""The LMTP door (RFC 2033): SMTP from a mail system of our own, with one reply for each recipient after the mail data.

Limits, acceptance and durability are those of the SMTP door. There is no login and no TLS: it listens where only the mail system reaches
it, on loopback or on a local socket, so no room is kept for anybody.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from helpdesk.config.private_files import make_folder
from helpdesk.config.settings import Desk, Lmtp
from helpdesk.config.shapes import socket_path
from helpdesk.gateway.doors import replies
from helpdesk.gateway.doors.data import DataCollector
from helpdesk.gateway.doors.door import BACKLOG, Door
from helpdesk.gateway.doors.replies import Reply
from helpdesk.gateway.doors.smtp import SmtpSession
from helpdesk.gateway.intake import Intake

log = logging.getLogger(__name__)

FOLDER_OF_SOCKET = 0o755  # the mail system, which is another user, must get through it; `socket_mode` says who may connect
THIS_MACHINE = "127.0.0.1"  # the peer behind a local socket: whoever may open it


class LmtpSession(SmtpSession):
    """One client. LHLO greets; HELO and EHLO are unknown here (RFC 2033 §4.1)."""

    PROTOCOL: ClassVar[str] = "LMTP"
    VERBS = {verb: answer for verb, answer in SmtpSession.VERBS.items() if verb not in (b"HELO", b"EHLO")} | {
        b"LHLO": SmtpSession._ehlo
    }

    async def _store(self, collector: DataCollector) -> Reply:
        """One reply for each accepted recipient, in their order (RFC 2033 §4.2).

        All share the fate of the mail, except those that have ceased to be here since RCPT.
        """
        *others, last = await self._fates(collector)
        for one in others:
            self._say(one)
        return last

    async def _fates(self, collector: DataCollector) -> list[Reply]:
        envelope = self._transaction.envelope
        try:
            here = [path for path in envelope.forward_paths if self._transaction.is_here(path)]
            kept = (
                await self._kept(collector, replace(envelope, forward_paths=tuple(here))) if here else replies.UNKNOWN_RECIPIENT
            )
        except Exception:
            log.exception("lmtp.not_stored", extra={"peer": self.peer})
            return [replies.TRY_LATER for _ in envelope.forward_paths]
        return [kept if path in here else replies.UNKNOWN_RECIPIENT for path in envelope.forward_paths]

    def _peer_of(self, transport: asyncio.BaseTransport) -> str:
        return super()._peer_of(transport) or THIS_MACHINE

    @property
    def _greeting(self) -> str:
        return self.PROTOCOL


class LmtpDoor(Door):
    """LMTP on a port or on a local socket."""

    NAME = "lmtp"

    def __init__(
        self,
        settings: Lmtp,
        desk: Desk,
        intake: Intake,
        is_ours: Callable[[str], bool],
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(settings, desk, intake, is_ours, clock)
        self._socket = socket_path(settings.listen)
        self._mode = int(settings.socket_mode, 8)

    def session(self, loop: asyncio.AbstractEventLoop) -> LmtpSession:
        return LmtpSession(self, loop)

    async def start(self) -> None:
        if self._socket is None:
            await super().start()
            return
        make_folder(Path(self._socket).parent, FOLDER_OF_SOCKET)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(lambda: self.session(loop), self._socket, backlog=BACKLOG)
        os.chmod(self._socket, self._mode)

    @property
    def address(self) -> str:
        return super().address if self._socket is None else self.settings.listen
