"""The control socket of a node: `helpdesk reload` connects to it, and waits there for the outcome.

Its file has mode 0600, so that its owner alone may connect. A path that is too long for a socket's address is reached over a descriptor of its folder.
"""

import errno
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from helpdesk.config.private_files import FILE_MODE, make_folder
from helpdesk.gateway.observe import Log

BACKLOG = 16
QUESTION_SECONDS = 1.0  # in which a client that has connected says what it wants
LARGEST = 1024 * 1024  # octets of a question or an answer

log = Log("helpdesk.control")


class NoNode(Exception):
    """No node answers at its control socket."""


def open_control(place: Path) -> socket.socket | None:
    """The listening socket; None, with a line in the log, where there can be none. The node then reloads by SIGHUP alone."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        make_folder(place.parent)
        with _short_path(place) as path:
            if _somebody_listens(path):
                raise OSError(errno.EADDRINUSE, "another node has it; name one for each node ([node] control)")
            with suppress(FileNotFoundError):
                os.unlink(path)
            listening.bind(path)
            os.chmod(path, FILE_MODE)
        listening.listen(BACKLOG)
        listening.setblocking(False)
    except OSError as fault:
        listening.close()
        log.warning("control.none", place=str(place), reason=fault.strerror or str(fault), do="this node reloads by SIGHUP alone")
        return None
    return listening


def has_node(place: Path) -> bool:
    """Whether a node listens at its control socket. It is asked nothing."""
    try:
        with _short_path(place) as path:
            return _somebody_listens(path)
    except OSError:
        return False


def close_control(listening: socket.socket, place: Path) -> None:
    listening.close()
    with suppress(OSError):
        place.unlink()


def ask_node(place: Path, question: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Ask the node, and wait for its answer. Raises NoNode."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(seconds)
        try:
            with _short_path(place) as path:
                connection.connect(path)
            connection.sendall(json.dumps(question).encode())
            connection.shutdown(socket.SHUT_WR)
            answer = json.loads(_all_of(connection))
        except (OSError, ValueError) as fault:
            raise NoNode(getattr(fault, "strerror", None) or str(fault) or "it does not answer") from None
    assert isinstance(answer, dict)
    return answer


def question_of(connection: socket.socket) -> dict[str, Any]:
    """What a client wants; {} where it does not say it in time."""
    connection.settimeout(QUESTION_SECONDS)
    with suppress(OSError, ValueError):
        question = json.loads(_all_of(connection))
        if isinstance(question, dict):
            return question
    return {}


def _all_of(connection: socket.socket) -> bytes:
    content = b""
    while len(content) < LARGEST and (more := connection.recv(65536)):
        content += more
    return content


def _somebody_listens(path: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
        trial.settimeout(QUESTION_SECONDS)
        try:
            trial.connect(path)
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        except OSError:
            return True
        return True


@contextmanager
def _short_path(place: Path) -> Iterator[str]:
    """A path to a socket that fits into its address, whatever the length of its folder's name."""
    folder = os.open(place.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{place.name}"
    finally:
        os.close(folder)
