"""The relay for trying out: letters become files of a Maildir, which any mail client opens."""

import asyncio
import hashlib
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from helpdesk.config.private_files import make_folder, write_private
from helpdesk.gateway.delivery.reply import RelayReply, always, one_line


class MaildirRelay:
    """Writes each letter once, byte for byte, into `new/`.

    The name of the file follows from recipient and content, and the content carries a Message-ID of its own: a letter that is
    sent again after a crash finds itself there, also where a mail client has moved it to `cur/` since.
    The folder is made by the first letter. A full or unwritable disk defers.
    """

    connections = 4
    trouble = ""  # a disk that is full says so to each letter
    longest_transfer = timedelta(minutes=1)

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def room(self) -> int:
        return self.connections

    async def send(
        self,
        reverse_path: str,
        recipient: str,
        content: bytes,
        *,
        envelope_id: str = "",
        claim_lasts: Callable[[timedelta], bool] = always,
    ) -> RelayReply:
        """Keep one letter; 250 when it is on the disk."""
        if not claim_lasts(self.longest_transfer):
            return RelayReply(None, "the claim on this letter ran out", permanent=False)
        name = file_name(recipient, content)
        try:
            await asyncio.to_thread(keep, self._folder, name, content)
        except OSError as fault:
            return RelayReply(None, one_line(f"cannot write to {self._folder}: {fault.strerror or fault}"), permanent=False)
        return RelayReply(250, f"kept as {name}")

    async def rest(self) -> None:
        """Nothing is held between letters."""

    async def close(self) -> None:
        """Nothing is held open."""


def file_name(recipient: str, content: bytes) -> str:
    return hashlib.sha256(recipient.encode("utf-8", "surrogatepass") + b"\0" + content).hexdigest()[:40] + ".letter"


def keep(folder: Path, name: str, content: bytes) -> None:
    """Write, fsync, rename into `new/`, fsync the folder. Raises OSError."""
    tmp, new, cur = (folder / part for part in ("tmp", "new", "cur"))
    for part in (tmp, new, cur):
        make_folder(part)
    if any(cur.glob(f"{name}*")):
        return
    draft = tmp / f"{name}.{os.getpid()}"
    write_private(draft, content, durably=True)
    draft.replace(new / name)
    sync_folder(new)


def sync_folder(folder: Path) -> None:
    """A rename is durable when the folder that shows it is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
