"""Keys and texts that would cost more than their size: looked at before anything is computed, and few of them."""

import base64
import random
import time
from collections.abc import Iterator, Mapping, Sequence

import dkim
import pytest
from support.mails.checked_origins import NOW, OWN, PEER, F, checked, mail, settings
from support.mails.signed_mails import Stamp, key_of
from support.servers.dns_server import Zone

from helpdesk.gateway.origin import signatures
from helpdesk.gateway.origin.check import MOST_SETS, MOST_SIGNATURES, OriginCheck
from helpdesk.gateway.origin.resolver import Resolver
from helpdesk.gateway.origin.signatures import key_defect, verify_signatures
from helpdesk.gateway.origin.verification import Verification
from helpdesk.gateway.reader import Reader
from helpdesk.threading.model.mail import Envelope, RawMessage
from helpdesk.threading.model.origin import Result
from helpdesk.threading.parsing.read import read
from helpdesk.threading.trust.signature_fields import SignatureClaim, signature_claims, strict_fields


def tagged(tag: int, content: bytes) -> bytes:
    size = len(content)
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([size]) if size < 128 else bytes([128 + len(octets)]) + octets) + content


def record(modulus: int, exponent: int) -> bytes:
    numbers = b"".join(tagged(2, number.to_bytes(number.bit_length() // 8 + 1, "big")) for number in (modulus, exponent))
    key = tagged(0x30, bytes.fromhex("300d06092a864886f70d0101010500") + tagged(3, b"\0" + tagged(0x30, numbers)))
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(key)


def odd(bits: int) -> int:
    return random.Random(bits).getrandbits(bits) | 1 | (1 << (bits - 1))


KEYS = [
    ("in use", odd(2048), 65537, ""),
    ("the largest", odd(8192), 2**32 - 1, ""),
    ("the smallest", odd(1024), 3, ""),
    ("too small", odd(1023), 65537, "too small"),
    ("too large", odd(8193), 65537, "RSA key"),
    ("an even modulus", odd(2048) - 1, 65537, "RSA key"),
    ("a large exponent", odd(2048), 2**32 + 1, "exponent"),
    ("a huge exponent", odd(2048), odd(12000), "exponent"),
    ("an even exponent", odd(2048), 65536, "exponent"),
    ("the exponent one", odd(2048), 1, "exponent"),
    ("no exponent", odd(2048), 0, "exponent"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "modulus", "exponent", "defect"), KEYS, ids=[key[0] for key in KEYS])
def test_which_keys_are_computed_with(name: str, modulus: int, exponent: int, defect: str) -> None:
    said = key_defect(record(modulus, exponent))
    assert (defect in said) if defect else not said


def test_other_records() -> None:
    assert not key_defect(key_of("ed25519").record.encode())
    assert not key_defect(key_of("rsa").record.encode())
    for broken in (b"", b"p=", b"k=rsa; p=%%%", b"v=DKIM1; k=ed25519; p=AAAA", b"h=sha1; p=AA==", b"\xff", b"p=" + b"A" * 4000):
        assert key_defect(broken)


def test_nothing_is_computed_with_a_hostile_key(zone: Zone, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    content = OWN.sign(mail())
    claims = signature_claims(strict_fields(content) or ())
    monkeypatch.setattr(dkim.DKIM, "verify", lambda *_: pytest.fail("the arithmetic was begun"))
    found = verify_signatures(content, claims, {"s1._domainkey.acme.example": record(odd(2048), odd(12000))})
    assert found[0].result is Result.FAIL
    zone.text("s1._domainkey.acme.example", record(odd(2048), odd(12000)).decode())
    assert checked(zone, reader, content, "x@evil.example")[1].assurance is F


class Counting:
    def __init__(self) -> None:
        self.claims: list[SignatureClaim] = []
        self.chains = 0

    def verify(self, content: bytes, claims: Sequence[SignatureClaim], keys: Mapping[str, bytes]) -> tuple[Verification, ...]:
        self.claims += claims
        return tuple(Verification(Result.FAIL, False, "x") for _ in claims)

    def verify_chain(self, content: bytes, keys: Mapping[str, bytes]) -> Verification:
        self.chains += 1
        return Verification(Result.FAIL, False, "x")


def origins_of(zone: Zone, content: bytes) -> Counting:
    verifier = Counting()
    check = OriginCheck(settings(zone, trusted_sealers=("lists.example",)), Resolver((zone.address,)), verifier)
    check.check(RawMessage("smtp", Envelope("x@evil.example", ()), content, NOW, PEER, "x"), read(content).message)
    return verifier


def test_three_signatures_are_tried_those_of_the_author_s_domain(zone: Zone) -> None:
    content = mail()
    for number in range(5):
        content = Stamp("evil.example", f"e{number}", "ed25519").publish(zone).sign(content)
        content = Stamp("acme.example", f"a{number}", "ed25519").publish(zone).sign(content)
    tried = origins_of(zone, content).claims
    assert [claim.domain for claim in tried] == ["acme.example"] * MOST_SIGNATURES
    assert MOST_SIGNATURES == 3


def sets(count: int) -> bytes:
    lines = [
        f"ARC-Seal: i={number}; a=rsa-sha256; cv=pass; d=lists.example; s=arc; b=AAAA\r\n"
        f"ARC-Message-Signature: i={number}; a=rsa-sha256; c=relaxed/relaxed; d=lists.example; s=arc; h=from; bh=AAAA; b=AAAA\r\n"
        f"ARC-Authentication-Results: i={number}; mx.lists.example; dmarc=pass header.from=acme.example\r\n"
        for number in range(count, 0, -1)
    ]
    return "".join(lines).encode()


def test_a_long_chain_is_not_followed(zone: Zone) -> None:
    assert origins_of(zone, sets(MOST_SETS) + mail()).chains == 1
    assert origins_of(zone, sets(MOST_SETS + 1) + mail()).chains == 0


def test_a_hostile_key_of_a_chain_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes | None] = []

    def verify(self: dkim.ARC, key) -> tuple[bytes, list[object], str]:  # type: ignore[no-untyped-def]
        asked.append(key(b"arc._domainkey.lists.example."))
        return dkim.CV_Fail, [], "x"

    monkeypatch.setattr(dkim.ARC, "verify", verify)
    signatures.verify_chain(mail(), {"arc._domainkey.lists.example": record(odd(2048), odd(12000))})
    signatures.verify_chain(mail(), {"arc._domainkey.lists.example": record(odd(2048), 65537)})
    assert asked == [None, record(odd(2048), 65537)]


def test_no_further_signature_is_begun_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    content = OWN.sign(OWN.sign(mail()))
    claims = signature_claims(strict_fields(content) or ())
    clock: Iterator[float] = iter([0.0, 0.0, signatures.CPU_SECONDS])
    monkeypatch.setattr(time, "process_time", lambda: next(clock))
    found = verify_signatures(content, claims, {"s1._domainkey.acme.example": key_of("rsa").record.encode()})
    assert [signature.result for signature in found] == [Result.PASS, Result.PERMERROR]


TEXTS = [b" " * 40, b" \t", b"\r\n", b" a", b" \r\n", b"\r", b"\t" * 9 + b"x"]


@pytest.mark.parametrize("text", TEXTS)
def test_texts_of_blanks_cost_what_their_size_costs(text: bytes) -> None:
    """dkimpy's own canonicalisation takes the square of a run of blanks: 40 seconds for 100 KB. Measured against itself."""
    policy = dkim.canonicalization.CanonicalizationPolicy.from_c_value(b"relaxed/relaxed")

    def seconds(times: int) -> float:
        body = text * (times // len(text)) + b"x"
        begin = time.process_time()
        policy.canonicalize_body(body)
        return time.process_time() - begin

    assert min(seconds(1_600_000) for _ in range(3)) < 40 * max(min(seconds(200_000) for _ in range(3)), 0.002)


def test_the_canonical_forms_are_those_of_the_standard() -> None:
    """RFC 6376 §3.4.3 to §3.4.5, letter by letter, against a slow reading of them."""
    chance = random.Random(1)
    pieces = (b" ", b"\t", b"\r\n", b"a", b"\r", b"\r\n\r\n", b"  b")
    for _ in range(4000):
        body = b"".join(chance.choice(pieces) for _ in range(chance.randint(0, 9))).replace(b"\r\r\n", b"\r\n")
        lines = [b" ".join(line.replace(b"\t", b" ").split(b" ")) for line in body.split(b"\r\n")]
        squeezed = [b" ".join(part for part in line.split(b" ") if part) for line in lines]
        led = [(b" " if line[:1] == b" " and kept else b"") + kept for line, kept in zip(lines, squeezed, strict=True)]
        while led and not led[-1]:
            led.pop()
        expected = b"\r\n".join(led) + b"\r\n" if led else b""
        ends_in_blank = body[-1:] in (b" ", b"\t")  # an unended last line: dkimpy keeps its blank, and so do we
        if not ends_in_blank:
            assert dkim.canonicalization.Relaxed.canonicalize_body(body) == expected, body
