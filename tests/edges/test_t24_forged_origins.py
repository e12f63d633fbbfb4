"""No generated forgery proves its author or has an effect: slices of the campaign `forged_origins`."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.campaigns.forged_origins import EVIL, NOW, check_forgeries, take_through_desk
from support.desk.origin_desk import COLLEAGUE, EVIL_HOST, OMAR, letter, publish
from support.mails.checked_origins import OURS
from support.mails.plain_reader import InProcess
from support.servers.dns_server import Zone, dns_server

from helpdesk.config.section import duration
from helpdesk.config.settings import Authentication
from helpdesk.gateway.origin.check import OriginCheck
from helpdesk.gateway.origin.resolver import Resolver
from helpdesk.gateway.reader import Reader
from helpdesk.threading.model.mail import Envelope, RawMessage
from helpdesk.threading.parsing.read import read
from helpdesk.threading.trust.assurance import judge


@pytest.mark.parametrize("seed", [1, 2])
def test_no_forgery_proves_its_author(seed: int) -> None:
    assert check_forgeries(seed, 150) > 30


def test_no_forgery_has_an_effect(tmp_path: Path, reader: Reader) -> None:
    take_through_desk(3, 60, tmp_path, reader)


def test_the_mail_that_is_tampered_with_was_sound(tmp_path: Path) -> None:
    """If the mail were not sound before, the forgeries would prove nothing about the guards."""
    content = COLLEAGUE.sign(letter(f"From: Omar Haddad <{OMAR}>", "help@support.example.com", "Cleaned.", NOW))
    with dns_server(Zone()) as zone:
        publish(zone)
        authentication = Authentication.model_validate({"nameservers": (zone.address,), "dns_timeout": duration("2s")})
        check = OriginCheck(authentication, Resolver(authentication.nameservers), InProcess())
        raw = RawMessage("smtp", Envelope(EVIL, ()), content, NOW, EVIL_HOST, "x")
        message = read(content).message
        assert judge(replace(raw, origin=check.check(raw, message)), message, authentication, OURS).authority
