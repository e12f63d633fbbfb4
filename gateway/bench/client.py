"""A small sending mail server: kept connections, one mail after another on each, no pipelining (RFC 5321 §3.3)."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from helpdesk.gateway.bench.workload import Mail

CONNECTIONS = 10
PATIENCE = 60.0  # seconds for one reply


class Unexpected(Exception):
    """The server sent another reply than this well-behaved client expects."""


@dataclass(slots=True)
class Sent:
    """When the first and the last mail were acknowledged, by the clock of `time.perf_counter`."""

    first_at: float = 0.0
    last_at: float = 0.0
    waits: list[float] = field(default_factory=list)  # seconds from the final dot to its 250, one for each mail


def send(port: int, mails: Sequence[Mail], connections: int = CONNECTIONS) -> Sent:
    """Hand mails to the server on 127.0.0.1. Raise Unexpected or OSError; some mails may have been accepted then."""
    lines = [_lines(mail) for mail in mails]
    return asyncio.run(_send(port, lines, connections))


def _lines(mail: Mail) -> tuple[bytes, ...]:
    """What is written for one mail, step by step; dots at the start of lines are doubled in the data (RFC 5321 §4.5.2)."""
    stuffed = b"\r\n" + mail.content
    return (
        b"MAIL FROM:<%s>\r\n" % mail.reverse_path.encode(),
        b"RCPT TO:<%s>\r\n" % mail.recipient.encode(),
        b"DATA\r\n",
        stuffed.replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n",
    )


CODES = (b"250", b"250", b"354", b"250")


async def _send(port: int, mails: Sequence[tuple[bytes, ...]], connections: int) -> Sent:
    sent, waiting = Sent(), iter(mails)
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_converse(port, waiting, sent))
    return sent


async def _converse(port: int, waiting: Iterator[tuple[bytes, ...]], sent: Sent) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        await _expect(reader, b"220")
        writer.write(b"EHLO client.example.net\r\n")
        await _expect(reader, b"250")
        for lines in waiting:
            await _hand_over(reader, writer, lines, sent)
        writer.write(b"QUIT\r\n")
        await _expect(reader, b"221")
    finally:
        writer.close()


async def _hand_over(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lines: tuple[bytes, ...], sent: Sent) -> None:
    started = 0.0
    for line, code in zip(lines, CODES, strict=True):
        writer.write(line)
        await writer.drain()
        started = time.perf_counter()
        await _expect(reader, code)
    ended = time.perf_counter()
    sent.first_at = sent.first_at or ended
    sent.last_at = ended
    sent.waits.append(ended - started)


async def _expect(reader: asyncio.StreamReader, code: bytes) -> None:
    """Read one reply of one or several lines. Raise Unexpected for another code."""
    async with asyncio.timeout(PATIENCE):
        while (line := await reader.readline())[3:4] == b"-":
            pass
    if not line.startswith(code):
        raise Unexpected(f"the server said {line.decode('ascii', 'replace').strip()!r} where {code.decode()} was expected")
