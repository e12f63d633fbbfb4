"""Words that need a person now, and ordinary requests that only look like them."""

import pytest

from helpdesk.threading.sorting.alarm_words import AlarmKind
from helpdesk.threading.sorting.alarms import alarm_in

ALARMS = {
    "I cannot go on, and I want to die.": AlarmKind.LIFE,
    "I cannot go on, and _I want to die_": AlarmKind.LIFE,
    "Ich will nicht mehr leben.": AlarmKind.LIFE,
    "Je veux mourir ce soir.": AlarmKind.LIFE,
    "I know where you live!": AlarmKind.THREAT,
    "Ich komme mit einer Waffe in Ihr Büro.": AlarmKind.THREAT,
    "If nothing happens by Monday, we will take legal action.": AlarmKind.LAW,
    "Il mio avvocato vi scriverà domani.": AlarmKind.LAW,
    "Sonst gehe ich vor Gericht.": AlarmKind.LAW,
    "Under the right to erasure, remove what you hold.": AlarmKind.DATA,
    "Bitte löschen Sie alle meine Daten.": AlarmKind.DATA,
    "Quiero ejercer mi derecho de supresión.": AlarmKind.DATA,
    "Ik beroep mij op het recht op inzage.": AlarmKind.DATA,
    "Exijo o direito ao esquecimento.": AlarmKind.DATA,
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
