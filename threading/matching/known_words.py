"""Which words of a quote are known: they stand in the same order in a letter or a message of the ticket.

Each document is laid against the quote. Runs of words that both have are found by their groups of three (shingles). A long run is known
wherever it stands. A short run is known where it continues the document: between runs of the same document, where the document has just
these words between them. So "Yes" below a question is news, although the customer has said "Yes" before, and a short line of a list is
known, although answers stand above and below it.

Each word of a document is laid against one word of the quote, so that a sentence of the letter that its reader writes again as the answer is
news. The costs are linear in the words of quote and documents.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

GROUP = 3  # words by which runs are found
LONG = 8  # words that nobody writes again by chance
MOST_PLACES = 4  # of one group in a quote at which a run may begin
MOST_GROWING = 64  # runs at one place of a document
LOOK = 100  # words of the quote above and below a run, among which known words are searched
GAP = 60  # words of a document that a client may have left out, or that are searched for a short line
MOST_SHORT = 500  # runs of one document that are laid by their place
MOST_QUOTED = 20_000  # words of a quote that are compared; what stands behind is unknown


@dataclass(frozen=True, slots=True)
class _Run:
    """Equal words: `size` of them from `quoted` on in the quote and from `at` on in the document."""

    quoted: int
    at: int
    size: int


class QuotedWords:
    """The words of a quote, line by line, and which of them are known so far."""

    def __init__(self, lines: Sequence[Sequence[str]], sections: Iterable[int] = (), commands: Collection[int] = ()) -> None:
        """`sections` are the lines at which the client introduces another mail, `commands` those that may be commands of its author.

        A command is known only within a long run. Letters to staff name commands, so that a document has its word somewhere.
        """
        self.lines: list[tuple[int, int]] = []
        self.words: list[str] = []
        for line in lines:
            start = len(self.words)
            self.words += line[: MOST_QUOTED - start]
            self.lines.append((start, len(self.words)))
        self.known = [False] * len(self.words)
        self._commands = {self.lines[line][0] for line in commands}
        self._documents: list[list[str]] = []
        self._begins = {self.lines[line][0] for line in sections} | {0, len(self.words)}
        self._flat = f" {' '.join(self.words)} " if len(self.words) >= LONG else ""
        self._places: dict[tuple[str, ...], list[int]] = {}

    @property
    def all_known(self) -> bool:
        """Whether nothing in the quote is news."""
        return all(self.known)

    def is_known(self, line: int) -> bool:
        """Whether all words of a line are known. A line without words is."""
        start, end = self.lines[line]
        return all(self.known[start:end])

    def words_of(self, line: int) -> tuple[str, ...]:
        """The words of a line."""
        start, end = self.lines[line]
        return tuple(self.words[start:end])

    def known_in(self, line: int) -> list[bool]:
        """Which words of a line are known."""
        start, end = self.lines[line]
        return self.known[start:end]

    def lay(self, document: list[str], head: int | None = None) -> None:
        """Lay a document against the quote, and mark the words that it has. `head` is how many of its words are the mail itself, without
        its signature and what it quoted.
        """
        if self._is_part_of(document):
            self.known = [True] * len(self.words)
            return
        fits = _Fits(self.known, len(document))
        short: list[_Run] = []
        for run in sorted(self._runs(document), key=lambda run: (-run.size, run.quoted)):
            if not ((run.size >= LONG or self._is_whole_mail(run, len(document) if head is None else head)) and fits.take(run)):
                short.append(run)
        self._take_tiny_mail(document[:head], fits)
        for run in short[:MOST_SHORT]:
            free = fits.free_part(run)
            if free.size >= GROUP and fits.continues(free):
                fits.take(free)
        if any(fits.places):  # short lines are laid beside what lies already
            self._take_short_lines(document, fits)
        self._documents.append(document)

    def mend_broken_words(self, is_long: Sequence[bool]) -> None:
        """Take a word for known that a relay has broken in two at the end of a long line."""
        seen: frozenset[str] | None = None
        above = 0
        for (start, end), full in zip(self.lines, is_long, strict=True):
            if start == end:
                continue
            if above and start and not (self.known[start] and self.known[start - 1]):
                seen = frozenset().union(*self._documents) if seen is None else seen
                if self.words[start - 1] + self.words[start] in seen:
                    self.known[start - 1] = self.known[start] = True
            above = full

    def _is_part_of(self, document: Sequence[str]) -> bool:
        """Whether a document has the whole quote in one piece, as where a client has quoted a letter in full: one long run."""
        return bool(self._flat) and len(document) >= len(self.words) and self._flat in f" {' '.join(document)} "

    def _runs(self, document: Sequence[str]) -> list[_Run]:
        """The runs of words that the quote shares with a document, as long as they can be.

        A run begins at a group that is not too frequent, and grows to both sides word by word. So phrases that stand in every message of a
        long conversation do not end it.
        """
        places = self._places = self._places or self._groups()
        found: list[_Run] = []
        growing: dict[int, int] = {}  # where the run would go on in the quote → where it began in the document
        quoted = len(self.words)
        reached = 0  # the place in the document behind the last shared group; runs end where no group is shared
        for at in (at for at, group in enumerate(_groups_of(document)) if group in places):
            if growing and at != reached:
                found += _end_runs(growing, reached + GROUP - 1)
                growing = {}
            reached = at + 1
            grown: dict[int, int] = {}
            word = document[at + GROUP - 1]
            for end, begun in growing.items():
                if end < quoted and self.words[end] == word:
                    grown[end + 1] = begun
                else:
                    found.append(_Run(end - (at + GROUP - 1 - begun), begun, at + GROUP - 1 - begun))
            for place in places[tuple(document[at : at + GROUP])]:
                if place + GROUP not in grown and len(grown) < MOST_GROWING:
                    grown[place + GROUP] = at - self._equal_words_above(place, document, at)
            growing = grown
        found += _end_runs(growing, reached + GROUP - 1)
        return found

    def _groups(self) -> dict[tuple[str, ...], list[int]]:
        """The groups of the quote, each with the first places where it stands."""
        found: dict[tuple[str, ...], list[int]] = {}
        for at, group in enumerate(_groups_of(self.words)):
            places = found.setdefault(group, [])
            if len(places) < MOST_PLACES:
                places.append(at)
        return found

    def _equal_words_above(self, place: int, document: Sequence[str], at: int) -> int:
        """How many words stand above a place in both, at most `GAP`."""
        count = 0
        while count < min(place, at, GAP) and self.words[place - count - 1] == document[at - count - 1]:
            count += 1
        return count

    def _is_whole_mail(self, run: _Run, head: int) -> bool:
        """Whether a short run is all of a short mail, below the line that introduces it."""
        return run.at == 0 and run.size >= head and run.quoted in self._begins

    def _take_tiny_mail(self, mail: Sequence[str], fits: "_Fits") -> None:
        """Mark the words of a mail of one or two words below the line that introduces it."""
        size = len(mail)
        if 0 < size < GROUP:
            for begin in self._begins:
                if self.words[begin : begin + size] == list(mail) and fits.take(_Run(begin, 0, size)):
                    return

    def _take_short_lines(self, document: list[str], fits: "_Fits") -> None:
        """Mark the unknown lines whose words the document has, together, between its known words around them."""
        for start, end in self.lines:
            if (
                start == end
                or end - start > GAP
                or start in self._commands
                or any(fits.places[start:end])
                or all(self.known[start:end])
            ):
                continue
            begin, until = fits.gap_around(start, end)
            place = _find(self.words[start:end], document, begin, until)
            if place is not None:
                fits.take(_Run(start, place, end - start))


class _Fits:
    """How the words of one document lie in the quote: `places` has for each quoted word its place in the document, counted from 1."""

    def __init__(self, known: list[bool], size: int) -> None:
        self.known = known
        self.places = [0] * len(known)
        self._laid = bytearray(len(known))  # 1 where `places` has a place: the next one is found in one step
        self._used = [False] * size
        self._size = size

    def take(self, run: _Run) -> bool:
        """Lay a run where neither side is taken. Of a run that overlaps others the free end is laid, if it is no chance.

        A very long run of words that are known already is laid too: short lines may stand beside it that only this document has.
        """
        if all(self.known[run.quoted : run.quoted + run.size]):
            if run.size >= 2 * LONG:
                self._use_up(run)
            return False
        free = [
            step
            for step in range(run.size)
            if not self.places[run.quoted + step] and not self._used[run.at + step] and not self.known[run.quoted + step]
        ]
        if len(free) < (1 if run.size >= LONG else min(run.size, GROUP)):
            return False
        # The known words of the run are used up as well: a line that its reader writes once more is not laid against them.
        self._use_up(run)
        return True

    def _use_up(self, run: _Run) -> None:
        for step in range(run.size):
            if not self.places[run.quoted + step] and not self._used[run.at + step]:
                self.places[run.quoted + step] = run.at + step + 1
                self._laid[run.quoted + step] = 1
                self._used[run.at + step] = True
                self.known[run.quoted + step] = True

    def free_part(self, run: _Run) -> _Run:
        """A run without the words at its ends that are laid already: an answer may end with the word before the next line."""
        start, end = 0, run.size
        while start < end and (self._used[run.at + start] or self.places[run.quoted + start]):
            start += 1
        while start < end and (self._used[run.at + end - 1] or self.places[run.quoted + end - 1]):
            end -= 1
        return _Run(run.quoted + start, run.at + start, end - start)

    def continues(self, run: _Run) -> bool:
        """Whether a run lies where the document goes on: behind its words above, and before its words below."""
        begin, until = self.gap_around(run.quoted, run.quoted + run.size)
        return begin <= run.at and run.at + run.size <= until

    def gap_around(self, start: int, end: int) -> tuple[int, int]:
        """The part of the document that belongs between the words above and below a place in the quote; an empty one without either."""
        above = self._laid.rfind(1, max(start - LOOK, 0), start)
        below = self._laid.find(1, end, end + LOOK)
        before = self.places[above] if above >= 0 else 0
        behind = self.places[below] if below >= 0 else 0
        if before and behind:
            return before, behind - 1
        if before:
            return before, min(before + GAP, self._size)
        return max(behind - 1 - GAP, 0), max(behind - 1, 0)


def _groups_of(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """All neighbours of `GROUP` words, in order."""
    return zip(*(words[begin:] for begin in range(GROUP)), strict=False)


def _end_runs(growing: Mapping[int, int], end: int) -> list[_Run]:
    """The runs that end at a place in the document."""
    return [_Run(place - (end - begun), begun, end - begun) for place, begun in growing.items()]


def _find(words: list[str], document: list[str], begin: int, until: int) -> int | None:
    """Where words stand together in a part of a document, None where they do not. The part is searched for at most `GAP` words."""
    size = len(words)
    first = words[0]
    for at in range(begin, min(until - size, begin + GAP) + 1):
        if document[at] == first and document[at : at + size] == words:
            return at
    return None
