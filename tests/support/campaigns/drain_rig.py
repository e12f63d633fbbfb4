"""Stops a node politely, again and again, while people write to it: what it began is finished, and nothing stays claimed."""

import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path
from random import Random

from support.campaigns import kill_audit
from support.campaigns.kill_rig import Report, Run
from support.servers.peers import Hang, wait_for

LONGEST = 30.0  # seconds that a node may take to stop
CLAIMED = {
    "mails": "SELECT count(*) FROM inbound WHERE state = 'pending' AND lease_token != 0",
    "letters": "SELECT count(*) FROM outbox WHERE state = 'sending'",
}


def campaign(folder: Path, seed: int, stops: int) -> Report:
    """Stop a node that many times under load in an empty folder, let it come to rest, and check the books."""
    folder.mkdir(parents=True, exist_ok=True)
    random, begin = Random(seed), time.monotonic()
    with (folder / "log").open("ab") as log:
        run = Run(folder, seed, log)
        try:
            run.begin()
            for _ in range(stops):
                _round(run, random)
            run.rest()
        except Hang as hang:
            run.report.faults.append(str(hang))
        finally:
            run.end()
    run.report.seconds = time.monotonic() - begin
    run.report.figures, broken = kill_audit.audit(run.database, folder / "outgoing", run.books)
    run.report.faults += broken
    if run.report.figures["uncertain attempts"]:
        run.report.faults.append("a node that was told to stop left letters of which nobody knows whether they went")
    return run.report


def _round(run: Run, random: Random) -> None:
    moment = random.choice(("acknowledged", "decided", "sent"))
    count = run.counters[moment]
    before = count()
    for _ in range(random.randrange(20, 40)):
        run.permits.put(True)
    wait_for(lambda: count() > before or run.has_faults(), f"one more is {moment}", every=0.002)
    begin = time.monotonic()
    code = run.gateway.stop()
    took = time.monotonic() - begin
    run.report.kills["stops"] += 1
    if code or took > LONGEST:
        run.report.faults.append(f"SIGTERM ended the node with {code} after {took:.1f} s")
    with closing(sqlite3.connect(run.database, timeout=60)) as connection:
        for what, statement in CLAIMED.items():
            if left := connection.execute(statement).fetchone()[0]:
                run.report.faults.append(f"a stopped node still holds {left} {what}")
    run.gateway.start()
    run.gateway.wait_until_ready()


def run(seed: int, count: int) -> str:
    """`count` stops; the report. Raises AssertionError when a promise was broken."""
    folder = Path(tempfile.mkdtemp(prefix="desk-drain-"))
    report = campaign(folder, seed, count)
    assert not report.faults, f"{report}\nleft in {folder}"
    return str(report)
