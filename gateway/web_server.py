"""A web server in the event loop of its process: uvicorn, the same for every room that answers browsers or platforms."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn

from helpdesk.config.shapes import endpoint

MOST_CONNECTIONS = 500
IDLE_SECONDS = 30
BACKLOG = 256

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


class _Server(uvicorn.Server):
    """A server that leaves signals to the process around it."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class WebServer:
    """Serves an application at `listen`, a host and a port. Its addresses begin with `root`, such as "/api/v1".

    `bound` is a socket that listens there already.
    """

    def __init__(self, listen: str, application: Application, root: str = "", *, bound: socket.socket | None = None) -> None:
        self._listen, self._root = listen, root
        self._server = _Server(
            uvicorn.Config(
                application,
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=MOST_CONNECTIONS,
                timeout_keep_alive=IDLE_SECONDS,
                h11_max_incomplete_event_size=16_384,
            )
        )
        self._socket = bound
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> str:
        """Begin to listen, and return the address. Raises OSError where it is taken."""
        host, port = endpoint(self._listen)
        if self._socket is None:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            self._socket = socket.create_server((host, port), family=family, backlog=BACKLOG)
        self._serving = asyncio.create_task(self._server.serve([self._socket]))
        while not self._server.started and not self._serving.done():
            await asyncio.sleep(0)
        return f"http://{self._listen.rpartition(':')[0]}:{self._socket.getsockname()[1]}{self._root}"

    async def stop(self, seconds: float) -> None:
        """Take no new connection, finish the answers that have begun, and end."""
        self._server.should_exit = True
        if self._serving is not None:
            await asyncio.wait([self._serving], timeout=seconds)
            self._server.force_exit = True
            self._serving.cancel()
            with suppress(asyncio.CancelledError):
                await self._serving
        if self._socket is not None:
            self._socket.close()
