"""Staff commands: `#word` or `!word` on lines of their own, at the top or at the end of a staff member's own plain text.

`#on REFERENCE` heads a block for another ticket, so one mail may serve many. All or nothing: with one line that cannot be understood,
none of the mail's commands is carried out and its text goes nowhere. A line that nearly is a command ("#note, she …", "# note") is
refused, because it must not go out as words for the customer.
Limits: at most 20 commands and 20 blocks a mail; a command's value is what follows on its line.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from helpdesk.threading.lifecycle.command_words import USAGE, WORDS, Value, Word, word_named

LINE = re.compile(r"\s*[#!]([^\W\d_][\w-]{0,30})(?:[\s:]+(.*))?")
MOST_COMMANDS = 20
MOST_BLOCKS = 20
CARRIES_TEXT = frozenset({Word.BROADCAST, Word.NOTE, Word.ASK, Word.RESOLVE, Word.CLOSE})
# What editors, keyboards and hurry make of a command; the signs that quote a line are not among them.
NEARLY = re.compile(
    rf"(?:[^\w>|]|_){{0,20}}[#!\uff03\uff01\ufe5f](?:\W|_){{0,20}}(?:{'|'.join(sorted(WORDS, key=len, reverse=True))})(?![^\W_])",
    re.IGNORECASE,
)
KINDS_OF_LETTER = frozenset(
    {Word.NOTE, Word.ASK, Word.RESOLVE, Word.CLOSE, Word.ESCALATE, Word.REOPEN, Word.BROADCAST}
)  # each says what the text is
REPEATABLE = frozenset({Word.UNSUPPRESS, Word.CC, Word.UNCC, Word.MERGE, Word.LINK})
ALONE = frozenset({Word.UNDO, Word.SEND, Word.DISCARD, Word.SPLIT, Word.SPAM})  # nothing else in the same block makes sense


@dataclass(frozen=True, slots=True)
class Command:
    word: Word
    value: str
    line: str


@dataclass(frozen=True, slots=True)
class StaffText:
    """One block of a staff member's text, taken apart. With `refused` lines nothing of the mail may be carried out.

    `reference` names the ticket that it is about; "" is the one that the mail answers.
    """

    commands: tuple[Command, ...]
    refused: tuple[str, ...]  # each quotes its line and says what would work
    body: str
    reference: str = ""

    def command(self, word: Word) -> Command | None:
        return next((one for one in self.commands if one.word is word), None)

    @property
    def words(self) -> str:
        """What the block says beside its commands; text on the line of a command stands first."""
        inline = [command.value for command in self.commands if command.word in CARRIES_TEXT and command.value]
        return "\n\n".join([*inline, self.body] if self.body else inline)

    @property
    def is_empty(self) -> bool:
        return not (self.commands or self.refused or self.body)


def staff_blocks(text: str) -> tuple[StaffText, ...]:
    """The blocks of a mail, in order: what stands above the first `#on` line is about the ticket that the mail answers.

    An empty mail is one empty block; an empty first block above an `#on` line is left out.
    """
    blocks, reference, lines = [], "", list[str]()
    for line in text.strip("\r\n").splitlines():
        found = LINE.fullmatch(line)
        if found is not None and word_named(found[1]) is Word.ON:
            blocks.append(_block(reference, lines))
            reference, lines = _reference(found[2] or ""), []
        else:
            lines.append(line)
    blocks.append(_block(reference, lines))
    told = tuple(one for one in blocks if one.reference or not one.is_empty) or (blocks[0],)
    if len(told) > MOST_BLOCKS:
        return (replace(told[0], refused=(f"It is about {len(told)} requests: one mail serves at most {MOST_BLOCKS}",)),)
    return told


def staff_text(text: str) -> StaffText:
    """Commands from the first and the last lines of one block, body from between them."""
    lines = text.strip("\r\n").splitlines()
    top = _command_lines(lines)
    bottom = _command_lines(list(reversed(lines[top:])))
    end = len(lines) - bottom
    written = [line.strip() for line in lines[:top] + lines[end:] if line.strip()]
    read = [_read(line) for line in written]
    commands = tuple(one for one in read if isinstance(one, Command))
    refused = tuple(one for one in read if isinstance(one, str)) + contradictions(commands) + misplaced(lines[top:end])
    return StaffText(commands, refused, "\n".join(lines[top:end]).strip())


def overlooked(elided: str, signature: str) -> tuple[str, ...]:
    """Commands below a quoted letter or in the signature, where clients may leave the cursor and nothing is read.

    Their writer meant them, so the mail must not go out without: a note would be words for the customer.
    """
    lines = elided.splitlines()
    quoted = [index for index, line in enumerate(lines) if line.lstrip().startswith(">")]
    below = dict.fromkeys((*(lines[quoted[-1] + 1 :] if quoted else ()), *signature.splitlines()))
    return tuple(
        f'"{line.strip()}": a command stands above your signature and the letter that you quote, not below'
        for line in below
        if NEARLY.match(line)
    )


def asks_for(text: str, word: Word) -> bool:
    """Whether a command of this word stands anywhere on a line of its own: what the store has to be asked for."""
    found = (LINE.fullmatch(line) for line in text.splitlines())
    return any(one is not None and word_named(one[1]) is word for one in found)


def values_of(text: str, words: Collection[Word]) -> Iterator[str]:
    """What stands behind the commands of these words, in order."""
    found = (LINE.fullmatch(line) for line in text.splitlines())
    return ((one[2] or "").strip() for one in found if one is not None and word_named(one[1]) in words)


def value_of(text: str, words: Collection[Word]) -> str:
    """What stands behind the first command of one of these words; "" where there is none."""
    return next(values_of(text, words), "")


def _reference(value: str) -> str:
    return value.strip().strip(".:;,[]()").upper() or "?"


def _block(reference: str, lines: list[str]) -> StaffText:
    block = staff_text("\n".join(lines))
    refused = block.refused
    if reference and not (block.commands or block.body or refused):
        refused = (f'"#on {reference}": nothing follows it; write commands or text below',)
    return StaffText(block.commands, refused, block.body, reference)


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
    return command_of(found[1], (found[2] or "").strip(), line)


def command_of(name: str, value: str, line: str) -> Command | str:
    """The command of a name in any language with its value; or a sentence that quotes the line and says what would work."""
    word = word_named(name)
    if word is None:
        return f'"{line}": there is no command of this name; {", ".join("#" + one for one in Word)} would work'
    usage = USAGE[word]
    if usage.value is Value.NEEDED and not value:
        return f'"{line}": something is missing behind it, as in "{usage.example}"'
    if usage.value is Value.NONE and value:
        return f'"{line}": write "#{word}" on a line of its own and the text below it'
    return Command(word, value, line)


def contradictions(commands: tuple[Command, ...]) -> tuple[str, ...]:
    """Why commands about one ticket cannot all be meant."""
    if len(commands) > MOST_COMMANDS:
        return (f"{len(commands)} commands in one mail: at most {MOST_COMMANDS} are carried out",)
    kinds = [command for command in commands if command.word in KINDS_OF_LETTER]
    if len(kinds) > 1:
        lines = " and ".join(f'"{command.line}"' for command in kinds)
        return (f"{lines} ask for different things with one text: send them in two mails",)
    single = [command.word for command in commands if command.word not in REPEATABLE]
    twice = next((word for word in single if single.count(word) > 1), None)
    if twice is not None:
        return (f'"#{twice}" stands there twice: once is enough',)
    alone = next((command for command in commands if command.word in ALONE), None)
    if alone is not None and len(commands) > 1:
        return (f'"{alone.line}" goes alone: send the other commands in another mail',)
    return ()


def misplaced(body: Sequence[str]) -> tuple[str, ...]:
    """A command among the sentences, or not quite one: its writer meant it, so the text must not go out as if it were none."""
    return tuple(_misplaced_line(line) for line in body if NEARLY.match(line))


def _misplaced_line(line: str) -> str:
    if LINE.fullmatch(line):
        return f'"{line.strip()}": a command stands above or below the text, not within it'
    return f'"{line.strip()}": a command is "#", its word, and a space or the end of the line'
