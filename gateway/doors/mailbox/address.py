"""The address of a mailbox server, taken from the `url` of the mailbox's configuration, and its TLS settings."""

import socket
import ssl
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from helpdesk.config.settings import MailboxSettings

PORTS = {"imaps": 993, "imap+starttls": 143, "imap": 143, "pop3s": 995, "pop3+starttls": 110, "pop3": 110}
KEEPALIVE = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4))  # seconds, seconds, count


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a mailbox server listens. `protocol` is imap or pop3; `timeout` is in seconds.

    TLS begins with the first octet (`implicit_tls`), after STARTTLS (`starttls`), or not at all.
    """

    protocol: str
    host: str
    port: int
    user: str
    implicit_tls: bool
    starttls: bool
    ca_file: str
    timeout: float

    def tls(self) -> ssl.SSLContext:
        """The TLS context. Certificates and host names are always checked."""
        return ssl.create_default_context(cafile=self.ca_file or None)


def server_of(mailbox: MailboxSettings) -> ServerAddress:
    """The server that a mailbox's configuration names."""
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
    """Set socket options: notice a peer that has gone silently (keepalive), and send the parts of a command without delay
    (TCP_NODELAY).
    """
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE:
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
