"""Whether a message has words that need a person now: somebody's life, violence, a step by law, rights to personal data."""

import re
from functools import lru_cache

from helpdesk.threading.sorting.alarm_words import PHRASES, AlarmKind

READ = 10_000  # characters of a message
WORD = re.compile(r"\w+")
ALARMS = tuple(
    (alarm, phrase) for alarm, by_language in PHRASES.items() for phrases in by_language.values() for phrase in phrases
)
FIRST_WORDS = frozenset(phrase.partition(" ")[0] for _, phrase in ALARMS)


@lru_cache(maxsize=2)
def alarm_in(text: str) -> tuple[AlarmKind, str] | None:
    """The most pressing reason why a person should read a text now, and the phrase that says so; None without one.

    Several rules ask this about one message, so the last answers are kept.
    """
    words = WORD.findall(text[:READ].lower())
    begun = FIRST_WORDS.intersection(words)
    if not begun:
        return None
    said = f" {' '.join(words)} "
    candidates = ((alarm, phrase) for alarm, phrase in ALARMS if phrase.partition(" ")[0] in begun)
    return next(((alarm, phrase) for alarm, phrase in candidates if f" {phrase} " in said), None)
