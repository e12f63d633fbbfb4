"""The subject without prefixes such as `Re:`, and what a reply's subject says that the conversation did not say before."""

import re
from collections.abc import Iterable

MOST_PREFIXES = 10
LONGEST = 400
TAG = re.compile(
    r"\[[^\[\]]{0,60}\]|\([^()]{0,40}#[^()]{0,40}\)"
)  # [External], [ACZ-K7Q2M9], (Case #123): filters and systems add them
WORD = re.compile(r"\w+")
# Subjects of the desk's letters that do not repeat the customer's own, without the reference (`[subject]` in the catalogue).
OF_LETTERS = (
    "Your request", "Your message", "Ihre Anfrage", "Ihre Nachricht", "Votre demande", "Votre message", "Su solicitud", "Su mensaje",
    "O seu pedido", "A sua mensagem", "La Sua richiesta", "Il Suo messaggio", "Uw verzoek", "Uw bericht",
)  # fmt: skip

# Re: and Fwd: as mail clients write them in the languages of the desk and their neighbours.
PREFIXES = frozenset(
    "re fw fwd aw wg wtrlt redir videresend antw antwort ant doorst fs vs vl sv vb vid rv enc res ref rif r i inc tr réf ref odp pd podaj dalej vá továbbítás "
    "yan ynt ilt ilet atb pers hal ml bls trs tb fyi на нa отв пер пересл ha переслано ответ ответить "
    "回复 回覆 答复 答覆 转发 轉寄 转寄 返信 転送 回信 전달 회신 답장 σχετ απ πρθ הועבר תגובה השב رد إعادة".split()
)


def base_subject(subject: str) -> str:
    """`Login` for `Aw: Re[2]: Fwd: Login`. Full-width colons and counters are understood."""
    rest = subject[:LONGEST].strip()
    tail = subject.strip()[LONGEST:]
    for _ in range(MOST_PREFIXES):
        at = min((found for colon in ":：" if (found := rest.find(colon)) > 0), default=0)
        if not at or _word(rest[:at]) not in PREFIXES:
            break
        rest = rest[at + 1 :].lstrip()
    return rest + tail


def new_subject(subject: str, known: Iterable[str], reference: str = "") -> str:
    """The subject of a reply without prefixes, if it has a word that no earlier subject of the conversation has; otherwise "".

    Tags that filters and ticket systems add say nothing new, and neither does the desk's own subject with the ticket's `reference`.
    """
    base = base_subject(subject)[:LONGEST].strip()
    words = _words(TAG.sub(" ", base)) - _words(reference)
    if reference and any(words <= own for own in WORDS_OF_LETTERS):
        return ""
    return base if words - frozenset().union(*map(_words, known)) else ""


def _words(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(text[:LONGEST].casefold()))


WORDS_OF_LETTERS = tuple(map(_words, OF_LETTERS))


def _word(prefix: str) -> str:
    """The prefix without a counter: `Re[2]`, `RE(3)`, `Re^2`."""
    bare = prefix.strip().lower().rstrip("0123456789[](){}^*. ")
    return bare.lstrip("[( ")
