"""A small listener for monitoring systems: a few paths, GET and HEAD, one answer a connection.

Limits: a request of 8 KiB in 5 seconds, 16 connections at once. It says no details to strangers, and no path of it changes anything.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from helpdesk.config.shapes import endpoint
from helpdesk.gateway.observe import Log

LARGEST_REQUEST = 8192
PATIENCE = 5.0  # seconds for a request, and as many for the answer
MOST_CONNECTIONS = 16
TEXT = "text/plain; charset=utf-8"
STATUS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    500: "Internal Server Error",
    503: "Service Unavailable",
}

log = Log("helpdesk.monitor")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a path answers."""

    status: int
    content: bytes = b""
    content_type: str = TEXT


@dataclass(frozen=True, slots=True)
class WatchedPath:
    """What is behind a path, and whether it asks for the key."""

    answer: Callable[[], Awaitable[Answer]]
    needs_key: bool = False


def plain(status: int) -> Answer:
    return Answer(status, f"{STATUS[status].lower()}\n".encode())


class MetricsDoor:
    """Listens at `listen`. `key` is the key of those paths that need one; "" for none."""

    def __init__(self, listen: str, paths: Mapping[str, WatchedPath], key: str = "") -> None:
        self._listen, self._paths, self._key = listen, paths, key
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self.port = 0  # known once it listens

    async def start(self) -> None:
        """Begin to listen. Raise OSError where the address is taken."""
        host, port = endpoint(self._listen)
        self._server = await asyncio.start_server(self._serve, host, port, limit=LARGEST_REQUEST)
        self.port = int(self._server.sockets[0].getsockname()[1])

    @property
    def address(self) -> str:
        return f"{self._listen.rpartition(':')[0]}:{self.port}"

    async def stop(self) -> None:
        """Take no new connection, and cut those that are open."""
        if self._server is not None:
            self._server.close()
        for writer in self._open.values():
            writer.transport.abort()
        if self._open:
            await asyncio.wait(tuple(self._open), timeout=PATIENCE)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task: asyncio.Task[None] | None = asyncio.current_task()
        assert task is not None
        self._open[task] = writer
        try:
            if len(self._open) <= MOST_CONNECTIONS:
                await self._converse(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            pass  # the client is gone, or too slow
        finally:
            del self._open[task]
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                request = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            request = b""
        answer, with_content = await self._answer(request)
        head = [
            f"HTTP/1.1 {answer.status} {STATUS[answer.status]}",
            f"Content-Type: {answer.content_type}",
            f"Content-Length: {len(answer.content)}",
            "Cache-Control: no-store",
            "X-Content-Type-Options: nosniff",
            *(("WWW-Authenticate: Bearer",) if answer.status == 401 else ()),
            "Connection: close",
        ]
        writer.write("\r\n".join([*head, "", ""]).encode("ascii") + (answer.content if with_content else b""))
        async with asyncio.timeout(PATIENCE):
            await writer.drain()

    async def _answer(self, request: bytes) -> tuple[Answer, bool]:
        """The answer to a request, and whether its content is sent too."""
        line, *fields = request.decode("latin-1").split("\r\n")
        words = line.split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            return plain(400), True
        method, target, _ = words
        path = self._paths.get(target.partition("?")[0])
        if path is None:
            return plain(404), method != "HEAD"
        if method not in ("GET", "HEAD"):
            return plain(405), True
        if path.needs_key and self._key and not self._shows_key(fields):
            return plain(401), method != "HEAD"
        try:
            return await path.answer(), method != "HEAD"
        except Exception:
            log.exception("metrics.failed")
            return plain(500), method != "HEAD"

    def _shows_key(self, fields: list[str]) -> bool:
        given = [
            value.strip() for name, _, value in (field.partition(":") for field in fields) if name.lower() == "authorization"
        ]
        scheme, _, key = given[0].partition(" ") if len(given) == 1 else ("", "", "")
        return scheme.lower() == "bearer" and hmac.compare_digest(key.strip().encode("latin-1"), self._key.encode())
