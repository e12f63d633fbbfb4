"""Letters a second through the whole sender: SQLite, claims, SMTP to Postfix's smtp-sink on this machine, settlements.

python tests/benchmarks/bench_sending.py [LETTERS]
"""

import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from helpdesk.config.conduct import Retry
from helpdesk.config.settings import Relay as RelaySettings
from helpdesk.gateway.delivery.outbox import Outbox
from helpdesk.gateway.delivery.relay import relay_for
from helpdesk.gateway.delivery.sender import Sender
from helpdesk.gateway.observe import Log
from helpdesk.store.database import Database
from helpdesk.store.migrate import migrate
from helpdesk.store.schema import outbox

sys.path.insert(0, str(Path(__file__).parents[1]))
from support.servers.peers import answers, free_ports, wait_for

BODY = b"Subject: Received\r\n\r\n" + b"Hello there, this is a line of text of a usual length.\r\n" * 80
SINK = shutil.which("smtp-sink", path="/usr/sbin:/usr/bin")


def queued(database: Database, letters: int) -> None:
    now = datetime.now(UTC)
    rows = [
        {
            "id": number,
            "ticket_id": None,
            "participant": 0,
            "notice": "digest",
            "audience": "staff",
            "recipient": f"anna@acme{number % 50}.test",
            "reverse_path": f"bounce+{number}@desk.test",
            "message_id": f"{number}@desk.test",
            "subject": "Received",
            "words": b"",
            "content": b"Message-ID: <%d@desk.test>\r\n" % number + BODY,
            "automatic": True,
            "cause": f"digest:{number}",
            "created_at": now,
            "state": "queued",
            "attempts": 0,
            "uncertain": 0,
            "unproved": False,
            "next_attempt_at": now,
        }
        for number in range(1, letters + 1)
    ]
    with database.writing() as connection:
        connection.execute(insert(outbox), rows)


async def sent(database: Database, port: int, connections: int) -> str:
    relay = relay_for(RelaySettings(url=f"smtp://127.0.0.1:{port}", connections=connections), "mail.desk.test")
    lease = relay.longest_transfer + timedelta(minutes=2)
    sender = Sender(Outbox(database, lease), relay, Retry(), lambda: datetime.now(UTC), Log("bench"), lease=lease)
    wall, cpu = time.perf_counter(), time.process_time()
    letters = await sender.send_due()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    await relay.close()
    return f"{connections:3} connections: {letters / wall:6.0f} letters/s, {1000 * cpu / letters:.2f} ms of CPU a letter"


def main(letters: int) -> None:
    if SINK is None:
        sys.exit("smtp-sink is missing; it comes with Postfix")
    (port,) = free_ports(1)
    sink = subprocess.Popen([SINK, "-u", "nobody", f"127.0.0.1:{port}", "100"])
    try:
        wait_for(lambda: answers(port), "smtp-sink listens")
        for connections in (1, 4, 10):
            with tempfile.TemporaryDirectory(prefix="bench-") as folder:
                database = Database(f"sqlite:///{folder}/desk.db")
                migrate(database)
                queued(database, letters)
                print(asyncio.run(sent(database, port, connections)))
                database.close()
    finally:
        sink.terminate()
        sink.wait()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
