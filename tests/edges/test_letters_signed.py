"""Our letters are signed once, when they are composed; what is signed cannot be changed, and nothing can be put beside it."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_private_key
from sqlalchemy import select
from support.desk.story import StoryDesk, configured, direct_desk
from support.mails.signed_mails import key_of
from support.servers.dns_server import Zone, dns_server

from helpdesk.config.load import load
from helpdesk.config.settings import Dkim
from helpdesk.gateway.origin.keys import LONGEST_STRING, new_rsa_key, zone_line
from helpdesk.gateway.origin.own_domain import own_domain
from helpdesk.gateway.origin.resolver import Resolver
from helpdesk.gateway.origin.signatures import verify_signatures
from helpdesk.gateway.origin.signing import OVERSIGNED, Signer, UnusableKey
from helpdesk.gateway.reader import Reader
from helpdesk.gateway.work.desk import desk_of
from helpdesk.store.outbox import content_of_letter
from helpdesk.store.schema import outbox
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.origin import Result
from helpdesk.threading.trust.signature_fields import signature_claims, strict_fields

DOMAIN = "support.example.com"
KEYS = {f"{name}._domainkey.{DOMAIN}": key_of(kind).record.encode() for name, kind in (("r1", "rsa"), ("e1", "ed25519"))}


def with_keys(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, kind in (("r1", "rsa"), ("e1", "ed25519")):
        (folder / f"{name}.key").touch(mode=0o600)
        (folder / f"{name}.key").write_text(key_of(kind).private)
    return configured(
        folder, more='[[dkim]]\nselector = "r1"\nkey_file = "r1.key"\n[[dkim]]\nselector = "e1"\nkey_file = "e1.key"\n'
    )


@pytest.fixture
def signing(tmp_path: Path, reader: Reader) -> Iterator[StoryDesk]:
    with direct_desk(with_keys(tmp_path), reader) as made:
        yield made


def sent_by(desk: StoryDesk) -> list[bytes]:
    """What lies in the Maildir, as it lies there."""
    folder = Path(desk.node.configuration.settings.relay.url.removeprefix("maildir:"))
    return [file.read_bytes() for file in sorted(folder.glob("*/*"))]


def results(content: bytes) -> list[Result]:
    fields = strict_fields(content)
    assert fields is not None
    return [signature.result for signature in verify_signatures(content, signature_claims(fields), KEYS)]


def test_every_letter_carries_both_signatures_and_goes_out_as_it_was_queued(signing: StoryDesk) -> None:
    anna, omar = signing.person("anna@acme.example"), signing.person("omar@desk.example")
    anna.writes("Drucker für Zoë", "Er klemmt. " * 50)
    omar.replies(Notice.NEW_TICKET, "#resolve\nCleaned, naïvely.", files={"how.pdf": b"%PDF-1 how"})
    letters = sent_by(signing)
    assert len(letters) >= 4
    assert [results(letter) for letter in letters] == [[Result.PASS, Result.PASS]] * len(letters)
    with signing.database.reading() as connection:
        queued = [
            content_of_letter(connection, letter_id) or b"" for letter_id in connection.execute(select(outbox.c.id)).scalars()
        ]
    assert sorted(letters) == sorted(queued)


@dataclass(frozen=True)
class Field:
    name: str
    raw: str


def fields_of(head: str) -> list[Field]:
    return [Field(line.partition(":")[0], line) for line in re.split(r"\r\n(?![ \t])", head)]


def relaxed(field: Field) -> str:
    """RFC 6376 §3.4.2, written anew."""
    value = re.sub(r"[ \t]+", " ", field.raw.partition(":")[2].replace("\r\n", "")).strip()
    return f"{field.name.lower()}:{value}"


def holds(letter: bytes, index: int, public: RSAPublicKey | Ed25519PublicKey) -> bool:
    """Whether a signature holds, by another implementation: `cryptography`, and forty lines of RFC 6376 above it."""
    head, _, body = letter.decode("latin-1").partition("\r\n\r\n")
    fields = fields_of(head)
    signature = [field for field in fields if field.name == "DKIM-Signature"][index]
    tags = {
        key.strip(): "".join(value.split()) for key, _, value in (tag.partition("=") for tag in signature.raw[15:].split(";"))
    }
    lines = [re.sub(r"[ \t]+", " ", line).rstrip(" ") for line in body.split("\r\n")]
    canonical = (re.sub(r"(\r\n)+\Z", "", "\r\n".join(lines)) + "\r\n").encode("latin-1")
    if base64.b64decode(tags["bh"]) != hashlib.sha256(canonical).digest():
        return False
    left = list(reversed([field for field in fields if field is not signature]))
    said = ""
    for name in tags["h"].split(":"):
        found = next((field for field in left if field.name.lower() == name), None)
        if found is not None:
            left.remove(found)
            said += relaxed(found) + "\r\n"
    said += re.sub(r"b=[^;]*\Z", "b=", relaxed(signature))
    given = base64.b64decode(tags["b"])
    try:
        if isinstance(public, RSAPublicKey):
            public.verify(given, said.encode("latin-1"), PKCS1v15(), SHA256())
        else:
            public.verify(given, hashlib.sha256(said.encode("latin-1")).digest())
    except InvalidSignature:
        return False
    return True


def public_key(kind: str) -> RSAPublicKey | Ed25519PublicKey:
    octets = base64.b64decode(key_of(kind).record.rpartition("p=")[2])
    if kind == "ed25519":
        return Ed25519PublicKey.from_public_bytes(octets)
    loaded = load_der_public_key(octets)
    assert isinstance(loaded, RSAPublicKey)
    return loaded


def test_another_implementation_agrees(signing: StoryDesk) -> None:
    signing.person("anna@acme.example").writes("Drucker für Zoë", "Er klemmt.\n\n\n")
    for content in sent_by(signing):
        assert holds(content, 0, public_key("rsa"))
        assert holds(content, 1, public_key("ed25519"))
        changed = content.replace(b"MIME-Version: 1.0", b"MIME-Version: 1.1")
        assert not holds(changed, 0, public_key("rsa"))
        assert not holds(content + b"more\r\n", 1, public_key("ed25519"))


@pytest.mark.parametrize("name", [name.decode() for name in OVERSIGNED])
def test_nothing_can_be_put_beside_what_is_signed(signing: StoryDesk, name: str) -> None:
    signing.person("anna@acme.example").writes("Printer", "It jams.")
    (letter,) = [content for content in sent_by(signing) if b'To: "Anna"' in content]
    assert results(f"{name}: x@evil.example\r\n".encode() + letter) == [Result.FAIL, Result.FAIL]
    assert results(b"X-Trace: 1\r\n" + letter) == [Result.PASS, Result.PASS]


def test_without_a_key_letters_are_as_they_were(desk: StoryDesk) -> None:
    desk.person("anna@acme.example").writes("Printer", "It jams.")
    assert all(b"DKIM-Signature" not in content for content in sent_by(desk))


@pytest.mark.parametrize(
    "text", ["", "hello", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", "QUJD\n"]
)
def test_a_file_without_a_key_is_named(tmp_path: Path, text: str) -> None:
    config = with_keys(tmp_path)
    (tmp_path / "e1.key").write_text(text)
    with pytest.raises(UnusableKey, match=r"e1\.key holds no key"):
        desk_of(load(config, {}), "test")


def test_a_key_of_openssl_s_newer_form_is_taken(tmp_path: Path) -> None:
    """PKCS #8, and line ends of another system."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    private = load_pem_private_key(key_of("rsa").private.encode(), None)
    text = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "r1.key").write_bytes(text.replace(b"\n", b"\r\n"))
    signer = Signer([Dkim(selector="r1", key_file=str(tmp_path / "r1.key"), domain=DOMAIN)])
    letter = signer.sign(b"From: help@support.example.com\r\nSubject: x\r\n\r\nhello\r\n")
    assert results(letter) == [Result.PASS]


def test_new_keys_are_sound() -> None:
    private = load_pem_private_key(key_of("rsa").private.encode(), None)  # checks how its numbers belong together
    assert isinstance(private, RSAPrivateKey)
    assert private.key_size == 2048
    assert private.public_key().public_numbers() == public_key("rsa").public_numbers()  # type: ignore[union-attr]
    assert {new_rsa_key(768).private for _ in range(3)} != {new_rsa_key(768).private}


def test_a_record_is_cut_into_what_dns_carries() -> None:
    line = zone_line("r1", DOMAIN, key_of("rsa").record)
    strings = re.findall(r'"([^"]*)"', line)
    assert line.startswith(f"r1._domainkey.{DOMAIN}. IN TXT ( ")
    assert all(len(string) <= LONGEST_STRING for string in strings)
    assert "".join(strings) == key_of("rsa").record


MX, ADDRESS = ((DOMAIN, "MX"), ["10 mx.example.com."]), ((DOMAIN, "A"), ["192.0.2.1"])
SPF, DMARC = ((DOMAIN, "TXT"), ['"v=spf1 mx -all"']), ((f"_dmarc.{DOMAIN}", "TXT"), ['"v=DMARC1; p=reject"'])
ADVICE = [
    ("all is there", [MX, SPF, DMARC], {"r1": "rsa", "e1": "ed25519"}, []),
    ("nothing is there", [], {}, ["no mail reaches", "does not say who may send", "r1._domainkey.support.example.com is not in DNS",
                                  "e1._domainkey.support.example.com is not in DNS", "publishes no DMARC policy"]),
    ("an address alone", [ADDRESS, DMARC], {"r1": "rsa", "e1": "ed25519"}, ["no MX record, so mail goes to its own", "does not say who"]),
    ("two SPF records", [MX, DMARC, ((DOMAIN, "TXT"), ['"v=spf1 -all"', '"v=spf1 mx -all"'])], {"r1": "rsa", "e1": "ed25519"}, ["has 2 SPF"]),
    ("SPF for everybody", [MX, DMARC, ((DOMAIN, "TXT"), ['"v=spf1 +all"'])], {"r1": "rsa", "e1": "ed25519"}, ["lets everybody send"]),
    ("keys that do not fit", [MX, SPF, DMARC], {"r1": "ed25519", "e1": "ed25519"}, ["r1._domainkey.support.example.com in DNS does not fit"]),
    ("the organisation's policy", [MX, SPF, (("_dmarc.example.com", "TXT"), ['"v=DMARC1; p=none"'])], {"r1": "rsa", "e1": "ed25519"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("name", "records", "keys", "missing"), ADVICE, ids=[case[0] for case in ADVICE])
def test_what_dns_lacks_is_said(
    tmp_path: Path, name: str, records: list[tuple[tuple[str, str], list[str]]], keys: dict[str, str], missing: list[str]
) -> None:
    settings = load(with_keys(tmp_path), {}).settings
    with dns_server(Zone(dict(records))) as zone:
        for selector, kind in keys.items():
            zone.text(f"{selector}._domainkey.{DOMAIN}", key_of(kind).record)
        advice = list(own_domain(settings, Resolver((zone.address,))))
    said = [item.sentence for item in advice if not item.sound]
    assert len(said) == len(missing), said
    assert all(part in sentence for part, sentence in zip(missing, said, strict=True))
    assert len(advice) == 5


def test_dns_that_is_away_is_one_sentence(tmp_path: Path) -> None:
    settings = load(configured(tmp_path), {}).settings
    with dns_server(Zone(everything="SERVFAIL")) as zone:
        (one,) = own_domain(settings, Resolver((zone.address,)))
    assert "DNS did not answer" in one.sentence
    (one,) = own_domain(settings, Resolver())
    assert one.sound
    assert "name reserved for examples" in one.sentence
