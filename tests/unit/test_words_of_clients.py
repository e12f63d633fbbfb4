"""Answers to a letter of ours in the shape of every client, as the core reads them where it knows the letter.

Every own word is kept, no word of our letter comes back as the customer's, and a word of the quote that its reader changed stays visible.
"""

from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from html import escape

import pytest
from support.clients.compose import Answer, Draft, written
from support.clients.cuts import anchors, squeezed
from support.clients.quoted import Quoted, received
from support.clients.shapes import CLIENTS, above, below
from support.desk.letter_orders import CONTENTS, LETTERHEAD, NOW, order

from helpdesk.templates.compose import compose
from helpdesk.threading.matching.compared_words import document_of
from helpdesk.threading.matching.said import Document, said_first, said_in_reply
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.parsing.read import read

LINES = (
    "Please open flap B and look for the yellow sticker.",
    "Then pull the grey lever until it clicks, and search the space below the paper tray for torn sheets that may be left there.",
    'Does it still say "tray not found"? Our page https://help.example.com/trays?id=7&lang=en has pictures of it.',
)
OWN = ("There is no sticker behind the flap.", "The lever does not move at all, whatever I do.", "No pictures, thank you.")
SOLICITED = ("Flap B has a red one.", "Eleven sheets were there.")
ANSWERING = [name for name in CLIENTS if name != "apple_shared"]  # which begins new mails alone


def letter() -> Quoted:
    """Our answer as its reader has it."""
    composed = compose(order("customer", Notice.ANSWER, body="\n\n".join(LINES)), LETTERHEAD, CONTENTS, NOW)
    return received(BytesParser(EmailMessage, policy=policy.default).parsebytes(composed.content))


LETTER = letter()


def said(client: str, draft: Draft, place: str = "own") -> str:
    """What the mail says to a ticket that has the letter."""
    shape = {"own": CLIENTS[client], "above": above(CLIENTS[client]), "below": below(CLIENTS[client])}[place]
    message = read(written(shape, draft).as_bytes(policy=policy.SMTP)).message
    known = [Document(document_of(part, 10_000)) for part in (LETTER.text, "\n".join(words_of_page(LETTER.html)))]
    return said_in_reply(message.labelled, known).text


def words_of_page(html: str) -> list[str]:
    return squeezed(html.replace("<", "\n<").replace(">", ">\n")).split("\n")


def draft(quoted: Quoted = LETTER, words: tuple[str, ...] = OWN, answers: tuple[Answer, ...] = ()) -> Draft:
    return Draft("Anna Petrova <anna@acme.example>", datetime(2026, 11, 23, 10, tzinfo=UTC), words, quoted, answers=answers)


def new_words(text: str) -> str:
    """The words without the marked lines that they answer."""
    return squeezed("\n".join(line for line in text.split("\n") if line.lstrip()[:1] != ">"))


def old_lines(text: str) -> list[str]:
    """Lines of our letter that stand in the text as if they were new."""
    new = new_words(text)
    return [
        line for line in (*LINES, "Please type your reply above this line", "Just reply to reach us") if squeezed(line) in new
    ]


@pytest.mark.parametrize("place", ["above", "below"])
@pytest.mark.parametrize("client", ANSWERING)
def test_own_words_are_kept_and_our_letter_is_not(client: str, place: str) -> None:
    text = said(client, draft(), place)
    assert new_words(text) == squeezed(" ".join(OWN)), text


@pytest.mark.parametrize("client", ANSWERING)
def test_answers_between_the_lines_are_kept_in_their_order(client: str) -> None:
    chosen = anchors(LETTER)
    lines = [line for line in chosen if line in (squeezed(LINES[0]), squeezed(LINES[1]))]
    answers = tuple(Answer(line, (words,)) for line, words in zip(lines, SOLICITED, strict=True))
    text = squeezed(said(client, draft(words=(), answers=answers)))
    assert 0 <= text.find(SOLICITED[0]) < text.find(SOLICITED[1]), text
    assert not old_lines(text), text


@pytest.mark.parametrize("client", CLIENTS)
def test_a_new_mail_is_whole(client: str) -> None:
    begun = Draft(
        "Anna Petrova <anna@acme.example>",
        datetime(2026, 11, 23, 10, tzinfo=UTC),
        OWN,
        subject="Flap B",
        to="help@support.example.com",
    )
    message = read(written(CLIENTS[client], begun).as_bytes(policy=policy.SMTP)).message
    first = said_first(message.labelled)
    assert all(words in squeezed(f"{first.text} {first.below}") for words in OWN)


@pytest.mark.parametrize("client", ANSWERING)
def test_a_word_that_was_changed_in_the_quote_stays_visible(client: str) -> None:
    line = squeezed(LINES[0])
    changed = line.replace("yellow", "turquoise")
    html = LETTER.html.replace(escape(line), escape(changed))
    assert html != LETTER.html
    quoted = replace(LETTER, html=html, text=LETTER.text.replace(line, changed))
    text = said(client, draft(quoted, OWN[:1]), "above")
    assert OWN[0] in squeezed(text)
    assert "turquoise" in text
