"""The 50 newest conversations of an account over HTTP, beside a bare answer of the same server and the bare query, in one run.

python tests/benchmarks/bench_threads.py [--tickets 1000000] [--asks 300] [--database postgresql+psycopg://user@host/empty]

The rows are written in bulk, without a ticket behind them: the list reads the two tables of the platform alone. One account in a thousand
has a tenth of all. Each figure is the median and the 99th percentile of the asks; the ratios are those of the same run.
"""

import argparse
import asyncio
import http.client
import json
import multiprocessing
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from sqlalchemy import insert, text

from helpdesk.config.policy import Policy
from helpdesk.gateway.http.server import api_server
from helpdesk.gateway.http.service import Service
from helpdesk.gateway.web_server import Message, Receive, Send, WebServer
from helpdesk.store.api_keys import add_key
from helpdesk.store.blob_folder import BlobFolder
from helpdesk.store.database import HTTP, HTTP_DIRECTORY, Database
from helpdesk.store.migrate import migrate
from helpdesk.store.schema import inbox_numbering, platform_inbox, platform_thread

sys.path.insert(0, str(Path(__file__).parents[1]))
from support.servers.peers import free_ports, wait_for

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
AT_ONCE = 10_000
LARGE = "acct-0"  # the account that has a tenth of all conversations
BARE_QUERY = (
    "SELECT thread_key, ticket, subject, status, last_position, last_at FROM platform_thread"
    f" WHERE account_id = '{LARGE}' AND last_position IS NOT NULL ORDER BY last_position DESC LIMIT 50"
)


def account_of(number: int) -> str:
    return LARGE if number % 10 == 0 else f"acct-{number % 1000}"


def fill(database: Database, tickets: int) -> None:
    """Conversations with a message of the customer and an answer each."""
    for start in range(1, tickets + 1, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, tickets + 1))
        with database.writing() as connection:
            connection.execute(insert(platform_thread), [thread_row(number) for number in numbers])
            connection.execute(insert(platform_inbox), [row for number in numbers for row in inbox_rows(number)])
    with database.writing() as connection:
        connection.execute(insert(inbox_numbering), [{"id": 1, "last": 2 * tickets}])
        connection.execute(text("ANALYZE"))


def thread_row(number: int) -> dict[str, Any]:
    at = BEGIN + timedelta(seconds=number)
    return {
        "thread_key": f"{number:032x}", "account_id": account_of(number), "ticket": f"ACZ-{number:08X}", "subject": f"Request {number}",
        "status": "in_review", "version": 1, "created_at": at, "updated_at": at, "last_position": 2 * number, "last_at": at,
    }  # fmt: skip


def inbox_rows(number: int) -> Iterator[dict[str, Any]]:
    for place, direction in enumerate(("customer", "support")):
        yield {
            "id": 2 * number - 1 + place, "account_id": account_of(number), "contact_address": f"anna{number % 5000}@acme.example",
            "ticket": f"ACZ-{number:08X}", "thread_key": f"{number:032x}", "direction": direction, "notice": None,
            "subject": f"Request {number}", "body_text": "It jams.", "body_html": "<p>It jams.</p>", "attachments": [],
            "status_after": "in_review", "created_at": BEGIN + timedelta(seconds=number), "proved": True,
            "position": 2 * number - 1 + place,
        }  # fmt: skip


async def bare(scope: Message, receive: Receive, send: Send) -> None:
    """An application that answers with as many octets as the list has."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": b" " * 17_000})


def serve(url: str, folder: str, port: int, bare_port: int) -> None:
    """The API and the bare application, in a process of their own."""
    service = Service(
        database=Database(url, role=HTTP),
        directory=Database(url, role=HTTP_DIRECTORY),
        blobs=BlobFolder(Path(folder)),
        policy=lambda: Policy(addresses=()),
        clock=lambda: datetime.now(UTC),
        requests_per_minute=10**9,
        wake=lambda: None,
    )

    async def both() -> None:
        await api_server(f"127.0.0.1:{port}", service).start()
        await WebServer(f"127.0.0.1:{bare_port}", bare).start()
        await asyncio.Event().wait()

    asyncio.run(both())


def asker(port: int, path: str, key: str) -> Callable[[], int]:
    """A client that keeps its connection; each call asks once and returns the octets of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask() -> int:
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
            answer = connection.getresponse()
        except OSError:
            connection.close()
            raise
        body = answer.read()
        assert answer.status == 200, body
        return len(body)

    return ask


def bare_query(url: str, file: Path) -> Callable[[], int]:
    """The query that a database needs at least, by its driver."""
    if url.startswith("sqlite"):
        connection: Any = sqlite3.connect(file)
    else:
        import psycopg

        connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
    return lambda: len(connection.execute(BARE_QUERY).fetchall())


def measure(ways: dict[str, Callable[[], int]], asks: int) -> dict[str, list[float]]:
    """Milliseconds of each way, asked in turns so that all meet the same machine."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(asks + 10):
        for name, ask in ways.items():
            begin = time.perf_counter()
            ask()
            if turn >= 10:
                found[name].append((time.perf_counter() - begin) * 1000)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--asks", type=int, default=300)
    parser.add_argument("--database", default="", help="an empty database; a file of SQLite where none is named")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="desk-threads-") as folder:
        file = Path(folder) / "desk.db"
        url = given.database or f"sqlite:///{file}"
        database = Database(url)
        migrate(database)
        begin = time.monotonic()
        fill(database, given.tickets)
        with database.writing() as connection:
            key = add_key(connection, "portal", ("inbox:read",), ("*",), datetime.now(UTC), None)
        print(f"{given.tickets:,} conversations, written in {time.monotonic() - begin:.0f} s", flush=True)
        port, bare_port = free_ports(2)
        process = multiprocessing.get_context("spawn").Process(target=serve, args=(url, folder, port, bare_port))
        process.start()
        try:
            ask = asker(port, f"/api/v1/threads?account={LARGE}&limit=50", key)
            wait_for(lambda: answers(ask), "the API answers")
            tell(
                measure({"api": ask, "bare answer": asker(bare_port, "/", key), "bare query": bare_query(url, file)}, given.asks)
            )
        finally:
            process.terminate()
            process.join()
            database.close()


def answers(ask: Callable[[], int]) -> bool:
    try:
        return ask() > 0
    except OSError:
        return False


def tell(found: dict[str, list[float]]) -> None:
    figures = {name: (median(times), quantiles(times, n=100)[98]) for name, times in found.items()}
    for name, (p50, p99) in figures.items():
        print(f"{name}: p50 {p50:.2f} ms, p99 {p99:.2f} ms")
    for name in ("bare answer", "bare query"):
        ratios = [api / other for api, other in zip(figures["api"], figures[name], strict=True)]
        print(f"api / {name}: p50 {ratios[0]:.1f}, p99 {ratios[1]:.1f}")
    print(json.dumps({name: [round(value, 3) for value in pair] for name, pair in figures.items()}))


if __name__ == "__main__":
    main()
