"""Whether a valid signature is enough to act as a staff member: what it covers, whether its words are certain, its age, its addressee.

The same questions are asked about a signature that we have verified and about one that our relay vouches for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk.threading.model.sentence import sentence
from helpdesk.threading.reading.parsed import Coverage, ParsedMessage
from helpdesk.threading.trust.doubt_words import doubt_in_words
from helpdesk.threading.trust.meant import DeskMarks, Meant, meant_for

FRESH = timedelta(days=7)  # between the date of a signed mail and its arrival, if it gives authority: an older mail may be a copy
SLOW_CLOCK = timedelta(hours=10)  # for which a signature is accepted beyond its x=, as dkimpy does too
RECIPIENTS = ("to", "cc")

NOT_ALL = sentence("its signature does not cover all that tells it apart: From, Subject, Date and the whole text, each once")
NOT_SHOWN = sentence("the mail does not show what its signature covers")
EXPIRED = sentence("its signature has expired")
NOT_FOR_US = sentence(
    "nothing that is signed says that it was meant for this desk: no address of ours in To or Cc, and in subject and text neither the reference of a request nor an address of a letter"
)
OLD = sentence("its date is more than {days} days from its arrival", days=FRESH.days)


@dataclass(frozen=True, slots=True)
class Sufficiency:
    """`lack` says in one clause what is missing; "" if the signature is sufficient.

    `meant` is what the signed parts name of this desk; None if the mail does not show what is signed. `content` is a hash that all copies of
    the mail share; "" if too little is signed. `certain` says that the words that we read are the words that were signed.
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
    """Whether the proved signature is sufficient, where any of `coverages` may be the proved one: so all of them must be.

    `whole` says whether the verified signature covers the whole mail; None if we have not verified it ourselves.
    """
    if not coverages or message.degraded or message.header_doubt:
        return Sufficiency(NOT_SHOWN)
    covered = all(coverage.whole for coverage in coverages) if whole is None else whole
    signed = frozenset.intersection(*(frozenset(coverage.fields) for coverage in coverages))
    meant = meant_for(message, signed, desk)
    content = message.signed_content if covered else ""
    lack = _lack(coverages, message, received_at, meant, covered=covered)
    return Sufficiency(lack, meant, content, certain=not any(coverage.doubt for coverage in coverages))


def unseen_sufficiency(message: ParsedMessage, received_at: datetime, desk: DeskMarks | None) -> Sufficiency:
    """Whether a signature is sufficient that our relay has verified and removed. Only what the mail still shows can be checked."""
    if message.degraded or message.header_doubt:
        return Sufficiency(NOT_SHOWN)
    meant = meant_for(message, (*RECIPIENTS, "subject"), desk)
    if message.date is not None and not is_fresh(message.date, received_at):
        return Sufficiency(OLD, certain=True)
    return Sufficiency("" if meant.for_us or not (message.to or message.cc) else NOT_FOR_US, certain=True)


def _lack(coverages: Iterable[Coverage], message: ParsedMessage, received_at: datetime, meant: Meant, *, covered: bool) -> str:
    if not covered:
        return NOT_ALL
    for coverage in coverages:
        if coverage.doubt:
            return sentence("its signature leaves open how it is to be read: {doubt}", doubt=doubt_in_words(coverage.doubt))
        if coverage.signed_at is not None and not is_fresh(coverage.signed_at, received_at):
            return OLD
        if coverage.expires_at is not None and coverage.expires_at + SLOW_CLOCK < received_at:
            return EXPIRED
    if not is_fresh(message.date, received_at):
        return OLD
    return "" if meant.for_us else NOT_FOR_US


def is_fresh(written_at: datetime | None, received_at: datetime) -> bool:
    return written_at is not None and abs(received_at - written_at) <= FRESH
