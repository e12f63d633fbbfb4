"""Conversations of people with a dozen mail clients, through the real path: every word reaches the person it was meant for, and nobody else.

    .venv/bin/python tests/campaign.py --seed 7 --count 10000 --only every_word

Each conversation has a desk of its own and up to thirty mails. A conversation that shows a fault is made shorter as long as it shows a fault
of the same kind, and is printed as lines.
"""

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from support.conversations.books import Books, Fault, Wrong
from support.conversations.deeds import MORE
from support.conversations.moves import Move, as_lines, conversation
from support.conversations.play import play_at
from support.desk.story import UNCAPPED, configured, direct_desk

from helpdesk.gateway.reader import Reader
from helpdesk.gateway.work.kind import MailReader

PATIENT = 600.0  # seconds for one mail: a reader that a busy machine slows down is not what is looked for
SHORTENINGS = 40  # how often a conversation is played again to make it shorter
DOUBLED_IN_A_HUNDRED = 1.0


@dataclass
class Conversed:
    """What many conversations were, and the faults in them."""

    mails: int = 0
    letters: int = 0
    held: int = 0
    refused: int = 0
    faults: list[Fault] = field(default_factory=list)
    first: dict[Wrong, tuple[int, list[Move], Fault]] = field(default_factory=dict)  # with the seed of its conversation

    def count(self, wrong: Wrong) -> int:
        """Mails with such a fault."""
        return len([fault for fault in self.faults if fault.wrong is wrong])

    def __str__(self) -> str:
        kinds = Counter(fault.wrong for fault in self.faults)
        figures = ", ".join(f"{kinds[wrong]} {wrong}" for wrong in Wrong)
        return f"{self.mails} mails, {self.letters} letters, {self.held} answers held and {self.refused} refused; {figures}"

    @property
    def broken(self) -> bool:
        doubled = self.count(Wrong.DOUBLED)
        return len(self.faults) > doubled or doubled * 100 > DOUBLED_IN_A_HUNDRED * (self.letters + self.mails)


def play(moves: Sequence[Move], reader: MailReader) -> Books:
    """One conversation at a desk of its own."""
    with tempfile.TemporaryDirectory(prefix="desk-words-") as folder:
        config = configured(Path(folder) / "desk", more=MORE + UNCAPPED, stale_guard="off")
        with direct_desk(config, reader) as desk:
            return play_at(desk, moves)


def converse(seed: int, count: int, reader: MailReader) -> Conversed:
    """At least `count` mails."""
    done, number = Conversed(), seed * 1000
    while done.mails < count:
        number += 1
        moves = conversation(Random(number))
        books = play(moves, reader)
        done.mails, done.letters = done.mails + books.mails, done.letters + books.letters
        done.held, done.refused = done.held + books.held, done.refused + books.refused
        done.faults += books.faults
        for fault in books.faults:
            done.first.setdefault(fault.wrong, (number, moves, fault))
    return done


def shorter(moves: list[Move], wrong: Wrong, reader: MailReader) -> tuple[list[Move], list[Fault]]:
    """The conversation without the mails that its fault does not need, and what is wrong in it: nothing, if it goes well this time."""
    faults = play(moves, reader).faults
    last = next((fault.move for fault in faults if fault.wrong is wrong), None)
    if last is None:
        return moves, []
    moves = [move for move in moves if move.number <= last]
    size, tries = len(moves) // 2, 0
    while size and tries < SHORTENINGS:
        begin = 0
        while begin < len(moves) and tries < SHORTENINGS:
            left = moves[:begin] + moves[begin + size :]
            found = play(left, reader).faults
            tries += 1
            if any(fault.wrong is wrong for fault in found):
                moves, faults = left, found
            else:
                begin += size
        size //= 2
    return moves, [fault for fault in faults if fault.wrong is wrong]


def described(done: Conversed, reader: MailReader) -> str:
    """The figures, and the first conversation of each kind of fault as short as it goes."""
    lines = [str(done)]
    for wrong, (seed, moves, fault) in done.first.items():
        short, faults = shorter(moves, wrong, reader)
        told = "in short:" if faults else "played again, it went well:"
        lines += ["", f"{wrong}: conversation {seed}, {fault}; {told}", as_lines(short), *map(str, faults[:3])]
    return "\n".join(lines)


def run(seed: int, count: int) -> str:
    """Converse over `count` mails; the figures. Raises AssertionError with the shortest conversations where a promise is broken."""
    with Reader(wall_seconds=PATIENT) as reader:
        done = converse(seed, count, reader)
        assert not done.broken, described(done, reader)
    return str(done)
