"""The relay for trying out: letters become files of a Maildir, which any mail client can open."""

import asyncio
import hashlib
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from helpdesk.config.private_files import make_folder, write_private
from helpdesk.gateway.delivery.reply import RelayReply, always, one_line


class MaildirRelay:
    """Write each letter once, octet for octet, into `new/`.

    A file's name follows from recipient and content. A letter that is sent again after a crash is therefore recognised, also
    where a mail client has moved it to `cur/`. The first letter makes the folder. A full or unwritable disk defers the
    letter.
    """

    connections = 4
    trouble = ""  # a full disk is reported for each letter instead
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
        """Store one letter. The reply is 250 when it is on the disk."""
        if not claim_lasts(self.longest_transfer):
            return RelayReply(None, "the claim on this letter ran out", permanent=False)
        name = file_name(recipient, content)
        try:
            await asyncio.to_thread(store_letter, self._folder, name, content)
        except OSError as fault:
            return RelayReply(None, one_line(f"cannot write to {self._folder}: {fault.strerror or fault}"), permanent=False)
        return RelayReply(250, f"kept as {name}")

    async def rest(self) -> None:
        """Do nothing: no connection is kept between letters."""

    async def close(self) -> None:
        """Do nothing: no connection is open."""


def file_name(recipient: str, content: bytes) -> str:
    """The name of a letter's file, which its recipient and content determine."""
    return hashlib.sha256(recipient.encode("utf-8", "surrogatepass") + b"\0" + content).hexdigest()[:40] + ".letter"


def store_letter(folder: Path, name: str, content: bytes) -> None:
    """Write the file and fsync it, rename it into `new/`, and fsync that folder. Raise OSError."""
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
    """Make renames in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
