"""Whether a signature that holds is enough to act as a member of staff: what it covers, how it reads, how old it is, for whom it was meant.

The same questions for a signature that we have verified, and for one that our relay vouches for, as far as the mail shows it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk.threading.reading.parsed import Coverage, ParsedMessage
from helpdesk.threading.trust.meant import DeskMarks, Meant, meant_for

FRESH = timedelta(
    days=7
)  # how far a signed mail's date may be from its arrival where it gives authority: an old one may be a copy
SLOW_CLOCK = timedelta(hours=10)  # how long a signature lives beyond its x=, as dkimpy has it too
RECIPIENTS = ("to", "cc")

NOT_ALL = "its signature does not cover all that tells it apart: From, Subject, Date and the whole text, each once"
NOT_SHOWN = "the mail does not show what its signature covers"
EXPIRED = "its signature has expired"
NOT_FOR_US = (
    "nothing that is signed says that it was meant for this desk: no address of ours in To or Cc, and in subject and text neither the "
    "reference of a request nor an address of a letter"
)
OLD = f"its date is more than {FRESH.days} days from its arrival"


@dataclass(frozen=True, slots=True)
class Sufficiency:
    """`lack` is what is missing, in one clause; "" where it is enough. `meant` is what the signed parts name of ours,
    None where the mail does not show what is signed.

    `certain`: the words that are read are those that were signed. A signature that leaves others open proves nobody's words.

    `content` is the same for all copies of what was signed; "" where not enough is signed to say so.
    """

    lack: str
    meant: Meant | None = None
    content: str = ""
    certain: bool = False


def sufficiency(
    coverages: Sequence[Coverage],
    message: ParsedMessage,
    received_at: datetime,
    desk: DeskMarks | None,
    *,
    whole: bool | None = None,
) -> Sufficiency:
    """What all signature fields that may be the proved one have in common. `whole` is the verifier's word on it, where there is one."""
    if not coverages or message.degraded or message.header_doubt:
        return Sufficiency(NOT_SHOWN)
    covered = all(one.whole for one in coverages) if whole is None else whole
    signed = frozenset.intersection(*(frozenset(one.fields) for one in coverages))
    meant = meant_for(message, signed, desk)
    content = message.signed_content if covered else ""
    lack = _lack(coverages, message, received_at, meant, covered=covered)
    return Sufficiency(lack, meant, content, certain=not any(one.doubt for one in coverages))


def unseen_sufficiency(message: ParsedMessage, received_at: datetime, desk: DeskMarks | None) -> Sufficiency:
    """Of a mail whose signature our relay has verified and taken off: only what the mail still shows can be asked."""
    if message.degraded or message.header_doubt:
        return Sufficiency(NOT_SHOWN)
    meant = meant_for(message, (*RECIPIENTS, "subject"), desk)
    if message.date is not None and not is_fresh(message.date, received_at):
        return Sufficiency(OLD, certain=True)
    return Sufficiency("" if meant.for_us or not (message.to or message.cc) else NOT_FOR_US, certain=True)


def _lack(coverages: Iterable[Coverage], message: ParsedMessage, received_at: datetime, meant: Meant, *, covered: bool) -> str:
    if not covered:
        return NOT_ALL
    for one in coverages:
        if one.doubt:
            return f"its signature leaves open how it is to be read: {one.doubt}"
        if one.signed_at is not None and not is_fresh(one.signed_at, received_at):
            return OLD
        if one.expires_at is not None and one.expires_at + SLOW_CLOCK < received_at:
            return EXPIRED
    if not is_fresh(message.date, received_at):
        return OLD
    return "" if meant.for_us else NOT_FOR_US


def is_fresh(written_at: datetime | None, received_at: datetime) -> bool:
    return written_at is not None and abs(received_at - written_at) <= FRESH
