"""ARC: a chain counts where a sealer that the configuration trusts has closed it, and holds; else it says nothing."""

import pytest
from support.mails.checked_origins import A, F, checked, mail
from support.mails.signed_mails import seal
from support.servers.dns_server import Zone

from helpdesk.gateway.reader import Reader
from helpdesk.threading.model.origin import Result

LISTED = "lists.example"
FORWARDED = "Authentication-Results: mx.lists.example; dmarc=pass header.from=acme.example; dkim=pass header.d=acme.example\r\n"


def forwarded(zone: Zone, content: bytes = b"", results: str = FORWARDED, sealer: str = LISTED) -> bytes:
    return seal(results.encode() + (content or mail(body="It jams.\r\n-- \r\na list\r\n")), sealer, "mx.lists.example", zone)


def test_a_forwarder_whose_seal_is_trusted_is_believed_about_customers(zone: Zone, reader: Reader) -> None:
    origin, judgement = checked(zone, reader, forwarded(zone), "x@lists.example", trusted_sealers=(LISTED,))
    assert origin.arc is not None
    assert (origin.arc.result, origin.arc.sealer) == (Result.PASS, LISTED)
    assert (judgement.assurance, judgement.authority) == (A, False)


SEALS = [
    ("a sealer nobody trusts", lambda zone: forwarded(zone, sealer="evil.example")),
    ("it found nothing", lambda zone: forwarded(zone, results="Authentication-Results: mx.lists.example; dmarc=fail header.from=acme.example\r\n")),
    ("it found another author", lambda zone: forwarded(zone, results=FORWARDED.replace("acme", "evil"))),
    ("the text was changed", lambda zone: forwarded(zone).replace(b"jams", b"burns")),
    ("the author was changed", lambda zone: forwarded(zone, mail("From: x@evil.example")).replace(b"x@evil.example", b"anna@acme.example")),
    ("the verdict was changed",
     lambda zone: forwarded(zone, results=FORWARDED.replace("dmarc=pass", "dmarc=fail")).replace(b"dmarc=fail", b"dmarc=pass")),
    ("a set is not whole", lambda zone: forwarded(zone).replace(b"ARC-Seal:", b"X-Seal:")),
    ("an instance twice", lambda zone: b"ARC-Seal: i=1; cv=none; d=lists.example\r\n" + forwarded(zone)),
    ("an instance too high", lambda zone: forwarded(zone).replace(b"i=1;", b"i=51;")),
    ("a seal of nobody's", lambda zone: forwarded(zone).replace(b"d=lists.example; s=arc", b"d=lists.example; s=no")),
    ("made up", lambda zone: b"ARC-Seal: i=1; cv=none; a=rsa-sha256; d=lists.example; s=arc; b=AA==\r\nARC-Message-Signature: i=1; "
     b"a=rsa-sha256; d=lists.example; s=arc; h=from; bh=AA==; b=AA==\r\nARC-Authentication-Results: i=1; mx; dmarc=pass "
     b"header.from=acme.example\r\n" + mail()),
]  # fmt: skip


@pytest.mark.parametrize(("name", "made"), SEALS, ids=[case[0] for case in SEALS])
def test_seals_that_prove_nothing(zone: Zone, reader: Reader, name: str, made) -> None:  # type: ignore[no-untyped-def]
    content = made(zone)
    assert content != forwarded(zone)
    _, judgement = checked(zone, reader, content, "x@lists.example", trusted_sealers=(LISTED,))
    assert (judgement.assurance, judgement.authority) == (F, False)


def test_without_trusted_sealers_no_chain_is_looked_at(zone: Zone, reader: Reader) -> None:
    origin, judgement = checked(zone, reader, forwarded(zone), "x@lists.example")
    assert origin.arc is None
    assert judgement.assurance is F
