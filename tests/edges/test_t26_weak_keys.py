"""Keys that prove nothing: short, revoked, foreign, broken, missing or two for one name."""

import pytest
from support.mails.checked_origins import OWN, F, checked, mail
from support.mails.signed_mails import Stamp, key_of
from support.servers.dns_server import Zone

from helpdesk.gateway.reader import Reader
from helpdesk.threading.model.origin import Result

KEYS = [
    ("no key", []),
    ("revoked", ["v=DKIM1; k=rsa; p="]),
    ("another key", [key_of("rsa", 1).record]),
    ("two keys", [key_of("rsa", 1).record, key_of("rsa").record]),
    ("two keys, the other way", [key_of("rsa").record, key_of("rsa", 1).record]),
    ("not base64", ["v=DKIM1; p=%%%%"]),
    ("half a key", [key_of("rsa").record[:120]]),
    ("a kind nobody knows", [key_of("rsa").record.replace("k=rsa", "k=dsa")]),
    ("for SHA-1 alone", [key_of("rsa").record.replace("k=rsa", "h=sha1; k=rsa")]),
    ("another version", [key_of("rsa").record.replace("DKIM1", "DKIM2")]),
    ("endless", [f"{key_of('rsa').record}; n={'A' * 5000}"]),
    ("not ASCII", ["v=DKIM1; k=rsa; p=\\228\\246"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "records"), KEYS, ids=[key[0] for key in KEYS])
def test_keys_that_prove_nothing(zone: Zone, reader: Reader, name: str, records: list[str]) -> None:
    if records:
        zone.text("s1._domainkey.acme.example", *records)
    else:
        del zone.records["s1._domainkey.acme.example", "TXT"]
    origin, judgement = checked(zone, reader, OWN.sign(mail()), "x@evil.example")
    assert (judgement.assurance, judgement.authority) == (F, False)
    assert origin.signatures[0].result in (Result.FAIL, Result.PERMERROR)


def test_a_short_key_proves_nothing(zone: Zone, reader: Reader) -> None:
    content = Stamp("acme.example", "short", "rsa768").publish(zone).sign(mail())
    origin, judgement = checked(zone, reader, content, "x@evil.example")
    assert (origin.signatures[0].result, judgement.assurance) == (Result.FAIL, F)
    assert "too small" in origin.signatures[0].reason
