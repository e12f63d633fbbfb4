"""What every test with a real peer needs: ports, patience, and what to do where a peer is not installed."""

import os
import socket
import time
from collections.abc import Callable
from random import Random, SystemRandom
from threading import Event

import pytest

PATIENCE = 60.0  # seconds that anything may take before it counts as a hang


class Hang(Exception):
    """Something did not happen within its time. Its text says what."""


def wait_for(condition: Callable[[], bool], what: str | Callable[[], str], seconds: float = PATIENCE) -> None:
    """Poll until it is so. `what` is the sentence of the Hang that is raised otherwise."""
    end = time.monotonic() + seconds
    pause = Event()
    while not condition():
        if time.monotonic() > end:
            raise Hang(f"{what if isinstance(what, str) else what()}: not within {seconds:.0f} s")
        pause.wait(0.02)


def free_ports(count: int, random: Random | None = None) -> list[int]:
    """Ports on 127.0.0.1 below those that the kernel gives to clients, so that they are still free after a restart."""
    found: list[int] = []
    for port in (random or SystemRandom()).sample(range(20000, 30000), 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise Hang(f"no {count} free ports among two hundred")


def answers(port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as probe:
        probe.settimeout(5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def missing(peer: str) -> None:
    """Skip the test, or fail it where peers are required, as they are in continuous integration."""
    reason = f"{peer} is not installed"
    if os.environ.get("HELPDESK_REQUIRE_PEERS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
