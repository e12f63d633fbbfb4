"""The subject without prefixes such as `Re:` and marks of mail filters, and what a reply's subject says that the conversation did not say before."""

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


# What mail filters put before subjects, in brackets (`[EXTERNAL]`) or before a colon (`EXTERN:`), as words in lower case.
FILTER_MARKS = frozenset(
    (
        "external", "ext", "external email", "external e mail", "external mail", "external sender", "external message", "external source",
        "outside", "outside sender", "unknown sender", "untrusted sender", "caution external", "caution external email",
        "warning external", "warning external email", "not internal", "spam", "suspected spam", "possible spam", "probable spam",
        "extern", "externe mail", "externe e mail", "externe email", "externe nachricht", "externer absender", "vorsicht extern",
        "achtung extern", "achtung externe mail", "achtung externe e mail", "spamverdacht", "spam verdacht",
        "externe", "expéditeur externe", "courriel externe", "message externe", "mail externe", "attention externe", "origine externe",
        "externo", "externa", "correo externo", "correo electrónico externo", "remitente externo", "mensaje externo", "origen externo",
        "esterno", "esterna", "mail esterna", "email esterna", "e mail esterna", "posta esterna", "mittente esterno", "messaggio esterno",
        "e mail externo", "email externo", "mensagem externa", "remetente externo",
        "externe afzender", "extern bericht", "externe bron", "let op extern",
        "ekstern", "ekstern e mail", "ekstern e post", "ekstern mail", "ekstern afsender", "ekstern avsender",
        "externt", "extern e post", "extern avsändare", "ulkoinen", "ulkoinen viesti", "ulkoinen lähettäjä",
        "zewnętrzny", "zewnętrzna", "wiadomość zewnętrzna", "nadawca zewnętrzny", "externí", "externí e mail", "externí odesílatel",
        "külső", "külső feladó", "extern expeditor", "harici", "harici e posta", "dış kaynaklı", "εξωτερικό", "внешнее", "внешний",
        "внешняя почта", "внешнее письмо", "внешний отправитель", "зовнішній", "зовнішній лист", "חיצוני", "خارجي",
        "外部", "外部メール", "社外", "社外メール", "外部邮件", "外部郵件", "외부", "외부 메일", "외부메일",
    )
)  # fmt: skip
BRACKETS = {"[": "]", "(": ")", "{": "}", "<": ">", "*": "*", "【": "】", "［": "］"}
LONGEST_MARK = 40
AROUND_MARK = "[](){}<>*【】［］!-–: \t"


def base_subject(subject: str) -> str:
    """`Login` for `[EXTERNAL] Aw: Re[2]: Fwd: Login`. Full-width colons and counters are understood."""
    rest = subject[:LONGEST].strip()
    tail = subject.strip()[LONGEST:]
    for _ in range(MOST_PREFIXES):
        end = _prefix_end(rest) or _mark_end(rest)
        if not end:
            break
        rest = rest[end:].lstrip()
    return rest + tail


def without_filter_marks(subject: str) -> str:
    """A subject without the marks that mail filters put before it: `[EXTERNAL]`, `EXTERN:`, `*** SPAM ***`."""
    rest = subject.strip()
    for _ in range(MOST_PREFIXES):
        end = _mark_end(rest)
        if not end:
            break
        rest = rest[end:].lstrip()
    return rest


def has_prefix(subject: str) -> bool:
    """Whether a subject begins with `Re:` or its like, which people's programs write and filters do not."""
    return bool(_prefix_end(without_filter_marks(subject[:LONGEST])))


def _prefix_end(text: str) -> int:
    """Where the first prefix ends, 0 without one."""
    at = min((found for colon in ":：" if (found := text.find(colon)) > 0), default=0)
    return at + 1 if at and _word(text[:at]) in PREFIXES else 0


def _mark_end(text: str) -> int:
    """Where the mark of a filter ends at the beginning of a subject, 0 without one. Before a colon or a line it is in capitals."""
    head = text[:LONGEST_MARK]
    closing = BRACKETS.get(head[:1])
    if closing:
        inner = head.lstrip(head[0])
        begin = len(head) - len(inner)
        end = inner.find(closing)
        if end <= 0 or not _is_mark(inner[:end]):
            return 0
        return len(text) - len(text[begin + end :].lstrip(f"{closing}:"))
    at = min((found for sign in (":", "：", "|", " - ") if (found := head.find(sign)) > 0), default=0)
    if not at or head[:at] != head[:at].upper() or not _is_mark(head[:at]):
        return 0
    return len(text) - len(text[at:].lstrip(":：|- "))


def _is_mark(text: str) -> bool:
    return " ".join(WORD.findall(text.strip(AROUND_MARK).casefold())) in FILTER_MARKS


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
