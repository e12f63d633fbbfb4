import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.threading.sorting.gratitude import is_acknowledgement, is_only_thanks, says_trouble
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


# By language: what confirms, and what is more and must open the ticket again. A slash between blanks is a line end.
CONFIRMS = {
    "en": ("Thanks so much!", "Thank you, that worked.", "Perfect, thanks a lot", "All good now, thank you for your quick help!", "Dear team, / it works now. / Kind regards / Anna"),
    "de": ("Danke schön!", "Super, vielen Dank, jetzt geht es.", "Problem gelöst, danke.", "Hallo Omar, / alles funktioniert, herzlichen Dank! / Viele Grüße / Eva", "Erledigt, danke nochmals"),
    "fr": ("Merci !", "Merci beaucoup, tout fonctionne.", "Parfait, merci pour votre aide.", "Bonjour, / c'est réglé, merci. / Cordialement / Zoé", "Problème résolu, merci encore"),
    "es": ("¡Gracias!", "Muchas gracias por su ayuda.", "Perfecto, ya funciona.", "Hola, / solucionado, gracias. / Saludos / Ana", "Gracias de nuevo"),
    "it": ("Grazie!", "Perfetto, ora funziona.", "Molte grazie per il supporto.", "Buongiorno, / problema risolto, grazie. / Cordiali saluti / Ugo", "Tutto a posto, grazie"),
    "pt": ("Obrigada!", "Muito obrigado pela ajuda.", "Perfeito, já funciona.", "Olá, / resolvido, obrigado. / Atenciosamente / Rui", "Tudo certo, obrigado"),
    "nl": ("Dank je wel!", "Super, het werkt weer.", "Opgelost, bedankt.", "Hallo, / alles werkt, dank u wel. / Met vriendelijke groet / Jan", "Hartelijk dank voor de snelle hulp"),
    "pl": ("Dziękuję!", "Dzięki, już działa.", "Problem rozwiązany, dziękuję.", "Dzień dobry, / wszystko działa, dziękuję. / Pozdrawiam / Ewa", "Bardzo dziękuję za pomoc"),
    "ru": ("Спасибо!", "Отлично, заработало.", "Проблема решена, спасибо.", "Здравствуйте, / всё работает, благодарю. / С уважением / Иван", "Спасибо за помощь"),
    "sv": ("Tack!", "Toppen, nu fungerar det.", "Löst, tack.", "Hej, / allt fungerar, tack så mycket. / Med vänliga hälsningar / Sven", "Tack för hjälpen"),
    "da": ("Tak!", "Perfekt, det virker nu.", "Problemet er løst, tak.", "Hej, / alt virker, mange tak. / Med venlig hilsen / Ole", "Tak for hjælpen"),
    "no": ("Takk!", "Supert, nå fungerer det.", "Problemet er løst, takk.", "Hei, / alt fungerer, tusen takk. / Med vennlig hilsen / Kari", "Takk for hjelpen"),
    "fi": ("Kiitos!", "Hienoa, nyt toimii.", "Ongelma ratkaistu, kiitos.", "Hei, / kaikki toimii, kiitos. / Ystävällisin terveisin / Matti", "Kiitos nopeasta avusta"),
    "cs": ("Děkuji!", "Skvělé, už to funguje.", "Vyřešeno, díky.", "Dobrý den, / vše funguje, děkuji. / S pozdravem / Jana", "Děkuji za pomoc"),
    "tr": ("Teşekkürler!", "Harika, şimdi çalışıyor.", "Sorun çözüldü, teşekkür ederim.", "Merhaba, / her şey çalışıyor, teşekkürler. / Saygılarımla / Ali", "Yardımınız için teşekkürler"),
    "zh": ("谢谢！", "太好了，现在可以了。", "问题已解决，非常感谢。", "您好， / 已经好了，谢谢您。", "感谢您的帮助"),
    "ja": ("ありがとうございます。", "解決しました。ありがとうございました。", "確認しました。", "直りました。感謝します。", "迅速なご対応ありがとうございました。"),
    "ko": ("감사합니다!", "이제 잘 됩니다.", "해결되었습니다. 감사합니다.", "안녕하세요, / 문제가 해결되었습니다. 고맙습니다.", "도와주셔서 감사합니다."),
}  # fmt: skip
ASKS_MORE = {
    "en": ("Thanks, it works now. Please also change my address.", "Thanks! It works on the phone, only the laptop fails", "It worked yesterday", "Thanks, I will try it tomorrow", "Great, now everything is worse"),
    "de": ("Danke, bitte auch die Adresse ändern.", "Danke, ich probiere es morgen", "Super, jetzt geht gar nichts mehr", "Danke, leider unverändert", "Vielen Dank im Voraus"),
    "fr": ("Merci de me rappeler.", "Merci, mais toujours en panne", "Super, plus rien ne marche", "Merci d'avance", "Merci, hélas encore bloqué"),
    "es": ("Gracias, falta la factura.", "Gracias por adelantado", "Perfecto, ahora falla todo", "Gracias, pero sigue igual", "Gracias, llámeme por favor"),
    "it": ("Grazie, manca la fattura.", "Grazie in anticipo", "Perfetto, ora è peggio", "Grazie, ma è ancora rotto", "Grazie, mi chiami per favore"),
    "pt": ("Obrigado, falta a fatura.", "Obrigado desde já", "Perfeito, agora falha tudo", "Obrigado, mas continua igual", "Obrigado, ligue-me por favor"),
    "nl": ("Bedankt, de factuur ontbreekt nog.", "Alvast bedankt", "Super, nu is alles stuk", "Bedankt, maar het hapert", "Bedankt, bel mij even"),
    "pl": ("Dziękuję, brakuje faktury.", "Z góry dziękuję", "Super, teraz wszystko padło", "Dziękuję, ale dalej źle", "Dziękuję, proszę zadzwonić"),
    "ru": ("Спасибо, пришлите счёт.", "Заранее спасибо", "Отлично, теперь всё сломалось", "Спасибо, но по-прежнему плохо", "Спасибо, позвоните мне"),
    "sv": ("Tack, fakturan saknas.", "Tack på förhand", "Toppen, nu är allt trasigt", "Tack, men samma fel", "Tack, ring mig"),
    "da": ("Tak, fakturaen mangler.", "På forhånd tak", "Perfekt, nu er alt i stykker", "Tak, men samme fejl", "Tak, ring til mig"),
    "no": ("Takk, fakturaen mangler.", "Takk på forhånd", "Supert, nå er alt ødelagt", "Takk, men samme feil", "Takk, ring meg"),
    "fi": ("Kiitos, lasku puuttuu.", "Kiitos etukäteen", "Hienoa, nyt kaikki on rikki", "Kiitos, mutta sama vika", "Kiitos, soittakaa minulle"),
    "cs": ("Děkuji, chybí faktura.", "Předem děkuji", "Skvělé, teď je všechno rozbité", "Děkuji, ale pořád stejné", "Děkuji, zavolejte mi"),
    "tr": ("Teşekkürler, fatura eksik.", "Şimdiden teşekkürler", "Harika, şimdi her şey bozuldu", "Teşekkürler ama aynı hata", "Teşekkürler, beni arayın"),
    "zh": ("谢谢，请把发票发给我。", "谢谢，还是不行", "太好了，现在全坏了", "谢谢，不过手机上有错误", "先谢谢了，请给我打电话"),
    "ja": ("ありがとうございます。請求書をお願いします。", "解決しましたが、別のエラーが出ます。", "よろしくお願いいたします。", "確認しましたが動きません。", "ありがとうございます。明日試します。"),
    "ko": ("감사합니다. 청구서를 보내 주세요.", "감사합니다만 여전히 오류가 납니다.", "이제 모두 고장입니다", "미리 감사합니다. 전화 주세요", "감사합니다. 내일 해 보겠습니다"),
}  # fmt: skip


NOT_A_NAME = ("Thanks, / Broken", "Thanks / Error Again", "Thanks, / Call Me", "Danke / Defekt", "Danke, / Fehler", "Merci / Urgent", "Merci, / Panne", "Gracias, / Error", "Gracias / Urgente", "Grazie, / Errore", "Bedankt, / Kapot", "Best regards / Waiting", "Viele Grüße / Kaputt", "Спасибо, / Ошибка", "Tack, / Trasig", "Teşekkürler, / Hata", "Kiitos, / Rikki", "Dziękuję, / Błąd", "Děkuji, / Chyba", "Obrigado, / Erro", "Mange tak, / Fejl", "Takk, / Feil")  # fmt: skip


@pytest.mark.parametrize("text", NOT_A_NAME)
def test_a_word_of_trouble_is_no_name(text: str) -> None:
    assert not is_only_thanks(text.replace(" / ", "\n"))
    assert not is_only_thanks(f"Thanks\n{text}".replace(" / ", "\n"))


@pytest.mark.parametrize(("language", "text"), [(language, text) for language, texts in CONFIRMS.items() for text in texts])
def test_a_confirmation_is_known_in_its_language(language: str, text: str) -> None:
    assert is_only_thanks(text.replace(" / ", "\n"))


@pytest.mark.parametrize(("language", "text"), [(language, text) for language, texts in ASKS_MORE.items() for text in texts])
def test_nothing_that_asks_for_more_is_a_confirmation(language: str, text: str) -> None:
    assert not is_only_thanks(text.replace(" / ", "\n"))


def test_the_languages_are_those_of_the_tables() -> None:
    assert set(CONFIRMS) == set(ASKS_MORE) == set(CORE)


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


def test_more_words_than_a_confirmation_has_are_not_looked_at_and_count_as_trouble() -> None:
    assert not says_trouble("fine " * 2000)
    assert says_trouble("fine " * 2000 + ".")


READ = (
    "Ok", "ok.", "Noted.", "Yes", "Understood, Omar.", "Hi Omar,\n\nwell noted.\n\nBest regards\nAnna Weber", "Okay, verstanden.", "Ja", "Zur Kenntnis genommen.\nViele Grüße\nEva", "D’accord.", "Bien reçu", "Vale, recibido.", "De acuerdo", "Ricevuto", "Sì, capito.", "Certo", "Recebido", "Sim", "Oké, begrepen.", "Ontvangen", "Okej", "Tamam", "好的", "はい", "네", "Хорошо, понял.",
)  # fmt: skip
SAYS_MORE = (
    "", "Ok?", "Ok, but the second one still jams", "Yes, please call me", "Noted. The invoice is wrong", "Yes 2", "Ja, aber nicht bei mir", "No", "Not ok", "Oui, mais toujours en panne", "Sì, ma non funziona", "Vale, falta la factura", "Ok, wann kommt die Rechnung", "Anna", "Best regards\nAnna",
)  # fmt: skip


@pytest.mark.parametrize("text", READ)
def test_a_word_that_a_letter_was_read_is_known(text: str) -> None:
    assert is_acknowledgement(text, ("Omar Haddad",))
    assert not is_only_thanks(text, ("Omar Haddad",))


@pytest.mark.parametrize("text", SAYS_MORE)
def test_and_more_than_that_is_heard(text: str) -> None:
    assert not is_acknowledgement(text, ("Omar Haddad",))
