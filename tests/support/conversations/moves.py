"""A conversation as data: who does what, in which client and in which place. The same seed gives the same moves.

A move can be played without the ones before it, so that a conversation that shows a fault can be made shorter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TypeVar

Choice = TypeVar("Choice")


class Deed(StrEnum):
    OPENS = "opens a request"
    OPENS_WITH_QUOTE = "opens a request that quotes a mail which the desk never had"
    FORWARDS = "forwards a mail which the desk never had"
    BY_FORM = "fills in a web form"
    BY_GROUP = "writes to a mailing group that rewrites From"
    BY_STAFF = "writes to a staff member, who forwards it to the desk"
    BY_STAFF_AS_FILE = "writes to a staff member, who forwards it to the desk as an attachment"
    BEGINS_IN_PLATFORM = "opens a request in the platform"
    REPLIES = "replies"
    REPLIES_TO_ALL = "replies to all"
    ASIDE = "writes to the customer alone"
    WRITES_IN_PLATFORM = "writes in the platform"
    HANDS_ON = "forwards a mail to somebody else"
    COMES_AGAIN = "wrote a mail that comes once more"
    ANSWERS = "answers the customer"
    ASKS = "asks the customer"
    RESOLVES = "resolves"
    NOTES = "writes a note"
    TAKES_IN = "takes somebody in"
    CONSULTS = "asks a third person"
    ADVISES = "answers as a third person"


class Place(StrEnum):
    """Where the words stand. `ABOVE` and `BELOW` are what people choose, whatever their client proposes."""

    ABOVE = "above the quote"
    BELOW = "below the quote"
    BETWEEN = "between the lines of the quote"
    EDITED = "in a line of the quote that they changed"
    WITHOUT = "without a quote"


class Shape(StrEnum):
    PARAGRAPHS = "paragraphs"
    LIST = "a list"
    TABLE = "a table"
    PICTURE = "a picture"
    FILE = "a file"
    PASTE = "a pasted mail"
    POSTSCRIPT = "a postscript below the name"
    CITATION = "a line of the quote cited"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with one mail client. `account` is that of a contact; staff and strangers have none."""

    address: str
    name: str
    language: str = "en"
    account: str = ""


@dataclass(frozen=True, slots=True)
class Cast:
    """The people of one request: its customer, a colleague whom they put into Cc, a stranger, and whom staff may consult."""

    customer: Person
    colleague: Person
    stranger: Person
    expert: Person = Person("lea@supplier.example", "Lea Horn")  # whom staff consult, and who knows nothing of the request


@dataclass(frozen=True, slots=True)
class Move:
    """One mail. `number` names it and its marks; whatever is chosen on the way is chosen by it."""

    number: int
    thread: int
    role: str  # customer, colleague, stranger, staff, expert
    deed: Deed
    client: str
    place: Place = Place.ABOVE
    shape: Shape = Shape.PARAGRAPHS
    signature: bool = False
    new_subject: bool = False
    cc: bool = False  # the colleague and the stranger stand in Cc
    older: bool = False  # it answers an older mail than the newest one
    filtered: bool = False  # a mail filter or a list puts its words above or below

    def __str__(self) -> str:
        what = [f"{self.number:>3} request {self.thread}: {self.role} {self.deed} in {self.client}"]
        if self.deed not in OPENING:
            what.append(self.place)
        if self.shape is not Shape.PARAGRAPHS:
            what.append(f"with {self.shape}")
        extras = {
            "a signature": self.signature,
            "a new subject": self.new_subject,
            "people in Cc": self.cc,
            "an older mail answered": self.older,
            "words of a filter": self.filtered,
        }
        return ", ".join([*what, *(name for name, is_there in extras.items() if is_there)])


OPENS_HOW = {
    Deed.OPENS: 10,
    Deed.OPENS_WITH_QUOTE: 3,
    Deed.FORWARDS: 3,
    Deed.BY_FORM: 3,
    Deed.BY_GROUP: 3,
    Deed.BY_STAFF: 2,
    Deed.BY_STAFF_AS_FILE: 2,
    Deed.BEGINS_IN_PLATFORM: 2,
}
OPENING = tuple(OPENS_HOW)
LATER = {
    ("customer", Deed.REPLIES): 30,
    ("customer", Deed.REPLIES_TO_ALL): 6,
    ("customer", Deed.WRITES_IN_PLATFORM): 6,
    ("customer", Deed.HANDS_ON): 3,
    ("customer", Deed.COMES_AGAIN): 3,
    ("colleague", Deed.REPLIES_TO_ALL): 10,
    ("colleague", Deed.ASIDE): 4,
    ("stranger", Deed.REPLIES_TO_ALL): 2,
    ("staff", Deed.ANSWERS): 30,
    ("staff", Deed.ASKS): 6,
    ("staff", Deed.RESOLVES): 3,
    ("staff", Deed.NOTES): 8,
    ("staff", Deed.TAKES_IN): 1,
    ("staff", Deed.CONSULTS): 2,
    ("expert", Deed.ADVISES): 3,
}
PLACES = {Place.ABOVE: 45, Place.BELOW: 18, Place.BETWEEN: 22, Place.EDITED: 5, Place.WITHOUT: 10}
SHAPES = {
    Shape.PARAGRAPHS: 56,
    Shape.LIST: 8,
    Shape.TABLE: 8,
    Shape.PICTURE: 8,
    Shape.FILE: 5,
    Shape.PASTE: 5,
    Shape.POSTSCRIPT: 5,
    Shape.CITATION: 5,
}
# The client of a person is theirs for the whole conversation; these are the ones that most people use.
CLIENTS = (
    "gmail", "gmail_telephone", "outlook", "outlook_2010", "outlook_text", "outlook_web", "outlook_telephone", "outlook_in_signature",
    "outlook_mac", "outlook_marked_by_hand", "apple", "ios", "thunderbird", "thunderbird_top", "thunderbird_text", "yahoo", "gmx", "web_de", "samsung", "proton", "k9",
    "roundcube", "mutt", "evolution", "fairemail", "fastmail", "zoho", "mail_ru", "yandex", "kmail",
)  # fmt: skip
CASTS = (
    Cast(
        Person("anna@acme.example", "Anna Petrova", "en", "acme"),
        Person("paul@acme.example", "Paul Novak", "de", "acme"),
        Person("carl@vendor.example", "Carl Berg"),
    ),
    Cast(
        Person("gina@globex.example", "Gina Rossi", "it", "globex"),
        Person("gilles@globex.example", "Gilles Martin", "fr", "globex"),
        Person("vera@carrier.example", "Vera Lund", "sv"),
    ),
)
MOST_MOVES = 30
OTHER_CLIENT = 0.15  # how often somebody takes another client than their own
NEW_IN_A_QUOTE = 0.05  # how often a new mail comes from a share sheet


def conversation(random: Random, most: int = MOST_MOVES) -> list[Move]:
    """Up to `most` moves about one or two requests."""
    threads = random.choice([1, 1, 2])
    roles = ("customer", "colleague", "stranger", "expert")
    own = {(thread, role): random.choice(CLIENTS) for thread in range(threads) for role in roles}
    staff = random.choice(CLIENTS)
    moves: list[Move] = []
    for number in range(1, random.randint(min(6, most), most) + 1):
        thread = random.randrange(threads)
        is_new = not any(move.thread == thread for move in moves)
        role, deed = ("customer", chosen(random, OPENS_HOW)) if is_new else chosen(random, LATER)
        client = staff if role == "staff" else own[thread, role]
        if random.random() < OTHER_CLIENT:
            client = random.choice(CLIENTS)
        if deed is Deed.OPENS and random.random() < NEW_IN_A_QUOTE:
            client = "apple_shared"
        moves.append(
            Move(
                number,
                thread,
                role,
                deed,
                client,
                chosen(random, PLACES),
                chosen(random, SHAPES),
                signature=random.random() < 0.3,
                new_subject=role != "staff" and not is_new and random.random() < 0.1,
                cc=is_new and random.random() < 0.5,
                older=not is_new and random.random() < 0.1,
                filtered=role != "staff" and random.random() < 0.1,
            )
        )
    return moves


def chosen(random: Random, weights: dict[Choice, int]) -> Choice:
    (choice,) = random.choices(list(weights), list(weights.values()))
    return choice


def as_lines(moves: Sequence[Move]) -> str:
    return "\n".join(map(str, moves))
