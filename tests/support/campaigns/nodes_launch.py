"""`helpdesk` with short leases, which notes each letter that it hands over: `nodes_launch.py SECONDS FILE serve --config …`."""

import os
import select
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import SupportsFloat, SupportsIndex

from helpdesk.gateway.cli.main import main
from helpdesk.gateway.delivery import maildir
from helpdesk.gateway.node import node as node_module
from helpdesk.gateway.work import mail as mail_module


def shorten_leases(lease: timedelta) -> None:
    mail_module.LEASE = lease
    node_module.LEASE_MARGIN = lease / 2
    maildir.MaildirRelay.longest_transfer = lease / 2


def note_letters(notes: Path) -> None:
    """The Maildir recognises a letter that comes again, as no mail server does. The notes have a line for each time."""
    store = maildir.store_letters

    def store_and_note(folder: Path, letters: Sequence[tuple[str, bytes]]) -> list[OSError | None]:
        faults = store(folder, letters)
        with notes.open("ab", buffering=0) as file:
            file.write(b"".join(f"{name}\n".encode() for (name, _), fault in zip(letters, faults, strict=True) if fault is None))
        return faults

    maildir.store_letters = store_and_note


def sleep_without_clock(seconds: SupportsFloat | SupportsIndex) -> None:
    """Under libfaketime the sleep of Python raises EINVAL, because it sleeps until a moment of the monotonic clock, which stays true."""
    select.select([], [], [], float(seconds))


if __name__ == "__main__":
    shorten_leases(timedelta(seconds=float(sys.argv[1])))
    note_letters(Path(sys.argv[2]))
    if "LD_PRELOAD" in os.environ:
        time.sleep = sleep_without_clock
    sys.argv[:3] = ["helpdesk"]
    main()
