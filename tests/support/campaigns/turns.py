"""Threads that take turns at named gates, in every order there is: each run follows one order, the next run another.

A thread runs alone from one gate to the next. Nothing here waits for time to pass.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Condition, Thread, current_thread


@dataclass
class Turns:
    """One run. `plan` says who goes first where several wait; beyond its end the first of them does."""

    plan: Sequence[int]
    taken: list[tuple[int, int]] = field(default_factory=list)  # which of how many
    order: list[str] = field(default_factory=list)
    _waiting: dict[str, str] = field(default_factory=dict)
    _running: set[str] = field(default_factory=set)
    _faults: list[BaseException] = field(default_factory=list)
    _changed: Condition = field(default_factory=Condition)

    def gate(self, name: str) -> None:
        """Wait for one's turn; whoever takes no turns passes."""
        who = current_thread().name
        with self._changed:
            if who not in self._running:
                return
            self._running.discard(who)
            self._waiting[who] = name
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: who in self._running, 60), f"{who} waited too long at {name}"

    def run(self, *works: tuple[str, Callable[[], object]]) -> None:
        """Each begins in this order and comes to its first gate; then they take turns to the end."""
        threads = [Thread(target=self._one, args=(work,), name=name) for name, work in works]
        for thread in threads:
            with self._changed:
                self._running.add(thread.name)
            thread.start()
            self._until_all_wait()
        while self._waiting:
            self._next()
            self._until_all_wait()
        for thread in threads:
            thread.join(60)
        if self._faults:
            raise self._faults[0]

    def _one(self, work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as fault:
            self._faults.append(fault)
        finally:
            with self._changed:
                self._running.discard(current_thread().name)
                self._changed.notify_all()

    def _until_all_wait(self) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: not self._running, 60), f"{self._running} came to no gate"

    def _next(self) -> None:
        with self._changed:
            names = sorted(self._waiting)
            place = self.plan[len(self.taken)] % len(names) if len(self.taken) < len(self.plan) else 0
            self.taken.append((place, len(names)))
            self.order.append(f"{names[place]} {self._waiting.pop(names[place])}")
            self._running.add(names[place])
            self._changed.notify_all()


def every_order() -> Iterator[Turns]:
    """Runs until every order has been followed; whoever asks must run each before he asks for the next."""
    plan: list[int] | None = []
    while plan is not None:
        turns = Turns(plan)
        yield turns
        plan = _following(turns.taken)


def some_orders(seed: int, count: int) -> Iterator[Turns]:
    """So many runs, in orders drawn at random."""
    dice = random.Random(seed)
    return (Turns([dice.randrange(60) for _ in range(60)]) for _ in range(count))


def _following(taken: list[tuple[int, int]]) -> list[int] | None:
    for index in range(len(taken) - 1, -1, -1):
        place, count = taken[index]
        if place + 1 < count:
            return [*(one for one, _ in taken[:index]), place + 1]
    return None
