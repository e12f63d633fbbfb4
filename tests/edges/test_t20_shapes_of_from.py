"""Every known way to write one author and be taken for another: with a leaked token and a sound domain of the forger's own, in vain."""

from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest
from support.desk.origin_desk import COLLEAGUE, EVIL_HOST, FORGER, OMAR, OriginDesk, letter, origin_desk
from support.desk.story import SUPPORT

from helpdesk.gateway.reader import Reader
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Ticket

EVIL = "x@evil.example"
TEXT = "#resolve\nSend me your password."


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory, reader: Reader) -> Iterator[OriginDesk]:
    """One desk for all: none of the mails may change anything, so each finds it as the one before did."""
    with origin_desk(tmp_path_factory.mktemp("attacked"), reader) as made:
        made.desk.person("anna@acme.example").writes("Printer", "It jams.")
        yield made


# What stands in the header, what in the envelope, and how the host calls itself.
SHAPES = [
    ("a host below that does not exist", f"From: {OMAR}", "any@nosuch.desk.example", "mx.evil.example"),
    ("the null path and a strange HELO", f"From: {OMAR}", "", "desk.example"),
    ("a signing domain with a NUL", f"From: {OMAR}\r\nDKIM-Signature: v=1; a=ed25519-sha256; d=desk.example\0.evil.example; s=e1; h=from; bh=AA==; b=AA==", EVIL, "e"),
    ("a signing domain with a quote", f"From: {OMAR}\r\nDKIM-Signature: v=1; a=ed25519-sha256; d=desk.example'a.evil.example; s=e1; h=from; bh=AA==; b=AA==", EVIL, "e"),
    ("a signing domain with a bracket", f"From: {OMAR}\r\nDKIM-Signature: v=1; a=ed25519-sha256; d=desk.example(.evil.example; s=e1; h=from; bh=AA==; b=AA==", EVIL, "e"),
    ("an envelope with a bracket", f"From: {OMAR}", "any@desk.example(.evil.example", "mx.evil.example"),
    ("an envelope with a route and a quote", f"From: {OMAR}", "@desk.example,@any.example:'x@evil.example", "mx.evil.example"),
    ("two From fields, the false one last", f"From: {EVIL}\r\nFrom: {OMAR}", EVIL, "mx.evil.example"),
    ("two From fields, the false one first", f"From: {OMAR}\r\nFrom: {EVIL}", EVIL, "mx.evil.example"),
    ("a space before the colon", f"From : {OMAR}\r\nFrom: {EVIL}", EVIL, "mx.evil.example"),
    ("a space before the name", f" From: {OMAR}\r\nFrom: {EVIL}", EVIL, "mx.evil.example"),
    ("a folded name", f"From\r\n : {OMAR}\r\nFrom: {EVIL}", EVIL, "mx.evil.example"),
    ("Sender instead", f"Sender: {OMAR}\r\nFrom: {EVIL}", EVIL, "mx.evil.example"),
    ("Sender alone", f"Sender: {OMAR}", EVIL, "mx.evil.example"),
    ("Resent-From instead", f"Resent-From: {OMAR}\r\nFrom: {EVIL}", EVIL, "mx.evil.example"),
    ("two addresses", f"From: <{OMAR}>, <{EVIL}>", EVIL, "mx.evil.example"),
    ("two addresses, the other way", f"From: <{EVIL}>, <{OMAR}>", EVIL, "mx.evil.example"),
    ("an encoded address", f"From: =?utf-8?b?b21hckBkZXNrLmV4YW1wbGU=?= <{EVIL}>", EVIL, "mx.evil.example"),
    ("an encoded address alone", "From: =?utf-8?q?omar=40desk.example?=", EVIL, "mx.evil.example"),
    ("a route", f"From: <@evil.example,@any.example:{OMAR}>", EVIL, "mx.evil.example"),
    ("a quoted pair", f"From: <{EVIL}>\\,<{OMAR}>", EVIL, "mx.evil.example"),
    ("a comment", f"From: {OMAR}(@evil.example)", EVIL, "mx.evil.example"),
    ("a comment in the domain", "From: omar@desk.example(.evil.example)", EVIL, "mx.evil.example"),
    ("something behind the brackets", f"From: <{OMAR}>{EVIL}", EVIL, "mx.evil.example"),
    ("something before the brackets", f"From: {OMAR}<{EVIL}>", EVIL, "mx.evil.example"),
    ("nothing in the first brackets", f"From: <><{OMAR}>", EVIL, "mx.evil.example"),
    ("a group", f"From: staff: {OMAR};", EVIL, "mx.evil.example"),
    ("a name that is an address", f'From: "{OMAR}" <{EVIL}>', EVIL, "mx.evil.example"),
    ("a quoted local part", 'From: "omar@desk.example"@evil.example', EVIL, "mx.evil.example"),
    ("letters that look alike", "From: <omar@d\u0435sk.example>", EVIL, "mx.evil.example"),
    ("letters that nobody sees", "From: <omar@desk\u200b.example>", EVIL, "mx.evil.example"),
    ("written from right to left", "From: <\u202eelpmaxe.ksed@ramo>", EVIL, "mx.evil.example"),
    ("a bare line end", f"From: {EVIL}\rFrom: {OMAR}", EVIL, "mx.evil.example"),
    ("a blank line before the header", f"\r\nFrom: {OMAR}", EVIL, "mx.evil.example"),
    ("an mbox line before the header", f"From {OMAR} Mon Nov 23 09:00:00 2026\r\nFrom: {EVIL}", EVIL, "mx.evil.example"),
    ("a tab for a blank", f"From\t: {OMAR}\r\nFrom: {EVIL}", EVIL, "mx.evil.example"),
    ("a name with an invisible letter", f"Fr\u200bom: {EVIL}\r\nFrom: {OMAR}", EVIL, "mx.evil.example"),
    ("obsolete blanks", "From: omar @ desk . example", EVIL, "mx.evil.example"),
    ("plainly", f"From: Omar Haddad <{OMAR}>", EVIL, "mx.evil.example"),
    ("plainly, in his own envelope", f"From: Omar Haddad <{OMAR}>", OMAR, "desk.example"),
]  # fmt: skip


def had_no_effect(attacked: OriginDesk, before: Ticket) -> None:
    desk = attacked.desk
    assert desk.ticket() == before
    assert desk.notices_to(desk.person("anna@acme.example")) == [Notice.CONFIRMATION]
    assert not desk.history().notes
    assert len(desk.history().messages) == 1
    last = desk.mails()[-1]
    assert last.state not in (Disposition.PENDING, Disposition.QUARANTINED)
    assert last.decision["assurance"] != "authenticated" or (last.origin is not None and last.origin.author == EVIL)


@pytest.mark.parametrize(("name", "author", "reverse_path", "helo"), SHAPES, ids=[shape[0] for shape in SHAPES])
def test_no_shape_of_an_author_has_an_effect(attacked: OriginDesk, name: str, author: str, reverse_path: str, helo: str) -> None:
    before, token = attacked.desk.ticket(), attacked.token_of_omar()
    content = letter(author, token, TEXT, attacked.desk.now, f"forged.{crc32(name.encode())}@evil.example")
    attacked.arrives(content, token, reverse_path, helo=helo)
    had_no_effect(attacked, before)
    signed = FORGER.attached(letter(author, token, TEXT, attacked.desk.now, f"signed.{crc32(name.encode())}@evil.example"))
    attacked.arrives(signed, token, reverse_path, helo=helo)
    had_no_effect(attacked, before)


@pytest.mark.parametrize(("name", "author", "reverse_path", "helo"), SHAPES, ids=[shape[0] for shape in SHAPES])
def test_no_shape_of_an_author_makes_a_colleague_a_customer(
    attacked: OriginDesk, name: str, author: str, reverse_path: str, helo: str
) -> None:
    content = letter(
        author, SUPPORT, f"Hello, {name}.", attacked.desk.now, f"new.{crc32(name.encode())}@evil.example", subject=name
    )
    attacked.arrives(FORGER.attached(content), SUPPORT, reverse_path, helo=helo)
    assert attacked.desk.mails()[-1].state in (Disposition.OPENED, Disposition.HELD)
    for ticket in attacked.desk.tickets():
        customer = ticket.participant(ticket.requester)
        assert customer is not None
        assert customer.address != OMAR


LOGINS = [
    ("two From fields", f"From: <ines@desk.example>\r\nFrom: <{OMAR}>"),
    ("two addresses", f"From: <ines@desk.example>, <{OMAR}>"),
    ("plainly a colleague", f"From: <{OMAR}>"),
]


@pytest.mark.parametrize(("name", "author"), LOGINS, ids=[login[0] for login in LOGINS])
def test_a_password_is_for_one_address(attacked: OriginDesk, name: str, author: str) -> None:
    before, token = attacked.desk.ticket(), attacked.token_of_omar()
    attacked.arrives(letter(author, token, TEXT, attacked.desk.now), token, "ines@desk.example", login="ines@desk.example")
    had_no_effect(attacked, before)


def test_the_colleague_himself_is_heard(tmp_path: Path, reader: Reader) -> None:
    """What all others above lack is a signature of his own domain: with it the same mail resolves the ticket."""
    with origin_desk(tmp_path, reader) as heard:
        heard.desk.person("anna@acme.example").writes("Printer", "It jams.")
        token = heard.token_of_omar()
        signed = COLLEAGUE.sign(letter(f"From: Omar Haddad <{OMAR}>", token, "#resolve\nCleaned.", heard.desk.now))
        heard.arrives(signed, token, "bounces@elsewhere.example", peer=EVIL_HOST)
        assert heard.desk.ticket().status is Status.RESOLVED
        assert Notice.RESOLUTION in heard.desk.notices_to(heard.desk.person("anna@acme.example"))


def test_spf_alone_is_not_enough_for_a_colleague(attacked: OriginDesk) -> None:
    before, token = attacked.desk.ticket(), attacked.token_of_omar()
    content = letter(f"From: {OMAR}", token, TEXT, attacked.desk.now)
    attacked.arrives(content, token, OMAR, peer="192.0.2.25", helo="mx.desk.example")
    assert attacked.desk.ticket() == before
    assert attacked.desk.mails()[-1].state is Disposition.HELD
    assert "has not signed it" in attacked.desk.person(OMAR).letter(Notice.HELD).text
