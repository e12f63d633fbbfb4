"""The line that a mail client writes above a quote: "On 3 May 2024 at 10:12, Anna <anna@example.org> wrote:".

It may be broken over several lines. Evidence is words from tables beside a date or an address.
"""

import re
from collections.abc import Sequence

from helpdesk.threading.reading.quote_words import QUOTING, STARTS, VERB_THEN_DATE, VERBS

MOST_LINES = 6
LONGEST = 400
LONGEST_BARE = 160  # characters of an attribution without a verb
# Months and times of day that a date shortens, and after which it goes on. Every other word with a point ends a sentence.
SHORTENED = frozenset(
    "jan janv ene gen sty led feb févr fév fev febr lut úno mar mars març mär mrt bře apr avr abr kwi dub mai may mag maj kvě jun juin giu cze "
    "jul juil lug lip čvc čer aug août ago sie srp sep sept set wrz zář oct okt out ott paź říj nov lis dec dez déc dic gru pro "
    "янв фев мар апр июн июл авг сен сент окт ноя нояб дек січ лют бер кві тра чер лип сер вер жов лис гру oca şub nis haz tem ağu eyl eki kas ara "
    "pm kl klo st г р".split()
)
MOST_BARE_WORDS = 8  # of its name and of the names of days and months
STARTS_FLAT = tuple(sorted({start for starts in STARTS.values() for start in starts}))
VERBS_FLAT = tuple(sorted({verb for verbs in VERBS.values() for verb in verbs}, key=len, reverse=True))
DASHES = "-–—_*> \t\u200b\ufeff"
COLONS = (":", "：")
INVISIBLE = dict.fromkeys(map(ord, "\u200b\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
CLOSED_BY = ":： -–—"
DIGIT = re.compile(r"\d")
TIME = re.compile(r"\d[:.h：]\d\d")
DATE = re.compile(r"(?<![A-Za-z\d])(?:19|20)\d\d(?![A-Za-z])|\d(?:[:.h：]\d\d|([/.-])\d+\1\d)")
# A verb of several words may be broken over two lines: its last word is what the last line ends with.
LAST_WORDS = tuple({verb.split()[-1] for verb in VERBS_FLAT})
LAST_WORDS_BY_LETTER = {word[-1]: tuple(other for other in LAST_WORDS if other[-1] == word[-1]) for word in LAST_WORDS}
LONGEST_LAST_WORD = max(map(len, LAST_WORDS))
NEVER_LAST = frozenset(("", *".,!?)]\"'/0123456789abcdefghijklmnopqrstuvwxyz")) - frozenset(LAST_WORDS_BY_LETTER)
TIME_FIRST = re.compile(r"\d\d?:\d\d\D")  # begins the second line if name, address and day fill the first one


class Attributions:
    """The attribution lines among the lines of a body.

    `quote_follows[i]` says whether the next line after `i` that is not blank is quoted.
    """

    def __init__(self, texts: Sequence[str], quote_follows: Sequence[bool]) -> None:
        self.texts = texts
        self.quote_follows = quote_follows
        # The lines on which an attribution may end. The last letter alone rules out most lines.
        self.ends = [at for at, text in enumerate(texts) if text[-1:].lower() not in NEVER_LAST and _may_end(text)]
        self.may_end = frozenset(self.ends)
        self.passed = 0  # how many of them stand above the line that was asked about last
        self._comparable: dict[int, str] = {}

    def at(self, at: int) -> int:
        """How many lines from `at` make an attribution, 0 without one. Ask from the top down."""
        return self._lines_at(at) if self._ends_soon(at) else 0

    def _ends_soon(self, at: int) -> bool:
        """Whether an attribution may end on one of the next `MOST_LINES` lines."""
        ends = self.ends
        while self.passed < len(ends) and ends[self.passed] < at:
            self.passed += 1
        return self.passed < len(ends) and ends[self.passed] < at + MOST_LINES

    def _line(self, at: int) -> str:
        """A line in the form for comparisons, which is made once."""
        line = self._comparable.get(at)
        if line is None:
            line = self._comparable[at] = comparable(self.texts[at])
        return line

    def _lines_at(self, at: int) -> int:
        first = self._line(at)
        if not first or len(first) > LONGEST:
            return 0
        begins = _begins(first)
        joined = ""
        for index in range(at, min(at + MOST_LINES, len(self.texts))):
            line = self._line(index)
            if len(joined) + len(line) > LONGEST or (index > at and _is_another(self.texts, index, line, joined, begins=begins)):
                return 0
            joined = f"{joined} {line}".strip()
            lines = index - at + 1
            follows = self.quote_follows[index]
            if line and index in self.may_end and is_attribution(joined, begins=begins, quote_follows=follows, lines=lines):
                return lines
            if not _may_go_on(joined, begins=begins):
                return 0
        return 0


def _may_end(text: str) -> bool:
    """Whether an attribution may end on a line whose last letter is not in NEVER_LAST."""
    last = text[-1:].lower()
    if last.isalpha() and text.isascii() and "*" not in text:
        return text[-LONGEST_LAST_WORD:].lower().endswith(LAST_WORDS_BY_LETTER[last])
    line = comparable(text)
    bare = line.rstrip(CLOSED_BY)
    return bool(line) and (line.endswith(COLONS) or not bare or bare.endswith(LAST_WORDS))


def _is_another(texts: Sequence[str], index: int, line: str, joined: str, *, begins: bool) -> bool:
    """Whether the line at `index` belongs to something else than the attribution that `joined` may begin."""
    if texts[index].lstrip()[:1] == ">" and line.strip(":： ") and line.rstrip(": ") not in VERBS_FLAT and "wrote" not in line:
        return True
    if not begins:
        return not line or (_begins(line) and not ("@" in joined and TIME_FIRST.match(line)))
    sentence = joined.endswith((".", "!", "?")) and not joined[-2:-1].isdecimal()
    if _begins(line) and (sentence or not texts[index - 1].strip()):
        return True
    if joined and "@" not in joined and (sentence or line == "--"):
        words = joined.split()
        ends = words[-1][-1] != "." or ("." not in words[-1][:-1] and words[-1].strip("(.") not in SHORTENED)
        if not _has_date(joined) and (line == "--" or len(words) > MOST_BARE_WORDS) or ends and len(words) > MOST_BARE_WORDS:
            return True  # a sentence that begins as an attribution does, with more words or a signature below it
    return not line and "<" not in joined and not _has_date(joined)


def is_attribution(line: str, *, begins: bool, quote_follows: bool, lines: int = 1) -> bool:
    """Whether the joined lines of a text, made comparable, are an attribution."""
    ended = line.endswith(COLONS)
    bare = line.rstrip(CLOSED_BY)
    closing = bare.endswith(VERBS_FLAT)
    if not ended and not closing:
        return False
    address = "@" in line
    digits = DIGIT.search(line) is not None
    verb = closing or _verb_in(bare)
    if begins and verb and digits and (ended or closing) and (_has_date(line) or quote_follows):
        return True
    if closing and ended and (address or _has_date(line)):
        return True
    if closing and ended and quote_follows and len(line) < 120:
        return True
    if closing and line.endswith("--") and line.startswith("--"):
        return True
    if ended and verb and _has_date(line) and (address or quote_follows or begins):
        return True
    if ended and address and bare.endswith((">", ")")) and _has_date(line) and (_has_time(line) or begins):
        return True
    if ended and (line.startswith(QUOTING) and (address or quote_follows) or _is_by_notes(line, digits=digits)):
        return len(line) < LONGEST_BARE
    return ended and quote_follows and lines <= 2 and _has_date(line) and (address or _has_time(line))


def is_bare_attribution(text: str) -> bool:
    """Whether a line above a quote has only a date, a name and an address, in any order: "2026/11/20 Ida <ida@x.example>".

    Nextcloud writes `"Ida" ida@x.example – 20 November 2026 14:25`. A sentence with an address in it ends otherwise, or is longer.
    """
    line = comparable(text)
    if not 8 < len(line) < LONGEST_BARE or line.count("@") != 1 or line[-1:] in ".!?:" or not _has_date(line):
        return False
    begins, ends = line[0].isdecimal() and _has_date(line[:30]), _has_date(line[-30:])
    words = [word for word in line.split() if "@" not in word and not any(letter.isdecimal() for letter in word)]
    return (begins or ends) and len(words) <= MOST_BARE_WORDS


def is_groupwise_line(text: str) -> bool:
    """Whether it is `>>> Ida Moss <ida@x.example> 20.11.2026 14:25 >>>`: GroupWise marks nothing below it."""
    line = text.strip()
    if not (line.startswith(">>>") and line.endswith(">>>")) or not 10 < len(line) < LONGEST:
        return False
    inner = line.strip("> ")
    return _has_date(inner) and _has_time(inner)


def _is_by_notes(line: str, *, digits: bool) -> bool:
    """Whether it is `Ida Moss wrote on 11/20/2026 02:25:52 PM`: a name, the verb, a date with a time, and nothing else."""
    if not digits or not _has_time(line[-20:]):
        return False
    at = next((found for words in VERB_THEN_DATE if (found := line.find(words)) > 0), 0)
    return (
        at > 0 and len(line[:at].split()) <= MOST_BARE_WORDS and line[at:].lstrip("abcdefghijklmnopqrstuvwxyzéó ")[:1].isdecimal()
    )


def comparable(text: str) -> str:
    """A line in the form for comparisons: lower case, without marks of quoting and bold type, HTML brackets resolved."""
    if len(text) > LONGEST * 4:
        return text[: LONGEST * 2]
    if "&" in text:
        text = text.replace("&lt;", "<").replace("&gt;", ">")
    if not text.isascii():
        text = text.translate(INVISIBLE)
    return " ".join(text.replace("*", "").strip("> \t").lower().split())


def _begins(line: str) -> bool:
    return line.lstrip(DASHES).startswith(STARTS_FLAT) or line[:1].isdecimal()


def _may_go_on(joined: str, *, begins: bool) -> bool:
    """Whether the next line may continue an attribution: its date or address must have begun by now."""
    if begins:
        return "<" in joined or "@" in joined or DIGIT.search(joined) is not None
    return len(joined) < 200 and ("<" in joined or "@" in joined or _has_date(joined))


def _verb_in(line: str) -> bool:
    return any(verb in line for verb in VERBS_FLAT)


def _has_time(line: str) -> bool:
    """Whether there is a time: 12:05, 12.05, 12h05."""
    return TIME.search(line) is not None


def _has_date(line: str) -> bool:
    """Whether there are four digits that may be a year, a time, or a day with separators (11/4/11)."""
    return DATE.search(line) is not None
