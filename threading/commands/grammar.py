"""Read staff commands: `#word` or `!word` on lines of their own, at the top or at the end of a staff member's own plain text.

`#on REFERENCE` begins a block for another ticket, so one mail may serve many. A mail is accepted or refused as a whole: if one
line cannot be understood, no command is carried out and no text is sent. A line that is nearly a command ("#note, she …", "#
note") is refused, because it must not go to a customer as text.

Limits: at most 20 commands and 20 blocks a mail; a command's value is the rest of its line. A text of more than `MOST_CHARACTERS`
or `MOST_LINES` is refused, because `reading.limits` does not separate quoted text beyond them, and no scan here looks further.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from helpdesk.threading.commands.words import USAGE, WORDS, Value, Word, nearest_name, word_named
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.reading.limits import REPLY_CHARACTERS, REPLY_LINES

MOST_CHARACTERS = REPLY_CHARACTERS
MOST_LINES = REPLY_LINES
MOST_REFUSED = 20  # refused lines of one text that are listed one by one
LONGEST_QUOTED = 200  # characters of a line that a sentence quotes
SIGNS = ("#", "!")  # before the word of a command
LINE = re.compile(r"\s*[#!]([^\W\d_][\w-]{0,30})(?:[\s:]+(.*))?")
MOST_COMMANDS = 20
MOST_BLOCKS = 20
MOST_FILES = 20  # of one command
LONGEST_NUMBER = 7  # of a file, with its mark
LONGEST_NUMBERS = 400  # of a command's files
CARRIES_TEXT = frozenset({Word.BROADCAST, Word.NOTE, Word.ANSWER, Word.ASK, Word.PERMISSION, Word.RESOLVE, Word.CLOSE})
# Commands that give a request to somebody else, to another time or to another request: the text beside them is for colleagues,
# unless one of `SAYS_FOR_WHOM` says otherwise.
HANDS_OVER = frozenset({Word.ASSIGN, Word.ESCALATE, Word.MERGE, Word.JOIN, Word.SNOOZE, Word.WATCH})
SAYS_FOR_WHOM = frozenset(
    {
        Word.ANSWER,
        Word.WORKING,
        Word.PERMISSION,
        Word.CONSULT,
        Word.BROADCAST,
        Word.NOTE,
        Word.ASK,
        Word.RESOLVE,
        Word.CLOSE,
        Word.REOPEN,
        Word.NEW,
    }
)
# Editors, keyboards and haste turn the mark of a command into one of these, with other signs before and after it.
MARKS = frozenset("#!\uff03\uff01\ufe5f")
QUOTING = frozenset(">|")  # a line with one of these before the mark is quoted text
MOST_SIGNS = 20  # most signs before the mark, and between the mark and the word
LONGEST_WORD = max(map(len, WORDS))
KINDS_OF_LETTER = frozenset(
    {
        Word.NOTE,
        Word.ASK,
        Word.WORKING,
        Word.PERMISSION,
        Word.CONSULT,
        Word.RESOLVE,
        Word.CLOSE,
        Word.ESCALATE,
        Word.REOPEN,
        Word.BROADCAST,
    }
)  # each says what the text is, so a block has one of them
REPEATABLE = frozenset({Word.USE, Word.UNSUPPRESS, Word.CC, Word.UNCC, Word.MERGE, Word.LINK, Word.WATCH, Word.UNWATCH})
ALONE = frozenset({Word.UNDO, Word.SEND, Word.INBOX, Word.DISCARD, Word.SPLIT, Word.SPAM})  # each must stand alone in its block
TOO_LONG = sentence(
    "Your text is longer than {most_characters} characters or {most_lines} lines: attach what is long as a file, and send the rest again",
    most_characters=f"{MOST_CHARACTERS:,}",
    most_lines=f"{MOST_LINES:,}",
)


@dataclass(frozen=True, slots=True)
class Command:
    """A command, its value, and the line that it stands on."""

    word: Word
    value: str
    line: str

    @property
    def text(self) -> str:
        """The words on its line: all of its value, or what stands behind the numbers of files."""
        if self.word is Word.FILE:
            return files_named(self.value)[1]
        return self.value if self.word in CARRIES_TEXT else ""


@dataclass(frozen=True, slots=True)
class StaffText:
    """One block of a staff member's text: its commands, its body, and its refused lines. If any line is refused, the whole mail
    is.

    `reference` names the ticket that the block is about; "" means the ticket that the mail answers.
    """

    commands: tuple[Command, ...]
    refused: tuple[Sentence, ...]  # sentences; each quotes its line and says what would work
    body: str
    reference: str = ""

    def command(self, word: Word) -> Command | None:
        """The block's first command with this word, or None."""
        return next((command for command in self.commands if command.word is word), None)

    @property
    def words(self) -> str:
        """The block's text without its commands. Text on the line of a command comes first."""
        inline = [command.text for command in self.commands if command.text]
        return "\n\n".join([*inline, self.body] if self.body else inline)

    @property
    def is_empty(self) -> bool:
        """Whether the block has neither commands nor text."""
        return not (self.commands or self.refused or self.body)


def files_named(value: str) -> tuple[tuple[int, ...], str]:
    """The numbers of files behind `#file`, and the words behind these: `1, 2 here is the plan`. No numbers where a value cannot be read.

    Where words follow, a comma stands between numbers: `1 2 pages are missing` names the first file alone.
    """
    tokens = [token.removeprefix("#") for token in value[:LONGEST_NUMBERS].replace(",", " ").split()]
    if len(value) <= LONGEST_NUMBERS and all(map(_is_number, tokens)):
        return (tuple(map(int, tokens)), "") if len(tokens) <= MOST_FILES else ((), "")
    numbers: list[int] = []
    rest = value.strip()
    while len(numbers) < MOST_FILES:
        size = next((at for at, letter in enumerate(rest[:LONGEST_NUMBER]) if letter == "," or letter.isspace()), 0)
        if not _is_number(rest[:size].removeprefix("#")):
            break
        numbers.append(int(rest[:size].removeprefix("#")))
        rest = rest[size:].lstrip()
        if not rest.startswith(","):
            break
        rest = rest[1:].lstrip()
    return (tuple(numbers), rest) if numbers else ((), "")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < LONGEST_NUMBER


def staff_blocks(text: str) -> tuple[StaffText, ...]:
    """Read the blocks of a mail, in order. Text above the first `#on` line is about the ticket that the mail answers.

    An empty mail is one empty block. An empty first block above an `#on` line is left out.
    """
    if is_too_long(text):
        return (StaffText((), (TOO_LONG,), text.strip("\r\n")),)
    blocks, reference, lines = [], "", list[str]()
    for line in lines_of(text):
        found = LINE.fullmatch(line)
        if found is not None and word_named(found[1]) is Word.ON:
            blocks.append(_block(reference, lines))
            reference, lines = _reference(found[2] or ""), []
        else:
            lines.append(line)
    blocks.append(_block(reference, lines))
    used = tuple(block for block in blocks if block.reference or not block.is_empty) or (blocks[0],)
    if len(used) > MOST_BLOCKS:
        return (
            replace(
                used[0],
                refused=(
                    sentence(
                        "It is about {count} requests: one mail serves at most {most_blocks}",
                        count=len(used),
                        most_blocks=MOST_BLOCKS,
                    ),
                ),
            ),
        )
    return used


def staff_text(text: str) -> StaffText:
    """Read one block: commands from its first and last lines, and the body between them.

    A `#use` line is a command that may stand anywhere, and a line of the body too: a ready answer takes its place there.
    """
    if is_too_long(text):
        return StaffText((), (TOO_LONG,), text.strip("\r\n"))
    lines = lines_of(text)
    top = _command_lines(lines)
    bottom = _command_lines(list(reversed(lines[top:])))
    end = len(lines) - bottom
    written = [line.strip() for line in lines[:top] + lines[end:] if line.strip()]
    read = [_read(line, place < MOST_REFUSED) for place, line in enumerate(written)]
    within = [line.strip() for line in lines[top:end] if use_of(line) is not None]
    commands = tuple(
        command for command in (*read, *(_read(line, suggests=True) for line in within)) if isinstance(command, Command)
    )
    wrong = [command for command in read if isinstance(command, Sentence)]
    refused = first_of([*wrong, *contradictions(commands), *refusals_within(lines[top:end])])
    parts = (_uses(lines[:top]), "\n".join(lines[top:end]).strip(), _uses(lines[end:]))
    return StaffText(commands, refused, "\n\n".join(part for part in parts if part))


def use_of(line: str) -> str | None:
    """The name in a `#use` line, in small letters; None for any other line."""
    found = LINE.fullmatch(line) if line.lstrip().startswith(SIGNS) else None
    if found is None or word_named(found[1]) is not Word.USE:
        return None
    return (found[2] or "").strip().lower() or None


def _uses(lines: Iterable[str]) -> str:
    return "\n\n".join(line.strip() for line in lines if use_of(line) is not None)


def commands_at_end(signature: str) -> str:
    """The lines of commands at the very end of a signature. People write there, because it is the end of their mail."""
    lines = lines_of(signature[-MOST_CHARACTERS:])
    end = len(lines)
    while end and len(lines) - end <= MOST_COMMANDS and (not lines[end - 1].strip() or _is_command(lines[end - 1])):
        end -= 1
    return "\n".join(line for line in lines[end:] if line.strip())


def _is_command(line: str) -> bool:
    """Whether a line is a command that exists, and nothing else."""
    found = LINE.fullmatch(line)
    return found is not None and word_named(found[1]) is not None


def refusals_below(elided: str, signature: str) -> tuple[Sentence, ...]:
    """Refuse commands below a quoted letter or within the signature, where mail clients may place the cursor but no command is read.

    Their author meant them, so the mail must not go out without them: a note would go to the customer. Of the quoted text, the
    end is searched, up to the limits of a text.
    """
    end = elided[-MOST_CHARACTERS:].splitlines()[-MOST_LINES:]
    quoted = [index for index, line in enumerate(end) if line.lstrip().startswith(">")]
    below = end[quoted[-1] + 1 :] if quoted else []
    read = set(commands_at_end(signature).splitlines())
    found = (line for line in dict.fromkeys((*below, *lines_of(signature))) if line not in read and is_nearly_command(line))
    return first_of(
        [
            sentence(
                '"{line}": put commands above the email that you quote, at the top or the end of your text', line=as_quoted(line)
            )
            for line in found
        ]
    )


def lines_of(text: str) -> list[str]:
    """The lines of a text within the limits, without blank lines around them."""
    return text[:MOST_CHARACTERS].strip("\r\n").splitlines()[:MOST_LINES]


def is_too_long(text: str) -> bool:
    """Whether a text exceeds the limits."""
    written = text.strip("\r\n")
    return len(written) > MOST_CHARACTERS or len(written.splitlines()) > MOST_LINES


def first_of(sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """The first `MOST_REFUSED` sentences, and how many more there are."""
    more = len(sentences) - MOST_REFUSED
    return (
        (*sentences[:MOST_REFUSED], sentence("{more} more lines cannot be carried out either", more=more))
        if more > 0
        else tuple(sentences)
    )


def as_quoted(line: str) -> str:
    """A line, shortened, as a sentence quotes it."""
    bare = line.strip()
    return bare if len(bare) <= LONGEST_QUOTED else f"{bare[:LONGEST_QUOTED]}…"


def is_nearly_command(line: str) -> bool:
    """Whether a line begins with a mark and a command word, whatever other signs stand around the mark.

    One pass over the signs before the word, at most `MOST_SIGNS` before the mark and as many after it.
    """
    begin, mark = 0, -1
    quoted = False
    for letter in line[: 2 * MOST_SIGNS + 2]:
        if letter.isalnum():
            break
        quoted = quoted or letter in QUOTING
        if letter in MARKS and begin <= MOST_SIGNS and not quoted:
            mark = begin
        begin += 1
    if mark < 0 or begin - mark - 1 > MOST_SIGNS:
        return False
    end = begin
    while end - begin <= LONGEST_WORD and line[end : end + 1].isalnum():
        end += 1
    return word_named(line[begin:end]) is not None


def commands_in(text: str) -> Iterator[tuple[Word, str]]:
    """Every command on a line of its own, wherever it stands, with its value. The question to the store needs them."""
    if not any(sign in text for sign in SIGNS):
        return iter(())
    found = (LINE.fullmatch(line) for line in lines_of(text) if line.lstrip().startswith(SIGNS))
    named = ((word_named(match[1]), match[2] or "") for match in found if match is not None)
    return ((word, value.strip()) for word, value in named if word is not None)


def asks_for(text: str, word: Word) -> bool:
    """Whether a command with this word stands anywhere on a line of its own."""
    return any(found is word for found, _ in commands_in(text))


def values_of(text: str, words: Collection[Word]) -> Iterator[str]:
    """The values of the commands with these words, in order."""
    return (value for word, value in commands_in(text) if word in words)


def value_of(text: str, words: Collection[Word]) -> str:
    """The value of the first command with one of these words; "" if there is none."""
    return next(values_of(text, words), "")


def _reference(value: str) -> str:
    return value.strip().strip(".:;,[]()").upper() or "?"


def _block(reference: str, lines: list[str]) -> StaffText:
    block = staff_text("\n".join(lines))
    refused = block.refused
    if reference and not (block.commands or block.body or refused):
        refused = (sentence('"#on {reference}": nothing follows it; write commands or text below', reference=reference),)
    return StaffText(block.commands, refused, block.body, reference)


def _command_lines(lines: list[str]) -> int:
    """How many of the first lines are commands, including blank lines between them."""
    count = 0
    for index, line in enumerate(lines):
        if LINE.fullmatch(line):
            count = index + 1
        elif line.strip():
            break
    return count


def _read(line: str, suggests: bool) -> Command | Sentence:
    found = LINE.fullmatch(line)
    assert found is not None
    return command_of(found[1], (found[2] or "").strip(), line, suggests=suggests)


def command_of(name: str, value: str, line: str, *, suggests: bool = True) -> Command | Sentence:
    """The command with this name in any language; or a sentence that quotes the line and says what would work.

    The nearest word is looked for only if `suggests` says so: a mail may have thousands of such lines.
    """
    word, line = word_named(name), as_quoted(line)
    if word is None:
        near = nearest_name(name) if suggests else ""
        if near:
            return sentence('"{line}": unknown command. Did you mean #{near}? #help lists all.', line=line, near=near)
        return sentence('"{line}": unknown command. #help lists all.', line=line)
    usage = USAGE[word]
    if usage.value is Value.NEEDED and not value:
        return sentence('"{line}": add a value, for example: {example}', line=line, example=usage.example)
    if usage.value is Value.NONE and value:
        return sentence('"{line}": write "#{word}" on a line of its own and the text below it', line=line, word=word)
    return Command(word, value, line)


def contradictions(commands: tuple[Command, ...]) -> tuple[Sentence, ...]:
    """Why the commands of one block contradict each other; empty if they do not."""
    if len(commands) > MOST_COMMANDS:
        return (
            sentence(
                "{count} commands in one mail: at most {most_commands} are carried out",
                count=len(commands),
                most_commands=MOST_COMMANDS,
            ),
        )
    kinds = [command for command in commands if command.word in KINDS_OF_LETTER]
    if any(command.word is Word.NOTE for command in kinds):
        kinds += [command for command in commands if command.word is Word.ANSWER]
    if len(kinds) > 1:
        lines = " and ".join(f'"{command.line}"' for command in kinds)
        return (sentence("{lines} ask for different things with one text: send them in two mails", lines=lines),)
    single = [command.word for command in commands if command.word not in REPEATABLE]
    twice = next((word for word in single if single.count(word) > 1), None)
    if twice is not None:
        return (sentence('"#{twice}" appears twice', twice=twice),)
    alone = next((command for command in commands if command.word in ALONE), None)
    if alone is not None and len(commands) > 1:
        return (sentence('"{line}" goes alone: send the other commands in another mail', line=alone.line),)
    return ()


def refusals_within(body: Sequence[str]) -> tuple[Sentence, ...]:
    """Refuse commands, and lines that are nearly commands, between sentences. Their author meant them, so the text must not go
    out with them.
    """
    return tuple(
        _refusal_of(line) for line in body if use_of(line) is None and (is_nearly_command(line) or ends_with_command(line))
    )


def ends_with_command(line: str) -> bool:
    """Whether a line of text ends with the mark and the word of a command: "please try again. #resolve"."""
    before, _, last = line.rstrip()[-LONGEST_WORD - 3 :].rpartition(" ")
    return (
        bool(before) and last[:1] == "#" and word_named(last[1:].rstrip(".")) is not None and not before.lstrip().startswith(">")
    )


def _refusal_of(line: str) -> Sentence:
    if LINE.fullmatch(line):
        return sentence('"{line}": put commands at the top or the end of your text, not within it', line=as_quoted(line))
    if not is_nearly_command(line):
        return sentence(
            '"{line}": put {word} on a line of its own, or leave out the "#"', line=as_quoted(line), word=line.split()[-1]
        )
    return sentence('"{line}": a command is "#", its word, and a space or the end of the line', line=as_quoted(line))
