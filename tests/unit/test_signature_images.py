"""Which attachments may be images of a signature, and whose they are."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.platform import incoming_reply
from helpdesk.threading.matching.signature_images import LARGEST, MOST, mark_recurring, origin_of, small_images
from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.model.mail import Channel
from helpdesk.threading.model.people import Contact


def attached(content_type: str = "image/png", size: int = 900, name: str = "logo.png") -> Attachment:
    return Attachment(name, content_type, size, hashlib.sha256(name.encode()).hexdigest(), None, inline=True)


def heard(*attachments: Attachment, channel: Channel = Channel.MAIL) -> Incoming:
    at = datetime(2026, 11, 23, 9, tzinfo=UTC)
    reply = incoming_reply(
        account="acme",
        contact_address="anna@acme.example",
        thread_key=None,
        text="",
        attachments=attachments,
        at=at,
        support_address="help@support.example",
        language="",
    )
    return replace(reply, channel=channel)


def test_what_is_uploaded_in_the_platform_is_no_signature() -> None:
    assert small_images(heard(attached())) == (attached().sha256,)
    assert small_images(heard(attached(), channel=Channel.PLATFORM)) == ()


@pytest.mark.parametrize(
    ("one", "small"),
    [
        (attached(), True),
        (attached("image/svg+xml"), True),
        (attached(size=LARGEST), True),
        (attached(size=LARGEST + 1), False),
        (attached("application/pdf"), False),
    ],
)
def test_only_small_images_are_remembered_and_marked(one: Attachment, small: bool) -> None:
    assert bool(small_images(heard(one))) == small
    assert mark_recurring((one,), frozenset({one.sha256}))[0].recurring == small
    assert not mark_recurring((one,), frozenset())[0].recurring


def test_of_one_mail_a_bounded_number_is_remembered_each_once() -> None:
    many = tuple(attached(name=f"{number}.png") for number in range(MOST + 9))
    assert small_images(heard(*many, *many)) == tuple(one.sha256 for one in many[:MOST])


@pytest.mark.parametrize(
    ("contact", "origin"),
    [
        (Contact("anna@acme.example", "Anna", "acme", "free"), "acme"),
        (Contact("eve@gmail.example", "Eve", None, "free"), "eve@gmail.example"),
        (Contact("", "", None, "free"), ""),
    ],
)
def test_images_are_the_account_s_or_else_the_author_s(contact: Contact, origin: str) -> None:
    assert origin_of(contact) == origin
