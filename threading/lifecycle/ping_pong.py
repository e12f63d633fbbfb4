"""Recognise another ticket system that answers every letter, in mail that has no mark of a machine.

Two things together show a machine: it answers at once, again and again, and it writes nearly the same text each time. The number
of mails shows nothing: a customer with six questions in an hour is busy.
"""

import re
from datetime import datetime, timedelta

from helpdesk.config.conduct import Automatic
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.known import Exchange
from helpdesk.threading.model.mail import Channel

WORD = re.compile(r"[^\W\d_]+")
SHINGLE = 3  # words in a run
COMPARED = 1000  # characters of a text that are compared
ALIKE = 0.5  # share of common shingles among all shingles of two texts
WINDOW = timedelta(hours=1)
# References in subjects of ticket systems: [#123], (Case 00012345), [ABC-123], ref:_00D1:ref, #123456
THEIRS = re.compile(
    r"[\[(](?=[^\[\]()]{0,40}\d)(?:[^\[\]()\n]{0,20}[#:-][^\[\]()\n]{1,20}|[^\W\d_]{2,12} {0,2}\d{3,16})[\])]|\bref:\w{4,40}:ref\b|(?<![\w/])#\d{3,16}\b"
)


def is_ping_pong(incoming: Incoming, context: Context) -> bool:
    """Whether the author is a machine, because it repeatedly answers at once and in the same words.

    Number and speed alone prove nothing, since people can be fast too.
    """
    limits, exchange = context.policy.automatic, context.known.exchange
    if incoming.channel is Channel.PLATFORM:
        return False
    if _rounds(exchange, incoming.received_at, limits) < limits.loop_letters:
        return False
    words = shingles(f"{incoming.subject} {incoming.text}")
    alike = sum(likeness(words, shingles(f"{mail.subject} {mail.text}")) >= ALIKE for mail in exchange.mails)
    return alike >= limits.loop_letters - 1


def _rounds(exchange: Exchange, now: datetime, limits: Automatic) -> int:
    """How many letters of the last hour were answered at once, including this mail."""
    came = [mail.at for mail in exchange.mails] + [now]
    late = [at for at in exchange.letters if now - WINDOW <= at <= now]
    return sum(any(timedelta(0) < at - letter <= limits.loop_answer_within for at in came) for letter in late)


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """Runs of words, so that their order counts. Numbers and references are left out, because they differ in each mail."""
    words = WORD.findall(text[:COMPARED].lower())
    if len(words) < SHINGLE:
        return frozenset({tuple(words)})
    return frozenset(tuple(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1))


def likeness(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """The similarity of two texts, from 0 for nothing in common to 1 for the same."""
    return len(one & other) / len(one | other)


def reference_in(subject: str, own: str) -> str:
    """The other system's reference in a subject; "" if there is none or if it is the desk's own."""
    found = (reference.group() for reference in THEIRS.finditer(subject[:400]))
    return next((reference for reference in found if own not in reference), "")
