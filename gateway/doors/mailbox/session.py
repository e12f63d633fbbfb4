"""What a look into a mailbox needs of a server, whichever protocol it speaks, and the ways in which a server can fail."""

import select
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

LARGEST_UID = 2**32 - 1  # also the largest UIDVALIDITY (RFC 9051 §9, nz-number)
MOST_DIGITS = 19  # digits of a number of 63 bits
LARGEST_SIZE = 2**63 - 1  # RFC 9051 §9, number64; also the largest number that a database column takes


class MailboxTrouble(StrEnum):
    """Why a mailbox cannot be read now. Each kind has its own waiting times (see `waits`)."""

    AWAY = "away"  # the server cannot be reached, broke off, or does not answer
    BUSY = "busy"  # the server says that it cannot serve us now
    REFUSED = "refused"  # the server refuses the login
    DISK = "disk"  # our own disk cannot keep mail


class MailboxAway(Exception):
    """The session has ended. Mail that was not fetched is safe on its server. `pause` is the time in seconds for which the server asks."""

    def __init__(self, trouble: MailboxTrouble, reason: str, pause: float = 0.0) -> None:
        super().__init__(reason)
        self.trouble = trouble
        self.pause = pause


class StepRefused(Exception):
    """The server refused one command. The session goes on."""


class TooMuch(MailboxAway):
    """The server sent more octets in one answer, or listed more mails, than is accepted."""

    def __init__(self, reason: str) -> None:
        super().__init__(MailboxTrouble.AWAY, reason)


class TooLong(MailboxAway):
    """The server kept sending, or let us wait, for longer than a look may take."""

    def __init__(self, reason: str) -> None:
        super().__init__(MailboxTrouble.AWAY, reason)


@dataclass(frozen=True, slots=True)
class OpenFolder:
    """A folder as its server showed it.

    `validity` is UIDVALIDITY (0 where there is none), `next_uid` is UIDNEXT (None where it was not said), `count` is the
    number of mails.
    """

    validity: int
    next_uid: int | None
    count: int


@dataclass(frozen=True, slots=True)
class MailDescription:
    """A mail before it is fetched.

    `size` is in octets as the server says it, from 0 (also where it said no number) to LARGEST_SIZE. `received_at` is None
    where the protocol has no such time.
    """

    size: int
    received_at: datetime | None


class MailboxSession(Protocol):
    """One login at a mailbox server. Every method may raise MailboxAway, which ends the session; some also raise
    StepRefused.
    """

    @property
    def door(self) -> str:
        """The door that its mails come by: imap or pop3."""

    @property
    def numbers_grow(self) -> bool:
        """Whether a later mail has a larger UID, so that one cursor tells which mails are new."""

    @property
    def stays_open(self) -> bool:
        """Whether the login is kept from one look to the next."""

    def open(self, folder: str, *, read_only: bool) -> OpenFolder:
        """Open a folder. Raise StepRefused where there is none."""

    def uids_after(self, last: int) -> list[str]:
        """The UIDs of the open folder above `last`, in ascending order; only the first ones where there are very many.

        Where UIDs do not grow, all of them. Raise StepRefused.
        """

    def describe(self, uids: Sequence[str]) -> dict[str, MailDescription]:
        """The descriptions of those mails that are still there. Raise StepRefused."""

    def content(self, uid: str, size: int, limit: int, between: Callable[[], None]) -> bytes | None:
        """The octets of a mail; None where it is gone. `between` is called between the pieces of a large mail.

        Raise StepRefused; raise TooMuch where the server sends far more than `limit` octets.
        """

    def beginning(self, uid: str, octets: int) -> bytes | None:
        """About the first `octets` of a mail, with its whole header if that is not longer; None where it is gone.

        Raise StepRefused, also where the server cannot send a part of a mail.
        """

    def settle(self, uids: Sequence[str], after: str) -> None:
        """Do with stored mails what `after` says: "delete", "flag", "flag:KEYWORD" or "move:FOLDER". Mails that are gone are
        left out.

        This may end the session where the protocol acts only then. Raise StepRefused.
        """

    def wait(self, seconds: float, woken: int) -> None:
        """Wait until the folder may have changed, the file descriptor `woken` is readable, or the time is over."""

    def cut(self) -> None:
        """Cut the connection at once. May be called from another thread."""

    def close(self) -> None:
        """Log out. Never raises."""


@contextmanager
def translate_faults(
    *away: type[Exception], refusals: type[Exception], trouble_of: Callable[[str], MailboxAway] | None = None
) -> Iterator[None]:
    """Turn a library's faults into ours: `away` into MailboxAway, which `trouble_of` makes of the fault's text, and `refusals` into
    StepRefused.

    Any other exception of the library means that the server's answer could not be understood, and becomes MailboxAway too.
    """
    try:
        yield
    except (MailboxAway, StepRefused):
        raise
    except away as fault:
        raise (trouble_of or _away)(fault_text(fault)) from fault
    except refusals as fault:
        raise StepRefused(fault_text(fault)) from fault
    except Exception as fault:
        raise MailboxAway(MailboxTrouble.AWAY, f"cannot be understood: {fault_text(fault)}") from fault


def _away(said: str) -> MailboxAway:
    return MailboxAway(MailboxTrouble.AWAY, said)


def octets_of(said: object) -> int:
    """A size as a server said it, cut to the range that sizes have, so that an absurd size affects its own mail alone."""
    if isinstance(said, bytes) and said.isdigit():
        said = int(said) if len(said) <= MOST_DIGITS else LARGEST_SIZE
    return min(max(said, 0), LARGEST_SIZE) if isinstance(said, int) else 0


def wait_until_readable(seconds: float, *descriptors: int) -> None:
    """Wait until one of the file descriptors is readable, or the time is over."""
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    poll.poll(seconds * 1000)


def fault_text(fault: BaseException) -> str:
    """The text of a fault on one line of at most 300 characters, or the name of its type."""
    return " ".join(str(fault).split())[:300] or type(fault).__name__
