"""Why a person should read a message now: by the words that are built in, and by those that the desk adds."""

from helpdesk.config.lexicon import words_of
from helpdesk.config.policy import Policy
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.sorting.alarm_words import AlarmKind
from helpdesk.threading.sorting.alarms import READ, alarm_in

PRESSING = tuple(AlarmKind)
BY_KEY = {"life": AlarmKind.LIFE, "threat": AlarmKind.THREAT, "law": AlarmKind.LAW, "data": AlarmKind.DATA}


def alarm_of(incoming: Incoming, policy: Policy) -> tuple[AlarmKind, str] | None:
    """The most pressing reason why a person should read a message now, and the phrase that says so; None without one."""
    text = f"{incoming.subject}\n{incoming.text}"
    lexicon = policy.alarms.lexicon
    own = lexicon.found_in(words_of(text[:READ])) if lexicon is not None else ()
    built_in = alarm_in(text)
    found = [*((built_in,) if built_in else ()), *((BY_KEY[meaning.key], meaning.phrase) for meaning in own)]
    return min(found, key=lambda alarm: PRESSING.index(alarm[0]), default=None)
