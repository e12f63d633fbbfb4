"""A mail that is forwarded as a file is a forward like one in the text."""

import pytest
from support.mails.mails import multipart

from helpdesk.threading.matching.attached_mail import LINES, beginning_of
from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.parsed import Forward, Mailbox

COMMENT = "Content-Type: text/plain\n\nCame to my own address.\n-- \nOmar\n"
LETTER = (
    "Content-Type: message/rfc822\n\nFrom: Lea Kurz <lea@shop.example>\nTo: omar@desk.example\nSubject: Delivery\n"
    "Date: Fri, 27 Nov 2026 10:00:00 +0000\n\nIt has not come.\n"
)


def forward_in(*parts: str) -> Forward | None:
    return read(multipart("mixed", *parts)).message.forward


def test_an_attached_mail_is_a_forward_with_the_words_beside_it_as_comment() -> None:
    forward = forward_in(COMMENT, LETTER)
    assert forward is not None
    assert (forward.author, forward.subject, forward.text) == (
        Mailbox("Lea Kurz", "lea@shop.example"),
        "Delivery",
        "It has not come.",
    )
    assert (forward.to, forward.comment) == ((Mailbox("", "omar@desk.example"),), "Came to my own address.")
    assert (forward.attached, forward.date) == (True, "Fri, 27 Nov 2026 10:00:00 +0000")


@pytest.mark.parametrize(
    ("parts", "author"),
    [
        ((COMMENT, "Content-Type: message/rfc822\n\nSubject: Draft\n\nNobody wrote it.\n", LETTER), "lea@shop.example"),
        ((COMMENT, LETTER, LETTER.replace("lea@", "ruth@")), "lea@shop.example"),
        ((COMMENT, LETTER.replace("It has not come.", "Old.\n").replace("rfc822", "global")), "lea@shop.example"),
        ((COMMENT, LETTER.replace("message/rfc822", "application/octet-stream")), None),
        ((COMMENT, "Content-Type: message/rfc822\n\nno field at all\n"), None),
        ((COMMENT,), None),
    ],
)
def test_the_first_attached_mail_with_an_author_counts(parts: tuple[str, ...], author: str | None) -> None:
    forward = forward_in(*parts)
    assert (forward.author.address if forward and forward.author else None) == author


def test_a_mail_that_is_forwarded_in_the_text_comes_before_one_that_is_attached() -> None:
    text = "See below.\n\n---------- Forwarded message ---------\nFrom: Ruth <ruth@farm.example>\nSubject: Gate\n\nIt is open.\n"
    forward = forward_in(f"Content-Type: text/plain\n\n{text}", LETTER)
    assert forward is not None
    assert forward.author == Mailbox("Ruth", "ruth@farm.example")


def test_readers_see_the_beginning_of_an_attached_mail() -> None:
    long = Forward(
        Mailbox("", "lea@shop.example"), "", "Delivery", (), (), "", "\n".join(str(line) for line in range(99)), attached=True
    )
    shown = beginning_of(long)
    assert shown.startswith("From: lea@shop.example\nSubject: Delivery\n\n0\n1\n")
    assert shown.endswith(f"\n{LINES - 1} […]")
