import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.threading.sorting.gratitude import is_only_thanks
from helpdesk.threading.sorting.gratitude_words import AROUND, CORE, NEGATIONS

THANKS = (
    "Thanks!", "Thank you so much for your help, it works now.", "Hi Omar,\n\nthanks a lot!\n\nBest regards,\nAnna Weber", "Thanks,\nAnna", "👍 thanks",
    "Danke, hat geklappt.\nViele Grüße\nHans", "Vielen Dank für die schnelle Hilfe!", "Merci beaucoup, c’est réglé.", "Muchas gracias, ya funciona.",
    "Grazie mille, risolto.", "Obrigada, funcionou!", "Bedankt, het werkt weer.", "Dziękuję bardzo, działa.", "Спасибо большое, всё работает!",
    "Tack så mycket, nu fungerar det.", "Mange tak, det virker nu.", "Tusen takk, det fungerer nå!", "Kiitos avusta, nyt toimii.", "Děkuji moc, funguje to.",
    "Teşekkürler, sorun çözüldü", "TEŞEKKÜR EDERİM", "谢谢！问题解决了。", "ありがとうございます。解決しました。", "감사합니다. 해결되었습니다.",
)  # fmt: skip
MORE = (
    "", "ok", "Hi Omar,", "Best regards\nAnna", "Thanks?", "Thanks, but it does not work", "thanks 2", "Thanks, see order ４", "Thanks in advance", "Thanks for nothing",
    "no thanks", "not solved", "works not", "Thank you\nnot working", "Thanks\nbroken again", "Danke, aber nein", "nicht gelöst", "funktioniert nicht", "Merci, mais non", "no funciona, gracias",
    "non funziona", "não funciona", "werkt niet", "nie działa", "не работает", "спасибо, но не работает", "det fungerar inte", "virker ikke", "ei toimi", "nefunguje", "çalışmıyor", "谢谢，但是还没解决", "没有解决",
    "解決しませんでした", "해결되지 않았습니다", "Thanks, one more question", "Thanks, please call me", "Thanks,\nNope", "Danke,\nNicht", "thanks " * 60,
)  # fmt: skip


@pytest.mark.parametrize("text", THANKS)
def test_thanks_alone_are_known(text: str) -> None:
    assert is_only_thanks(text)


@pytest.mark.parametrize("text", MORE)
def test_anything_more_is_more(text: str) -> None:
    assert not is_only_thanks(text)


@pytest.mark.parametrize("language", CORE)
def test_every_phrase_of_the_tables_counts_and_has_no_negation(language: str) -> None:
    assert set(CORE) == set(AROUND)
    for phrase in CORE[language]:
        assert is_only_thanks(phrase), phrase
    for phrase in (*CORE[language], *AROUND[language]):
        assert NEGATIONS.isdisjoint(phrase.split()), phrase


@given(st.sampled_from(THANKS), st.sampled_from(["?", " 1", " but", " not", "\nquestion", "？"]))
def test_one_thing_more_makes_it_more(thanks: str, more: str) -> None:
    assert not is_only_thanks(thanks + more)


@given(st.text(max_size=400))
def test_every_text_has_an_answer(text: str) -> None:
    assert is_only_thanks(text) in (True, False)
