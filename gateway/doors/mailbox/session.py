"""What a look into a mailbox needs of its server, whichever protocol it speaks, and what can go wrong there in three words."""

import select
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

LARGEST_UID = 2**32 - 1  # and the largest UIDVALIDITY (RFC 9051 §9, nz-number)
MOST_DIGITS = 19  # of a number of 63 bits
LARGEST_SIZE = 2**63 - 1  # RFC 9051 §9, number64; what a database takes


class Trouble(StrEnum):
    """Why a mailbox cannot be read now; each has its own waits."""

    AWAY = "away"  # cannot be reached, broke off, or does not answer
    BUSY = "busy"  # says itself that it cannot now
    REFUSED = "refused"  # does not let us in
    DISK = "disk"  # ours cannot keep what would be fetched


class MailboxAway(Exception):
    """The session is over. The mail is safe where it is."""

    def __init__(self, trouble: Trouble, reason: str) -> None:
        super().__init__(reason)
        self.trouble = trouble


class StepRefused(Exception):
    """The server said no to one command; the session goes on."""


class TooMuch(MailboxAway):
    """The server sends more octets in one answer, or lists more mails, than is taken."""

    def __init__(self, reason: str) -> None:
        super().__init__(Trouble.AWAY, reason)


class TooLong(MailboxAway):
    """The server keeps talking, or lets us wait, for longer than a look may take."""

    def __init__(self, reason: str) -> None:
        super().__init__(Trouble.AWAY, reason)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as its server showed it: UIDVALIDITY (0 where there is none), the UID that comes next (None where unsaid), its mails."""

    validity: int
    next_uid: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Described:
    """A mail before it is fetched. `size` in octets as the server says it, from 0 (also where it says nothing that could be a size) to
    LARGEST_SIZE; `received_at` is None where the protocol has no such time."""

    size: int
    received_at: datetime | None


class Session(Protocol):
    """A login at one mailbox. Every method may raise MailboxAway, which ends it; those that say so raise StepRefused."""

    @property
    def door(self) -> str:
        """Of the mails that come by it: imap or pop3."""

    @property
    def numbers_grow(self) -> bool:
        """Whether a later mail has a larger UID, so that a cursor is enough to know what is new."""

    @property
    def stays_open(self) -> bool:
        """Whether the login is kept between two looks."""

    def open(self, folder: str, *, read_only: bool) -> Folder:
        """Raises StepRefused where there is no such folder."""

    def uids_after(self, last: int) -> list[str]:
        """The mails of the open folder with a larger UID, in ascending order, the first ones where there are very many; without
        growing numbers, all of them. Raises StepRefused."""

    def describe(self, uids: Sequence[str]) -> dict[str, Described]:
        """Those that are still there. Raises StepRefused."""

    def content(self, uid: str, size: int, limit: int, between: Callable[[], None]) -> bytes | None:
        """The octets of a mail, None where it is gone; `between` is called between its pieces. Raises StepRefused, and TooMuch
        where the server sends far more than `limit` octets."""

    def settle(self, uids: Sequence[str], after: str) -> None:
        """Do with stored mails what `after` says: "delete", "flag", "flag:KEYWORD" or "move:FOLDER". Mails that are gone are no fault.

        May end the session where the protocol acts only then. Raises StepRefused.
        """

    def wait(self, seconds: float, woken: int) -> None:
        """Until something may have changed, the file descriptor `woken` is readable, or the time is over."""

    def cut(self) -> None:
        """Break off at once; may be called from another thread."""

    def close(self) -> None:
        """Say goodbye. Never raises."""


@contextmanager
def ending_in(*away: type[Exception], refusals: type[Exception]) -> Iterator[None]:
    """Translate a library's faults. Whatever else it raises, the server made it do: what it says cannot be understood."""
    try:
        yield
    except (MailboxAway, StepRefused):
        raise
    except away as fault:
        raise MailboxAway(Trouble.AWAY, in_one_line(fault)) from fault
    except refusals as fault:
        raise StepRefused(in_one_line(fault)) from fault
    except Exception as fault:
        raise MailboxAway(Trouble.AWAY, f"cannot be understood: {in_one_line(fault)}") from fault


def octets_of(said: object) -> int:
    """A size as a server said it, within what a size can be: an absurd one concerns its own mail alone."""
    if isinstance(said, bytes) and said.isdigit():
        said = int(said) if len(said) <= MOST_DIGITS else LARGEST_SIZE
    return min(max(said, 0), LARGEST_SIZE) if isinstance(said, int) else 0


def until_readable(seconds: float, *descriptors: int) -> None:
    poll = select.poll()
    for one in descriptors:
        poll.register(one, select.POLLIN)
    poll.poll(seconds * 1000)


def in_one_line(fault: BaseException) -> str:
    """A server's words for people: one line, bounded."""
    return " ".join(str(fault).split())[:300] or type(fault).__name__
