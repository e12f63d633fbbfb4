"""The door to dkimpy for what others have signed: DKIM (RFC 6376) and ARC (RFC 8617). No DNS: keys are handed in.

Runs in a reading child, because a stranger decides how long the arithmetic takes. It takes only mails and keys that are bounded: a header
that dkimpy splits as we do, and keys of a usual size, which are looked at before anything is computed with them.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

import dkim
import dkim.canonicalization
from dkim.canonicalization import CanonicalizationPolicy

from helpdesk.gateway.origin.verification import Verification
from helpdesk.threading.model.origin import Result
from helpdesk.threading.reading.coverage import ENOUGH
from helpdesk.threading.reading.strict import strict_header
from helpdesk.threading.trust.signature_fields import Claim, strict_fields

SMALLEST_KEY, LARGEST_KEY = 1024, 8192  # bits of RSA (RFC 8301 §3.2 asks verifiers for 1024 to 4096)
LARGEST_EXPONENT = 2**32 - 1
CPU_SECONDS = 2.0  # for all signatures of a mail: a further one is not begun after that
# Of each of these that is signed at all, no second one may stand in the mail (RFC 6376 §8.15).
TELLING = tuple(name.encode() for name in ENOUGH)
SINGLETONS = (b"from", b"subject", b"date", b"to", b"cc", b"message-id")
AMBIGUOUS = Verification(Result.PERMERROR, False, "the header can be read in more than one way")
TOO_LONG = Verification(Result.PERMERROR, False, "verifying it took too much")

SILENT = logging.getLogger("helpdesk.dkimpy")
SILENT.addHandler(logging.NullHandler())
SILENT.propagate = False


def _one_blank(content: bytes) -> bytes:
    """Every run of blanks and tabs as one blank."""
    content = content.replace(b"\t", b" ")
    while b"  " in content:
        content = content.replace(b"  ", b" ")
    return content


def _without_blanks_at_ends(content: bytes) -> bytes:
    """Lines without white space at their ends. Runs inside become one blank on the way, as the next step would make them."""
    return _one_blank(content).replace(b" \r\n", b"\r\n")


def _one_line_end(content: bytes) -> bytes:
    """With one line end in place of all that end it."""
    text = content.rstrip(b"\r\n")
    tail = content[len(text) :].replace(b"\r\n", b"\0")
    return text + tail.rstrip(b"\0").replace(b"\0", b"\r\n") + b"\r\n"


# dkimpy's own take time in the square of a run of blanks (100 KB of them: 40 seconds), or a step for each line.
dkim.canonicalization.compress_whitespace = _one_blank
dkim.canonicalization.strip_trailing_whitespace = _without_blanks_at_ends
dkim.canonicalization.strip_trailing_lines = _one_line_end


def verified(content: bytes, claims: Sequence[Claim], keys: Mapping[str, bytes]) -> tuple[Verification, ...]:
    """One for each claim. `keys` are the TXT records by key name; a name that is missing has none."""
    mail = _agreed(dkim.DKIM, content)
    if mail is None:
        return (AMBIGUOUS,) * len(claims)
    end = time.process_time() + CPU_SECONDS
    return tuple(_verified(mail, claim, keys.get(claim.key_name)) if time.process_time() < end else TOO_LONG for claim in claims)


def sealed(content: bytes, keys: Mapping[str, bytes]) -> Verification:
    """The whole ARC chain of a mail whose structure is sound."""

    def key(name: bytes, timeout: float = 0) -> bytes | None:
        record = keys.get(name.decode("ascii").rstrip("."))
        return None if record is None or key_defect(record) else record

    try:
        mail = _agreed(dkim.ARC, content)
        if mail is None:
            return AMBIGUOUS
        validation, _, reason = mail.verify(key)
    except Exception as fault:
        return Verification(Result.PERMERROR, False, f"the chain cannot be read ({type(fault).__name__})")
    if validation == dkim.CV_Pass:
        return Verification(Result.PASS, True, "")
    return Verification(Result.FAIL, False, str(reason)[:200])


def key_defect(record: bytes) -> str:
    """Why a key record is not computed with, in one clause; "" for a usable one. No arithmetic is done here."""
    if not _takes_sha256(record):
        return "its key does not allow SHA-256"
    try:
        key, size, kind, _ = dkim.evaluate_pk("", record)
    except Exception:  # dkimpy meets strange records with all kinds of exceptions
        return "header or key do not fit the signature"
    if kind != b"rsa":
        return ""
    modulus, exponent = int(key["modulus"]), int(key["publicExponent"])
    if size < SMALLEST_KEY:
        return f"public key too small: {size}"
    if size > LARGEST_KEY or not modulus % 2:
        return f"its key is no RSA key of at most {LARGEST_KEY} bits"
    if not 3 <= exponent <= LARGEST_EXPONENT or not exponent % 2:
        return "the exponent of its key is none that is in use"
    return ""


def _agreed(kind: Any, content: bytes) -> Any | None:
    """dkimpy with the fields and the body of our own split; None where the mail may be split differently.

    Its own split is not asked for: it skips lines of mailbox files anywhere, and takes a pass over a list of all lines.
    """
    header = strict_header(content)
    if header is None or strict_fields(content) is None:
        return None
    mail = kind(logger=SILENT, minkey=SMALLEST_KEY)
    mail.headers = [[name, _by_the_book(value)] for name, _, value in (field.raw.partition(b":") for field in header.fields)]
    mail.body = _by_the_book(content[header.body_at :])
    return mail


def _by_the_book(text: bytes) -> bytes:
    """With CRLF for the bare LF of a mailbox file or a pipe: what the mail had on the wire."""
    return text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _verified(mail: Any, claim: Claim, key: bytes | None) -> Verification:
    """dkimpy meets strange fields and keys with all kinds of exceptions; each is this signature's own."""
    if key is None:
        return Verification(Result.PERMERROR, False, "its key is not in DNS")
    defect = key_defect(key)
    if defect:
        return Verification(Result.FAIL, False, defect)
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
    present = [name.lower() for name, _ in mail.headers]
    enough = all(name in mail.include_headers and present.count(name) == 1 for name in TELLING)
    return Verification(Result.PASS, enough, "")


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
    more = (name for name in SINGLETONS if 0 < signed.count(name) < present.count(name))
    return next(more, b"").decode()


def _takes_sha256(key: bytes) -> bool:
    tags = {name.strip(): value for name, _, value in (part.partition(b"=") for part in key.split(b";"))}
    return b"h" not in tags or b"sha256" in [one.strip() for one in tags[b"h"].split(b":")]
