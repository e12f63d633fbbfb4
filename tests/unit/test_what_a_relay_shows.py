"""A relay's verdict is asked what a signature is asked, as far as the mail shows it; its failures count where the domain asks for it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.mails.provider_mails import NOW, STAMP, behind_a_relay, judged_behind_a_relay, signed, written

from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.trust.identity import Identity

A, U, F = Assurance.AUTHENTICATED, Assurance.UNVERIFIED, Assurance.FAILED
TRACE = "Received: from x by mx.support.example.com; Mon, 23 Nov 2026 09:00:00 +0000\r\n"


def said(results: str) -> Identity:
    above = f"Authentication-Results: mx.support.example.com; {results}\r\n{TRACE}".encode()
    return judged_behind_a_relay(above + written("a script"))


FAILURES = [
    ("nothing is said of policies", "dmarc=fail header.from=desk.example", F),
    ("OpenDMARC: none", "dmarc=fail (p=none dis=none) header.from=desk.example", U),
    ("OpenDMARC: reject", "dmarc=fail (p=reject dis=none) header.from=desk.example", F),
    ("Gmail: none, and quarantine for hosts below", "dmarc=fail (p=NONE sp=QUARANTINE dis=NONE) header.from=desk.example", U),
    ("Gmail: put aside", "dmarc=fail (p=NONE sp=QUARANTINE dis=QUARANTINE) header.from=desk.example", F),
    ("rspamd", 'dmarc=fail reason="No valid SPF" header.from=desk.example (policy=none)', U),
    ("rspamd: quarantine", 'dmarc=fail reason="No valid SPF" header.from=desk.example (policy=quarantine)', F),
    ("a property", "dmarc=fail policy.dmarc=none header.from=desk.example", U),
    ("a property: reject", "dmarc=fail policy.dmarc=reject header.from=desk.example", F),
    ("Fastmail", "dmarc=fail policy.published-domain-policy=none policy.applied-disposition=none header.from=desk.example (p=none,d=none)", U),
    ("Microsoft 365", "dmarc=fail action=none header.from=desk.example", U),
    ("Microsoft 365: overridden", "dmarc=fail action=oreject header.from=desk.example", F),
    ("Microsoft 365: a part", "dmarc=fail action=pct.reject header.from=desk.example", F),
    ("words of its author in a quoted string", 'dmarc=fail reason="p=none dis=none" header.from=desk.example', F),
    ("words about another method", "spf=fail (p=none); dmarc=fail header.from=desk.example", F),
    ("a semicolon in a comment", "dmarc=fail (p=none; dis=none) header.from=desk.example", U),
    ("a longer word", "dmarc=fail (xp=none) header.from=desk.example", F),
]  # fmt: skip


@pytest.mark.parametrize(("name", "results", "assurance"), FAILURES, ids=[failure[0] for failure in FAILURES])
def test_a_failure_counts_where_the_domain_asks_for_it(name: str, results: str, assurance: Assurance) -> None:
    assert said(results).assurance is assurance


def shown(content: bytes, results: str = "") -> Identity:
    handed_over = behind_a_relay(content)
    return judged_behind_a_relay(handed_over.replace(b"dkim=pass", f"{results}dkim=pass".encode(), 1))


SIGNED = signed(written("Gmail"), "Gmail")
FALSE_FIELD = b"DKIM-Signature: v=1; a=rsa-sha256; d=desk.example; s=d2; h=from:to:subject:date:content-type; bh=AA==; b=AA==\r\n"


def test_the_mail_shows_what_its_signature_covers() -> None:
    assert shown(SIGNED).authority
    assert not shown(
        signed(written("Gmail", to="mallory@evil.example", subject="Lunch").replace(b"ACZ-", b""), "Gmail")
    ).authority
    assert not shown(signed(written("Gmail", at=NOW - timedelta(days=8)), "Gmail")).authority
    assert not shown(signed(written("Gmail"), "rspamd", replace(STAMP, length=True))).authority
    above = shown(b"Subject: other\r\n" + signed(written("neomutt"), "Postfix with OpenDKIM"))
    assert (above.assurance, above.authority) == (U, False)


def test_of_several_fields_of_a_domain_each_must_do() -> None:
    """The relay does not say which of them has passed."""
    narrow = signed(written("Gmail"), "Gmail").replace(b"Content-Type: multipart/alternative", b"Content-Type: multipart/mixed")
    assert not shown(narrow).authority
    assert not shown(FALSE_FIELD + narrow).authority
    assert shown(FALSE_FIELD + SIGNED).authority
    assert not shown(narrow.replace(b"\r\nFrom:", b"\r\n" + FALSE_FIELD * 25 + b"From:", 1)).authority
    assert not shown(SIGNED.replace(b"\r\nFrom:", b"\r\n" + FALSE_FIELD * 25 + b"From:", 1)).authority  # which of so many was it?
    assert not shown(FALSE_FIELD.replace(b"d=desk", b"d=evil") + narrow).authority


def test_where_the_words_are_open_only_its_own_host_proves_the_author() -> None:
    narrow = signed(written("Gmail"), "Gmail").replace(b"Content-Type: multipart/alternative", b"Content-Type: multipart/mixed")
    assert shown(narrow).assurance is U
    assert shown(narrow, "spf=pass smtp.mailfrom=omar@desk.example; ").assurance is A
    assert shown(narrow, "spf=pass smtp.mailfrom=x@evil.example; ").assurance is U
    assert not shown(narrow, "spf=pass smtp.mailfrom=omar@desk.example; ").authority


def test_a_relay_that_takes_signatures_off_is_believed_about_mail_to_us() -> None:
    passed = "dkim=pass header.d=desk.example; dmarc=pass header.from=desk.example"
    above = f"Authentication-Results: mx.support.example.com; {passed}\r\n{TRACE}".encode()
    assert judged_behind_a_relay(above + written("a script")).authority
    assert not judged_behind_a_relay(
        above + written("a script", to="mallory@evil.example", subject="x").replace(b"ACZ-", b"")
    ).authority
    assert not judged_behind_a_relay(above + written("a script", at=NOW - timedelta(days=8))).authority
    assert not judged_behind_a_relay(above + b"X-Signature: x\r\nno field\r\n" + written("a script")).address
