"""Requests to web servers that an operator has named, each with a time limit for the whole of it."""

import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPSConnection
from threading import Timer
from urllib.parse import SplitResult

LARGEST_ANSWER = 64 * 1024


def request(url: SplitResult, method: str, body: bytes | None, headers: Mapping[str, str], timeout: float) -> tuple[int, bytes]:
    """Send a request, and return status and content of the answer. No redirect is followed. Raise OSError or HTTPException."""
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    with _connection(url, timeout) as connection:
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        return response.status, response.read(LARGEST_ANSWER)


@contextmanager
def _connection(url: SplitResult, timeout: float) -> Iterator[HTTPConnection]:
    """A connection that is cut after `timeout` seconds, however slowly the server answers."""
    host = url.hostname or ""
    connection = (
        HTTPSConnection(host, url.port, timeout=timeout, context=ssl.create_default_context())
        if url.scheme == "https"
        else HTTPConnection(host, url.port, timeout=timeout)
    )
    try:
        connection.connect()
        alarm = Timer(timeout, _cut, (connection.sock,))
        alarm.start()
        try:
            yield connection
        finally:
            alarm.cancel()
            alarm.join()
    finally:
        connection.close()


def _cut(plain: socket.socket) -> None:
    with suppress(OSError):
        # The socket below TLS is shut down, so that the thread that reads through TLS sees the end of the stream.
        socket.socket.shutdown(plain, socket.SHUT_RDWR)
