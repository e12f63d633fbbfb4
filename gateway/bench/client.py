"""A small sending mail server without pipelining (RFC 5321 §3.3), in a closed or an open loop.

In the closed loop, kept connections carry one mail after another, as fast as the server takes them. In the open loop, each mail begins at
its moment on a connection of its own, however long the mails before it take: all who come while a server stands still notice it.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, cycle
from random import Random

from helpdesk.gateway.bench.workload import Mail

CONNECTIONS = 10
PATIENCE = 60.0  # seconds for one reply


class Unexpected(Exception):
    """The server sent another reply than this well-behaved client expects."""


@dataclass(slots=True)
class Sent:
    """When mails were acknowledged, by the clock of `time.monotonic`, which all processes of a machine share."""

    first_at: float = 0.0
    last_at: float = 0.0
    waited: dict[str, float] = field(default_factory=dict)  # seconds from the final dot to its 250, by Message-ID
    acknowledged_at: dict[str, float] = field(default_factory=dict)  # by Message-ID
    late: float = 0.0  # seconds by which the client itself was late at most, in the open loop

    @property
    def mails_per_second(self) -> float:
        """The rate between the first and the last 250."""
        seconds = self.last_at - self.first_at
        return (len(self.waited) - 1) / seconds if seconds else 0.0


@dataclass(frozen=True, slots=True)
class _Lines:
    """What is written for one mail, step by step."""

    message_id: str
    steps: tuple[bytes, ...]


def send(port: int, mails: Sequence[Mail], connections: int = CONNECTIONS) -> Sent:
    """Hand mails to the server on 127.0.0.1. Raise Unexpected or OSError; some mails may have been accepted then."""
    return send_to([port], mails, connections)


def send_to(ports: Sequence[int], mails: Sequence[Mail], connections: int = CONNECTIONS) -> Sent:
    """Hand mails to several servers, which share the connections. Raise what `send` raises."""
    lines = [_lines(mail) for mail in mails]
    return asyncio.run(_send(ports, lines, connections))


def send_at(port: int, mails: Sequence[Mail], moments: Sequence[float]) -> Sent:
    """Hand over each mail on a connection of its own, at its moment in seconds from now. Raise what `send` raises."""
    lines = [_lines(mail) for mail in mails]
    return asyncio.run(_send_at(port, lines, moments))


def even_moments(count: int, rate: float) -> list[float]:
    """The moments of `count` mails at `rate` a second, with equal pauses."""
    return [number / rate for number in range(count)]


def random_moments(count: int, rate: float, seed: int) -> list[float]:
    """The moments of `count` mails that come at `rate` a second on average, independently of each other (a Poisson process)."""
    random = Random(seed)
    return list(accumulate(random.expovariate(rate) for _ in range(count)))


def _lines(mail: Mail) -> _Lines:
    """What is written for one mail; dots at the start of lines are doubled in the data (RFC 5321 §4.5.2)."""
    stuffed = b"\r\n" + mail.content
    steps = (
        b"MAIL FROM:<%s>\r\n" % mail.reverse_path.encode(),
        b"RCPT TO:<%s>\r\n" % mail.recipient.encode(),
        b"DATA\r\n",
        stuffed.replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n",
    )
    return _Lines(mail.message_id, steps)


CODES = (b"250", b"250", b"354", b"250")


async def _send(ports: Sequence[int], mails: Sequence[_Lines], connections: int) -> Sent:
    sent, waiting = Sent(), iter(mails)
    async with asyncio.TaskGroup() as group:
        for port, _ in zip(cycle(ports), range(connections), strict=False):
            group.create_task(_converse(port, waiting, sent))
    return sent


async def _send_at(port: int, mails: Sequence[_Lines], moments: Sequence[float]) -> Sent:
    sent, started = Sent(), time.monotonic()
    async with asyncio.TaskGroup() as group:
        for mail, moment in zip(mails, moments, strict=True):
            await asyncio.sleep(started + moment - time.monotonic())
            sent.late = max(sent.late, time.monotonic() - started - moment)
            group.create_task(_converse(port, iter([mail]), sent))
    return sent


async def _converse(port: int, waiting: Iterator[_Lines], sent: Sent) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        await _expect(reader, b"220")
        writer.write(b"EHLO client.example.net\r\n")
        await _expect(reader, b"250")
        for mail in waiting:
            await _hand_over(reader, writer, mail, sent)
        writer.write(b"QUIT\r\n")
        await _expect(reader, b"221")
    finally:
        writer.close()


async def _hand_over(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, mail: _Lines, sent: Sent) -> None:
    started = 0.0
    for line, code in zip(mail.steps, CODES, strict=True):
        writer.write(line)
        await writer.drain()
        started = time.monotonic()
        await _expect(reader, code)
    ended = time.monotonic()
    sent.first_at = sent.first_at or ended
    sent.last_at = ended
    sent.waited[mail.message_id] = ended - started
    sent.acknowledged_at[mail.message_id] = ended


async def _expect(reader: asyncio.StreamReader, code: bytes) -> None:
    """Read one reply of one or several lines. Raise Unexpected for another code."""
    async with asyncio.timeout(PATIENCE):
        while (line := await reader.readline())[3:4] == b"-":
            pass
    if not line.startswith(code):
        raise Unexpected(f"the server said {line.decode('ascii', 'replace').strip()!r} where {code.decode()} was expected")
