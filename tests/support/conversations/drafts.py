"""The mail of a person in a conversation before it is sent: their client, their signature, what they quote, and where their words stand."""

from dataclasses import dataclass, replace
from html import escape
from random import Random

from support.clients.compose import Answer, Draft
from support.clients.compose import Deed as Writes
from support.clients.cuts import anchors
from support.clients.quoted import Quoted
from support.clients.shapes import CLIENTS, Client, above, below
from support.clients.words import Words
from support.conversations.books import MARK, Meant
from support.conversations.moves import Deed, Move, Person, Place, Shape
from support.conversations.stage import Stage
from support.conversations.wording import NOTE_SENTENCES, STAFF_SENTENCES, Pen

SIGNATURES = {"": "Kind regards\n{name}", "acme": "{name}\nAcme Ltd, Dock Street 4", "globex": "Cordiali saluti\n{name}\nGlobex"}


@dataclass
class Sent:
    """What a move has brought into the world."""

    meant: Meant
    noted: frozenset[str] = frozenset()  # marks that are meant for the notes, beside the others
    context: frozenset[str] = frozenset()  # marks of lines that were answered, changed or cited
    cited: frozenset[str] = frozenset()  # those of a line that stands among the author's own words
    author: str = ""
    text: str = ""  # what staff write again where a command was refused


@dataclass(frozen=True, slots=True)
class Drafted:
    """The draft of a reply, the marks of the lines that it answers, changes or cites, and those of the cited one alone."""

    draft: Draft
    context: frozenset[str] = frozenset()
    cited: frozenset[str] = frozenset()


def draft_of(
    stage: Stage,
    move: Move,
    person: Person,
    words: Words,
    quoted: Quoted | None,
    subject: str = "",
    to: str = "",
    cc: str = "",
) -> Draft:
    signature = SIGNATURES[person.account].format(name=person.name) if move.signature else ""
    shows_quote = move.place is not Place.WITHOUT or move.deed in (Deed.OPENS_WITH_QUOTE, Deed.FORWARDS)
    deed = Writes.FORWARD if move.deed is Deed.FORWARDS else Writes.REPLY
    return Draft(
        mailbox(person), stage.desk.now, words, quoted, deed, (), signature, person.language, subject, to, cc, shows_quote
    )


def draft_with_quote(
    stage: Stage, move: Move, person: Person, pen: Pen, random: Random, quoted: Quoted, **fields: str
) -> Drafted:
    lines = [line for line in anchors(quoted) if MARK.search(line)][:4]
    if move.place is Place.BETWEEN and lines:
        chosen = sorted(random.sample(range(len(lines)), min(len(lines), random.randint(1, 2))))
        answers = tuple(Answer(lines[place], (pen.sentence(),)) for place in chosen)
        draft = replace(
            draft_of(stage, move, person, pen.paragraphs(1) if random.random() < 0.3 else (), quoted, **fields), answers=answers
        )
        return Drafted(draft, frozenset(MARK.findall(" ".join(lines[place] for place in chosen))))
    whole = [line for line in lines if line in quoted.text and escape(line) in quoted.html]
    if move.place is Place.EDITED and whole:
        changed, line = _edit(quoted, random.choice(whole), pen)
        return Drafted(draft_of(stage, move, person, pen.paragraphs(1), changed, **fields), frozenset(MARK.findall(line)))
    if move.shape is Shape.CITATION and lines:
        line = random.choice(lines)
        cited = frozenset(MARK.findall(line))
        return Drafted(draft_of(stage, move, person, pen.cite(line), quoted, **fields), cited, cited)
    return Drafted(draft_of(stage, move, person, pen.words(shape_of(move)), quoted, **fields))


def shape_of(move: Move) -> Shape:
    """What the words have beside paragraphs. A client that writes plain text sets no picture into it."""
    return Shape.LIST if move.shape is Shape.PICTURE and CLIENTS[move.client].parts == "text" else move.shape


def placed_client(move: Move) -> Client:
    client = CLIENTS[move.client]
    return below(client) if move.place is Place.BELOW else above(client) if move.place in (Place.ABOVE, Place.EDITED) else client


def pen_of(move: Move, random: Random, person: Person) -> Pen:
    sentences = NOTE_SENTENCES if move.deed is Deed.NOTES else STAFF_SENTENCES if move.role == "staff" else ()
    return Pen(move.number, random, person.language, sentences, name=person.name)


def _edit(quoted: Quoted, line: str, pen: Pen) -> tuple[Quoted, str]:
    """The quoted mail with one word of a line changed into a mark."""
    words = line.split()
    place = max((index for index, word in enumerate(words) if word.isalpha()), key=lambda index: len(words[index]))
    changed = " ".join([*words[:place], pen.mark(), *words[place + 1 :]])
    html = quoted.html.replace(escape(line), escape(changed), 1)
    return replace(quoted, html=html, text=quoted.text.replace(line, changed, 1)), line


def mailbox(person: Person) -> str:
    return f"{person.name} <{person.address}>"
