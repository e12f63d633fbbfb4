"""A program that runs the SMTP door with its intake and store, while nothing processes the mails."""

import asyncio
import signal
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from helpdesk.config.load import Configuration, load
from helpdesk.gateway.doors.door import Reception
from helpdesk.gateway.doors.smtp import SmtpDoor
from helpdesk.gateway.intake import Intake
from helpdesk.gateway.terminal import echo
from helpdesk.gateway.work.desk import desk_of
from helpdesk.store.blob_folder import BlobFolder
from helpdesk.store.database import Database
from helpdesk.store.inbound import store_raw
from helpdesk.threading.model.mail import RawMessage

DRAIN_SECONDS = 5.0
STORED = "store raw:"  # begins the line with the CPU seconds of storing


def now() -> datetime:
    return datetime.now(UTC)


async def accept(configuration: Configuration) -> None:
    """Take mail until SIGTERM. Print the door's address and `ready`, and at the end the CPU time that storing took."""
    settings = configuration.settings
    database, blobs = Database(settings.database.url), BlobFolder(Path(settings.database.blobs))
    assert settings.smtp is not None
    storing = 0.0

    def store(raws: Sequence[RawMessage]) -> list[int]:
        nonlocal storing
        started = time.thread_time()
        try:
            return store_raw(database, blobs, settings.database.blob_threshold, raws, now())
        finally:
            storing += time.thread_time() - started

    intake = Intake(store, lambda: None)
    reception = Reception(settings.desk, desk_of(configuration, "door").house.ours.takes_mail_for, intake, now)
    door = SmtpDoor(settings.smtp, reception, relays=settings.authentication.trusted_relays)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await door.start()
    echo(f"smtp: 127.0.0.1:{door.port}\nready")
    await stop.wait()
    await door.drain(DRAIN_SECONDS)
    await asyncio.to_thread(intake.close)
    database.close()
    echo(f"{STORED} {storing:.6f}")


if __name__ == "__main__":
    asyncio.run(accept(load(Path(sys.argv[1]), {})))
