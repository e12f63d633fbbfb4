"""DKIM and ARC fields of a mail, read strictly: a header that can be read in two ways has no signatures.

A signature proves something only if the verifier and every mail reader see the same header.
"""

import re
from dataclasses import dataclass

from helpdesk.threading.reading.signature_tags import BLANK_FOLD, LONGEST_SIGNATURE, tag_list
from helpdesk.threading.reading.strict import ENVELOPE_LINE, header_doubt, strict_header
from helpdesk.threading.trust.addresses import canonical

MOST_SEALS = 50  # RFC 8617 §4.2.1
SELECTOR = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,250}[A-Za-z0-9_])?")
ALGORITHMS = ("rsa-sha256", "ed25519-sha256")  # RFC 8301 §3.1, RFC 8463
ARC_FIELDS = ("arc-authentication-results", "arc-message-signature", "arc-seal")


@dataclass(frozen=True, slots=True)
class SignatureClaim:
    """What a signature field says about itself. `index` counts fields of the same name from the top; `defect` is "" if it is usable."""

    index: int
    domain: str
    selector: str
    algorithm: str
    defect: str = ""

    @property
    def key_name(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"


@dataclass(frozen=True, slots=True)
class ArcSet:
    """The three fields of one ARC instance (RFC 8617 §4.2), unfolded."""

    instance: int
    results: str
    message_signature: SignatureClaim
    seal: SignatureClaim
    covers_author: bool


def strict_fields(content: bytes) -> tuple[tuple[str, str], ...] | None:
    """Lower-case names and values of the header fields; None if two readers may split the header differently.

    The rules are stricter than those for an author. There must be no "From " line of a mailbox file, no folded line of white space alone
    (RFC 5322 §4.2), and the blank line below the header must be there.
    """
    header = strict_header(content)
    if header is None or content.startswith(ENVELOPE_LINE) or header_doubt(content):
        return None
    if not content.endswith((b"\n\n", b"\n\r\n"), 0, header.body_at):
        return None
    if any(BLANK_FOLD.search(field.raw) for field in header.fields):
        return None
    return tuple((field.name, field.value.decode("latin-1").strip()) for field in header.fields)


def signature_claims(fields: tuple[tuple[str, str], ...]) -> tuple[SignatureClaim, ...]:
    """What each DKIM-Signature field says about itself, top first."""
    values = [value for name, value in fields if name == "dkim-signature"]
    return tuple(_claim(index, value) for index, value in enumerate(values))


def arc_chain(fields: tuple[tuple[str, str], ...]) -> tuple[ArcSet, ...] | None:
    """The sets of an ARC chain in order of their instances; () without any; None if the structure is broken (RFC 8617 §5.2)."""
    found: dict[str, dict[int, str]] = {name: {} for name in ARC_FIELDS}
    count = 0
    for name, value in fields:
        if name in found:
            instance = tag_list(value.partition(";")[0] if name == ARC_FIELDS[0] else value).get("i", "")
            number = int(instance) if instance.isascii() and instance.isdigit() and len(instance) <= 2 else 0
            if not 1 <= number <= MOST_SEALS or number in found[name]:
                return None
            found[name][number] = value
            count = max(count, number)
    if any(sorted(instances) != list(range(1, count + 1)) for instances in found.values()):
        return None
    return tuple(_arc_set(number, *(found[name][number] for name in ARC_FIELDS)) for number in range(1, count + 1))


def _arc_set(number: int, results: str, message_signature: str, seal: str) -> ArcSet:
    tags = tag_list(message_signature)
    covered = [name.strip().lower() for name in tags.get("h", "").split(":")]
    whole = "from" in covered and "l" not in tags
    signed, sealed = _claim(number, message_signature), _claim(number, seal)
    return ArcSet(number, results.partition(";")[2].strip(), signed, sealed, whole)


def _claim(index: int, value: str) -> SignatureClaim:
    tags = tag_list(value)
    domain, selector, algorithm = tags.get("d", "").lower(), tags.get("s", ""), tags.get("a", "").lower()
    known = canonical(f"x@{domain}").rpartition("@")[2] if domain.isascii() else ""
    defect = ""
    if len(value) > LONGEST_SIGNATURE:
        defect = "the signature is too long"
    elif not known or "." not in known:
        defect = "it names no domain"
    elif not SELECTOR.fullmatch(selector):
        defect = "it names no selector"
    elif algorithm not in ALGORITHMS:
        defect = f"its algorithm {algorithm[:30]!r} proves nothing"
    return SignatureClaim(index, known, selector if not defect else selector[:60], algorithm[:30], defect)
