"""What the author of a mail says to a ticket: their own words, and what in the quoted part the desk does not have.

Candidates are the lines that look quoted (`reading.labels`). Where the ticket is known, a candidate is left out if all its words are known.
An unknown one stays in its place, below the known line that it answers. A mail that opens a ticket is whole.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from helpdesk.threading.commands.grammar import is_nearly_command
from helpdesk.threading.matching.compared_words import WORD, Words, phrases_in, words_of_line
from helpdesk.threading.matching.known_words import LONG, QuotedWords
from helpdesk.threading.reading.header_block import without_marks
from helpdesk.threading.reading.labels import ANSWERED, CANDIDATES, INTRODUCTIONS, Label, LabelledLines, joined
from helpdesk.threading.reading.signature_words import DISCLAIMERS

CONTEXT_LINES = 3  # of the paragraph that an answer follows
CONTEXT_CHARACTERS = 400
ITEM = re.compile(r"(?:\d{1,3}[.)]|[-*•–])\s")
ENDS = (".", "!", "?", ":", "…", "。", "！", "？")
LONG_LINE = 60  # characters from which on a relay may have broken a line within a word
FOREIGN = 0.2  # share of known words below which a section of the quote is somebody else's mail
MOST_OPENINGS = 20  # introductions that are looked for in letters
BLANK_ROWS = 6  # rows of a section in which its first words are looked for
OPENING = 5  # words below an introduction that say, with it, that it stands in a letter
ABOVE_QUOTE = 3  # lines between an introduction and the first line that is quoted below it
MOST_LINES = 10_000  # candidates that are compared; lines behind are shown
# What clients put where a picture stood: "[image: logo]", "[cid:image001.png]", "[Inline image 1]".
PICTURE = re.compile(
    r"\W{0,5}\[?(?:image|cid|inline image|bild|imagen|immagine|imagem|afbeelding|logo)\b[^\[\]]{0,100}\]\W{0,5}", re.IGNORECASE
)
# Warnings that a filter puts into mail from outside, as far as they stand in one line.
BANNERS = (
    "external email", "external sender", "external message", "originated from outside", "outside of the organization",
    "outside of your organization", "outside your organization", "do not click links", "externe e mail", "externe nachricht",
    "externer absender", "e mail externe", "courriel externe", "correo externo", "e mail esterna", "e mail externo",
    "you don t often get email from", "some people who received this message",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """The words of one letter or message. `head` is how many of them are the mail itself, the others its signature and what it quoted.

    `public` says that customers have it. `whole` is False where the document is longer than what is compared.
    """

    words: list[str]
    head: int | None = None
    public: bool = True
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Said:
    """The parts of a mail as people read it. `below` is what looks quoted in a mail that opens a ticket; `elided` is what is left out.

    `news` are the lines of the quoted part that are in the text. `pasted` are the lines of a staff member's mail that are not in it although the
    desk does not have them: they look like somebody's mail, and stand in no letter of ours.
    """

    text: str
    elided: str
    below: str = ""
    news: tuple[str, ...] = ()
    pasted: tuple[str, ...] = ()


def said_first(labelled: LabelledLines) -> Said:
    """What a mail says that opens a ticket: all of it. What looks quoted below the author's last line stands below."""
    own = [at for at, (line, label) in enumerate(labelled) if label is Label.REPLY and line.text.strip()]
    shown = [at for at, label in enumerate(labelled.labels) if label not in (Label.SIGNATURE, Label.BOUNDARY, Label.BANNER)]
    last = own[-1] if own else -1
    text = joined(labelled.lines[at].text for at in shown if at <= last)
    below = joined(labelled.lines[at].text for at in shown if at > last)
    if not text:
        text, below = below or labelled.text_of({Label.SIGNATURE}), ""
    elided = labelled.text_of({Label.SIGNATURE, Label.BOUNDARY, Label.BANNER})
    return Said(text, "" if elided == text else elided, below)


def said_in_reply(labelled: LabelledLines, documents: Iterable[Document]) -> Said:
    """What a reply says to a ticket with these letters and messages, the newest first."""
    quote = _Quote(labelled)
    quote.compare(documents)
    return _written(labelled, quote, _news(quote), lambda line: True)


def said_by_staff(labelled: LabelledLines, documents: Sequence[Document], *, with_pasted: bool = False) -> Said | None:
    """What a mail of staff says besides the lines that are plainly theirs; None where that is nothing.

    Words between known words of the letter that they quote are an answer. Other words that look quoted may be somebody's mail that stands
    below, which no customer may get unasked: the text has them only `with_pasted`. A line of the letter goes along as the question only if
    customers have it.
    """
    quote = _Quote(labelled, by_staff=True)
    quote.compare(documents)
    if not all(document.whole for document in documents):
        return None
    unknown = {at for at in _news(quote) if not _is_foot(labelled.lines[at].text)}
    news = {at for at in unknown if quote.is_within_known(at)}
    pasted = (unknown - news) - _of_strange_letters(quote, news)
    between = any(label in ANSWERED for label in labelled.labels)
    if not news and not between and not pasted:
        return None
    everywhere = [f" {' '.join(document.words)} " for document in documents]

    def is_strange(at: int) -> bool:
        text = labelled.lines[at].text
        introduces = text.rstrip().endswith(":")
        return quote.is_sentence(at) and not (introduces or is_nearly_command(text) or _stands_in(quote.words_at(at), everywhere))

    if not any(map(is_strange, pasted)) or _is_own_quote(labelled, pasted):
        pasted = set()  # a picture of the quote, its first line in a form of its own, or a command in their own earlier mail
        if not news and not between:
            return None
    public = [text for text, document in zip(everywhere, documents, strict=True) if document.public]

    def is_public(at: int) -> bool:
        return _stands_in(quote.words_at(at), public)

    said = _written(labelled, quote, news | pasted if with_pasted else news, is_public)
    return said if with_pasted else replace(said, pasted=tuple(labelled.lines[at].text for at in sorted(pasted)))


def _is_own_quote(labelled: LabelledLines, unknown: Collection[int]) -> bool:
    """Whether a mail client has put these lines at the end: below a line that introduces them, with marks, and with no further word below."""
    first = min(unknown)
    introduced = not INTRODUCTIONS.isdisjoint(labelled.labels[max(0, first - ABOVE_QUOTE) : first])
    below = [(line.text.strip(), label) for line, label in zip(labelled.lines[first:], labelled.labels[first:], strict=True)]
    return introduced and all(text.startswith(">") and label is not Label.REPLY for text, label in below if text)


def _stands_in(words: Sequence[str], texts: Sequence[str]) -> bool:
    """Whether one of these texts, whose words are parted by single spaces, has these words in this order."""
    line = f" {' '.join(words)} "
    return any(line in text for text in texts)


def _of_strange_letters(quote: "_Quote", answers: Collection[int]) -> set[int]:
    """The lines of letters of ours about something else than the ticket, from their boundary to the next line of the mail's author."""
    found: set[int] = set()
    below = False
    for at, label in enumerate(quote.labelled.labels):
        if label is Label.BOUNDARY:
            section = quote.section_below(at)
            below = section is not None and not quote.is_mostly_known(section)
        below = below and label is not Label.REPLY and at not in answers
        if below:
            found.add(at)
    return found


class _Quote:
    """The candidates of a mail, compared with what is known."""

    def __init__(self, labelled: LabelledLines, *, by_staff: bool = False) -> None:
        self.labelled = labelled
        self.at = [at for at, label in enumerate(labelled.labels) if label in CANDIDATES and label not in INTRODUCTIONS][
            :MOST_LINES
        ]
        self._row = {at: row for row, at in enumerate(self.at)}
        begins = [row for row, at in enumerate(self.at) if at == 0 or labelled.labels[at - 1] in INTRODUCTIONS]
        self.section = self._sections()
        self._openings = self._opening_words()
        self._joined: set[int] = set()  # sections that a letter has in one with those above
        self._shares: list[tuple[int, int, int]] = []
        commands = [row for row, at in enumerate(self.at) if by_staff and is_nearly_command(labelled.lines[at].text)]
        self.words = QuotedWords([words_of_line(labelled.lines[at].text) for at in self.at], begins, commands)

    def compare(self, documents: Iterable[Document]) -> None:
        """Lay documents against the quote until nothing in it is news."""
        if not self.words.all_known:
            for document in documents:
                self.words.lay(document.words, document.head)
                self._join_sections(document)
                if self.words.all_known:  # the next document is not even unpacked
                    break
        if not self.words.all_known:
            self.words.mend_broken_words([len(self.labelled.lines[at].text) >= LONG_LINE for at in self.at])
        self._shares = self._count()

    def is_known(self, at: int) -> bool:
        """Whether a line is a candidate all of whose words are known."""
        row = self._row.get(at)
        return row is not None and self.words.is_known(row)

    def has_words(self, at: int) -> bool:
        """Whether a line is a candidate with words."""
        row = self._row.get(at)
        return row is not None and bool(self.words.known_in(row))

    def is_sentence(self, at: int) -> bool:
        """Whether a line is a candidate that says something: no rule, no mark of a picture."""
        return self.has_words(at) and not _is_picture(self.labelled.lines[at].text)

    def known_in(self, at: int) -> list[bool]:
        """Which words of a candidate are known."""
        return self.words.known_in(self._row[at])

    def is_foreign(self, section: int) -> bool:
        """Whether a section of the quote is a mail that the desk does not have."""
        known, words, _ = self._shares[section]
        return bool(words) and known <= FOREIGN * words

    def is_within_known(self, at: int) -> bool:
        """Whether most of the section of a line is known, and known words stand above it or in it."""
        row = self._row[at]
        section = self.section[row]
        return self.is_mostly_known(section) and (self._shares[section][2] < row or any(self.words.known_in(row)))

    def is_mostly_known(self, section: int) -> bool:
        """Whether the desk has at least half of the words of a section."""
        known, words, _ = self._shares[section]
        return 2 * known >= words

    def section_of(self, at: int) -> int:
        """The section of a candidate."""
        return self.section[self._row[at]]

    def words_at(self, at: int) -> Words:
        """The words of a candidate."""
        return self.words.words_of(self._row[at])

    @property
    def sections(self) -> range:
        """The numbers of the sections."""
        return range(self.section[-1] + 1 if self.section else 0)

    def section_below(self, at: int) -> int | None:
        """The section that an introduction begins."""
        row = bisect_right(self.at, at)
        return self.section[row] if row < len(self.at) else None

    def _sections(self) -> list[int]:
        """The section of each row. An introduction begins one, also where blank lines stand between its parts, as below a separator line."""
        numbers: list[int] = []
        number, is_empty = 0, True
        for row, at in enumerate(self.at):
            above = self.labelled.labels[self.at[row - 1] + 1 if row else 0 : at]
            if (Label.INTRODUCTION in above or Label.KEPT_INTRODUCTION in above) and not (number and is_empty):
                number, is_empty = number + 1, True
            is_empty = is_empty and not self._text(at)
            numbers.append(number)
        return numbers

    def _text(self, at: int) -> str:
        return self.labelled.lines[at].text.strip()

    def _opening_words(self) -> dict[int, str]:
        """How each section but the first begins: the words of its introduction with the first of the line below, where these are no chance."""
        openings: dict[int, str] = {}
        for row in range(1, len(self.at)):
            if self.section[row] == self.section[row - 1] or len(openings) == MOST_OPENINGS:
                continue
            first = next((at for at in self.at[row : row + BLANK_ROWS] if self._text(at)), self.at[row])
            introduction = [
                word
                for line in range(self.at[row - 1] + 1, first)
                if self.labelled.labels[line] in INTRODUCTIONS
                for word in words_of_line(self.labelled.lines[line].text)
            ]
            begin = [*introduction, *words_of_line(self.labelled.lines[first].text)[:OPENING]]
            if len(introduction) < len(begin) and len(begin) >= LONG:
                openings[self.section[row]] = f" {' '.join(begin)} "
        return openings

    def _join_sections(self, document: Document) -> None:
        """Note the sections that begin within a document: a letter shows mails that were forwarded to the desk, with their headers."""
        if not self._openings:
            return
        text = f" {' '.join(document.words)} "
        found = {section for section, opening in self._openings.items() if opening in text}
        self._openings = {section: opening for section, opening in self._openings.items() if section not in found}
        self._joined |= found

    def _count(self) -> list[tuple[int, int, int]]:
        """For each section how many words are known, how many there are, and the first row of which all words are known.

        Sections that belong together become one first.
        """
        if self._joined:
            numbers = list(accumulate((section not in self._joined for section in self.sections), initial=-1))[1:]
            self.section = [numbers[section] for section in self.section]
            self._joined = set()
        shares = [(0, 0, len(self.at))] * len(self.sections)
        for row, section in enumerate(self.section):
            line = self.words.known_in(row)
            known, words, first = shares[section]
            shares[section] = (known + sum(line), words + len(line), min(first, row) if line and all(line) else first)
        return shares


def _news(quote: _Quote) -> set[int]:
    """The candidates with unknown words, without what clients and filters add."""
    news: set[int] = set()
    begun = -1  # the section whose first known line stands above
    for row, at in enumerate(quote.at):
        if not quote.has_words(at):
            continue
        if quote.is_known(at):
            begun = quote.section[row]
        elif not _is_picture(quote.labelled.lines[at].text) and (
            begun == quote.section[row] or not phrases_in(quote.words_at(at), BANNERS)
        ):
            news.add(at)
    return news


def _written(labelled: LabelledLines, quote: _Quote, news: set[int], may_show: Callable[[int], bool]) -> Said:
    """The reply with the news of its quoted part in their places. `may_show` says which known lines may stand above their answers."""
    shown = {quote.section_of(at) for at in news}
    foreign = {section for section in quote.sections if section in shown and quote.is_foreign(section)}
    page = _Page()
    elided: list[str] = []
    answered = any(label in ANSWERED for label in labelled.labels)
    last_known: int | None = None  # the line that an answer below would answer
    for at, (line, label) in enumerate(labelled):
        if label is Label.REPLY:
            if answered and last_known is not None and line.text.strip() and not is_nearly_command(line.text):
                page.ask(_question(labelled, quote, last_known, may_show))
                last_known = None
            page.write(line.text, old=False)
        elif at in news:
            known, new = _divide(line.text, quote.known_in(at))
            question = _question(labelled, quote, last_known, may_show) if last_known is not None else []
            page.ask([f"> {known}"] if known else [] if any(quote.known_in(at)) else question)
            page.write(new, old=True)
            last_known = None
        elif label in INTRODUCTIONS and label is not Label.BOUNDARY and quote.section_below(at) in foreign:
            page.write(line.text, old=True)
            last_known = None
        else:
            elided.append(line.text)
            if quote.is_sentence(at) and quote.is_known(at):
                last_known = at
            elif label in INTRODUCTIONS:
                last_known = None
            elif not line.text.strip():
                page.blank()
    text = page.text or labelled.text_of({Label.SIGNATURE})
    return Said(text, joined(elided), news=tuple(labelled.lines[at].text for at in sorted(news)))


class _Page:
    """The lines of a reply as they are written down, with one blank line between its parts."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._gap = False
        self._old = False

    @property
    def text(self) -> str:
        return joined(self._lines)

    def blank(self) -> None:
        """Leave a blank line above what is written next from the quoted part."""
        self._gap = True

    def ask(self, question: list[str]) -> None:
        """Write a known line above the answer to it."""
        if question:
            self._part()
            self._lines += question
            self._gap = False
            self._old = True

    def write(self, text: str, *, old: bool) -> None:
        """Write a line. `old` says that it stood in the quoted part."""
        if old and (self._gap or not self._old):
            self._part()
        self._lines.append(text)
        self._gap, self._old = False, old

    def _part(self) -> None:
        if self._lines and self._lines[-1].strip():
            self._lines.append("")


def _question(labelled: LabelledLines, quote: _Quote, at: int, may_show: Callable[[int], bool]) -> list[str]:
    """The known line that an answer follows, with the lines above it that belong to its paragraph, marked as quoted.

    `may_show` says which known lines the readers may see.
    """
    if not may_show(at):
        return []
    lines: list[str] = []
    for index in range(at, max(at - CONTEXT_LINES, -1), -1):
        bare = without_marks(labelled.lines[index].text)
        if (
            not (quote.is_sentence(index) and quote.is_known(index) and may_show(index))
            or sum(map(len, lines)) + len(bare) > CONTEXT_CHARACTERS
        ):
            break
        lines.insert(0, f"> {bare}")
        if ITEM.match(bare) or (index and labelled.lines[index - 1].text.rstrip().endswith(ENDS)):
            break
    return lines or [f"> …{without_marks(labelled.lines[at].text)[-CONTEXT_CHARACTERS:]}"]


def _divide(text: str, known: Sequence[bool]) -> tuple[str, str]:
    """A line as the known words at its beginning and the new ones behind them; ("", the line) where it cannot be divided so."""
    new = known.index(False)
    if new < 2 or any(known[new:]):
        return "", text
    bare = without_marks(text)
    places = [word.start() for word in WORD.finditer(bare.casefold())] if len(bare.casefold()) == len(bare) else []
    if len(places) != len(known):
        return "", text
    at = places[new]
    while at and not bare[at - 1].isspace():
        at -= 1
    return bare[:at].rstrip(), bare[at:]


def _is_picture(text: str) -> bool:
    return "]" in text and PICTURE.fullmatch(without_marks(text).strip()[:200]) is not None


def _is_foot(text: str) -> bool:
    low = text.lower()
    return any(words in low for words in DISCLAIMERS)
