"""Tell managers that passwords are being guessed at a door, by one letter an hour at most."""

from collections.abc import Sequence

from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision, Grounds
from helpdesk.threading.lifecycle.gate import alarm_letters
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.trust.addresses import canonical
from helpdesk.threading.trust.guessing import Alarm, LaneName

ABOUT = "logins"
MOST_LISTED = 10
TITLE = sentence("Somebody is guessing passwords at the door where staff log in")
SLOWED = sentence(
    "Guesses are let through more and more slowly. Whoever has logged in from the same place before is not slowed, and nobody is locked out."
)
ADVICE = sentence(
    "If a colleague has forgotten a password, `helpdesk staff password` makes a new line. Addresses that guess can be shut out by a firewall."
)


def decide_guessing(alarms: Sequence[Alarm], context: Context) -> Decision:
    """Send one letter to the managers. Guesses have no other consequence."""
    listed = tuple(_in_words(alarm) for alarm in alarms[:MOST_LISTED])
    others = len(alarms) - len(listed)
    more = (sentence("And in {others} more places; the log names them (login.guessing).", others=others),) if others else ()
    letters = alarm_letters(context, ABOUT, (TITLE, *listed, *more, SLOWED, ADVICE))
    reason = f"passwords are guessed in {len(alarms)} places" + ("" if letters else "; managers have been told within the hour")
    return Decision(Disposition.NOTED, reason, Grounds(Assurance.UNVERIFIED), letters=letters)


def _in_words(alarm: Alarm) -> Sentence:
    account = alarm.place.account
    whose = sentence("for {account}", account=account) if canonical(account) else sentence("for names that are nobody's")
    if alarm.place.lane is LaneName.SOURCE:
        return sentence("{failures} wrong passwords came from {source}.", failures=alarm.failures, source=alarm.place.source)
    if alarm.place.lane is LaneName.KNOWN:
        return sentence(
            "{failures} wrong passwords {whose} came from {source}, where that login has worked before.",
            failures=alarm.failures,
            whose=whose,
            source=alarm.place.source,
        )
    return sentence(
        "{failures} wrong passwords {whose} came from addresses that had failed before."
        if alarm.place.lane is LaneName.ACCOUNT
        else "{failures} wrong passwords {whose} came from addresses none of which had failed before.",
        failures=alarm.failures,
        whose=whose,
    )
