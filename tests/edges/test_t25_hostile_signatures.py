"""Signature fields made to confuse or to cost: none is believed, and few are looked at."""

import pytest
from support.mails.checked_origins import F, U, checked, mail
from support.servers.dns_server import Zone

from helpdesk.gateway.origin.check import MOST_SIGNATURES
from helpdesk.gateway.reader import Reader

HOSTILE = [
    ("two thousand signatures", b"DKIM-Signature: v=1; a=rsa-sha256; d=acme.example; s=s1; h=from; bh=AA==; b=AA==\r\n" * 900),
    ("an endless one", b"DKIM-Signature: v=1; a=rsa-sha256; d=acme.example; s=s1; h=from; bh=AA==; b=" + b"A" * 80_000 + b"\r\n"),
    ("blanks", b"DKIM-Signature: v=1; a=rsa-sha256; d=acme.example; s=s1; h=from; bh=AA==; b=" + b" \r\n \t" * 700 + b"!\r\n"),
    ("a header of a thousand names", b"DKIM-Signature: v=1; a=rsa-sha256; d=acme.example; s=s1; bh=AA==; b=AA==; h=" + b"from:" * 700 + b"\r\n"),
    ("tags twice", b"DKIM-Signature: d=evil.example; d=acme.example; a=rsa-sha256; s=s1; h=from; bh=AA==; b=AA==\r\n"),
    ("a selector that is a path", b"DKIM-Signature: d=acme.example; s=../../x; a=rsa-sha256; h=from; bh=AA==; b=AA==\r\n"),
    ("a domain in brackets", b"DKIM-Signature: d=acme.example(.evil.example; s=s1; a=rsa-sha256; h=from; bh=AA==; b=AA==\r\n"),
    ("nothing", b"DKIM-Signature:\r\n"),
    ("a length beyond numbers", b"DKIM-Signature: l=" + b"9" * 70 + b"; d=acme.example; s=s1; a=rsa-sha256; h=from; bh=AA==; b=AA==\r\n"),
    ("eight bits", b"DKIM-Signature: d=acme.ex\xe4mple; s=s\xff; a=rsa-sha256; h=from; bh=AA==; b=AA==\r\n"),
    ("a NUL", b"DKIM-Signature: d=acme.example; s=s1\0; a=rsa-sha256; h=from; bh=AA==; b=AA==\r\n"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "above"), HOSTILE, ids=[case[0] for case in HOSTILE])
def test_hostile_signatures_are_nobodys(zone: Zone, reader: Reader, name: str, above: bytes) -> None:
    origin, judgement = checked(zone, reader, above + mail(), "x@evil.example")
    nobody = name == "a NUL"  # the header itself can be read in two ways
    assert (judgement.assurance, judgement.authority) == (U if nobody else F, False)
    assert bool(judgement.address) is not nobody
    assert len(origin.signatures) <= MOST_SIGNATURES + 20
    assert sum(name.startswith("s1._domainkey") for name in zone.asked) <= 1


def test_of_a_large_mail_few_signatures_are_looked_at(zone: Zone, reader: Reader) -> None:
    """The text is hashed for each; here there are as many as fit into the time of one child."""
    claim = b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=acme.example; s=s%d; h=from; bh=AAAA; b=AAAA\r\n"
    above = b"".join(claim % number for number in range(MOST_SIGNATURES))
    large = mail(more="Content-Type: application/octet-stream\r\n", body="x \r\n" * (5 * 1024 * 1024))
    origin, judgement = checked(zone, reader, above + large, "x@evil.example")
    assert sum(signature.aligned for signature in origin.signatures) == 2
    assert judgement.assurance is F
