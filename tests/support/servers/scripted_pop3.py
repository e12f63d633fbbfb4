"""A POP3 server of one mailbox in memory (RFC 1939): mails are deleted at QUIT alone."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

FOLLOWS = b"+OK follows\r\n"  # an answer of several lines


@dataclass
class ScriptedPop3:
    """`mails` by their unique-ids."""

    mails: dict[str, bytes]
    port: int = 0

    def converse(self, connection: socket.socket) -> None:
        marked: set[str] = set()
        numbered = dict(enumerate(self.mails, 1))
        with suppress(OSError, ValueError), connection, connection.makefile("rwb", buffering=0) as stream:
            stream.write(b"+OK ready\r\n")
            while line := stream.readline():
                verb, _, argument = line.decode("ascii", "replace").strip().partition(" ")
                if not self.obey(stream, verb.upper(), argument, numbered, marked):
                    break

    def obey(self, stream: Any, verb: str, argument: str, numbered: dict[int, str], marked: set[str]) -> bool:
        here = {number: uid for number, uid in numbered.items() if uid not in marked and uid in self.mails}
        uid = here.get(int(argument.split()[0])) if argument[:1].isdigit() else None
        said = FOLLOWS if verb in ("UIDL", "LIST", "RETR") else b"+OK\r\n"
        if verb == "UIDL":
            said += b"".join(b"%d %s\r\n" % (number, uid.encode()) for number, uid in here.items()) + b".\r\n"
        elif verb == "LIST":
            said += b"".join(b"%d %d\r\n" % (number, len(self.mails[uid])) for number, uid in here.items()) + b".\r\n"
        elif verb in ("RETR", "DELE") and uid is None:
            said = b"-ERR no such mail\r\n"
        elif verb == "RETR" and uid is not None:
            said += (
                b"".join((b"." if line.startswith(b".") else b"") + line for line in self.mails[uid].splitlines(True)) + b".\r\n"
            )
        elif verb == "DELE" and uid is not None:
            marked.add(uid)
        elif verb == "QUIT":
            for gone in marked:
                self.mails.pop(gone, None)
        stream.write(said)
        return verb != "QUIT"


@contextmanager
def scripted_pop3(mails: dict[str, bytes]) -> Iterator[ScriptedPop3]:
    """A server that listens on a port of 127.0.0.1 until the block ends."""
    server = ScriptedPop3(mails)
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    server.port = listener.getsockname()[1]

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=server.converse, args=(connection,), daemon=True).start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield server
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join(10)
