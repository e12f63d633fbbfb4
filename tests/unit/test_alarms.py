"""Words that need a person now, and ordinary requests that only look like them."""

import pytest

from helpdesk.threading.sorting.alarm_words import Alarm
from helpdesk.threading.sorting.alarms import alarm_in

ALARMS = {
    "I cannot go on, and I want to die.": Alarm.LIFE,
    "Ich will nicht mehr leben.": Alarm.LIFE,
    "Je veux mourir ce soir.": Alarm.LIFE,
    "I know where you live!": Alarm.THREAT,
    "Ich komme mit einer Waffe in Ihr Büro.": Alarm.THREAT,
    "If nothing happens by Monday, we will take legal action.": Alarm.LAW,
    "Il mio avvocato vi scriverà domani.": Alarm.LAW,
    "Sonst gehe ich vor Gericht.": Alarm.LAW,
    "Under the right to erasure, remove what you hold.": Alarm.DATA,
    "Bitte löschen Sie alle meine Daten.": Alarm.DATA,
    "Quiero ejercer mi derecho de supresión.": Alarm.DATA,
    "Ik beroep mij op het recht op inzage.": Alarm.DATA,
    "Exijo o direito ao esquecimento.": Alarm.DATA,
}
ORDINARY = (
    "How do I kill a process that hangs? It dies after a minute.",
    "The export dies, and the server shoots up to full load.",
    "Wie lösche ich einen Artikel? Artikel 17 steht doppelt da.",
    "The law office has a new printer.",
    "Please delete the last invoice.",
    "Comment supprimer une page ?",
)


@pytest.mark.parametrize("text", ALARMS)
def test_words_that_need_a_person_now_are_found(text: str) -> None:
    found = alarm_in(text)
    assert found is not None
    assert found[0] is ALARMS[text]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_requests_are_no_alarm(text: str) -> None:
    assert alarm_in(text) is None
