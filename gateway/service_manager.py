"""What the program and systemd say to each other: sd_notify(3), the watchdog, and sockets that systemd opened (sd_listen_fds(3)).

Without systemd nothing is said, and there is no socket.
"""

import os
import socket
from contextlib import suppress

FIRST_PASSED = 3  # the first descriptor that systemd passes
ABSTRACT = "@"


def tell_ready() -> None:
    """The doors are open."""
    _tell("READY=1")


def tell_alive() -> None:
    """The process that keeps the node going still turns."""
    if "WATCHDOG_USEC" in os.environ:
        _tell("WATCHDOG=1")


def tell_stopping() -> None:
    """The node drains now."""
    _tell("STOPPING=1")


def passed_sockets(port: int) -> list[socket.socket]:
    """The listening sockets with this port that systemd passed to this process or to its supervisor, as copies that may be closed."""
    if os.environ.get("LISTEN_PID") not in (str(os.getpid()), str(os.getppid())):
        return []
    count = os.environ.get("LISTEN_FDS", "")
    passed = [
        socket.socket(fileno=os.dup(descriptor))
        for descriptor in range(FIRST_PASSED, FIRST_PASSED + (int(count) if count.isdigit() else 0))
    ]
    wanted = [door for door in passed if door.family in (socket.AF_INET, socket.AF_INET6) and door.getsockname()[1] == port]
    for door in passed:
        if door not in wanted:
            door.close()
    return wanted


def _tell(state: str) -> None:
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith(ABSTRACT):
        address = f"\0{address[1:]}"
    # A manager that does not listen is no fault of the node.
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        channel.connect(address)
        channel.sendall(state.encode())
