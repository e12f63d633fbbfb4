"""DMARC (RFC 7489): a signature or the envelope must prove the author's domain. The caller hands in the DNS records.

`Organisation` gives the organisational domain of a domain (§3.2), the part that its owner registered.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from helpdesk.threading.model.origin import Alignment, Result, SenderPolicy, Signature

Organisation = Callable[[str], str]
POLICIES = ("none", "quarantine", "reject")
VERSION = "v=dmarc1"


@dataclass(frozen=True, slots=True)
class PolicyRecord:
    """The policy that a domain publishes under `_dmarc` (§6.3). `domain` is the domain at which it was found."""

    domain: str
    policy: str
    subdomain_policy: str
    strict_signature: bool
    strict_envelope: bool

    def policy_for(self, author_domain: str) -> str:
        return self.policy if author_domain == self.domain else self.subdomain_policy


def policy_record(domain: str, texts: Iterable[bytes]) -> PolicyRecord | None:
    """The DMARC record among the TXT records of a name; None without one. Several records count as none (§6.6.3)."""
    records = [text.decode("ascii", "replace") for text in texts if _is_policy(text)]
    if len(records) != 1:
        return None
    tags = _tags(records[0])
    policy = tags.get("p", "")
    policy = policy if policy in POLICIES else "none"
    below = tags.get("sp", policy)
    return PolicyRecord(domain, policy, below if below in POLICIES else policy, tags.get("adkim") == "s", tags.get("aspf") == "s")


def is_aligned(author_domain: str, other: str, organisation: Organisation, *, strict: bool) -> bool:
    """Identifier alignment (§3.1). Strict alignment takes the same domain, relaxed alignment the same organisational domain."""
    if not author_domain or not other:
        return False
    return author_domain == other or (not strict and organisation(author_domain) == organisation(other))


def alignment(
    author_domain: str, record: PolicyRecord | None, spf: SenderPolicy | None, signatures: Iterable[Signature]
) -> Alignment:
    """The DMARC verdict.

    A check that could not be made neither passes nor fails the mail. That is so if DNS did not answer (temperror), or if the sending host
    is unknown because one of our relays or mailboxes gave us the mail (`spf` is None: neutral instead of fail).
    """
    ours = [signature.result for signature in signatures if signature.aligned] + ([spf.result] if spf and spf.aligned else [])
    if record is None:
        return Alignment(Result.NONE, author_domain, reason=f"{author_domain} publishes no policy")
    policy = record.policy_for(author_domain)
    if Result.PASS in ours:
        return Alignment(Result.PASS, record.domain, policy)
    if Result.TEMPERROR in ours:
        return Alignment(Result.TEMPERROR, record.domain, policy, "DNS did not answer")
    if spf is None:
        return Alignment(
            Result.NEUTRAL, record.domain, policy, f"no signature of {author_domain} holds; who sent it is not known"
        )
    return Alignment(Result.FAIL, record.domain, policy, f"no signature and no sender policy of {author_domain} holds")


def _is_policy(text: bytes) -> bool:
    return text.decode("ascii", "replace").partition(";")[0].replace(" ", "").lower() == VERSION


def _tags(record: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in record.split(";"))
    tags: dict[str, str] = {}
    for name, _, value in pairs:
        tags.setdefault(name.strip().lower(), value.strip().lower())
    return tags
