"""The mails that a worker has claimed and has not decided: they are being read, and their origin is being checked.

Most are ready within milliseconds. One that takes long, because it is large or because a name server does not answer, holds up only the mails
of its own sender, ticket and thread.
"""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Generic, TypeVar

from helpdesk.store.mail_claims import ClaimedMail, in_order_of_arrival

PATIENCE = 0.5  # seconds in which the mails of a claim should be ready; a mail that takes longer is decided later

Item = TypeVar("Item")
Key = tuple[str, object]


@dataclass(frozen=True, slots=True)
class Preparation(Generic[Item]):
    """One such mail. `result` is None if the mail was put back or given up."""

    mail: ClaimedMail
    result: "Future[Item | None]"


class Preparations(Generic[Item]):
    """All of them, in the order in which they are to be decided. `wake` is called when one that took long is ready."""

    def __init__(self, wake: Callable[[], None], *, patience: float = PATIENCE) -> None:
        self._wake = wake
        self._patience = patience
        self._waiting: list[Preparation[Item]] = []
        self._behind: set[int] = set()  # ids of mails that are tied to an earlier one which was put back

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, started: Sequence[Preparation[Item]]) -> None:
        """Add the mails of a claim, and wait a moment until they are ready.

        A mail that is claimed anew replaces itself: its former claim, whose lease has ended, can have no effect any more. Later ones that are
        tied to it may still be here by the former claim, so all are put in order again.
        """
        every = {preparation.mail.id: preparation for preparation in (*self._waiting, *started)}
        self._waiting = [every[mail.id] for mail in in_order_of_arrival(preparation.mail for preparation in every.values())]
        self._behind -= {preparation.mail.id for preparation in started}
        _, late = wait([preparation.result for preparation in started], timeout=self._patience)
        for result in late:
            result.add_done_callback(lambda _: self._wake())

    def take_ready(self) -> tuple[list[Item], list[ClaimedMail]]:
        """Remove the mails that may be decided now. Return those with a result, and those to release because one before them was put back.

        Mails that are tied to one that is not ready stay.
        """
        items: list[Item] = []
        released: list[ClaimedMail] = []
        staying: list[Preparation[Item]] = []
        left: set[Key] = set()  # keys of mails without a result, and of those behind them
        ready = in_order([(preparation.mail.keys, preparation.result.done()) for preparation in self._waiting])
        for preparation, goes in zip(self._waiting, ready, strict=True):
            mail = preparation.mail
            if mail.id in self._behind or not left.isdisjoint(mail.keys):
                self._behind.add(mail.id)
                left.update(mail.keys)
            if not goes:
                staying.append(preparation)
            elif (item := preparation.result.result()) is None:
                left.update(mail.keys)
                self._behind.discard(mail.id)
            elif mail.id in self._behind:
                released.append(mail)
                self._behind.discard(mail.id)
            else:
                items.append(item)
        self._waiting = staying
        return items, released

    def leave_behind(self, keys: Collection[Key]) -> None:
        """Let no mail go that is tied to these keys, or to such a mail: an earlier one has been taken over by another worker."""
        left = set(keys)
        for mail in (preparation.mail for preparation in self._waiting):
            if not left.isdisjoint(mail.keys):
                self._behind.add(mail.id)
                left.update(mail.keys)

    def wait_for_any(self) -> bool:
        """Wait until a further mail is ready. Return False if none is being prepared."""
        if not self._waiting:
            return False
        wait([preparation.result for preparation in self._waiting if not preparation.result.done()], return_when=FIRST_COMPLETED)
        return True

    def forget(self, tokens: Collection[int]) -> None:
        """Forget the mails of these claims, which have been released."""
        self._waiting = [preparation for preparation in self._waiting if preparation.mail.lease_token not in tokens]
        self._behind &= {preparation.mail.id for preparation in self._waiting}


def in_order(mails: Sequence[tuple[Collection[Key], bool]]) -> list[bool]:
    """Return for each mail, with its keys and whether it is ready, whether it may go: not before an earlier one with an equal key."""
    held_up: set[Key] = set()
    goes = []
    for keys, is_ready in mails:
        free = is_ready and held_up.isdisjoint(keys)
        goes.append(free)
        if not free:
            held_up.update(keys)
    return goes
