"""Public packages as the scorers of the corpora call them. Each runs in a child process and has `SECONDS` for one item.

A child that does not answer in time is killed and replaced; that item is a miss, and `faults()` tells of it. The adapters that a scorer
names are attributes of this module: `foreign_packages:reply_talon`, `foreign_packages:bounce_flufl_bounce`, …
"""

import atexit
import json
import os
import selectors
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

SECONDS = 10.0
START_SECONDS = 60.0  # imports on a busy machine
CHILD = Path(__file__).with_name("foreign_child.py")
PYTHON = Path(__file__).parents[2] / ".compare" / "bin" / "python"
TASKS = {
    "reply": ("talon", "mail-parser-reply", "email-reply-parser", "quotequail"),
    "bounce": ("flufl.bounce",),
    "forward": ("email-forward-parser", "quotequail"),
}


class Hang(Exception):
    """No answer within the time of one item."""


class Fault(Exception):
    """The package raised, or its process died. Its text is one line."""


class Missing(Exception):
    """The package is not there, or cannot be used. Its text is one line."""


class Child:
    """One package in a process of its own, started when it is first asked and again after each death."""

    def __init__(self, package: str, command: list[str] | None = None, seconds: float = SECONDS) -> None:
        self.package, self.version = package, ""
        self._command = command or [str(PYTHON), str(CHILD), package]
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, **question: Any) -> Any:
        """Raises Hang, Fault or Missing."""
        process = self.started()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(question).encode() + b"\n")
            process.stdin.flush()
        except OSError as fault:
            self.stop()
            raise Fault(f"the process of {self.package} ended") from fault
        said = self._line(process, self._seconds)
        if "fault" in said:
            raise Fault(str(said["fault"]))
        return said["answer"]

    def started(self) -> "subprocess.Popen[bytes]":
        if self._process is not None:
            return self._process
        try:
            process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
            )
        except OSError as fault:
            raise Missing(f"{self._command[0]}: {fault.strerror}; run `make compare`") from fault
        self._process = process
        said = self._line(process, START_SECONDS)
        if "missing" in said:
            self.stop()
            raise Missing(str(said["missing"]))
        self.version = str(said["version"])
        return process

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _line(self, process: "subprocess.Popen[bytes]", seconds: float) -> dict[str, Any]:
        """The next line that the child says, whole. It speaks only when asked, so nothing follows a line end."""
        assert process.stdout is not None
        octets = b""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while not octets.endswith(b"\n"):
                if not selector.select(seconds):
                    self.stop()
                    raise Hang(f"{self.package} gave no answer within {seconds:.0f} s")
                more = os.read(process.stdout.fileno(), 1 << 20)
                if not more:
                    self.stop()
                    raise Fault(f"the process of {self.package} ended")
                octets += more
        found = json.loads(octets)
        assert isinstance(found, dict)
        return found


def _told(child: Child, task: str, **question: Any) -> Any:
    """What the package says; a hang or a fault is written down and raised on, which the scorer counts as a miss."""
    try:
        return child.ask(task=task, **question)
    except (Hang, Fault) as fault:
        log = os.environ.get("HELPDESK_COMPARE_FAULTS")
        if log:
            with open(log, "a", encoding="utf-8") as file:
                print(json.dumps([child.package, task, type(fault).__name__, str(fault)]), file=file)
        raise


def reply(child: Child, text: str, html: str | None, raw: bytes | None, sender: str | None, keep_signature: bool) -> str:
    return str(_told(child, "reply", text=text, html=html, keep_signature=keep_signature))


def bounce(child: Child, raw: bytes) -> dict[str, Any]:
    found = _told(child, "bounce", raw=raw.decode("latin-1"))
    return {**found, "recipients": set(found["recipients"]), "auto": None}


def forward(child: Child, text: str, html: str | None, raw: bytes | None, subject: str | None) -> dict[str, Any]:
    return dict(_told(child, "forward", text=text, html=html, subject=subject))


ADAPTERS: dict[str, Callable[..., Any]] = {"reply": reply, "bounce": bounce, "forward": forward}


def adapter_name(task: str, package: str) -> str:
    return f"{task}_{package.replace('.', '_').replace('-', '_')}"


for _task, _packages in TASKS.items():
    for _package in _packages:
        _child = Child(_package)
        atexit.register(_child.stop)
        setattr(sys.modules[__name__], adapter_name(_task, _package), partial(ADAPTERS[_task], _child))
