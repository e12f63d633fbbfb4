"""What was written for whom, and what the desk made of it. The rules are those of the specification alone:

every mark reaches each person it was meant for, none reaches anybody else, and none is shown twice in one letter as new words.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum
from html import unescape

MARK = re.compile(r"(?<![a-z\d])mk\d+x(?![a-z\d])")  # no part of an address with a token
STAFF = "@desk.example"
UNSEEN = re.compile(
    r"<style.*?</style>|<div[^>]*max-height:0;[^>]*>.*?</div>", re.DOTALL
)  # styles, and what lists of mails show of a letter


class Wrong(StrEnum):
    LOST = "lost"
    LEAKED = "leaked"
    DOUBLED = "doubled"
    MACHINE = "answered a machine"
    APART = "became a request of its own"


@dataclass(frozen=True, slots=True)
class Fault:
    """One promise that was broken by one move."""

    wrong: Wrong
    move: int
    what: str

    def __str__(self) -> str:
        return f"mail {self.move}: {self.wrong}: {self.what}"


@dataclass(frozen=True, slots=True)
class Meant:
    """For whom the marks of one mail are meant. `readers` must get a letter with them. The books name the people who may get them besides."""

    marks: frozenset[str]
    staff: bool = False
    readers: frozenset[str] = frozenset()
    account: str = ""  # in whose inbox a row has them
    direction: str = "customer"
    noted: bool = False  # as an internal note
    kept: bool = False  # as a message; who forwarded it needs no letter about it


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter of the desk with the marks that its parts show."""

    to: str
    notice: str
    text: str
    html: str
    rest: str  # subject, and names and marks of files

    @property
    def marks(self) -> set[str]:
        return {*MARK.findall(self.text), *MARK.findall(self.html), *MARK.findall(self.rest)}


def marks_in_file(content: object) -> str:
    return " ".join(MARK.findall(content.decode("latin-1"))) if isinstance(content, bytes) else ""


def is_file_in(mark: str, letter: Letter) -> bool:
    """Whether the mark is the name of a file, which letters also list."""
    return any(f"{mark}.{kind}" in letter.text for kind in ("png", "pdf"))


def as_letter(message: EmailMessage, to: str, notice: str) -> Letter:
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    html = str(rich.get_content()) if rich is not None else ""
    names = [str(part.get_filename() or "") for part in message.walk()]
    inside = [
        marks_in_file(part.get_payload(decode=True))
        for part in message.walk()
        if part.get_content_maintype() not in ("text", "multipart", "message")
    ]
    visible = unescape(re.sub(r"<[^>]*>", " ", UNSEEN.sub("", html)))
    return Letter(
        to,
        notice,
        str(plain.get_content()) if plain is not None else "",
        visible,
        " ".join([str(message["Subject"]), *names, *inside]),
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the desk made of one mail: new letters, new rows and their HTML by account and direction, new messages, all notes.

    `messages` are those that continue a request, `first` those that open one and are shown whole.
    """

    letters: list[Letter]
    rows: dict[tuple[str, str], str]
    markup: dict[tuple[str, str], str]
    messages: list[str]
    first: list[str]
    notes: str


@dataclass
class Books:
    """What each person may read, and every fault so far."""

    readable: dict[str, set[str]] = field(default_factory=dict)
    letters: int = 0
    mails: int = 0
    held: int = 0
    refused: int = 0
    faults: list[Fault] = field(default_factory=list)

    def may_read(self, people: Iterable[str], marks: Iterable[str]) -> None:
        shown = set(marks)
        for address in people:
            self.readable.setdefault(address, set()).update(shown)

    def check_arrival(self, move: int, meant: Meant, outcome: Outcome) -> None:
        """Whether every mark reached whom it was meant for."""
        if meant.staff:
            self._lost(
                move, meant.marks, [letter for letter in outcome.letters if letter.to.endswith(STAFF)], "any letter to staff"
            )
        for reader in sorted(meant.readers):
            self._lost(move, meant.marks, [letter for letter in outcome.letters if letter.to == reader], f"a letter to {reader}")
        if meant.account:
            text = outcome.rows.get((meant.account, meant.direction), "")
            self._missing(move, meant.marks - set(MARK.findall(text)), f"the inbox of {meant.account}")
            html = outcome.markup.get((meant.account, meant.direction), "")
            only_in_text = (meant.marks & set(MARK.findall(text))) - set(MARK.findall(html))
            self._missing(move, only_in_text, f"the HTML in the inbox of {meant.account}")
        if meant.kept:
            self._missing(move, meant.marks - set(MARK.findall(" ".join([*outcome.messages, *outcome.first]))), "the messages")
        if meant.noted:
            self._missing(move, meant.marks - set(MARK.findall(outcome.notes)), "the notes")

    def _lost(self, move: int, marks: frozenset[str], letters: list[Letter], where: str) -> None:
        text = {mark for letter in letters for mark in MARK.findall(f"{letter.text} {letter.rest}")}
        html = {mark for letter in letters for mark in MARK.findall(f"{letter.html} {letter.rest}")}
        self._missing(move, marks - text, f"the text of {where}")
        self._missing(move, (marks & text) - html, f"the HTML of {where}")

    def _missing(self, move: int, marks: Iterable[str], where: str) -> None:
        if lost := sorted(marks):
            self.faults.append(Fault(Wrong.LOST, move, f"{' '.join(lost)} not in {where}"))

    def check_secrecy(self, move: int, outcome: Outcome, people: dict[str, set[str]]) -> None:
        """Whether nobody reads what was not meant for them. `people` are the readers of each account's inbox."""
        for letter in outcome.letters:
            if letter.to.endswith(STAFF):
                continue
            if strange := sorted(letter.marks - self.readable.get(letter.to, set())):
                self.faults.append(Fault(Wrong.LEAKED, move, f"{' '.join(strange)} in the letter {letter.notice} to {letter.to}"))
        for (account, direction), text in outcome.rows.items():
            allowed = {mark for reader in people.get(account, {account}) for mark in self.readable.get(reader, ())}
            markup = outcome.markup.get((account, direction), "")
            if strange := sorted({*MARK.findall(text), *MARK.findall(markup)} - allowed):
                self.faults.append(Fault(Wrong.LEAKED, move, f"{' '.join(strange)} in the inbox of {account or 'nobody'}"))

    def check_once(self, move: int, meant: Meant, outcome: Outcome, context: frozenset[str]) -> None:
        """Whether new words are shown once, and old ones not as new. `context` are marks of lines that were answered."""
        for text in outcome.messages:
            said = "\n".join(line for line in text.split("\n") if line.lstrip()[:1] != ">")
            if old := sorted(set(MARK.findall(said)) - meant.marks - context):
                self.faults.append(Fault(Wrong.DOUBLED, move, f"{' '.join(old)} again, as new words of this mail"))
        for letter in outcome.letters:
            if letter.notice == "held":  # it names the words for which it asks
                continue
            for part, shown in (("text", letter.text), ("HTML", letter.html)):
                counts = Counter(MARK.findall(shown))
                if often := sorted(mark for mark in meant.marks if counts[mark] > 1 and not is_file_in(mark, letter)):
                    what = f"{' '.join(often)} twice in the {part} of the letter {letter.notice} to {letter.to}"
                    self.faults.append(Fault(Wrong.DOUBLED, move, what))

    def apart(self, move: int, who: str) -> None:
        """Note the fault that a mail opened a request although its author takes part, or answered to all as a colleague."""
        self.faults.append(Fault(Wrong.APART, move, f"the mail of {who}"))

    def machine(self, move: int, letter: Letter) -> None:
        self.faults.append(Fault(Wrong.MACHINE, move, f"the letter {letter.notice} went to {letter.to}"))
