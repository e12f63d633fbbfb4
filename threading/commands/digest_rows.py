"""Read an answer to a digest: `1 take`, `3 resolve fixed`, `5 note …`, each on a line of its own or separated by " / ".

A line has the number of a row, a command word (in any language, with or without `#`), and its value. Several lines about one row
belong together. A line without a number is text for the row above, if that row says what the text is for. The answer is accepted
as a whole or refused as a whole. A line that begins with a number but is no such line is refused, because it must not go to a
customer as text.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from helpdesk.threading.commands.grammar import (
    HANDS_OVER,
    KINDS_OF_LETTER,
    LINE,
    TOO_LONG,
    Command,
    StaffText,
    as_quoted,
    command_of,
    contradictions,
    first_of,
    is_nearly_command,
    is_too_long,
    lines_of,
    use_of,
)
from helpdesk.threading.commands.words import Word
from helpdesk.threading.model.sentence import Sentence, sentence

# Signs that people put before a number. Quote marks are not among them, because quoted lines are no commands.
NUMBERED = re.compile(r"(?:[^\w>|]|_){0,20}\d")
ROW = re.compile(r"\s*#?(\d{1,3})[.):]?\s+[#!]?([^\W\d_][\w-]{0,30})(?:[\s:]+(.*))?")
PARTED = re.compile(r"(?<!\s)\s+/\s+(?=#?\d)")  # the lookbehind starts one match for each run of blanks
NOT_HERE = {
    Word.AT: sentence("answer a letter about the request with it"),
    Word.ON: sentence("the number names the request already"),
    Word.NEW: sentence("a new request needs a new mail to a support address"),
    Word.UNDO: sentence("answer the receipt of what is to be taken back, or a letter about the request"),
    Word.SEND: sentence("no mail of yours is held here"),
    Word.INBOX: sentence("no mail of yours is held here"),
    Word.DISCARD: sentence("no mail of yours is held here"),
    Word.HELP: sentence("write it in answer to a letter about a request"),
}
TAKES_TEXT = KINDS_OF_LETTER | HANDS_OVER | {Word.ANSWER}  # commands of a row that say for whom its text is
WOULD_WORK = sentence('"1 take", "3 resolve fixed" or "5 note …" would work')


@dataclass(frozen=True, slots=True)
class RowsText:
    """The commands and text for each row, in the order of the mail. If `refused` has lines, nothing may be carried out."""

    rows: tuple[tuple[int, StaffText], ...]
    refused: tuple[Sentence, ...]


@dataclass(slots=True)
class _Row:
    """One row while its lines are read."""

    commands: list[Command] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    refused: list[Sentence] = field(default_factory=list)


def rows_text(text: str, numbers: Collection[int]) -> RowsText:
    """Read the rows that an answer names. `numbers` are the rows of the digest. Accepts any text, and is linear in its length."""
    if is_too_long(text):
        return RowsText((), (TOO_LONG,))
    rows: dict[int, _Row] = {}
    refused: list[Sentence] = []
    above: int | None = None
    for line in _lines(text):
        found = ROW.fullmatch(line)
        if found is not None and int(found[1]) in numbers:
            above = int(found[1])
            _add(rows.setdefault(above, _Row()), found, line.strip())
        elif found is not None or NUMBERED.match(line):
            refused.append(_no_row(as_quoted(line), found, numbers))
        elif _is_command(line) or (above is None and line.strip()):
            refused.append(
                sentence(
                    '"{line}": begin the line with the number of a row; {would_work}', line=as_quoted(line), would_work=WOULD_WORK
                )
            )
        elif above is not None:
            rows[above].body.append(line)
    taken = {number: _text_of(number, row) for number, row in rows.items()}
    refused += [line for task in taken.values() for line in task.refused]
    if not rows and not refused:
        refused.append(sentence("It names no row: {would_work}.", would_work=WOULD_WORK))
    return RowsText(tuple(taken.items()), first_of(refused))


def _lines(text: str) -> list[str]:
    """The lines of a text, with a line of several numbered commands split into one line for each."""
    return [part for line in lines_of(text) for part in (PARTED.split(line) if NUMBERED.match(line) else (line,))]


def _add(row: _Row, found: re.Match[str], line: str) -> None:
    read = command_of(found[2], (found[3] or "").strip(), line)
    if isinstance(read, str):
        row.refused.append(read)
    elif read.word in NOT_HERE:
        row.refused.append(sentence('"{line}": {lack}', line=as_quoted(line), lack=NOT_HERE[read.word]))
    else:
        row.commands.append(read)
        row.body += [f"#{Word.USE} {read.value}"] if read.word is Word.USE else []


def _text_of(number: int, row: _Row) -> StaffText:
    commands = tuple(row.commands)
    refused = [*row.refused, *contradictions(commands)]
    body = "\n".join(row.body).strip()
    speaks = any(line.strip() and use_of(line) is None for line in row.body)
    if speaks and not refused and TAKES_TEXT.isdisjoint(command.word for command in commands):
        refused.append(
            sentence(
                '"{line}": row {number} does not say what this text is for; "{number} note" would work',
                line=as_quoted(body.splitlines()[0]),
                number=number,
            )
        )
    return StaffText(commands, tuple(refused), body)


def _no_row(line: str, found: re.Match[str] | None, numbers: Collection[int]) -> Sentence:
    if found is None:
        return sentence(
            '"{line}": a line that begins with a number names a row and a command; {would_work}', line=line, would_work=WOULD_WORK
        )
    return sentence('"{line}": the list has {span}', line=line, span=_span(numbers))


def _span(numbers: Collection[int]) -> Sentence:
    if not numbers:
        return sentence("no rows")
    return sentence("row 1 alone") if len(numbers) == 1 else sentence("rows {min} to {max}", min=min(numbers), max=max(numbers))


def _is_command(line: str) -> bool:
    return bool(is_nearly_command(line) or LINE.fullmatch(line))
