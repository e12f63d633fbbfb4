"""A pool of child processes that read mail and verify its signatures, under limits.

Limits of one child: `MEMORY` octets of address space, `CPU_SECONDS` and `WALL_SECONDS` for one mail. A child that breaks a limit is
killed and replaced, and its mail is answered with `ReaderDied`.
"""

import logging
import os
import queue
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from threading import Lock, get_ident
from types import TracebackType
from typing import Any, Self, TypeVar

from helpdesk.gateway.limited_child import Launch, LimitedChild, SpawnedChild, allow_cpu, begin
from helpdesk.gateway.origin.verification import Verification
from helpdesk.threading.reading.lines import Line, NamedPicture
from helpdesk.threading.reading.parsed import Reading
from helpdesk.threading.trust.signature_fields import SignatureClaim

T = TypeVar("T")

MEMORY = 1024 * 1024 * 1024
CPU_SECONDS = 10
WALL_SECONDS = 20.0
START_SECONDS = 120.0  # to import what reading needs, on a machine that is busy
READY = "ready"
SLOW = 0.5  # seconds with one mail, after which another child reads on
MOST = 4  # children of one pool


class ReaderDied(Exception):
    """The child crashed, hung or ran out of memory while it read this mail. The text is one sentence."""


class _ReadingChild(LimitedChild):
    """One child of the pool."""

    def __init__(self, launch: Launch) -> None:
        super().__init__("reader", _serve, launch=launch)
        self._ready = False
        self.lives = True

    def kill(self) -> None:
        self.lives = False
        super().kill()

    def ask(self, task: str, given: dict[str, Any], content: bytes, answers: type[T], wall_seconds: float) -> T:
        try:
            self.pipe.send((task, given))
            self.pipe.send_bytes(content)
            if not self.pipe.poll(wall_seconds):
                raise ReaderDied(f"the reader did not finish within {wall_seconds:.0f} seconds")
            answer = self.pipe.recv()
        except (EOFError, OSError) as fault:
            raise self._death() from fault
        if not isinstance(answer, answers):
            raise ReaderDied(f"the reader could not finish this mail ({answer})")
        return answer

    def wait_until_ready(self) -> None:
        """Wait for the child to start. That time is no mail's: on a busy machine, a first mail would be blamed for it.

        Raise ReaderDied.
        """
        if self._ready:
            return
        try:
            if not self.pipe.poll(START_SECONDS):
                raise ReaderDied(f"the reader did not start within {START_SECONDS:.0f} seconds")
            self._ready = self.pipe.recv() == READY
        except (EOFError, OSError) as fault:
            raise self._death() from fault

    def _death(self) -> ReaderDied:
        code = self.exit_code()
        end = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        return ReaderDied(f"the reader ended on this mail ({end})")


class Reader:
    """A pool of reading children. Its methods may be called from any thread, and wait until a child is free.

    Children start when they are needed, up to `processes`. While each of these has been busy with one mail for `SLOW` seconds, the pool has one
    more, up to `MOST` children: a mail that is large or stalls its child holds up no other.
    """

    def __init__(self, processes: int = 2, *, wall_seconds: float = WALL_SECONDS, launch: Launch = SpawnedChild) -> None:
        self._wall_seconds = wall_seconds
        self._launch = launch
        self._usual = processes
        self._closing = False
        self._size = 0
        self._changing = Lock()
        self._free: queue.Queue[_ReadingChild | None] = queue.Queue()
        self._busy_since: dict[int, float] = {}  # by thread: since when a child has been busy with the mail of that thread

    def read(self, content: bytes, keep_signature: bool = False, banners: Sequence[str] = ()) -> Reading:
        """Read one mail in a child. `banners` are the texts of the desk's own banners of mail filters.

        Raise ReaderDied where the child did not survive the mail, ValueError where the pool is closed.
        """
        return self._ask("read", {"keep_signature": keep_signature, "banners": tuple(banners)}, content, Reading)

    def verify(self, content: bytes, claims: Sequence[SignatureClaim], keys: Mapping[str, bytes]) -> tuple[Verification, ...]:
        """The result of each signature of one mail, verified in a child. Raise what `read` raises."""
        found: tuple[Verification, ...] = self._ask("verify", {"claims": tuple(claims), "keys": dict(keys)}, content, tuple)
        return found

    def verify_chain(self, content: bytes, keys: Mapping[str, bytes]) -> Verification:
        """The result of the ARC chain of one mail, verified in a child. Raise what `read` raises."""
        (found,) = self._ask("verify_chain", {"keys": dict(keys)}, content, tuple)
        verification: Verification = found
        return verification

    def language(self, text: str) -> str:
        """The language of a text, "" where it says too little, as told in a child. Raise what `read` raises."""
        return self._ask("language", {}, text.encode("utf-8", "replace"), str)

    def document(self, page: str, pictures: Mapping[str, NamedPicture]) -> tuple[Line, ...]:
        """The lines of an HTML page with their shapes, as read in a child. Raise what `read` raises."""
        found: tuple[Line, ...] = self._ask("document", {"pictures": dict(pictures)}, page.encode("utf-8", "replace"), tuple)
        return found

    def _ask(self, task: str, given: dict[str, Any], content: bytes, answers: type[T]) -> T:
        child = self._free_child()
        healthy = False
        try:
            child.wait_until_ready()
            self._busy_since[get_ident()] = time.monotonic()
            answer = child.ask(task, given, content, answers, self._wall_seconds)
            healthy = True
            return answer
        finally:
            self._busy_since.pop(get_ident(), None)
            if not healthy:
                child.kill()
                with suppress(OSError):  # the dead one keeps the place until another can be started
                    child = _ReadingChild(self._launch)
            self._give_back(child)

    def _give_back(self, child: _ReadingChild) -> None:
        with self._changing:
            is_needed = self._size <= self._usual or self._closing or self._free.empty()
            if not is_needed:
                self._size -= 1
        if is_needed:
            self._free.put(child)
        else:
            child.stop()

    def _free_child(self) -> _ReadingChild:
        """Return a free child, a new one while the pool is small, or wait for one. Raise ValueError where the pool is closed, or NoChild."""
        while True:
            with self._changing:
                if self._free.empty() and self._size < self._usual:
                    return self._one_more()
            try:
                child = self._free.get(timeout=SLOW)
            except queue.Empty:
                with self._changing:
                    if self._size < MOST and self._all_are_slow():
                        return self._one_more()
                continue
            if child is None:
                self._free.put(None)
                raise ValueError("this reader is closed")
            return child if child.lives else self._successor(child)

    def _all_are_slow(self) -> bool:
        began = tuple(self._busy_since.values())
        return len(began) >= self._size and time.monotonic() - max(began) >= SLOW

    def _one_more(self) -> _ReadingChild:
        child = _ReadingChild(self._launch)
        self._size += 1
        return child

    def _successor(self, dead: _ReadingChild) -> _ReadingChild:
        """A child in the place of one that died. That place stays in the pool, also while no child can be started."""
        try:
            return _ReadingChild(self._launch)
        except BaseException:
            self._free.put(dead)
            raise

    def close(self) -> None:
        """Wait for the mails that are being read, then end the children. A second call does nothing."""
        with self._changing:
            size, self._size, self._usual, self._closing = self._size, MOST, 0, True
        for _ in range(size):
            child = self._free.get()
            if child is None:
                break
            child.stop()
        self._free.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def preload() -> None:
    """Import what reading needs and load the language models, in a child or in the fork server of a node."""
    from helpdesk.threading.parsing import read  # noqa: F401  # imported once for all children of a fork server
    from helpdesk.threading.reading.language import load_models

    load_models()


def _serve(pipe: Connection) -> None:
    """Work in the child: one mail after another, until the parent closes the pipe or is gone."""
    begin()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # mail-parser warns on standard error about every content type that it does not know.
    logging.getLogger("mailparser").setLevel(logging.CRITICAL)
    from helpdesk.threading.parsing.read import read

    preload()
    try:
        pipe.send(READY)
    except OSError:  # the parent has closed the pipe already: it wanted no mail read
        return
    tasks: dict[str, Callable[..., Any]] = {
        "read": read,
        "verify": _verify,
        "verify_chain": _verify_chain,
        "language": _language,
        "document": _document,
    }
    while True:
        try:
            task, given = pipe.recv()
            content = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        allow_cpu(CPU_SECONDS)
        try:
            pipe.send(tasks[task](content, **given))
        except MemoryError:
            os._exit(1)  # the heap of this process cannot be trusted any more
        except BrokenPipeError:
            return


def _language(text: bytes) -> str:
    from helpdesk.threading.reading.language import language_of

    return language_of(text.decode()) or ""


def _document(page: bytes, pictures: Mapping[str, NamedPicture]) -> tuple[Line, ...]:
    from helpdesk.threading.reading.html import readable_lines

    return tuple(readable_lines(page.decode(), pictures))


# The first mail with a signature imports the libraries for signatures, which take half a second and some megabytes.


def _verify(content: bytes, claims: Sequence[SignatureClaim], keys: Mapping[str, bytes]) -> tuple[Verification, ...]:
    from helpdesk.gateway.origin.signatures import verify_signatures

    return verify_signatures(content, claims, keys)


def _verify_chain(content: bytes, keys: Mapping[str, bytes]) -> tuple[Verification]:
    from helpdesk.gateway.origin.signatures import verify_chain

    return (verify_chain(content, keys),)
