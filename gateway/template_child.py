"""A child process that renders an operator's templates under limits: one expression can take all memory, two loops all time.

Limits for one part of a letter: `CPU_SECONDS` of CPU time, `MEMORY` octets more than the child has at its start, `WALL_SECONDS`, and the
output that `templates.render` allows. A child that breaks a limit is killed, and the next letter gets a new one.
"""

import os
import resource
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from threading import Lock

from helpdesk.gateway.limited_child import LimitedChild, allow_cpu, begin
from helpdesk.templates.overrides import Overrides
from helpdesk.templates.render import (
    LARGEST_OUTPUT,
    LimitBroken,
    OutputTooLarge,
    OwnRenderer,
    Renderer,
    TemplateFailed,
    fault_in_words,
    own_file,
    own_speech,
)
from helpdesk.templates.view import CustomerView

MEMORY = 256 * 1024 * 1024
CPU_SECONDS = 1.0
WALL_SECONDS = 20.0  # a template cannot wait for anything, so only an overloaded machine takes so long
START_SECONDS = 60.0
LONGEST_FAULT = 500  # characters
LARGEST_ANSWER = 4 * LARGEST_OUTPUT + 1  # octets
OUT_OF_MEMORY = 3  # exit code
PartOrder = tuple[str, str, CustomerView, str, str]  # kind, notice, view, language tag, zone
READY, RENDERED, FAILED, TOO_LARGE = b"a", b"r", b"f", b"l"


def limited_renderer(overrides: Overrides, on_fault: Callable[[str], None]) -> Renderer:
    """A renderer that renders an operator's templates, if there are any, in a child."""
    return Renderer(overrides, on_fault, limited_templates(overrides))


def limited_templates(overrides: Overrides) -> "LimitedTemplates | None":
    return LimitedTemplates(overrides) if overrides.templates else None


class LimitedTemplates:
    """An operator's templates, rendered in a child that starts when it is first needed. May be used from any thread."""

    def __init__(self, overrides: Overrides) -> None:
        self._overrides = overrides
        self._child: _TemplateChild | None = None
        self._closed = False
        self._one_at_a_time = Lock()

    def output(self, kind: str, notice: str, view: CustomerView, tag: str, zone: str) -> str:
        """The text or HTML of a letter. Raise TemplateFailed; raise LimitBroken where the template would break the limit
        again.
        """
        with self._one_at_a_time:
            if self._closed:
                raise TemplateFailed("templates are not rendered any more: this node is closing")
            child = self._child or _TemplateChild(self._overrides)
            self._child = None
            healthy = False
            try:
                answer = child.ask((kind, notice, view, tag, zone))
                healthy = True
            except TemplateFailed as fault:
                raise type(fault)(self._with_file(str(fault), kind, notice, tag)) from fault
            finally:
                if healthy:
                    self._child = child
                else:
                    child.kill()
        sort, text = answer[:1], answer[1:].decode("utf-8", "surrogatepass")
        if sort == RENDERED:
            return text
        raise (LimitBroken if sort == TOO_LARGE else TemplateFailed)(self._with_file(text, kind, notice, tag))

    def _with_file(self, fault: str, kind: str, notice: str, tag: str) -> str:
        """A fault with the name of the template that has it, where the fault does not name one itself."""
        if ".j2" in fault:
            return fault
        language = own_speech(self._overrides, tag, "UTC").language
        file = own_file(self._overrides, kind, notice, language) or f"what all letters share, in {notice}.{kind}.j2"
        return f"{file}: {fault}"

    def close(self) -> None:
        with self._one_at_a_time:
            self._closed = True
            if self._child is not None:
                self._child.kill()
                self._child = None


class _TemplateChild(LimitedChild):
    """The child. Raise TemplateFailed where it does not start."""

    def __init__(self, overrides: Overrides) -> None:
        super().__init__("templates", _serve, overrides)
        try:
            if self.pipe.poll(START_SECONDS) and self.pipe.recv_bytes(1) == READY:
                return
        except (EOFError, OSError):
            pass
        self.kill()
        raise TemplateFailed("the process that renders your templates did not start")

    def ask(self, letter: PartOrder) -> bytes:
        try:
            self.pipe.send(letter)
            if not self.pipe.poll(WALL_SECONDS):
                raise TemplateFailed(f"not rendered within {WALL_SECONDS:.0f} seconds")
            return self.pipe.recv_bytes(LARGEST_ANSWER)
        except (EOFError, OSError) as fault:
            raise self._fault() from fault

    def _fault(self) -> TemplateFailed:
        """Why the child has ended."""
        code = self.exit_code()
        if code in (-signal.SIGPROF, -signal.SIGXCPU):
            return LimitBroken(f"needs more than {CPU_SECONDS:.0f} second of CPU time")
        if code == OUT_OF_MEMORY:
            return LimitBroken(f"needs more than {MEMORY >> 20} MB of memory")
        if code == -signal.SIGKILL:  # not by a template: somebody did it, or the machine is out of memory
            return TemplateFailed("the process that rendered it was killed")
        return LimitBroken(f"the process that rendered it ended ({'signal' if code and code < 0 else 'code'} {abs(code or 0)})")


def _serve(pipe: Connection, overrides: Overrides) -> None:
    """Work in the child: one part of a letter after another, until the parent closes the pipe or is gone."""
    begin()
    _limit_memory()
    templates = OwnRenderer(overrides)
    try:
        pipe.send_bytes(READY)
        while True:
            letter = pipe.recv()
            # SIGPROF ends the process at exactly this time; the kernel's limit, in whole seconds, comes later.
            signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
            allow_cpu(CPU_SECONDS + 1)
            pipe.send_bytes(_answer(templates, letter))
            signal.setitimer(signal.ITIMER_PROF, 0)
    except (EOFError, OSError):
        return


def _answer(templates: OwnRenderer, letter: PartOrder) -> bytes:
    try:
        return RENDERED + templates.output(*letter).encode("utf-8", "surrogatepass")
    except MemoryError:
        os._exit(OUT_OF_MEMORY)  # the heap of this process cannot be trusted any more
    except Exception as fault:
        sort = TOO_LARGE if isinstance(fault, OutputTooLarge) else FAILED
        return sort + fault_in_words(fault)[:LONGEST_FAULT].encode("utf-8", "surrogatepass")


def _limit_memory() -> None:
    with open("/proc/self/statm", encoding="ascii") as file:
        pages = int(file.read().split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
