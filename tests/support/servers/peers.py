"""What every test with a real peer needs: ports, patience, and what to do where a peer is not installed."""

import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path
from random import Random, SystemRandom
from threading import Event

import pytest

LEFT_OUT = ("__pycache__", "mypy*", "ruff*", "hypothesis*", "pytest*", "_pytest", "*.dist-info", "__editable__*", "*.pth")
PATIENCE = 60.0  # seconds that anything may take before it counts as a hang


class Hang(Exception):
    """Something did not happen within its time. Its text says what."""


def wait_for(
    condition: Callable[[], bool], what: str | Callable[[], str], seconds: float = PATIENCE, every: float = 0.02
) -> None:
    """Poll `every` so many seconds until it is so. `what` is the sentence of the Hang that is raised otherwise."""
    end = time.monotonic() + seconds
    pause = Event()
    while not condition():
        if time.monotonic() > end:
            raise Hang(f"{what if isinstance(what, str) else what()}: not within {seconds:.0f} s")
        pause.wait(every)


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


def program_for(account: int, program: Path) -> bool:
    """Write `program`, a `helpdesk` that this account may run; False where it may not run any Python of ours.

    A checkout or an interpreter below somebody's home is closed to other accounts, and then both are copied or replaced.
    """
    direct = f'#!/bin/sh\nexec {Path(sys.executable).with_name("helpdesk")} "$@"\n'
    if _runs(account, program, direct):
        return True
    copy, house = program.with_name("packages"), Path(__file__).parents[3]
    if not copy.exists():
        shutil.copytree(sysconfig.get_path("platlib"), copy, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
        for room in ("config", "gateway", "store", "templates", "threading"):
            shutil.copytree(house / room, copy / "helpdesk" / room, ignore=shutil.ignore_patterns("__pycache__"))
    pythons = (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}")
    call = "from helpdesk.gateway.cli.main import main; main()"
    return any(
        _runs(account, program, f'#!/bin/sh\nexport PYTHONPATH={copy}\nexec {python} -B -c "{call}" "$@"\n') for python in pythons
    )


def _runs(account: int, program: Path, script: str) -> bool:
    program.write_text(script)
    program.chmod(0o755)
    ended = subprocess.run(
        [program, "deliver", "--help"], user=account, group=account, extra_groups=[], capture_output=True, check=False
    )
    return ended.returncode == 0
