"""Processes due causes, kind after kind, until nothing is due. Causes are claimed, so any number of workers and nodes may do this."""

import time
from collections.abc import Sequence
from dataclasses import replace
from threading import Event, Lock

from helpdesk.gateway.work.causes import CAUSES
from helpdesk.gateway.work.desk import Desk
from helpdesk.gateway.work.kind import CauseKind, Tools
from helpdesk.gateway.work.present_desk import PresentDesk
from helpdesk.gateway.work.settle import Settlement

MUCH = 10  # causes of one round, after which there may be work for another worker too


class Worker:
    """Processes the kinds of cause in the order of `causes`. In each worker one thread at a time does this; mails are read in others."""

    def __init__(self, tools: Tools, causes: Sequence[type[CauseKind]] = CAUSES) -> None:
        self._kinds = [make(tools) for make in causes]
        present = PresentDesk(tools.desk)
        self._settlements = {kind: Settlement(tools, kind, present) for kind in self._kinds}
        self._desk = self._next_desk = tools.desk
        self._wake = tools.wake
        self._one_at_a_time = Lock()
        self._draining = Event()
        self.turned_at = time.monotonic()  # when it last went from one kind of cause to the next

    def use(self, desk: Desk) -> None:
        """Decide by this desk from the next batch on. The present batch ends with the desk that it began with."""
        self._next_desk = desk

    def work(self, only: type[CauseKind] | None = None, *, wait: bool = True) -> int:
        """Process causes until none is due. Return how many were processed. Raises DatabaseAway.

        With `only`, process only that kind of cause. Without `wait`, return while slow causes are still being prepared; `tools.wake` is called
        when one of them is ready.
        """
        kinds = [kind for kind in self._kinds if only is None or isinstance(kind, only)]
        with self._one_at_a_time:
            done = 0
            for kind in kinds:
                kind.let_go()
            while not self._draining.is_set():
                self._take_next_desk()
                count = sum(self._work_on(kind) for kind in kinds)
                done += count
                if count > MUCH:
                    self._wake()
                if not count and not (wait and self._wait_for_slow(kinds)):
                    break
            return done

    @property
    def has_unfinished(self) -> bool:
        """Whether something is claimed and not settled, so that no other worker can take it."""
        return any(kind.has_unfinished for kind in self._kinds)

    def drain(self) -> None:
        """Stop after the present batch: a running `work` returns, and later calls do nothing."""
        self._draining.set()

    def finish(self) -> None:
        """Settle what has been claimed and is still being prepared; nothing new is begun. Raises DatabaseAway."""
        with self._one_at_a_time:
            for kind in self._kinds:
                kind.finish(self._settlements[kind].settle)

    def close(self) -> None:
        for kind in self._kinds:
            kind.close()
        self._desk.letterhead.renderer.close()

    def _take_next_desk(self) -> None:
        desk = self._next_desk
        if desk is self._desk:
            return
        present = PresentDesk(desk)
        for kind in self._kinds:
            kind.tools = replace(kind.tools, desk=desk)
            self._settlements[kind].tools = kind.tools
            self._settlements[kind].present = present
        self._desk.letterhead.renderer.close()
        self._desk = desk

    def _work_on(self, kind: CauseKind) -> int:
        self.turned_at = time.monotonic()
        return kind.work(self._settlements[kind].settle)

    def _wait_for_slow(self, kinds: Sequence[CauseKind]) -> bool:
        return any(kind.wait_for_slow() for kind in kinds)
