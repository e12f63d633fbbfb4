"""Where a mailbox is: its `url` taken apart, and TLS as its configuration wants it."""

import socket
import ssl
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from helpdesk.config.settings import Mailbox

PORTS = {"imaps": 993, "imap+starttls": 143, "imap": 143, "pop3s": 995, "pop3+starttls": 110, "pop3": 110}
KEEPALIVE = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4))  # seconds, seconds, count


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """`protocol` is imap or pop3. TLS is from the first octet on (`implicit`), after STARTTLS, or not at all. `timeout` in seconds."""

    protocol: str
    host: str
    port: int
    user: str
    implicit_tls: bool
    starttls: bool
    ca_file: str
    timeout: float

    def tls(self) -> ssl.SSLContext:
        """Certificates and host names are always checked."""
        return ssl.create_default_context(cafile=self.ca_file or None)


def server_of(mailbox: Mailbox) -> ServerAddress:
    url = urlsplit(mailbox.url)
    return ServerAddress(
        protocol="pop3" if url.scheme.startswith("pop3") else "imap",
        host=url.hostname or "",
        port=url.port or PORTS[url.scheme],
        user=unquote(url.username or ""),
        implicit_tls=url.scheme in ("imaps", "pop3s"),
        starttls=url.scheme.endswith("+starttls"),
        ca_file=mailbox.ca_file,
        timeout=mailbox.timeout.total_seconds(),
    )


def prepare(connection: socket.socket) -> None:
    """Let the system notice a peer that is gone without a word, and send the pieces of a command without waiting for each other."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE:
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
