"""The fork server of a node: a process without secrets that forks the children which read mail.

It is forked before any configuration is read, imports what reading needs, and loads the language models once. A child that it forks starts
within milliseconds, and shares that memory with the others. A worker that wants a child asks over a socket of its own, and gets the pipe to
the child and a handle of its process.
"""

import os
import pickle
import secrets
import select
import signal
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection

from helpdesk.gateway.limited_child import ChildHandle, NoChild, Serve
from helpdesk.gateway.observe import Log
from helpdesk.gateway.process_name import name_process

LARGEST = 65536  # octets of a question or an answer
PATIENCE = 10.0  # seconds for an answer; a fork server that died is started again within that time
TRIES = 3
REAP_EVERY = 5.0  # seconds
MOST_STATUSES = 1000  # exit codes of ended children that are kept until their worker asks
FORK, STATUS = "fork", "status"

log = Log("helpdesk.fork_server")


class NoForkServer(NoChild):
    """The fork server does not answer, or is gone together with the supervisor that would start it again."""


class ForkServerLine:
    """The socket between one worker and the fork server. It is made before both are forked, and outlasts each of them.

    The fork server closes `asking`; every other process except the supervisor closes `answering`. When the fork server and the supervisor are
    both gone, a worker that asks gets an error at once instead of waiting.
    """

    def __init__(self) -> None:
        self.asking, self.answering = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._one_at_a_time = threading.Lock()

    def launch(self, name: str, serve: Serve, arguments: tuple[object, ...]) -> ChildHandle:
        """Have a child forked that runs `serve`, which must be importable by its name. Raises NoForkServer."""
        pid, (pipe, process) = self._ask(FORK, name, serve, arguments)
        return ForkedChild(self, pid or 0, Connection(pipe), process)

    def close(self) -> None:
        self.asking.close()
        self.answering.close()

    def only_ask(self) -> None:
        """Keep the end of a process that is not the fork server."""
        self.answering.close()

    def only_answer(self) -> None:
        """Keep the end of the fork server."""
        self.asking.close()

    def status_of(self, pid: int) -> int | None:
        """Return the exit code of a child that has ended, or minus its signal; None if it is not known."""
        status, _ = self._ask(STATUS, pid)
        return status

    def _ask(self, *question: object) -> tuple[int | None, list[int]]:
        with self._one_at_a_time:
            try:
                for _ in range(TRIES):
                    mark = secrets.token_hex(8)  # an answer to a question of a predecessor that died may still come
                    self.asking.send(pickle.dumps((mark, *question)))
                    if answer := self._answer_to(mark):
                        return answer
            except (BrokenPipeError, EOFError) as gone:
                raise NoForkServer("the fork server is gone") from gone
        raise NoForkServer("the fork server does not answer")

    def _answer_to(self, mark: str) -> tuple[int | None, list[int]] | None:
        """Wait for an answer; None if it does not come in time. Raise EOFError if nobody is left who answers."""
        while select.select([self.asking], [], [], PATIENCE)[0]:
            octets, handles, _, _ = socket.recv_fds(self.asking, LARGEST, 2)
            if not octets:
                raise EOFError
            answered, value = pickle.loads(octets)
            if answered == mark:
                return value, handles
            for handle in handles:
                os.close(handle)
        return None


class ForkedChild:
    """A child of the fork server."""

    def __init__(self, line: ForkServerLine, pid: int, pipe: Connection, process: int) -> None:
        self._line, self.pid = line, pid
        self.pipe, self._process = pipe, process

    def exit_code(self, seconds: float) -> int | None:
        if self._process < 0 or not select.select([self._process], [], [], seconds)[0]:
            return None
        with suppress(NoForkServer):
            return self._line.status_of(self.pid)
        return None

    def kill(self) -> None:
        if self._process >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._process, signal.SIGKILL)
            os.close(self._process)
            self._process = -1


def serve_forks(lines: Sequence[ForkServerLine], cut: int) -> None:
    """Fork children as they are asked for, until the supervisor is gone, which makes `cut` readable, and then until all who ask have ended."""
    statuses: dict[int, int] = {}
    for line in lines:
        line.only_answer()
    answering, watched = [line.answering for line in lines], [cut]
    while answering:
        readable, _, _ = select.select([*(end.fileno() for end in answering), *watched], [], [], REAP_EVERY)
        if cut in readable:
            watched = []  # a worker that finishes its mails still needs children
        _reap(statuses)
        for asked in [end for end in answering if end.fileno() in readable]:
            if not _answer(asked, statuses, answering, cut):
                answering.remove(asked)


def _answer(line: socket.socket, statuses: dict[int, int], sockets: Sequence[socket.socket], cut: int) -> bool:
    """Answer a question. Return False if nobody is left to ask."""
    question = line.recv(LARGEST)
    if not question:
        return False
    mark, what, *more = pickle.loads(question)
    if what == STATUS:
        line.send(pickle.dumps((mark, statuses.pop(more[0], None))))
        return True
    name, serve, arguments = more
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        _live(name, serve, arguments, theirs, [*sockets, ours], cut)
    theirs.close()
    process = os.pidfd_open(pid)
    try:
        socket.send_fds(line, [pickle.dumps((mark, pid))], [ours.fileno(), process])
    finally:
        ours.close()
        os.close(process)
    return True


def _live(
    name: str, serve: Serve, arguments: tuple[object, ...], pipe: socket.socket, others: Sequence[socket.socket], cut: int
) -> None:
    """Be the child. Nothing of the fork server is left to it but its memory."""
    code = os.EX_SOFTWARE
    try:
        name_process(name)
        for other in others:
            other.close()
        os.close(cut)
        serve(Connection(pipe.detach()), *arguments)
        code = os.EX_OK
    except BaseException:
        log.exception("child.failed")
    finally:
        os._exit(code)


def _reap(statuses: dict[int, int]) -> None:
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            statuses[ended[0]] = os.waitstatus_to_exitcode(ended[1])
    while len(statuses) > MOST_STATUSES:
        statuses.pop(next(iter(statuses)))
