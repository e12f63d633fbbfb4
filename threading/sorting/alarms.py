"""Whether a message has words that need a person now: somebody's life, violence, a step by law, rights to personal data."""

from functools import lru_cache

from helpdesk.config.plain_words import words_in
from helpdesk.threading.sorting.alarm_words import PHRASES, AlarmKind

READ = 10_000  # characters of a message
ALARMS = tuple(
    (alarm, phrase) for alarm, by_language in PHRASES.items() for phrases in by_language.values() for phrase in phrases
)
# By the longest word of each phrase, which hardly any other message has.
BY_LONGEST_WORD: dict[str, list[int]] = {}
for number, (_, phrase) in enumerate(ALARMS):
    BY_LONGEST_WORD.setdefault(max(phrase.split(), key=len), []).append(number)


@lru_cache(maxsize=2)
def alarm_in(text: str) -> tuple[AlarmKind, str] | None:
    """The most pressing reason why a person should read a text now, and the phrase that says so; None without one.

    Several rules ask this about one message, so the last answers are kept.
    """
    words = words_in(text[:READ].lower())
    told = BY_LONGEST_WORD.keys() & words
    if not told:
        return None
    said = f" {' '.join(words)} "
    candidates = sorted(number for word in told for number in BY_LONGEST_WORD[word])
    return next((ALARMS[number] for number in candidates if f" {ALARMS[number][1]} " in said), None)
