"""How often a reply to a resolution is misread: never closed by mistake, seldom opened again by mistake."""

from support.mails.thanks_examples import CONFIRMED, STILL_OPEN
from support.mails.unseen_thanks import AUTHORS, CONFIRMING, OPEN

from helpdesk.threading.reading.reply_text import plain_lines, split_reply
from helpdesk.threading.sorting.gratitude import is_only_thanks, says_trouble

MOST_FALSE_REOPENINGS = 0.02


def test_nothing_that_says_more_confirms() -> None:
    assert [text for texts in STILL_OPEN.values() for text in texts if is_only_thanks(written(text))] == []


def test_thanks_seldom_open_again() -> None:
    texts = [text for own in CONFIRMED.values() for text in own]
    opened = [text for text in texts if not is_only_thanks(written(text))]
    assert len(opened) <= MOST_FALSE_REOPENINGS * len(texts), opened


def test_what_confirms_says_no_trouble() -> None:
    texts = [text for own in CONFIRMED.values() for text in own]
    trouble = [text for text in texts if says_trouble(written(text))]
    assert len(trouble) <= MOST_FALSE_REOPENINGS * len(texts), trouble


NAMES = ("Omar Haddad", "Ines Kühn", "Anna-Lena Weber", "Ирина Петрова", "Ayşe Yılmaz", "Still Wrong")
THANKED_BY_NAME = [
    "Thanks Omar!", "Thank you so much, Omar.", "thanks omar / anna-lena", "Thank you, Mr Haddad.", "Omar, thank you!", "Perfect, thanks Ines.",
    "Danke Omar!", "Vielen Dank, Frau Kühn.", "Super, danke dir Ines!", "Merci Omar", "Merci beaucoup Madame Kühn !", "Gracias, Omar.",
    "Muchas gracias Ines", "Grazie Omar!", "Grazie mille, Ines.", "Obrigada Omar", "Muito obrigado, Ines!", "Bedankt Omar", "Dank je wel Ines!",
    "Спасибо, Ирина!", "Teşekkürler Ayşe Hanım", "Tack Omar!", "Tak Ines", "Takk Omar!", "Kiitos Omar", "Díky Omar", "Dziękuję Omar",
]  # fmt: skip
NAMED_AND_OPEN = [
    "Thanks Omar, still wrong.", "Omar, wrong again!", "Thanks, call Ines.", "Omar", "Thanks Wrong", "Danke Omar, leider nein.",
    "Merci Omar mais non", "Thanks Peter, and Klaus waits", "Gracias Omar, falta el recibo",
]  # fmt: skip


def test_whoever_is_thanked_by_name_is_only_thanked() -> None:
    assert [text for text in THANKED_BY_NAME if not is_only_thanks(written(text), NAMES)] == []


def test_a_name_hides_nothing() -> None:
    examples = [text for texts in STILL_OPEN.values() for text in texts]
    assert [text for text in (*NAMED_AND_OPEN, *examples) if is_only_thanks(written(text), NAMES)] == []


def written(text: str) -> str:
    return text.replace(" / ", "\n")


def test_replies_of_many_hands_in_eighteen_languages() -> None:
    """As the gateway has them: without the signature of a telephone, and with the name of their author known."""
    confirming, still_open = ([reply(text) for own in table.values() for text in own] for table in (CONFIRMING, OPEN))
    assert len(CONFIRMING) == len(OPEN) == 18 and len(confirming) + len(still_open) >= 300
    assert [text for text in still_open if is_only_thanks(text, AUTHORS)] == []
    opened = [text for text in confirming if not is_only_thanks(text, AUTHORS)]
    assert len(opened) <= MOST_FALSE_REOPENINGS * len(confirming), opened


def reply(text: str) -> str:
    return split_reply(plain_lines(written(text))).reply
