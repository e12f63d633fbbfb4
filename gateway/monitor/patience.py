"""Calls that may hang, and how long the monitor waits for them."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

PATIENCE = 4.0  # seconds that a look at the database, the disk or a door may take

T = TypeVar("T")


class PatientCall(Generic[T]):
    """A blocking call in a thread, with a limit on how long one waits for it. A call that hangs is not joined by a second one."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._running: asyncio.Future[T] | None = None

    async def result(self) -> T:
        """What the call returns. Raise TimeoutError after PATIENCE, and whatever the call raises."""
        if self._running is None or self._running.done():
            self._running = asyncio.ensure_future(asyncio.to_thread(self._call))
        return await asyncio.wait_for(asyncio.shield(self._running), PATIENCE)
