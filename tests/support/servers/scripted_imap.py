"""An IMAP server of one mailbox in memory that does what it is told to do wrong."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

CAPABILITIES = "IMAP4rev1 IDLE UIDPLUS MOVE AUTH=PLAIN SASL-IR"
SIZED = re.compile(r"BODY\.PEEK\[\](?:<(\d+)\.(\d+)>)?")


class Refused(Exception):
    """This command ends with NO."""


class Gone(Exception):
    """This connection is to end."""


@dataclass
class ScriptedImap:
    """`mails` by UID. What goes wrong: `chatter` is sent before every tagged reply; `refuse` holds replies in place of OK, used up one by
    one, by command (`UID FETCH`, `IDLE`, …); `hang_up` commands close the connection; `flood` sends what it likes as answer to a command (`greeting` before the
    first, `BODY` for a mail's content), and is gone; `untagged` has words in place of what a command would answer; `spoken` are the commands as they came.
    """

    mails: dict[int, bytes]
    validity: int = 7
    capabilities: str = CAPABILITIES
    greeting: bytes = b"* OK ready\r\n"
    chatter: bytes = b""
    before_idling: bytes = b""
    challenge: bytes = b""
    refuse: dict[str, list[str]] = field(default_factory=dict)
    hang_up: set[str] = field(default_factory=set)
    flood: dict[str, Callable[[Any], None]] = field(default_factory=dict)
    untagged: dict[str, Callable[[str], bytes | None]] = field(default_factory=dict)
    answer_fetch: Callable[[int, bytes], bytes] | None = None
    spoken: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    idling: threading.Event = field(default_factory=threading.Event)
    announce: threading.Event = field(default_factory=threading.Event)

    def converse(self, connection: socket.socket) -> None:
        self.connections += 1
        stream = connection.makefile("rwb", buffering=0)
        with suppress(OSError, Gone, ValueError):
            self._flood(stream, "greeting")
            stream.write(self.greeting)
            while line := stream.readline():
                tag, _, command = line.decode("utf-8", "replace").strip().partition(" ")
                if command:
                    self._command(stream, tag, command)
        with suppress(OSError):
            connection.close()

    def _command(self, stream: Any, tag: str, command: str) -> None:
        words = command.split()
        name = " ".join(words[: 2 if words[0].upper() == "UID" else 1]).upper()
        self.spoken.append(command)
        self._flood(stream, "BODY" if "BODY" in command else name)
        if name in self.hang_up:
            raise Gone
        if self.refuse.get(name):
            stream.write(self.chatter + f"{tag} {self.refuse[name].pop(0)}\r\n".encode())
            return
        method = getattr(self, "_" + name.replace(" ", "_").lower(), None)
        try:
            said = self.untagged[name](command) if name in self.untagged else None
            untagged = said if said is not None else method(stream, command) if method else b""
        except Refused:
            stream.write(f"{tag} NO refused\r\n".encode())
            return
        stream.write(untagged + self.chatter + f"{tag} OK {name} done\r\n".encode())
        if name == "LOGOUT":
            raise Gone

    def _flood(self, stream: Any, phase: str) -> None:
        if phase in self.flood:
            self.flood[phase](stream)
            raise Gone

    def _capability(self, stream: Any, command: str) -> bytes:
        return f"* CAPABILITY {self.capabilities}\r\n".encode()

    def _authenticate(self, stream: Any, command: str) -> bytes:
        """One continuation, and the client's word kept; with a challenge, one more, and no."""
        stream.write(b"+ \r\n")
        self.tokens.append(stream.readline().decode().strip())
        if self.challenge:
            stream.write(b"+ " + self.challenge + b"\r\n")
            self.tokens.append(stream.readline().decode().strip())
            raise Refused
        return b""

    def _select(self, stream: Any, command: str) -> bytes:
        lines = f"* FLAGS (\\Seen)\r\n* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] x\r\n"
        return (lines + f"* OK [UIDNEXT {max(self.mails, default=0) + 1}] x\r\n").encode()

    _examine = _select

    def _uid_search(self, stream: Any, command: str) -> bytes:
        first = int(command.split()[3].partition(":")[0])
        found = [uid for uid in sorted(self.mails) if uid >= first] or sorted(self.mails)[-1:]
        return ("* SEARCH " + " ".join(map(str, found)) + "\r\n").encode()

    def _uid_fetch(self, stream: Any, command: str) -> bytes:
        wanted = [int(uid) for uid in command.split()[2].split(",")]
        return b"".join(self._fetched(uid, command) for uid in wanted if uid in self.mails)

    def _fetched(self, uid: int, command: str) -> bytes:
        content, number = self.mails[uid], sorted(self.mails).index(uid) + 1
        if "BODY" not in command:
            told = f'* {number} FETCH (UID {uid} RFC822.SIZE {len(content)} INTERNALDATE "01-Nov-2026 10:00:00 +0000")\r\n'
            return told.encode()
        if self.answer_fetch is not None:
            return self.answer_fetch(uid, content)
        part = SIZED.search(command)
        assert part is not None
        name = f"BODY[]<{part[1]}>" if part[1] else "BODY[]"
        octets = content[int(part[1]) : int(part[1]) + int(part[2])] if part[1] else content
        return f"* {number} FETCH (UID {uid} {name} {{{len(octets)}}}\r\n".encode() + octets + b")\r\n"

    def _uid_move(self, stream: Any, command: str) -> bytes:
        gone = [int(uid) for uid in command.split()[2].split(",")]
        self.moved += [uid for uid in gone if self.mails.pop(uid, None) is not None]
        return b""

    def _idle(self, stream: Any, command: str) -> bytes:
        news = f"* {len(self.mails)} EXISTS\r\n".encode() if self.announce.is_set() else b""
        stream.write(self.before_idling + b"+ idling\r\n" + news)
        self.idling.set()
        if stream.readline().strip() != b"DONE":
            raise Gone
        return b""

    def _logout(self, stream: Any, command: str) -> bytes:
        return b"* BYE\r\n"


@contextmanager
def scripted_imap(mails: dict[int, bytes], **options: Any) -> Iterator[ScriptedImap]:
    """A server that listens on a port of 127.0.0.1 until the block ends."""
    server = ScriptedImap(mails, **options)
    listener = socket.create_server(("127.0.0.1", 0))
    server.port = listener.getsockname()[1]
    open_connections: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                open_connections.append(connection)
                threads.append(threading.Thread(target=server.converse, args=(connection,), daemon=True))
                threads[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield server
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join(10)
        for connection in open_connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(10)
        for connection in open_connections:
            connection.close()
