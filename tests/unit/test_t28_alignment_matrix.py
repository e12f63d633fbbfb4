"""Every combination of policy, envelope and signature against one sentence: authority needs a signature of the author's own domain."""

from datetime import UTC, datetime
from itertools import product

import pytest
from support.mails.checked_origins import OURS

from helpdesk.config.settings import Authentication
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Envelope, RawMessage
from helpdesk.threading.model.origin import Alignment, Origin, Result, SenderPolicy, Signature
from helpdesk.threading.parsing.read import read
from helpdesk.threading.trust.assurance import judge
from helpdesk.threading.trust.dmarc import alignment, policy_record
from helpdesk.threading.trust.identity import Identity

AUTHOR, DOMAIN = "anna@acme.example", "acme.example"
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FIELD = "DKIM-Signature: v=1; a=rsa-sha256; d={}; s=s1; h=from:to:subject:date:content-type:content-transfer-encoding; bh=AA==; b=AA==\r\n"
CONTENT = "".join(FIELD.format(domain) for domain in (DOMAIN, "evil.example")).encode() + (
    b"From: anna@acme.example\r\nTo: help@support.example.com\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\nSubject: x\r\n\r\nhello\r\n"
)
POLICIES = ("missing", "none", "quarantine", "reject", "away")
ENVELOPES = {
    "pass": SenderPolicy(Result.PASS, DOMAIN, True),
    "pass of a stranger": SenderPolicy(Result.PASS, "evil.example", False),
    "fail": SenderPolicy(Result.FAIL, DOMAIN, True),
    "away": SenderPolicy(Result.TEMPERROR, DOMAIN, True),
    "not asked": None,
}
SIGNATURES = {
    "pass": (Signature(Result.PASS, DOMAIN, "s1", "rsa-sha256", True, True),),
    "pass of a stranger": (Signature(Result.PASS, "evil.example", "s1", "rsa-sha256", False, True),),
    "pass of a part": (Signature(Result.PASS, DOMAIN, "s1", "rsa-sha256", True, False),),
    "fail": (Signature(Result.FAIL, DOMAIN, "s1", "rsa-sha256", True),),
    "away": (Signature(Result.TEMPERROR, DOMAIN, "s1", "rsa-sha256", True),),
}


def judged(policy: str, envelope: str, signature: str) -> Identity:
    spf, signatures = ENVELOPES[envelope], SIGNATURES[signature]
    record = policy_record(DOMAIN, [f"v=DMARC1; p={policy}".encode()]) if policy not in ("missing", "away") else None
    dmarc = alignment(DOMAIN, record, spf, signatures)
    if policy == "away":
        dmarc = Alignment(Result.TEMPERROR, DOMAIN)
    raw = RawMessage("smtp", Envelope("", ()), CONTENT, NOW, "203.0.113.9", origin=Origin(AUTHOR, dmarc, spf, signatures))
    return judge(raw, read(CONTENT).message, Authentication(), OURS)


def expected(policy: str, envelope: str, signature: str) -> tuple[Assurance, bool]:
    if policy == "away":
        return Assurance.UNVERIFIED, False
    if signature in ("pass", "pass of a part") or envelope == "pass":
        return Assurance.AUTHENTICATED, signature == "pass"
    enforced = policy in ("quarantine", "reject") and "away" not in (envelope, signature) and envelope != "not asked"
    return Assurance.FAILED if enforced else Assurance.UNVERIFIED, False


@pytest.mark.parametrize(("policy", "envelope", "signature"), list(product(POLICIES, ENVELOPES, SIGNATURES)))
def test_the_matrix(policy: str, envelope: str, signature: str) -> None:
    found = judged(policy, envelope, signature)
    assert (found.assurance, found.authority) == expected(policy, envelope, signature), found.reason


def test_several_signatures_any_that_covers_everything_counts() -> None:
    part, whole = SIGNATURES["pass of a part"][0], SIGNATURES["pass"][0]

    def authority(*signatures: Signature) -> bool:
        origin = Origin(AUTHOR, Alignment(Result.PASS, DOMAIN), None, signatures)
        raw = RawMessage("smtp", Envelope("", ()), CONTENT, NOW, "203.0.113.9", origin=origin)
        return judge(raw, read(CONTENT).message, Authentication(), OURS).authority

    assert authority(SIGNATURES["fail"][0], part, whole)
    assert not authority(part)
    assert not authority()
