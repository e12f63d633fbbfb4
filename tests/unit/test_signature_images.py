"""Which attachments may be images of a signature, and whose they are."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.platform import incoming_reply
from helpdesk.threading.matching.signature_images import MOST, mark_recurring, origin_of, possible_images, signature_images
from helpdesk.threading.model.attachment import Attachment, Use
from helpdesk.threading.model.mail import Channel
from helpdesk.threading.model.people import Contact

PAUL = Contact("paul@acme.example", "Paul", "acme", "free")


def attached(use: Use = Use.SIGNATURE, name: str = "logo.png") -> Attachment:
    digest = hashlib.sha256(name.encode()).hexdigest()
    return Attachment(name, "image/png", 900, digest, None, inline=use is Use.SIGNATURE, use=use)


def heard(*attachments: Attachment, channel: Channel = Channel.MAIL, text: str = "It jams.") -> Incoming:
    at = datetime(2026, 11, 23, 9, tzinfo=UTC)
    reply = incoming_reply(
        account="acme",
        contact_address="anna@acme.example",
        thread_key=None,
        text=text,
        attachments=attachments,
        at=at,
        support_address="help@support.example",
        language="",
    )
    return replace(reply, channel=channel)


def test_what_is_uploaded_in_the_platform_is_no_signature() -> None:
    assert possible_images(heard(attached())) == (attached().sha256,)
    assert possible_images(heard(attached(), channel=Channel.PLATFORM)) == ()


@pytest.mark.parametrize("use", Use)
def test_only_pictures_of_the_signature_are_remembered_and_marked(use: Use) -> None:
    mail = heard(attached(use))
    assert bool(possible_images(mail)) == (use is Use.SIGNATURE)
    assert mark_recurring(mail, frozenset({attached().sha256}))[0].recurring == (use is Use.SIGNATURE)
    assert not mark_recurring(mail, frozenset())[0].recurring


@pytest.mark.parametrize(
    ("text", "others", "marked"),
    [
        ("It jams.", (), True),
        ("", (attached(Use.SENT, "page.png"),), True),
        (" \n", (), False),
        ("", (attached(Use.QUOTED, "old.png"), attached(Use.TECHNICAL, "smime.p7s")), False),
    ],
)
def test_where_a_mail_says_nothing_else_no_image_is_left_out(text: str, others: tuple[Attachment, ...], marked: bool) -> None:
    logo = attached()
    assert mark_recurring(heard(logo, *others, text=text), frozenset({logo.sha256}))[0].recurring is marked


def test_of_one_mail_a_bounded_number_is_remembered_each_once() -> None:
    many = tuple(attached(name=f"{number}.png") for number in range(MOST + 9))
    assert possible_images(heard(*many, *many)) == tuple(picture.sha256 for picture in many[:MOST])


def test_an_image_that_is_known_well_enough_is_not_remembered_again() -> None:
    logo, banner = replace(attached(), recurring=True), attached(name="banner.png")
    assert signature_images(heard(logo, banner), PAUL).hashes == (banner.sha256,)


@pytest.mark.parametrize(
    ("contact", "origin"),
    [
        (PAUL, "acme"),
        (Contact("eve@gmail.example", "Eve", None, "free"), "eve@gmail.example"),
        (Contact("", "", None, "free"), ""),
    ],
)
def test_images_are_the_account_s_or_else_the_author_s(contact: Contact, origin: str) -> None:
    assert origin_of(contact) == origin
