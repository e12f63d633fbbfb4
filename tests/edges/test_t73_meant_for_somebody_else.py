"""Any mail that a colleague has signed, to anybody, can be brought to us by anybody. It acts on nothing that it was not written about."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.desk.origin_desk import COLLEAGUE, OMAR, OriginDesk, letter, origin_desk
from support.mails.provider_mails import LISTS

from helpdesk.gateway.reader import Reader
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status

AUTHOR = f"From: Omar Haddad <{OMAR}>"
THIRD = "mallory@evil.example"


@pytest.fixture
def stage(tmp_path: Path, reader: Reader) -> Iterator[OriginDesk]:
    with origin_desk(tmp_path, reader) as made:
        made.desk.person("anna@acme.example").writes("Printer", "It jams.")
        yield made


def sign(content: bytes, provider: str) -> bytes:
    return replace(COLLEAGUE, covered=tuple(name.encode() for name in LISTS[provider].split(":"))).sign(content)


PRIVATE = ("#resolve\nI have cleaned the flap.", "See you at noon.", "> It jams.\n\n#note\nShe is right.")


@pytest.mark.parametrize("provider", ["Gmail", "Microsoft 365"])
def test_his_mail_to_a_third_person_has_no_effect(stage: OriginDesk, provider: str) -> None:
    """Sent on to us with his reply address in the envelope, and in fields that are not signed."""
    token, before = stage.token_of_omar(), stage.desk.ticket()
    for number, text in enumerate(PRIVATE):
        signed = sign(letter(AUTHOR, THIRD, text, stage.desk.now, f"{number}@desk.example", subject="Lunch"), provider)
        stage.arrives(signed, token, THIRD)
        stage.arrives(f"Delivered-To: {token}\r\nX-Original-To: {token}\r\n".encode() + signed, token, THIRD)
        stage.arrives(signed.replace(f"To: <{THIRD}>".encode(), f"To: <{token}>".encode()), token, THIRD)
        stage.arrives(signed.replace(b"MIME-Version", f"Cc: <{token}>\r\nMIME-Version".encode()), token, THIRD)
    assert stage.desk.ticket() == before
    assert {mail.state for mail in stage.desk.mails()[1:]} <= {Disposition.HELD, Disposition.DISCARDED}
    assert not stage.desk.history().notes


def test_what_is_about_one_request_acts_on_no_other(stage: OriginDesk) -> None:
    """Microsoft 365 signs no To. The reference that its subject names is the one that it is about."""
    first, reference = stage.token_of_omar(), stage.desk.ticket().reference
    stage.desk.person("carl@other.example").writes("Scanner", "It hums.")
    second = stage.token_of_omar()
    subject = f"Re: [{reference}] Printer"
    signed = sign(letter(AUTHOR, first, "#resolve\nCleaned.", stage.desk.now, subject=subject), "Microsoft 365")
    stage.arrives(signed.replace(first.encode(), second.encode()), second, THIRD)
    assert [ticket.status for ticket in stage.desk.tickets()] == [Status.IN_REVIEW] * 2
    assert "do not name that request" in stage.desk.person(OMAR).letter(Notice.HELD).text
    stage.arrives(signed, first, OMAR)
    assert sorted(ticket.status for ticket in stage.desk.tickets()) == [Status.IN_REVIEW, Status.RESOLVED]


def test_the_same_signed_words_count_once_whatever_else_a_copy_says(stage: OriginDesk) -> None:
    """Yahoo signs no Message-ID, Microsoft 365 no To: a copy with others is the same mail."""
    token, reference = stage.token_of_omar(), stage.desk.ticket().reference
    text = f"#on {reference}\n#note\nI have looked at flap B."
    signed = sign(letter(AUTHOR, "help@support.example.com", text, stage.desk.now, "first@desk.example"), "Yahoo")
    stage.arrives(signed, "help@support.example.com", OMAR)
    assert len(stage.desk.history().notes) == 1
    for number in range(3):
        copy = signed.replace(b"first@desk.example", f"copy{number}@evil.example".encode())
        stage.arrives(copy, "help@support.example.com", THIRD)
        stage.arrives(copy, token, THIRD)
    assert len(stage.desk.history().notes) == 1
    assert {mail.state for mail in stage.desk.mails()[2:]} == {Disposition.DISCARDED}


def test_two_mails_with_the_same_words_are_two(stage: OriginDesk) -> None:
    reference = stage.desk.ticket().reference
    for number in range(2):
        stage.desk.passes(minutes=1)
        text = f"#on {reference}\n#note\nI have looked at flap B."
        mail = letter(AUTHOR, "help@support.example.com", text, stage.desk.now, f"{number}@desk.example")
        stage.arrives(sign(mail, "Gmail"), "help@support.example.com", OMAR)
    assert len(stage.desk.history().notes) == 2


def test_one_mail_about_two_requests_acts_on_both(stage: OriginDesk) -> None:
    stage.desk.person("anna@acme.example").writes("Scanner", "It hums.")
    text = "\n\n".join(f"#on {ticket.reference}\n#note\nBoth are old." for ticket in stage.desk.tickets())
    mail = letter(AUTHOR, "help@support.example.com", text, stage.desk.now)
    stage.arrives(sign(mail, "Microsoft 365"), "help@support.example.com", OMAR)
    assert [len(stage.desk.history(place).notes) for place in (1, 2)] == [1, 1]


@pytest.mark.parametrize("provider", ["Gmail", "Microsoft 365", "Yahoo", "Proton", "rspamd"])
def test_staff_of_every_provider_work(stage: OriginDesk, provider: str) -> None:
    token, reference = stage.token_of_omar(), stage.desk.ticket().reference
    mail = letter(AUTHOR, token, "#resolve\nI have cleaned the flap.", stage.desk.now, subject=f"Re: [{reference}] Printer")
    stage.arrives(sign(mail, provider), token, OMAR)
    assert stage.desk.ticket().status is Status.RESOLVED
