"""The UIDs in an IMAP server's answer to SEARCH, which may come in any number of lines. No I/O."""

from array import array
from collections.abc import Iterable, Iterator

from helpdesk.gateway.doors.mailbox.session import LARGEST_UID

MOST_UIDS = 100_000  # UIDs taken from one search; the next search asks for the rest
UID_DIGITS = 10
PART = 64 * 1024  # octets of a search's answer that are split into words at once


def smallest_uids(lines: Iterable[bytes], last: int) -> list[int]:
    """The UIDs above `last` in the answer to SEARCH, the smallest MOST_UIDS of them, in ascending order.

    A number of more than 32 bits is no UID (RFC 9051 §2.3.1.1), and neither is what else stands there, such as MODSEQ.
    """
    found, largest = array("Q"), LARGEST_UID
    for word in (word for line in lines for part in parts_of(line) for word in part.split()):
        if len(word) <= UID_DIGITS and word.isdigit() and last < (uid := int(word)) <= largest:
            found.append(uid)
            if len(found) >= 2 * MOST_UIDS:
                found = array("Q", sorted(set(found))[:MOST_UIDS])
                largest = found[-1] if len(found) == MOST_UIDS else largest
    return sorted(set(found))[:MOST_UIDS]


def parts_of(line: bytes) -> Iterator[bytes]:
    """Yield a line of numbers in pieces that end between two numbers, up to the first parenthesis."""
    at, end = 0, line.find(b"(") if b"(" in line else len(line)
    while at < end:
        cut = line.find(b" ", min(at + PART, end), end)
        until = end if cut < 0 else cut
        yield line[at:until]
        at = until + 1
