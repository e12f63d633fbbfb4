"""The relay for trying out: letters become files of a Maildir, which any mail client can open."""

import asyncio
import hashlib
import os
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from helpdesk.config.private_files import make_folder, sync, write_private
from helpdesk.gateway.delivery.reply import RelayReply, always, one_line

WRITERS = 4  # threads; a file system commits what they fsync together
_Waiting = tuple[str, bytes, asyncio.Future[OSError | None]]  # a file's name and content, and the fault in the end, if any


class MaildirRelay:
    """Write each letter once, octet for octet, into `new/`.

    Letters that come while others are being written are written together after them, so that they share one look into the
    folder and one fsync of it. A file's name follows from recipient and content. A letter that is sent again after a crash is therefore recognised, also
    where a mail client has moved it to `cur/`. The first letter makes the folder. A full or unwritable disk defers the
    letter.
    """

    connections = 32
    trouble = ""  # a full disk is reported for each letter instead
    longest_transfer = timedelta(minutes=1)

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None

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
        written: asyncio.Future[OSError | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((name, content, written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        if fault := await written:
            return RelayReply(None, one_line(f"cannot write to {self._folder}: {fault.strerror or fault}"), permanent=False)
        return RelayReply(250, f"kept as {name}")

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await asyncio.gather(*(self._write(batch[first::WRITERS]) for first in range(min(WRITERS, len(batch)))))
        finally:
            self._writing = None

    async def _write(self, letters: Sequence[_Waiting]) -> None:
        faults = await asyncio.to_thread(store_letters, self._folder, [(name, content) for name, content, _ in letters])
        for (_, _, written), fault in zip(letters, faults, strict=True):
            if not written.done():
                written.set_result(fault)

    async def rest(self) -> None:
        """Do nothing: no connection is kept between letters."""

    async def close(self) -> None:
        """Do nothing: no connection is open."""


def file_name(recipient: str, content: bytes) -> str:
    """The name of a letter's file, which its recipient and content determine."""
    return hashlib.sha256(recipient.encode("utf-8", "surrogatepass") + b"\0" + content).hexdigest()[:40] + ".letter"


def store_letters(folder: Path, letters: Sequence[tuple[str, bytes]]) -> list[OSError | None]:
    """Write each file and fsync it, rename it into `new/`, and fsync that folder at the end. The fault of each letter, if any."""
    tmp, new, cur = (folder / part for part in ("tmp", "new", "cur"))
    try:
        for part in (tmp, new, cur):
            make_folder(part)
        read = {name.partition(":")[0] for name in os.listdir(cur)}
        faults = {name: _write_draft(tmp, name, content) for name, content in letters if name not in read}
        # The first fsync of many takes the others' contents along.
        faults |= {name: _publish(tmp, new, name) for name, fault in faults.items() if fault is None}
        sync(new)
    except OSError as fault:
        return [fault] * len(letters)
    return [faults.get(name) for name, _ in letters]


def _write_draft(tmp: Path, name: str, content: bytes) -> OSError | None:
    try:
        write_private(_draft(tmp, name), content)
    except OSError as fault:
        return fault
    return None


def _publish(tmp: Path, new: Path, name: str) -> OSError | None:
    """Move a letter into `new/` once its content is on the disk."""
    draft = _draft(tmp, name)
    try:
        sync(draft)
        draft.replace(new / name)
    except OSError as fault:
        return fault
    return None


def _draft(tmp: Path, name: str) -> Path:
    return tmp / f"{name}.{os.getpid()}"
