"""A proxy in front of a PostgreSQL server that counts the protocol's messages and cuts the connection before one of them.

The protocol (version 3): a message is a letter and a length, only the first of a client has no letter.
"""

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

HEAD = 5
COPIED = 65536


@dataclass
class Message:
    """One message as it passed: from the client or from the server, its letter, and whether it says COMMIT."""

    from_client: bool
    letter: str
    is_commit: bool


@dataclass
class PostgresqlProxy:
    """Listens on 127.0.0.1, at any port or at `port`. `cut_at` is the number of the message that does not pass, counted over all connections from 1."""

    server: Path  # the socket of the server
    cut_at: int = 0
    passed: list[Message] = field(default_factory=list)
    was_cut: bool = False
    port: int = 0

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = int(self._listener.getsockname()[1])
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for end in (self._listener, *self._sockets):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self.server))
            except OSError:
                return
            self._sockets += [client, server]
            for source, target, from_client in ((client, server, True), (server, client, False)):
                thread = threading.Thread(target=self._copy, args=(source, target, from_client), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _copy(self, source: socket.socket, target: socket.socket, from_client: bool) -> None:
        waiting, is_first = bytearray(), from_client
        with suppress(OSError):
            while data := source.recv(COPIED):
                waiting += data
                while message := _next_message(waiting, without_letter=is_first):
                    if not self._may_pass(message, from_client, without_letter=is_first):
                        break
                    is_first = False
                    target.sendall(message)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _may_pass(self, message: bytes, from_client: bool, *, without_letter: bool) -> bool:
        with self._lock:
            letter = "" if without_letter else chr(message[0])
            self.passed.append(Message(from_client, letter, b"COMMIT\0" in message))
            if len(self.passed) == self.cut_at:
                self.was_cut = True
                for end in self._sockets:
                    with suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)
                return False
            return True


def _next_message(waiting: bytearray, *, without_letter: bool) -> bytes:
    """Takes a whole message off the front; empty where it has not all come yet."""
    head = 4 if without_letter else HEAD
    if len(waiting) < head:
        return b""
    length = int.from_bytes(waiting[head - 4 : head]) + head - 4
    if len(waiting) < length:
        return b""
    message = bytes(waiting[:length])
    del waiting[:length]
    return message
