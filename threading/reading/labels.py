"""What each line of a body is: the author's words, a quote, a signature. A body with its labels is one value."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from helpdesk.threading.reading.lines import Line


class Label(StrEnum):
    """What a line of a body is, as far as the mail alone shows it.

    The labels from `ELIDED` on are candidates: such lines look quoted. Whether they are is known where the ticket is known. `KEPT`,
    `CONTEXT` and `KEPT_INTRODUCTION` are candidates with answers below them.
    """

    REPLY = "reply"
    SIGNATURE = "signature"
    BANNER = "banner"  # put there by a mail filter
    QUOTE = "quote"  # while the lines are being labelled; becomes one of those below
    ELIDED = "elided"
    INTRODUCTION = "introduction"  # written by a client above a quote: an attribution, a header block, a separator
    BOUNDARY = "boundary"  # asks to write above it: one of our letters begins here
    KEPT = "kept"  # quoted between answers, from any mail
    KEPT_INTRODUCTION = "kept_introduction"
    CONTEXT = "context"  # quoted between answers, from a letter of ours


CANDIDATES = frozenset(Label) - {Label.REPLY, Label.SIGNATURE, Label.BANNER}
INTRODUCTIONS = frozenset({Label.INTRODUCTION, Label.KEPT_INTRODUCTION, Label.BOUNDARY})
ANSWERED = frozenset({Label.KEPT, Label.CONTEXT, Label.KEPT_INTRODUCTION})


@dataclass(frozen=True, slots=True)
class LabelledLines:
    """The readable lines of a mail in order, with one label each. Any of the lines, in order, are a document again."""

    lines: tuple[Line, ...] = ()
    labels: tuple[Label, ...] = ()

    @classmethod
    def of(cls, lines: Sequence[Line], labels: Sequence[Label]) -> Self:
        """The lines with their labels. There must be one label for each line."""
        return cls(tuple(lines), tuple(labels))

    def __iter__(self) -> Iterator[tuple[Line, Label]]:
        return zip(self.lines, self.labels, strict=True)

    @property
    def has_candidates(self) -> bool:
        """Whether words of the mail look quoted."""
        return any(label in CANDIDATES and line.text.strip() for line, label in self)

    def text_of(self, labels: Collection[Label]) -> str:
        """The text of the lines that have one of these labels, without blank lines around it."""
        return joined(line.text for line, label in self if label in labels)


def joined(texts: Iterable[str]) -> str:
    """Lines as one text, without blank lines around it."""
    return "\n".join(texts).strip("\n").rstrip()


NO_LINES = LabelledLines()
