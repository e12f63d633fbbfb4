"""`helpdesk` with short leases, which notes each letter that it hands over: `nodes_launch.py SECONDS FILE serve --config …`."""

import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from helpdesk.gateway.cli.main import main
from helpdesk.gateway.delivery import maildir
from helpdesk.gateway.node import node as node_module
from helpdesk.gateway.work import mail as mail_module


def shorten_leases(lease: timedelta) -> None:
    """On a busy machine many short leases end before their mails are decided, which says nothing about the mails."""
    mail_module.LEASE = lease
    mail_module.DEATHS = 1000
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


if __name__ == "__main__":
    shorten_leases(timedelta(seconds=float(sys.argv[1])))
    note_letters(Path(sys.argv[2]))
    sys.argv[:3] = ["helpdesk"]
    main()
