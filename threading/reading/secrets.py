"""Secrets in text, found and masked for display: card numbers, passwords, private keys, access tokens.

Takes linear time. The mask is the same in every language; the raw mail keeps what is masked here.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

MARGIN = 40  # characters before a label and behind a password in which the line must begin and end
MOST = 10_000  # of one kind
DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")  # the digit sum of twice a digit
HIDDEN = "••••••••"
CARD, PASSWORD, KEY, TOKEN = "card number", "password", "private key", "access token"

# Words that stand before a password, one language a line: en, de, fr, es, pt, it, nl, pl, ru, sv, da, no, fi, cs, tr.
LABELS = """
password|passwd|passphrase|pwd|passcode
passwort|kennwort|zugangscode
mot de passe|mdp
contraseña|contrasena|clave de acceso
senha|palavra-passe|palavra passe
parola d'ordine
wachtwoord
hasło|haslo
пароль
lösenord|losenord
adgangskode|kodeord
passord
salasana
heslo
şifre|sifre|parola
""".split("\n")
# zh, ja, ko: written without spaces around them.
SPACELESS = "密码 密碼 口令 パスワード 비밀번호 암호".split()
# "my password is …"; the value must look like one then.
COPULAS = "is|was|ist|lautet|est|es|é|è|ist:|to|jest|är|er|on|je|это|является|是|为|は|는|은"

WORDS = "|".join(re.escape(word) for line in LABELS if line for word in line.split("|"))
# Labels and tokens begin with one of a few letters, and the text before them is checked afterwards. So most of a text is passed over fast.
LABELLED = re.compile(
    rf"(?:{WORDS}|{'|'.join(SPACELESS)})[\"'*]{{0,2}}[ \t\u00a0]{{0,3}}"
    rf"(?P<mark>[:=：]|->|→|(?:{COPULAS})(?![^\W\d_])[:：]?)[ \t\u00a0]{{0,3}}[\"'“„«*]{{0,2}}(?P<value>[^\s\"'“”„«»<>，。]{{4,128}})"
)
MADE_UP = re.compile(r"[0-9!@#$%^&*_+=~§?/\\|]|[a-zß-ÿ][A-Z]")
CARD_DIGITS = re.compile(r"[2-6](?<![\w+=/.-][2-6])(?:[ .\u00a0-]?[0-9]){12,18}(?![\w]|[.-][0-9])")
SEPARATORS = str.maketrans("", "", " .-\u00a0")
KEY_BEGINS = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
KEY_ENDS = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
TOKENS = re.compile(
    r"(?:"
    r"gh[opusr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255}|glpat-[A-Za-z0-9_-]{16,255}|xox[abeoprs]-[A-Za-z0-9-]{10,255}"
    r"|[sr]k_(?:live|test)_[A-Za-z0-9]{16,255}|sk-[A-Za-z0-9_-]{20,255}|whsec_[A-Za-z0-9]{16,255}|npm_[A-Za-z0-9]{30,255}"
    r"|A(?:KI|SI)A[A-Z0-9]{16}(?![A-Z0-9])|AIza[A-Za-z0-9_-]{35}|SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}"
    r"|eyJ(?<![A-Za-z0-9_.-]eyJ)[A-Za-z0-9_-]{8,4000}\.eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,4000}"
    r"|[Bb]earer [A-Za-z0-9._~+/-]{20,4000}"
    r")"
)
# First digits and lengths of card numbers (ISO/IEC 7812): other numbers that pass the check digit are order or parcel numbers.
ISSUED = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}"
    r"|35(?:2[89]|[3-8]\d)\d{12}|6(?:011|4[4-9]\d|5\d\d)\d{12}(?:\d{3})?|62\d{14,17}",
    re.ASCII,
)

# What each label of a password holds, and each kind of token. To look for these is ten times as fast as to try the expressions at each letter.
LABEL_SIGNS = (
    *("pass", "pwd", "kennwort", "zugangscode", "mdp", "contrase", "clave de acceso", "senha", "palavra", "parola", "wachtwoord"),
    *("hasło", "haslo", "пароль", "senord", "adgangskode", "kodeord", "salasana", "heslo", "ifre", *SPACELESS),
)
TOKEN_SIGNS = (
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xox",
    "k_live_",
    "k_test_",
    "sk-",
    "whsec_",
    "npm_",
    "AKIA",
    "ASIA",
    "AIza",
    "SG.",
    "eyJ",
    "earer ",
)


class _Secret(NamedTuple):
    start: int
    end: int
    kind: str
    shown: str


def mask(text: str) -> str:
    """The text with each secret masked. The last four digits of a card number stay. Applying it twice changes nothing more.

    Behind `MOST` card numbers or labels of passwords, all the rest is masked: so many of them are a leaked list.
    """
    pieces: list[str] = []
    at = 0
    for secret in _secrets(text):
        pieces += [text[at : secret.start], secret.shown]
        at = secret.end
    return "".join((*pieces, text[at:])) if pieces else text


def kinds_in(text: str) -> tuple[str, ...]:
    """The kinds of secrets in the text, each once, in the order in which they stand."""
    return tuple(dict.fromkeys(secret.kind for secret in _secrets(text)))


def _secrets(text: str) -> list[_Secret]:
    """The secrets in order, without overlap: of two the one that begins first counts."""
    apart: list[_Secret] = []
    for secret in sorted(
        (*_keys(text), *_cards(text), *_tokens(text), *_passwords(text)), key=lambda secret: (secret.start, -secret.end)
    ):
        if not apart or secret.start >= apart[-1].end:
            apart.append(secret)
    return apart


def _keys(text: str) -> Iterator[_Secret]:
    """Private keys. If the end of a key is missing, all text behind its beginning is masked."""
    begin = KEY_BEGINS.search(text)
    while begin:
        end = KEY_ENDS.search(text, begin.end())
        stop = end.start() if end else len(text)
        if text[begin.end() : stop].strip("\r\n " + HIDDEN[0]):
            yield _Secret(begin.end(), stop, KEY, f"\n{HIDDEN}\n" if end else f"\n{HIDDEN}")
        begin = KEY_BEGINS.search(text, stop)


def _cards(text: str) -> Iterator[_Secret]:
    for count, number in enumerate(CARD_DIGITS.finditer(text)):
        if count == MOST:
            yield _Secret(number.start(), len(text), CARD, HIDDEN)
            return
        digits = number[0].translate(SEPARATORS)
        if _is_card(digits):
            yield _Secret(number.start(), number.end(), CARD, HIDDEN + digits[-4:])


def _goes_on_before(text: str, at: int) -> bool:
    """Whether the position is inside a longer word."""
    before = text[at - 1 : at]
    return before.isalnum() or before == "_"


def _is_card(digits: str) -> bool:
    if not ISSUED.fullmatch(digits):
        return False
    octets = digits.encode("ascii")
    total = sum(octets[-1::-2]) + sum(octets[-2::-2].translate(DOUBLED)) - len(octets) * ord("0")
    return total % 10 == 0 and digits.strip(digits[0]) != ""


def _tokens(text: str) -> Iterator[_Secret]:
    if not any(sign in text for sign in TOKEN_SIGNS):
        return
    for token in TOKENS.finditer(text):
        if not _goes_on_before(text, token.start()):
            begins = token.start() + 7 if token[0][:7].lower() == "bearer " else token.start()
            yield _Secret(begins, token.end(), TOKEN, HIDDEN)


def _passwords(text: str) -> Iterator[_Secret]:
    lowered = _lower(text)
    if not any(sign in lowered for sign in LABEL_SIGNS):
        return
    match = LABELLED.search(lowered)
    count = 0
    while match:
        at = match.start("value")
        count += 1
        if count > MOST:
            yield _Secret(at, len(text), PASSWORD, HIDDEN)
            return
        if not lowered[match.start()].isascii() or not _goes_on_before(lowered, match.start()):
            secret = _password(text, match)
            if secret:
                yield secret
                at = secret.end
        match = LABELLED.search(lowered, at)


def _password(text: str, match: re.Match[str]) -> _Secret | None:
    start, end = match.span("value")
    shown = text[start:end].rstrip(".,;!?)*")
    if len(shown) < 4 or HIDDEN[0] in shown:
        return None
    plain = not MADE_UP.search(shown) or shown.lower().startswith(("http", "www."))
    if plain and not (match["mark"] in ":=：" and _begins_line(text, match.start()) and _ends_line(text, end)):
        return None
    return _Secret(start, start + len(shown), PASSWORD, HIDDEN)


def _lower(text: str) -> str:
    """The text in lower case, with the same length. The Turkish capital İ is the only letter that would become two."""
    return text.replace("\u0130", "i").lower()


def _begins_line(text: str, at: int) -> bool:
    before = text[max(at - MARGIN, 0) : at].rpartition("\n")
    return not before[2].strip(" \t>*-•") and (bool(before[1]) or at <= MARGIN)


def _ends_line(text: str, at: int) -> bool:
    return not text[at : at + MARGIN].partition("\n")[0].strip(" \t\"'”»*")
