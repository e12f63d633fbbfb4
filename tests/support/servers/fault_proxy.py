"""A proxy that misbehaves for the server behind it: what the server says comes late, twice, in another order, cut off, emptied or refused.

It passes on whole answers, such as an IMAP line with its literals, and does one fault to each answer that a plan names. What the client says
goes through as it is.
"""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import BinaryIO

from support.servers.scripted_pop3 import FOLLOWS

FAULTS = ("delay", "cut", "cut inside", "duplicate", "reorder", "refuse", "wrong tag", "empty", "split")
Reader = Callable[[BinaryIO], bytes]
Refusal = Callable[[bytes], bytes | None]


def imap_answer(stream: BinaryIO) -> bytes:
    """One line of an IMAP server with the literals in it."""
    answer = line = stream.readline()
    while line.endswith(b"}\r\n") and (digits := line[line.rfind(b"{") + 1 : -3]).isdigit():
        answer += stream.read(int(digits))
        line = stream.readline()
        answer += line
    return answer


def pop3_answer(stream: BinaryIO) -> bytes:
    """One answer of our POP3 server, which announces those of several lines."""
    answer = stream.readline()
    if answer == FOLLOWS:
        while not answer.endswith(b"\r\n.\r\n") and (line := stream.readline()):
            answer += line
    return answer


def line_answer(stream: BinaryIO) -> bytes:
    """One line of an SMTP server."""
    return stream.readline()


def imap_refusal(answer: bytes) -> bytes | None:
    """The NO in place of a tagged answer; None for what cannot be refused."""
    tag = answer.partition(b" ")[0]
    return None if tag in (b"*", b"+") or not tag else tag + b" NO [SERVERBUG] not now\r\n"


def pop3_refusal(answer: bytes) -> bytes | None:
    return b"-ERR [SYS/TEMP] not now\r\n" if answer.startswith(b"+OK") else None


def smtp_refusal(answer: bytes) -> bytes | None:
    return b"451 4.3.0 not now\r\n" if answer[3:4] == b" " else None


@dataclass
class FaultPlan:
    """Which fault meets which answer of a connection, counted from 0. `done` are the faults that came to pass."""

    faults: Mapping[int, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)


class FaultProxy:
    """Listens on a port of 127.0.0.1; each connection follows the plan that stands in `plan` when it begins."""

    def __init__(self, behind: Callable[[], int], read: Reader, refusal: Refusal) -> None:
        self.plan = FaultPlan()
        self._behind, self._read, self._refusal = behind, read, refusal
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with suppress(OSError):
                connection.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._behind()))
                for connection in (client, server):
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._open = [*self._open[-20:], client, server]
                threading.Thread(target=self._pass_on, args=(client, server), daemon=True).start()
                threading.Thread(target=self._answer, args=(client, server, self.plan), daemon=True).start()

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError, ValueError):
            while octets := client.recv(65536):
                server.sendall(octets)
        _end(client, server)

    def _answer(self, client: socket.socket, server: socket.socket, plan: FaultPlan) -> None:
        with suppress(OSError, ValueError), server.makefile("rb") as stream:
            for number, answer in enumerate(self._answers(stream)):
                fault = plan.faults.get(number, "")
                for piece in self._with_fault(fault, answer, stream, plan):
                    client.sendall(piece)
                if fault.startswith("cut") and fault in plan.done:
                    break
        _end(client, server)

    def _answers(self, stream: BinaryIO) -> Iterator[bytes]:
        while answer := self._read(stream):
            yield answer

    def _with_fault(self, fault: str, answer: bytes, stream: BinaryIO, plan: FaultPlan) -> list[bytes]:
        """The pieces in which an answer is sent."""
        pieces = self._pieces(fault, answer, stream)
        if pieces is None:
            return [answer]
        plan.done.append(fault)
        return pieces

    def _pieces(self, fault: str, answer: bytes, stream: BinaryIO) -> list[bytes] | None:
        match fault:
            case "delay" | "split":
                return [answer[at : at + max(len(answer) // 7, 1)] for at in range(0, len(answer), max(len(answer) // 7, 1))]
            case "cut":
                return []
            case "cut inside":
                return [answer[: len(answer) // 2]]
            case "duplicate":
                return [answer + answer]
            case "refuse":
                refused = self._refusal(answer)
                return None if refused is None else [refused]
            case "wrong tag":
                tagged = self._refusal(answer)
                return None if tagged is None or not answer[:1].isalpha() else [b"X" + answer]
            case "empty":
                if answer.startswith(FOLLOWS):
                    return [FOLLOWS + b".\r\n"]
                return [] if answer.startswith(b"* ") else None
            case "reorder":
                following = self._read(stream) if answer.startswith(b"* ") else b""
                return [following, answer] if following else None
        return None


def _end(*connections: socket.socket) -> None:
    for connection in connections:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def fault_proxy(behind: Callable[[], int], read: Reader, refusal: Refusal) -> Iterator[FaultProxy]:
    """A proxy in front of the server whose port `behind` says, until the block ends."""
    proxy = FaultProxy(behind, read, refusal)
    try:
        yield proxy
    finally:
        proxy.close()
