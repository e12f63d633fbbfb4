"""Another ticket system that answers every letter of ours, and whose mail has lost every mark of a machine.

Two things together tell: it answers at once, again and again; and what it says is nearly the same each time. How much somebody writes tells
nothing: a customer with six questions in an hour is busy.
"""

import re
from datetime import datetime, timedelta

from helpdesk.config.policy import Automatic
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.known import Exchange
from helpdesk.threading.model.mail import Channel

WORD = re.compile(r"[^\W\d_]+")
SHINGLE = 3  # words
COMPARED = 1000  # characters of a text
ALIKE = 0.5  # of all shingles of two texts, those that both have
WINDOW = timedelta(hours=1)
# A reference as ticket systems put it into subjects: [#123], (Case 00012345), [ABC-123], ref:_00D1:ref, #123456
THEIRS = re.compile(
    r"[\[(](?=[^\[\]()]{0,40}\d)(?:[^\[\]()\n]{0,20}[#:-][^\[\]()\n]{1,20}|[^\W\d_]{2,12} {0,2}\d{3,16})[\])]|\bref:\w{4,40}:ref\b|(?<![\w/])#\d{3,16}\b"
)


def is_ping_pong(incoming: Incoming, context: Context) -> bool:
    """Whether its writer is a machine: it answers at once, and in the same words. Number and cadence alone prove nothing, people are fast too."""
    limits, exchange = context.policy.automatic, context.known.exchange
    if incoming.channel is Channel.PLATFORM:
        return False
    if _rounds(exchange, incoming.received_at, limits) < limits.loop_letters:
        return False
    words = shingles(f"{incoming.subject} {incoming.text}")
    alike = sum(likeness(words, shingles(f"{mail.subject} {mail.text}")) >= ALIKE for mail in exchange.mails)
    return alike >= limits.loop_letters - 1


def _rounds(exchange: Exchange, now: datetime, limits: Automatic) -> int:
    """How many letters of the last hour were answered at once, this mail counted in."""
    came = [mail.at for mail in exchange.mails] + [now]
    late = [at for at in exchange.letters if now - WINDOW <= at <= now]
    return sum(any(timedelta(0) < at - letter <= limits.loop_answer_within for at in came) for letter in late)


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """Runs of words, so that order counts; numbers and references are left out, since they differ each time."""
    words = WORD.findall(text[:COMPARED].lower())
    if len(words) < SHINGLE:
        return frozenset({tuple(words)})
    return frozenset(tuple(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1))


def likeness(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """0 for nothing in common, 1 for the same."""
    return len(one & other) / len(one | other)


def reference_in(subject: str, own: str) -> str:
    """The other system's name of the conversation, as it stands in the subject; "" without one, or where it is ours."""
    found = (reference.group() for reference in THEIRS.finditer(subject[:400]))
    return next((reference for reference in found if own not in reference), "")
