"""DNS that is away, slow or broken takes authority, never a mail and never much time."""

import pytest
from support.mails.checked_origins import OWN, U, checked, mail
from support.servers.dns_server import Zone

from helpdesk.config.section import duration
from helpdesk.gateway.reader import Reader
from helpdesk.threading.model.origin import Result

BROKEN = ["SILENCE", "SERVFAIL", "REFUSED", "GARBAGE"]


@pytest.mark.parametrize("behaviour", BROKEN)
def test_dns_that_is_away_gives_no_authority_and_keeps_to_its_time(zone: Zone, reader: Reader, behaviour: str) -> None:
    zone.everything = behaviour
    origin, judgement = checked(zone, reader, OWN.sign(mail()), dns_timeout=duration("1s"))
    assert (judgement.assurance, judgement.authority) == (U, False)
    assert origin.dmarc.result is Result.TEMPERROR
    assert origin.unsettled
    assert "DNS did not answer" in judgement.reason


@pytest.mark.parametrize("behaviour", BROKEN)
def test_a_key_that_cannot_be_had_now_proves_nothing_now(zone: Zone, reader: Reader, behaviour: str) -> None:
    zone.behaviour["s1._domainkey.acme.example"] = behaviour
    origin, judgement = checked(zone, reader, OWN.sign(mail()), "x@evil.example", dns_timeout=duration("1s"))
    assert (origin.dmarc.result, judgement.assurance, judgement.authority) == (Result.TEMPERROR, U, False)


def test_a_slow_sender_policy_takes_nothing_from_the_signature(zone: Zone, reader: Reader) -> None:
    zone.behaviour["evil.example"] = "SILENCE"
    origin, judgement = checked(zone, reader, OWN.sign(mail()), "x@evil.example", dns_timeout=duration("1s"))
    assert judgement.authority
    assert origin.spf is not None
    assert origin.spf.result is Result.TEMPERROR


def test_an_answer_too_long_for_a_datagram_is_fetched_whole(zone: Zone, reader: Reader) -> None:
    zone.behaviour["s1._domainkey.acme.example"] = "TRUNCATED"
    assert checked(zone, reader, OWN.sign(mail()), "x@evil.example")[1].authority
