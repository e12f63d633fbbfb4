"""Mails of each client in many languages, made from the material and the shapes, with what should be read in them.

Half of the samples are aside, by a hash of their names: rules of the reader are tuned to the others alone, and both halves are measured.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.utils import parseaddr
from functools import cache
from hashlib import sha256

from support.clients.compose import Answer, Deed, Draft, written
from support.clients.material import MATERIAL, Material
from support.clients.phrases import LANGUAGES
from support.clients.quoted import Quoted, received
from support.clients.shapes import CLIENTS, Client, below
from support.clients.words import Bullets, Handwriting, Words, own_text

from helpdesk.threading.reading.parsed import ParsedMessage

AT = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)
EARLIER = datetime(2026, 11, 20, 16, 5, tzinfo=UTC)
# Other shapes of these are there; a variant is no format of its own.
VARIANTS = {
    "outlook_2010",
    "outlook_in_signature",
    "thunderbird_text",
    "web_de",
    "yahoo_telephone",
    "outlook_mac_2019",
    "outlook_marked_by_hand",
    "apple_shared",
}
FORMATS = tuple(name for name in CLIENTS if name not in VARIANTS)


@dataclass(frozen=True, slots=True)
class Sample:
    """One mail. `reply` is what its author wrote; `signature` and the fields of a forward are "" where there are none."""

    name: str
    content: bytes
    reply: str
    answers: tuple[str, ...] = ()  # between the lines of the quote; then there is no `reply`
    signature: str = ""
    is_hidden: bool = False  # below a quote that nothing marks: only who knows the quoted words can tell
    forwarded_by: str = ""  # address of the author of the mail that is forwarded
    forwarded_subject: str = ""
    forwarded_text: str = ""

    @property
    def is_aside(self) -> bool:
        return sha256(self.name.encode()).digest()[0] % 2 == 1


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How a sample is made: what its author does, in which client."""

    words: Callable[[Material], Words]
    shaped: Callable[[Client], Client] = lambda client: client
    deed: Deed = Deed.REPLY
    answers: bool = False
    signature: bool = False
    nested: bool = False  # the quoted mail quotes another


RECIPES = {
    "reply": _Recipe(lambda said: said.own),
    "signed": _Recipe(lambda said: said.own[:1], signature=True),
    "below": _Recipe(lambda said: said.own, below),
    "between": _Recipe(lambda said: (), answers=True),
    "forward": _Recipe(lambda said: (said.comment,), deed=Deed.FORWARD),
    "bare_forward": _Recipe(lambda said: (), deed=Deed.FORWARD),
    "list": _Recipe(lambda said: (said.own[1], Bullets(said.items)), signature=True),
    "nested": _Recipe(lambda said: (said.answers[0], said.own[1]), nested=True),
}


@cache
def samples() -> list[Sample]:
    """Each format with each recipe, each time in another language."""
    made = []
    for place, name in enumerate(FORMATS):
        for turn, (title, recipe) in enumerate(RECIPES.items()):
            language = LANGUAGES[(place * 3 + turn * 7) % len(LANGUAGES)]
            made.append(_sample(f"{name}-{title}-{language}", CLIENTS[name], recipe, language))
    return made


def _sample(name: str, client: Client, recipe: _Recipe, language: str) -> Sample:
    said = MATERIAL[language]
    quoted = _quoted(said, language, nested=recipe.nested)
    answers = (
        tuple(Answer(line, (words,)) for line, words in zip(said.quoted, said.answers, strict=False)) if recipe.answers else ()
    )
    words = recipe.words(said)
    draft = Draft(
        author=said.author,
        at=AT,
        words=words,
        quoted=quoted,
        deed=recipe.deed,
        answers=answers,
        signature=said.signature if recipe.signature else "",
        language=language,
        to=said.other if recipe.deed is Deed.REPLY else "help@support.example.com",
    )
    is_forward = recipe.deed is Deed.FORWARD
    return Sample(
        name,
        written(recipe.shaped(client), draft).as_bytes(policy=policy.SMTP),
        own_text(words, Handwriting()),
        said.answers if recipe.answers else (),
        draft.signature,
        recipe.shaped is below and client.split is None and client.text.mark == "",
        parseaddr(said.other)[1] if is_forward else "",
        said.subject if is_forward else "",
        "\n".join(said.quoted) if is_forward else "",
    )


def _quoted(said: Material, language: str, *, nested: bool) -> Quoted:
    """The mail of the other person, written with Gmail or, where it quotes a mail itself, with Apple Mail."""
    begun = Draft(said.other, EARLIER, said.quoted, language=language, subject=said.subject, to=said.author)
    if not nested:
        return received(written(CLIENTS["gmail"], begun))
    asked = Draft(said.author, EARLIER, (said.comment,), language=language, subject=said.subject, to=said.other)
    first = received(written(CLIENTS["thunderbird"], asked))
    return received(written(CLIENTS["apple"], Draft(said.other, EARLIER, said.quoted, first, language=language, to=said.author)))


@dataclass(slots=True)
class Score:
    """How many of the samples are read as they should be, by what is looked at."""

    replies: int = 0
    replies_right: int = 0
    answers: int = 0
    answers_right: int = 0
    hidden: int = 0
    hidden_right: int = 0
    signatures: int = 0
    signatures_right: int = 0
    forwards: int = 0
    forwards_right: int = 0

    def __str__(self) -> str:
        return (
            f"replies {self.replies_right}/{self.replies}, answers between lines {self.answers_right}/{self.answers}, "
            f"words below a quote without marks {self.hidden_right}/{self.hidden}, "
            f"signatures {self.signatures_right}/{self.signatures}, forwards {self.forwards_right}/{self.forwards}"
        )


def squeezed(text: str) -> str:
    return " ".join(text.split())


def plainly(text: str) -> str:
    """The words, whatever sign stands before the items of a list."""
    return squeezed("\n".join(line.lstrip("-*• \t") for line in text.split("\n")))


def count(score: Score, sample: Sample, message: ParsedMessage) -> list[str]:
    """Add a sample to the score; what is wrong with it."""
    if sample.forwarded_by:
        score.forwards += 1
        is_right = _forward_is_right(sample, message)
        score.forwards_right += is_right
        return [] if is_right else ["forward"]
    if sample.answers:
        score.answers += 1
        is_right = all(squeezed(answer) in squeezed(message.reply_text) for answer in sample.answers)
        score.answers_right += is_right
        return [] if is_right else ["answers"]
    said, own = plainly(message.reply_text), plainly(sample.reply)
    is_right = said in (own, plainly(f"{sample.reply}\n{sample.signature}"))
    if sample.is_hidden:
        score.hidden += 1
        score.hidden_right += is_right
        return [] if is_right else ["hidden"]
    score.replies += 1
    score.replies_right += is_right
    wrong = [] if is_right else ["reply"]
    if sample.signature:
        score.signatures += 1
        is_right = said == own and squeezed(sample.signature) in squeezed(message.signature)
        score.signatures_right += is_right
        wrong += [] if is_right else ["signature"]
    return wrong


def _forward_is_right(sample: Sample, message: ParsedMessage) -> bool:
    forward = message.forward
    return (
        forward is not None
        and forward.author is not None
        and forward.author.address == sample.forwarded_by
        and forward.subject == sample.forwarded_subject
        and squeezed(forward.text) == squeezed(sample.forwarded_text)
        and squeezed(forward.comment) == squeezed(sample.reply)
    )
