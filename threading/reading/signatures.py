"""Signatures: the lines below an author's words that are the same in each of their mails.

Evidence is the separator `-- `, containers of HTML, footers of telephones, a sign-off above a name, a card of contact data, a name behind a
dash, and disclaimers. Each walk looks at a bounded number of lines at the end of the text.
"""

from collections.abc import Sequence

from helpdesk.threading.reading.header_block import without_marks
from helpdesk.threading.reading.lines import Line
from helpdesk.threading.reading.signature_words import (
    APOLOGIES,
    DISCLAIMERS,
    FOOTER_ENDS,
    FOOTERS,
    GREETINGS,
    LONGEST_FOOTER,
    SIGN_OFFS,
    THANKS,
    WORDS_AFTER_FOOTER,
    WORDS_BEFORE_END,
)

MARKS = ("--", "-- ", "—", "– ", "__")
MARK_BEGINS = frozenset(mark[0] for mark in MARKS)
BLANK_BELOW = 3  # lines from a sign-off to a name, of which all but the last are blank
# Small words within a name; and words that no name below a sign-off is.
PARTICLES = frozenset("de der den van von zu da di del dos du la le ter ten y e und and".split())
TROUBLE = frozenset(
    "not no nicht nein kein pas non ne no nunca nada niet geen geht funktioniert works does is ist est es è é please bitte".split()
)
LONG_RULE = 4
LONG_UNDERLINE = 20
LINES_BELOW_FOOTER = 3
MOST_FOOTERS = 200  # lines
LINES_OF_A_CARD = 15
LONGEST_CARD_LINE = 70
WORDS_OF_A_CARD_LINE = 9
WORDS_OF_A_SLOGAN = 6  # a longer sentence below a name is no slogan
LONGEST_DISCLAIMER = 30  # lines
FEWEST_CONTACTS = 2  # of a card that no sign-off and no rule introduces

SIGN_OFF = frozenset(phrase for phrases in SIGN_OFFS.values() for phrase in phrases)
THANK = frozenset(phrase for phrases in THANKS.values() for phrase in phrases)
SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？", ")", ":", ";")


def signature_lines(lines: Sequence[Line], mine: Sequence[bool], *, answers: bool = True) -> set[int]:
    """The indexes of the lines of a signature. `mine` marks the lines that the author wrote, `answers` says that the mail is a reply."""
    texts = [line.text.strip() if own else "" for line, own in zip(lines, mine, strict=True)]
    found = _lines_below_separator(lines, mine, texts, answers=answers)
    left = [at for at, text in enumerate(texts) if text and at not in found]
    _take_disclaimers(texts, left, found)
    _take_footers(texts, left, found)
    _take_card(texts, left, found)
    return found | _blanks_between(lines, mine, found)


def _blanks_between(lines: Sequence[Line], mine: Sequence[bool], found: set[int]) -> set[int]:
    """The blank lines between lines of a signature, so that it can be shown as it was written."""
    blanks: set[int] = set()
    if not found:
        return blanks
    waiting: list[int] = []
    inside = False
    for at, line in enumerate(lines):
        if at in found:
            blanks.update(waiting)
            waiting, inside = [], True
        elif inside and mine[at] and not line.text.strip():
            waiting.append(at)
        else:
            waiting, inside = [], False
    return blanks


def _lines_below_separator(lines: Sequence[Line], mine: Sequence[bool], texts: list[str], *, answers: bool) -> set[int]:
    """The lines from a separator to the next quote, and the lines in a signature container of HTML.

    `texts` are the author's lines without the white space around them.
    """
    found: set[int] = set()
    open_signature = authored = False
    for at, line in enumerate(lines):
        if not mine[at]:
            open_signature = False
            continue
        text = texts[at]
        if text[:1] in MARK_BEGINS and not open_signature:
            underline = authored and len(text) >= LONG_UNDERLINE and not text.strip("_")
            open_signature = line.text in MARKS or text == "--" or underline
            open_signature = open_signature and not _is_divider(line.text, texts, at, answers=answers)
        elif open_signature and not texts[at - 1] and _is_prose(text):
            open_signature = False  # a paragraph below the signature
        if line.signature or open_signature:
            found.add(at)
        authored = authored or bool(text)
    return found


def _is_divider(mark: str, texts: list[str], at: int, *, answers: bool) -> bool:
    """Whether a mark parts two paragraphs of the author. `mark` is the line as it was written, with the space that RFC 3676 §4.3 has.

    A mail that answers nothing is where people write lists and topics, with rows of dashes between them. There a mark begins a signature only
    if something of a card stands below it; the mark of the RFC does so in any case, unless it stands between several parts.
    """
    around = texts[max(at - LINES_OF_A_CARD, 0) : at] + texts[at + 1 : at + 1 + LINES_OF_A_CARD]
    below = [text for text in texts[at + 1 : at + 1 + LINES_OF_A_CARD] if text.strip("-–—_ ")]
    by_hand = mark not in ("-- ", "– ")
    if mark == "--" and any(_is_prose(text) for text in below):
        return True
    if answers or not below:
        return False
    if by_hand and any(_is_prose(text) for text in below):
        return True
    several = texts[at] in around
    signs = _is_name(below[0]) or is_footer(below[0]) or any(_is_contact(text) for text in below)
    if by_hand or several:
        return not signs
    return not texts[at + 1] and _is_prose(below[0])


def _is_prose(text: str) -> bool:
    """Whether a line is a sentence that somebody wrote for this mail, as far as a line shows that."""
    low = text.lower()
    return (
        text.endswith((".", "!", "?"))
        and len(text.split()) > WORDS_OF_A_SLOGAN
        and not any(words in low for words in DISCLAIMERS)
    )


def _take(left: list[int], start: int, found: set[int]) -> None:
    """Move all lines from the entry `start` of `left` on into the signature."""
    found.update(left[start:])
    del left[start:]


def _take_disclaimers(texts: list[str], left: list[int], found: set[int]) -> None:
    """Move disclaimers at the end into the signature, if words of the author stand above."""
    for _ in range(4):
        start = _last_paragraph(left)
        if start <= 0 or len(left) - start > LONGEST_DISCLAIMER:
            return
        paragraph = " ".join(texts[at][:1000] for at in left[start:]).lower()[:4000]
        if not any(words in paragraph for words in DISCLAIMERS):
            return
        _take(left, start, found)


def _last_paragraph(left: list[int]) -> int:
    """The entry of `left` at which its last run of neighbouring lines begins."""
    start = len(left) - 1
    while start > 0 and left[start - 1] == left[start] - 1:
        start -= 1
    return start


def _take_footers(texts: list[str], left: list[int], found: set[int]) -> None:
    """Move footers and one dashed name at the end into the signature. A few lines may stand below them, such as a card of a company."""
    others = 0
    named = False
    for entry in range(len(left) - 1, max(len(left) - MOST_FOOTERS, 0) - 1, -1):
        at = left[entry]
        if is_footer(texts[at]):
            found.add(at)
            del left[entry]
            continue
        if not others and not named and _is_dashed_name(texts[at]) and not _is_list_item(texts, left, entry):
            found.add(at)
            del left[entry]
            named = True
            continue
        others += 1
        if others > LINES_BELOW_FOOTER:
            return


def _is_list_item(texts: list[str], left: list[int], entry: int) -> bool:
    """Whether a line with a dash ends a list: the line above is an item too, or announces one.

    A dash with a blank behind it is the mark of a list also right below other words, and where the text has items elsewhere.
    """
    above = texts[left[entry - 1]] if entry else ""
    if _is_item(above) or above.endswith((":", ",", ";")):
        return True
    if not _is_item(texts[left[entry]]):
        return False
    stands_apart = bool(entry) and left[entry - 1] < left[entry] - 1
    return not stands_apart or any(_is_item(texts[at]) for at in left[:entry])


def _is_item(text: str) -> bool:
    return text[:2] in ("- ", "– ", "* ", "• ", "-\t")


def is_footer(text: str) -> bool:
    """Whether a line is a footer of a telephone or webmailer, such as `Sent from my iPhone`."""
    if not text or len(text) > LONGEST_FOOTER:
        return False
    line = _plain(text)
    if not line.startswith(FOOTERS):
        return len(line.split()) <= WORDS_BEFORE_END and not text.endswith(".") and "," not in line and line.endswith(FOOTER_ENDS)
    rest = line[len(next(footer for footer in FOOTERS if line.startswith(footer))) :]
    return any(word in rest for word in APOLOGIES) or ("," not in line and len(rest.split()) <= WORDS_AFTER_FOOTER)


def _plain(text: str) -> str:
    """A line in lower case without links: `Get [Outlook](https://…)`, `Sent from Mail<https://…>`."""
    line = without_marks(text).lower().replace("](", " <").replace("[", "").lstrip("<_( ").partition("<")[0]
    return " ".join(line.strip("_()[]-. ").split())


def _is_dashed_name(text: str) -> bool:
    """Whether a line may be a name behind a dash or slash, such as `- Anna` or `/Anna`, and no path."""
    bare = text[1:].strip()
    words = bare.split()
    if text[:1] == "/" and (text[1:2].isspace() or not text[1:2].isupper()):
        return False
    return (
        text[:1] in "-–—/"
        and 1 <= len(words) <= 3
        and len(bare) <= 30
        and all(word.replace(".", "").replace("-", "").isalpha() for word in words)
    )


def _take_card(texts: list[str], left: list[int], found: set[int]) -> None:
    """Move a card at the end into the signature: a sign-off, a rule or contact data show that it is one."""
    start = _card_start(texts, left)
    if start:
        _take(left, start, found)


def _card_start(texts: list[str], left: list[int]) -> int:
    """The entry of `left` at which the card begins, 0 without one. Words of the author always stand above it."""
    for entry in range(len(left) - 1, max(len(left) - LINES_OF_A_CARD, 0), -1):
        text = texts[left[entry]]
        if _signs_off(texts, left, entry) and _is_said_above(texts, left, entry):
            return _first_sign_off(texts, left, entry)
        if len(text) >= LONG_RULE and not text.strip("-–—"):
            return entry if _is_card(texts, left[entry + 1 :]) else 0
        if not _is_card_line(text):
            break
    return _bare_card(texts, left)


def _signs_off(texts: list[str], left: list[int], entry: int) -> bool:
    """Whether a line is a sign-off right above a name or a card with contact data, or a sign-off and a name on the last line."""
    text = texts[left[entry]]
    below = left[entry + 1 :]
    if not below:
        before, comma, name = text.partition(",")
        return bool(comma) and _phrase(before) in SIGN_OFF and _is_name(name.strip())
    phrase = _phrase(text)
    if phrase not in SIGN_OFF and (phrase not in THANK or text.rstrip().endswith(("!", "."))):
        return False
    if not _is_name(texts[below[0]]):
        return False
    gap = below[0] - left[entry]
    closes = text.rstrip().endswith(",") or (phrase in SIGN_OFF and (len(below) > 1 or phrase not in SIGN_OFFS["en"]))
    return gap == 1 or bool(_contacts(texts, below)) or (gap <= BLANK_BELOW and closes and _is_full_name(texts[below[0]]))


def _first_sign_off(texts: list[str], left: list[int], entry: int) -> int:
    """The entry of the sign-off, or of a line such as `Thanks,` above it that belongs to it."""
    above = entry - 1
    text = texts[left[above]]
    belongs = _phrase(text) in SIGN_OFF or (_phrase(text) in THANK and text.endswith(","))
    return above if belongs and _is_said_above(texts, left, above) else entry


def _phrase(text: str) -> str:
    return " ".join(text[:60].lower().replace("*", "").rstrip(",.!;:，、。！ -–").replace(".", " ").split())


def _is_name(text: str) -> bool:
    """Whether a line is a name: at most four words of letters, the first with a capital if the script has capitals."""
    words = text.lstrip("/-–—~* ").rstrip("*.,").split()
    if not 1 <= len(words) <= 4 or len(text) > 40 or text.endswith(("!", "?", ":")):
        return False
    letters = [word.strip(".,'’()\"") for word in words]
    if not all(word.replace("-", "").replace("'", "").replace("’", "").replace(".", "").isalpha() for word in letters if word):
        return False
    first = letters[0][:1]
    return bool(first) and (first.isupper() or first.lower() == first.upper() or len(words) == 1)


def _is_full_name(text: str) -> bool:
    """Whether each word of a name has a capital, apart from particles; scripts without capitals have none."""
    words = [word for word in text.strip("/-–—~*.,() ").split() if word.lower() not in PARTICLES]
    return (
        bool(words)
        and not text.startswith("//")
        and all(not word[:1].islower() for word in words)
        and TROUBLE.isdisjoint(word.strip(".,").lower() for word in words)
    )


def _is_said_above(texts: list[str], left: list[int], entry: int) -> bool:
    """Whether words of the author besides a greeting stand above an entry."""
    above = left[:entry]
    return bool(above) and not (len(above) == 1 and _greets(texts[above[0]]))


def _greets(text: str) -> bool:
    line = text[:60].lower()
    return len(text.split()) <= 5 and line.startswith(GREETINGS) and not line[len(_greeting(line)) :][:1].isalpha()


def _greeting(line: str) -> str:
    return max((greeting for greeting in GREETINGS if line.startswith(greeting)), key=len, default="")


def _is_card_line(text: str) -> bool:
    """Whether a line may stand on a visiting card: it is short, and no sentence or list item."""
    if len(text) > LONGEST_CARD_LINE and not _is_contact(text):
        return False
    if text.startswith(("- ", "* ", "• ", "> ")) and not _is_contact(text):
        return False
    return len(text.split()) <= WORDS_OF_A_CARD_LINE and not text.endswith(("!", "?", ":", ";")) and not _is_sentence(text)


def _is_sentence(text: str) -> bool:
    return text.endswith((".", "。", "…")) and len(text.split()) > 3 and not _is_contact(text)


def _is_contact(text: str) -> bool:
    """Whether a line is a telephone number, an e-mail address or a URL, alone or behind a short label."""
    if len(text) > 200 or len(text.split()) > WORDS_OF_A_CARD_LINE:
        return False
    low = text.lower()
    if "@" in low or "www." in low or "http://" in low or "https://" in low or low.startswith("skype"):
        return True
    digits = sum(letter.isdecimal() for letter in low)
    return digits >= 6 and digits * 2 >= sum(not letter.isspace() for letter in low) - 8


def _is_card(texts: list[str], entries: list[int]) -> bool:
    """Whether lines below a rule hold a full name and contact data."""
    named = any(_is_name(texts[at]) and " " in texts[at] for at in entries)
    return named and _contacts(texts, entries) >= FEWEST_CONTACTS


def _contacts(texts: list[str], entries: list[int]) -> int:
    return sum(_is_contact(texts[at]) for at in entries[:LINES_OF_A_CARD])


def _bare_card(texts: list[str], left: list[int]) -> int:
    """The entry of a last paragraph that is a name above contact data, 0 without one. A sentence above must not announce it."""
    start = _last_paragraph(left) if left else 0
    size = len(left) - start
    if start <= 0 or not 3 <= size <= LINES_OF_A_CARD or not _is_name(texts[left[start]]):
        return 0
    above = texts[left[start - 1]]
    if not above.endswith(SENTENCE_ENDS) or above.endswith(":") or not all(_is_card_line(texts[at]) for at in left[start:]):
        return 0
    return start if _contacts(texts, left[start + 1 :]) >= FEWEST_CONTACTS else 0
