"""Verify the signatures of others: DKIM (RFC 6376) and ARC (RFC 8617). One of two modules that know dkimpy. No DNS: keys are
given.

This runs in a child process with limits, because a stranger decides how long the arithmetic takes. It accepts only bounded
input: a header that dkimpy splits as we do, and keys of usual sizes, which are inspected before they are used.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

import dkim
import dkim.canonicalization
from dkim.canonicalization import CanonicalizationPolicy

from helpdesk.gateway.origin.verification import TOO_COSTLY, Verification
from helpdesk.threading.model.origin import Result
from helpdesk.threading.reading.coverage import ENOUGH
from helpdesk.threading.reading.strict import strict_header
from helpdesk.threading.trust.signature_fields import SignatureClaim, strict_fields

SMALLEST_KEY, LARGEST_KEY = 1024, 8192  # bits of RSA (RFC 8301 §3.2 asks verifiers for 1024 to 4096)
LARGEST_EXPONENT = 2**32 - 1
CPU_SECONDS = 2.0  # for all signatures of a mail: after that no further one is verified
# RFC 6376 §8.15: the fields that must be signed, and the fields of which a signed mail may have no second one.
TELLING = tuple(name.encode() for name in ENOUGH)
SINGLETONS = (b"from", b"subject", b"date", b"to", b"cc", b"message-id")
AMBIGUOUS = Verification(Result.PERMERROR, False, "the header can be read in more than one way")
TOO_LONG = Verification(Result.PERMERROR, False, TOO_COSTLY)

SILENT = logging.getLogger("helpdesk.dkimpy")
SILENT.addHandler(logging.NullHandler())
SILENT.propagate = False


def _compress_blanks(content: bytes) -> bytes:
    """Replace every run of blanks and tabs by one blank."""
    content = content.replace(b"\t", b" ")
    while b"  " in content:
        content = content.replace(b"  ", b" ")
    return content


def _strip_ends_of_lines(content: bytes) -> bytes:
    """Remove white space at the ends of lines. Runs inside lines become one blank, as dkimpy's next step would do."""
    return _compress_blanks(content).replace(b" \r\n", b"\r\n")


def _end_with_one_line_end(content: bytes) -> bytes:
    """Replace all line ends at the end of the content by one."""
    text = content.rstrip(b"\r\n")
    tail = content[len(text) :].replace(b"\r\n", b"\0")
    return text + tail.rstrip(b"\0").replace(b"\0", b"\r\n") + b"\r\n"


# dkimpy's own functions take time in the square of a run of blanks (100 KB of them: 40 seconds), or one step for each line.
dkim.canonicalization.compress_whitespace = _compress_blanks
dkim.canonicalization.strip_trailing_whitespace = _strip_ends_of_lines
dkim.canonicalization.strip_trailing_lines = _end_with_one_line_end


def verify_signatures(content: bytes, claims: Sequence[SignatureClaim], keys: Mapping[str, bytes]) -> tuple[Verification, ...]:
    """Verify each claim. `keys` has the TXT records by key name; a name that is missing has no record."""
    mail = _prepare(dkim.DKIM, content)
    if mail is None:
        return (AMBIGUOUS,) * len(claims)
    end = time.process_time() + CPU_SECONDS
    return tuple(_verify(mail, claim, keys.get(claim.key_name)) if time.process_time() < end else TOO_LONG for claim in claims)


def verify_chain(content: bytes, keys: Mapping[str, bytes]) -> Verification:
    """Verify the whole ARC chain of a mail whose structure is sound."""

    def key(name: bytes, timeout: float = 0) -> bytes | None:
        record = keys.get(name.decode("ascii").rstrip("."))
        return None if record is None or key_defect(record) else record

    try:
        mail = _prepare(dkim.ARC, content)
        if mail is None:
            return AMBIGUOUS
        validation, _, reason = mail.verify(key)
    except Exception as fault:
        return Verification(Result.PERMERROR, False, f"the chain cannot be read ({type(fault).__name__})")
    if validation == dkim.CV_Pass:
        return Verification(Result.PASS, True, "")
    return Verification(Result.FAIL, False, str(reason)[:200])


def key_defect(record: bytes) -> str:
    """Why a key record is not used, in one clause; "" for a usable record. No arithmetic is done here."""
    if not _takes_sha256(record):
        return "its key does not allow SHA-256"
    try:
        key, size, kind, _ = dkim.evaluate_pk("", record)
    except Exception:  # dkimpy raises exceptions of many types for strange records
        return "header or key do not fit the signature"
    if kind != b"rsa":
        return ""
    modulus, exponent = int(key["modulus"]), int(key["publicExponent"])
    if size < SMALLEST_KEY:
        return f"public key too small: {size}"
    if size > LARGEST_KEY or not modulus % 2:
        return f"its key is no RSA key of at most {LARGEST_KEY} bits"
    if not 3 <= exponent <= LARGEST_EXPONENT or not exponent % 2:
        return "its key has an unusual exponent"
    return ""


def _prepare(kind: Any, content: bytes) -> Any | None:
    """A dkimpy object with the fields and the body of our own split; None where the mail could be split differently.

    dkimpy's own split is not used: it skips lines of mailbox files anywhere in the header, and copies all lines several
    times.
    """
    header = strict_header(content)
    if header is None or strict_fields(content) is None:
        return None
    mail = kind(logger=SILENT, minkey=SMALLEST_KEY)
    mail.headers = [[name, _with_crlf(value)] for name, _, value in (field.raw.partition(b":") for field in header.fields)]
    mail.body = _with_crlf(content[header.body_at :])
    return mail


def _with_crlf(text: bytes) -> bytes:
    """The text with CRLF for each bare LF that a mailbox file or a pipe left: what the mail was on the wire."""
    return text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _verify(mail: Any, claim: SignatureClaim, key: bytes | None) -> Verification:
    """Verify one signature. dkimpy raises exceptions of many types for strange fields and keys; each fails this signature
    alone.
    """
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
        return Verification(Result.FAIL, False, "it covers only a part of the text")
    added = _added_field(mail)
    if added:
        return Verification(Result.FAIL, False, f"a second {added} field stands beside the signed one")
    present = [name.lower() for name, _ in mail.headers]
    enough = all(name in mail.include_headers and present.count(name) == 1 for name in TELLING)
    return Verification(Result.PASS, enough, "")


def _whole_body(mail: Any) -> bool:
    """Whether the signature covers the whole body: it has no l=, or one that reaches the end (RFC 6376 §8.2)."""
    fields = mail.signature_fields
    if b"l" not in fields:
        return True
    policy = CanonicalizationPolicy.from_c_value(fields.get(b"c", b"simple/simple"))
    return int(fields[b"l"]) == len(policy.canonicalize_body(mail.body))


def _added_field(mail: Any) -> str:
    """The name of a signed field of which the mail has more than were signed (RFC 6376 §8.15); else ""."""
    present, signed = [name.lower() for name, _ in mail.headers], mail.include_headers
    more = (name for name in SINGLETONS if 0 < signed.count(name) < present.count(name))
    return next(more, b"").decode()


def _takes_sha256(key: bytes) -> bool:
    tags = {name.strip(): value for name, _, value in (part.partition(b"=") for part in key.split(b";"))}
    return b"h" not in tags or b"sha256" in [name.strip() for name in tags[b"h"].split(b":")]
