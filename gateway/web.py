"""Requests to web servers that an operator has named, each with a time limit for the whole of it. No redirect is followed."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from ipaddress import IPv4Address, IPv6Address, ip_address
from threading import Event, Timer
from urllib.parse import SplitResult

LARGEST_ANSWER = 64 * 1024
PORTS = {"http": 80, "https": 443}
IpAddress = IPv4Address | IPv6Address
Permits = Callable[[IpAddress], bool]


class AddressRefused(OSError):
    """The host has no address that may be connected to."""


def request(url: SplitResult, method: str, body: bytes | None, headers: Mapping[str, str], timeout: float) -> tuple[int, bytes]:
    """Send a request, and return status and content of the answer. No redirect is followed. Raise OSError or HTTPException."""
    with _answer(url, method, body, headers, timeout, _any) as response:
        return response.status, response.read(LARGEST_ANSWER)


def post(url: SplitResult, body: bytes, headers: Mapping[str, str], timeout: float, permits: Permits) -> tuple[int, str]:
    """Post something, and return the status and the field Retry-After of the answer, whose content is not read.

    Connect only to addresses that `permits` allows: a name is looked up once, and what was judged is what is connected to. Raise OSError or
    HTTPException; AddressRefused where no address is allowed.
    """
    with _answer(url, "POST", body, headers, timeout, permits) as response:
        return response.status, response.getheader("Retry-After", "")


@contextmanager
def _answer(
    url: SplitResult, method: str, body: bytes | None, headers: Mapping[str, str], timeout: float, permits: Permits
) -> Iterator[HTTPResponse]:
    """The answer of a server, over a connection that is cut after `timeout` seconds, however slowly the server answers."""
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    host = url.hostname or ""
    end = time.monotonic() + timeout
    reached = _connect(host, url.port or PORTS[url.scheme], end, permits)
    connection = HTTPSConnection(host, url.port) if url.scheme == "https" else HTTPConnection(host, url.port)
    try:
        if url.scheme == "https":
            context = ssl.create_default_context()
            reached = context.wrap_socket(reached, server_hostname=host, do_handshake_on_connect=False)
        expired = Event()
        alarm = Timer(max(end - time.monotonic(), 0), _cut, (reached, expired))
        alarm.start()
        try:
            if isinstance(reached, ssl.SSLSocket):
                reached.do_handshake()
            connection.sock = reached
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            _check(expired)  # a header that was cut off reads like a short one
            yield response
            _check(expired)
        finally:
            alarm.cancel()
            alarm.join()
    finally:
        connection.close()
        reached.close()


def _connect(host: str, port: int, end: float, permits: Permits) -> socket.socket:
    """A connection to the first address of the host that answers, of those that are allowed."""
    fault: OSError = AddressRefused(f"{host} has no address that may be reached")
    for *_, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        address = str(place[0])
        if not permits(ip_address(address.partition("%")[0])):
            continue
        try:
            return socket.create_connection((address, port), timeout=max(end - time.monotonic(), 0.01))
        except OSError as refused:
            fault = refused
    raise fault


def _any(address: IpAddress) -> bool:
    return True


def _check(expired: Event) -> None:
    if expired.is_set():
        raise TimeoutError("no whole answer in time")


def _cut(plain: socket.socket, expired: Event) -> None:
    expired.set()
    with suppress(OSError):
        # The socket below TLS is shut down, so that the thread that reads through TLS sees the end of the stream.
        socket.socket.shutdown(plain, socket.SHUT_RDWR)
