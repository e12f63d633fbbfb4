"""The door to dkimpy for what others have signed: DKIM (RFC 6376) and ARC (RFC 8617). No DNS: keys are handed in.

Runs in a reading child, because a stranger decides how long the arithmetic takes.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import dkim
from dkim.canonicalization import CanonicalizationPolicy

from helpdesk.gateway.origin.verification import Verification
from helpdesk.threading.trust.origin import Result
from helpdesk.threading.trust.signature_fields import Claim

SMALLEST_KEY = 1024  # bits of RSA (RFC 8301 §3.2)
# What a mail is told apart by. Where one of these is not signed, it could have been added or changed since.
TELLING = (b"from", b"subject", b"date", b"to", b"message-id")

SILENT = logging.getLogger("helpdesk.dkimpy")
SILENT.addHandler(logging.NullHandler())
SILENT.propagate = False


def verified(content: bytes, claims: Sequence[Claim], keys: Mapping[str, bytes]) -> tuple[Verification, ...]:
    """One for each claim. `keys` are the TXT records by key name; a name that is missing has none."""
    mail = dkim.DKIM(content, logger=SILENT, minkey=SMALLEST_KEY)
    return tuple(_verified(mail, claim, keys.get(claim.key_name)) for claim in claims)


def sealed(content: bytes, keys: Mapping[str, bytes]) -> Verification:
    """The whole ARC chain of a mail whose structure is sound."""

    def key(name: bytes, timeout: float = 0) -> bytes | None:
        return keys.get(name.decode("ascii").rstrip("."))

    try:
        validation, _, reason = dkim.ARC(content, logger=SILENT, minkey=SMALLEST_KEY).verify(key)
    except Exception as fault:
        return Verification(Result.PERMERROR, False, f"the chain cannot be read ({type(fault).__name__})")
    if validation == dkim.CV_Pass:
        return Verification(Result.PASS, True, "")
    return Verification(Result.FAIL, False, str(reason)[:200])


def _verified(mail: Any, claim: Claim, key: bytes | None) -> Verification:
    """dkimpy meets strange fields and keys with all kinds of exceptions; each is this signature's own."""
    if key is None:
        return Verification(Result.PERMERROR, False, "its key is not in DNS")
    if not _takes_sha256(key):
        return Verification(Result.PERMERROR, False, "its key does not allow SHA-256")
    try:
        holds = mail.verify(claim.index, lambda name, timeout=0: key)
        partial = holds and not _whole_body(mail)
    except dkim.DKIMException as fault:
        return Verification(Result.FAIL, False, str(fault)[:200])
    except Exception as fault:
        return Verification(Result.PERMERROR, False, f"it cannot be read ({type(fault).__name__})")
    if not holds:
        return Verification(Result.FAIL, False, "header or key do not fit the signature")
    if partial:
        return Verification(Result.FAIL, False, "it covers a part of the text alone")
    added = _added(mail)
    if added:
        return Verification(Result.FAIL, False, f"a second {added} field stands beside the signed one")
    return Verification(Result.PASS, all(name in mail.include_headers for name in TELLING), "")


def _whole_body(mail: Any) -> bool:
    """Without l=, or with one that reaches to the end (RFC 6376 §8.2)."""
    fields = mail.signature_fields
    if b"l" not in fields:
        return True
    policy = CanonicalizationPolicy.from_c_value(fields.get(b"c", b"simple/simple"))
    return int(fields[b"l"]) == len(policy.canonicalize_body(mail.body))


def _added(mail: Any) -> str:
    """The name of a field that was signed, and of which there are more now (RFC 6376 §8.15); else ""."""
    present, signed = [name.lower() for name, _ in mail.headers], mail.include_headers
    more = (name for name in TELLING if 0 < signed.count(name) < present.count(name))
    return next(more, b"").decode()


def _takes_sha256(key: bytes) -> bool:
    tags = {name.strip(): value for name, _, value in (part.partition(b"=") for part in key.split(b";"))}
    return b"h" not in tags or b"sha256" in [one.strip() for one in tags[b"h"].split(b":")]
