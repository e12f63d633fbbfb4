"""What each line of a body is: the author's words, a quote, a signature. A body with its labels is one value."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from helpdesk.threading.reading.lines import Line


class Label(StrEnum):
    """What a line of a body is."""

    REPLY = "reply"
    QUOTE = "quote"  # not decided yet: becomes REPLY, CONTEXT or ELIDED
    INTRODUCTION = "introduction"  # of a quote; becomes what the quote becomes
    ELIDED = "elided"
    SIGNATURE = "signature"
    CONTEXT = "context"  # quoted from our own letter, between the answers to it


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

    def lines_of(self, *labels: Label) -> tuple[Line, ...]:
        """The lines that have one of these labels, in order."""
        return tuple(line for line, label in self if label in labels)


NO_LINES = LabelledLines()
