"""Mails of two domains, a DNS of the test's own, and what our check says about them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from support.mails.signed_mails import Stamp
from support.servers.dns_server import Zone, dns_server

from helpdesk.config.our_addresses import OurAddresses
from helpdesk.config.reply_addresses import ReplyAddresses
from helpdesk.config.section import duration
from helpdesk.config.settings import Authentication
from helpdesk.gateway.origin.check import OriginCheck
from helpdesk.gateway.origin.resolver import Resolver
from helpdesk.gateway.reader import Reader
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Envelope, RawMessage
from helpdesk.threading.model.origin import Origin, origin_as_json, origin_from_json
from helpdesk.threading.parsing.read import read
from helpdesk.threading.trust.assurance import judge
from helpdesk.threading.trust.identity import Identity
from helpdesk.threading.trust.origin_words import origin_sentences
from helpdesk.threading.trust.tokens import Token

NOW = datetime.now(UTC).replace(microsecond=0)
PEER = "203.0.113.9"
A, U, F = Assurance.AUTHENTICATED, Assurance.UNVERIFIED, Assurance.FAILED
OWN = Stamp("acme.example")
EVIL = Stamp("evil.example", which=1)


class OwnDesk:
    """What a desk at help@support.example.com knows as its own."""

    ours = OurAddresses(ReplyAddresses("{local}+{token}@{domain}", "support.example.com"), ("help@support.example.com",))

    def first_address(self, address: str) -> str:
        return address

    def tokens_in(self, addresses: Iterable[str]) -> tuple[Token, ...]:
        return ()

    def references_in(self, text: str) -> tuple[str, ...]:
        return tuple(re.findall(r"\bACZ-[0-9A-Z]{6}\b", text))

    def tokens_in_text(self, text: str) -> tuple[Token, ...]:
        return ()


OURS = OwnDesk()


def mail(
    author: str = "From: Anna <anna@acme.example>", more: str = "", body: str = "It jams.\r\n", date: datetime = NOW
) -> bytes:
    return (
        f"{author}\r\nTo: help@support.example.com\r\nSubject: Printer\r\nDate: {format_datetime(date)}\r\n"
        f"Message-ID: <one@acme.example>\r\n{more}\r\n{body}"
    ).encode()


@pytest.fixture
def zone() -> Iterator[Zone]:
    with dns_server() as served:
        served.text("acme.example", f"v=spf1 ip4:{PEER} -all")
        served.text("_dmarc.acme.example", "v=DMARC1; p=reject; adkim=r; aspf=r")
        served.text("mail.acme.example", f"v=spf1 ip4:{PEER} -all")
        served.text("evil.example", f"v=spf1 ip4:{PEER} -all")
        OWN.publish(served)
        EVIL.publish(served)
        yield served


def settings(zone: Zone, **more: object) -> Authentication:
    return Authentication.model_validate({"nameservers": (zone.address,), "dns_timeout": duration("2s"), **more})


def checked(
    zone: Zone, reader: Reader, content: bytes, sender: str = "anna@acme.example", peer: str = PEER, helo: str = "mx.acme.example",
    **more: object,
) -> tuple[Origin, Identity]:  # fmt: skip
    authentication = settings(zone, **more)
    raw = RawMessage("smtp", Envelope(sender, ("help@support.example.com",)), content, NOW, peer, helo)
    message = read(content).message
    check = OriginCheck(authentication, Resolver(authentication.nameservers), reader)
    assert check.wants(raw)
    origin = check.check(raw, message)
    assert origin_from_json(origin_as_json(origin)) == origin
    assert origin_sentences(origin)
    return origin, judge(replace(raw, origin=origin), message, authentication, OURS)
