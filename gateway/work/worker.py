"""Takes whatever waits to its end, kind after kind, until nothing waits. Claims are leases, so any number of nodes may do it."""

from collections.abc import Sequence
from threading import Event, Lock

from helpdesk.gateway.work.causes import CAUSES
from helpdesk.gateway.work.kind import CauseKind, Tools
from helpdesk.gateway.work.settle import Settlement


class Worker:
    """One at a time on each node; the readers work beside it. It takes the kinds of cause in the order of `causes`."""

    def __init__(self, tools: Tools, causes: Sequence[type[CauseKind]] = CAUSES) -> None:
        self._kinds = [make(tools) for make in causes]
        self._settlements = {kind: Settlement(tools, kind) for kind in self._kinds}
        self._one_at_a_time = Lock()
        self._draining = Event()

    def work(self, only: type[CauseKind] | None = None) -> int:
        """Work on everything that waits, until nothing does; how many causes came to their end. Raises DatabaseAway.

        With `only`, work on that kind of cause alone.
        """
        kinds = [kind for kind in self._kinds if only is None or isinstance(kind, only)]
        with self._one_at_a_time:
            done = 0
            for kind in kinds:
                kind.let_go()
            while not self._draining.is_set() and (count := sum(self._work_on(kind) for kind in kinds)):
                done += count
            return done

    def drain(self) -> None:
        """Begin nothing more; a running `work` ends with the batch that it has."""
        self._draining.set()

    def close(self) -> None:
        for kind in self._kinds:
            kind.close()

    def _work_on(self, kind: CauseKind) -> int:
        return kind.work(self._settlements[kind].settle)
