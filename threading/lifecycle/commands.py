"""Staff commands: `#word` or `!word` on lines of their own, at the top or at the end of a staff member's own plain text.

All or nothing: with one line that cannot be understood, none of the mail's commands is carried out and its text goes nowhere.
A line that nearly is a command ("#note, she …", "# note") is refused, because it must not go out as words for the customer.
Limits: at most 20 commands a mail; a command's value is what follows on its line.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

LINE = re.compile(r"\s*[#!]([A-Za-z][A-Za-z_-]{0,30})(?:[\s:]+(.*))?")
MOST_COMMANDS = 20


class Word(StrEnum):
    NOTE = "note"
    ASK = "ask"
    TAKE = "take"
    ASSIGN = "assign"
    ESCALATE = "escalate"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    UNSUPPRESS = "unsuppress"


WORDS = {word.value: word for word in Word}
NEEDS_VALUE = frozenset({Word.ASSIGN, Word.UNSUPPRESS})
TAKES_NO_VALUE = frozenset({Word.TAKE, Word.REOPEN})
CARRIES_TEXT = frozenset({Word.NOTE, Word.ASK, Word.RESOLVE})
# What editors, keyboards and hurry make of a command; the signs that quote a line are not among them.
NEARLY = re.compile(rf"(?:[^\w>|]|_){{0,20}}[#!\uff03\uff01\ufe5f](?:\W|_){{0,20}}(?:{'|'.join(WORDS)})(?![^\W_])", re.IGNORECASE)
KINDS_OF_LETTER = frozenset({Word.NOTE, Word.ASK, Word.RESOLVE, Word.ESCALATE, Word.REOPEN})  # each says what the text is


@dataclass(frozen=True, slots=True)
class Command:
    word: Word
    value: str
    line: str


@dataclass(frozen=True, slots=True)
class StaffText:
    """A staff member's text, taken apart. With `refused` lines nothing of it may be carried out."""

    commands: tuple[Command, ...]
    refused: tuple[str, ...]  # each quotes its line and says what would work
    body: str

    def command(self, word: Word) -> Command | None:
        return next((one for one in self.commands if one.word is word), None)

    @property
    def words(self) -> str:
        """What the mail says beside its commands; text on the line of a command stands first."""
        inline = [command.value for command in self.commands if command.word in CARRIES_TEXT and command.value]
        return "\n\n".join([*inline, self.body] if self.body else inline)


def staff_text(text: str) -> StaffText:
    """Commands from the first and the last lines, body from between them."""
    lines = text.strip("\r\n").splitlines()
    top = _command_lines(lines)
    bottom = _command_lines(list(reversed(lines[top:])))
    end = len(lines) - bottom
    written = [line.strip() for line in lines[:top] + lines[end:] if line.strip()]
    read = [_read(line) for line in written]
    commands = tuple(one for one in read if isinstance(one, Command))
    refused = tuple(one for one in read if isinstance(one, str)) + _contradictions(commands) + _misplaced(lines[top:end])
    return StaffText(commands, refused, "\n".join(lines[top:end]).strip())


def _command_lines(lines: list[str]) -> int:
    """How many of the first lines are commands, blank lines between them counted in."""
    count = 0
    for index, line in enumerate(lines):
        if LINE.fullmatch(line):
            count = index + 1
        elif line.strip():
            break
    return count


def _read(line: str) -> Command | str:
    found = LINE.fullmatch(line)
    assert found is not None
    name, value = found[1].lower(), (found[2] or "").strip()
    word = WORDS.get(name)
    if word is None:
        return f'"{line}": there is no command of this name; {", ".join("#" + one for one in WORDS)} would work'
    if word in NEEDS_VALUE and not value:
        return f'"{line}": say whom, as in "#{word} Omar" or "#{word} omar@desk.example"'
    if word in TAKES_NO_VALUE and value:
        return f'"{line}": write "#{word}" on a line of its own and the text below it'
    return Command(word, value, line)


def _contradictions(commands: tuple[Command, ...]) -> tuple[str, ...]:
    kinds = [command for command in commands if command.word in KINDS_OF_LETTER]
    if len(commands) > MOST_COMMANDS:
        return (f"{len(commands)} commands in one mail: at most {MOST_COMMANDS} are carried out",)
    if len({command.word for command in kinds}) > 1 or len(kinds) != len({command.word for command in kinds}):
        lines = " and ".join(f'"{command.line}"' for command in kinds)
        return (f"{lines} ask for different things with one text: send them in two mails",)
    return ()


def _misplaced(body: list[str]) -> tuple[str, ...]:
    """A command among the sentences, or not quite one: its writer meant it, so the text must not go out as if it were none."""
    return tuple(_misplaced_line(line) for line in body if NEARLY.match(line))


def _misplaced_line(line: str) -> str:
    if LINE.fullmatch(line):
        return f'"{line.strip()}": a command stands above or below the text, not within it'
    return f'"{line.strip()}": a command is "#", its word, and a space or the end of the line'
