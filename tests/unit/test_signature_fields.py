"""Signature fields are read by the letter, and a header that can be read in two ways has none."""

import pytest

from helpdesk.threading.trust.signature_fields import arc_chain, signature_claims, strict_fields

SOUND = b"From: a@acme.example\r\nSubject: one\r\n two\r\n\r\nhello\r\n"


def test_a_plain_header_is_read() -> None:
    assert strict_fields(SOUND) == (("from", "a@acme.example"), ("subject", "one two"))


BROKEN = [
    ("no blank line", b"From: a@acme.example\r\n"),
    ("a blank line first", b"\r\n" + SOUND),
    ("a fold first", b" x\r\n" + SOUND),
    ("a fold of blanks alone", SOUND.replace(b"\r\n two", b"\r\n \t \r\n two")),
    ("a bare CR", SOUND.replace(b"one", b"o\rne")),
    ("a bare LF", SOUND.replace(b"one", b"o\nne")),
    ("a NUL", SOUND.replace(b"one", b"o\0ne")),
    ("a line that is no field", b"hello\r\n" + SOUND),
    ("an mbox line", b"From a@acme.example\r\n" + SOUND),
    ("a space before the colon", SOUND.replace(b"From:", b"From :")),
    ("a name that is not ASCII", b"Fr\xc3\xb6m: x\r\n" + SOUND),
    ("too many fields", b"X: y\r\n" * 1000 + SOUND),
    ("too long", b"X: " + b"y" * 300_000 + b"\r\n" + SOUND),
]


@pytest.mark.parametrize(("name", "content"), BROKEN, ids=[one[0] for one in BROKEN])
def test_a_header_that_can_be_read_in_two_ways_is_not_read(name: str, content: bytes) -> None:
    assert strict_fields(content) is None


CLAIMS = [
    ("sound", "v=1; a=rsa-sha256; d=ACME.example; s=s1; h=from; b=AA==", "acme.example", ""),
    ("a tag twice", "a=rsa-sha256; d=acme.example; s=s1; d=evil.example", "", "no domain"),
    ("a top-level domain", "a=rsa-sha256; d=example; s=s1", "example", "no domain"),
    ("a NUL in the domain", "a=rsa-sha256; d=acme.example\0.evil.example; s=s1", "", "no domain"),
    ("brackets", "a=rsa-sha256; d=acme.example(.evil.example; s=s1", "", "no domain"),
    ("a selector that is a path", "a=rsa-sha256; d=acme.example; s=../x", "acme.example", "no selector"),
    ("SHA-1", "a=rsa-sha1; d=acme.example; s=s1", "acme.example", "proves nothing"),
    ("too long", "a=rsa-sha256; d=acme.example; s=s1; b=" + "A" * 5000, "acme.example", "too long"),
]


@pytest.mark.parametrize(("name", "value", "domain", "defect"), CLAIMS, ids=[one[0] for one in CLAIMS])
def test_claims(name: str, value: str, domain: str, defect: str) -> None:
    (claim,) = signature_claims((("dkim-signature", value),))
    assert claim.domain == domain
    assert defect in claim.defect
    assert bool(defect) == bool(claim.defect)


def arc(*instances: int) -> tuple[tuple[str, str], ...]:
    fields = []
    for number in instances:
        fields.append(("arc-seal", f"i={number}; a=rsa-sha256; d=lists.example; s=s1; cv=none"))
        fields.append(("arc-message-signature", f"i={number}; a=rsa-sha256; d=lists.example; s=s1; h=from"))
        fields.append(("arc-authentication-results", f"i={number}; mx; dmarc=pass"))
    return tuple(fields)


@pytest.mark.parametrize("instances", [(2,), (1, 3), (1, 1), (0,), (51,), (1, 2, 2), tuple(range(1, 52))])
def test_a_chain_with_a_gap_or_a_double_is_broken(instances: tuple[int, ...]) -> None:
    assert arc_chain(arc(*instances)) is None


def test_a_whole_chain_has_its_sets_in_order() -> None:
    chain = arc_chain(arc(2, 1))
    assert chain is not None
    assert [one.instance for one in chain] == [1, 2]
    assert chain[0].results == "mx; dmarc=pass"
    assert arc_chain(()) == ()
    assert arc_chain(arc(1)[1:]) is None
    assert len(arc_chain(arc(*range(1, 51))) or ()) == 50
