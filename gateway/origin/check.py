"""Our own check of where a mail comes from. DNS is asked here, within one time limit; a child process does the arithmetic of
signatures.

A failure of the check is a result and never stops the mail: the mail comes in, and its author has no proved authority.
"""

from collections.abc import Iterable
from dataclasses import replace

from helpdesk.config.settings import Authentication
from helpdesk.gateway.observe import Log
from helpdesk.gateway.origin.organisation import organisational_domain
from helpdesk.gateway.origin.resolver import Deadline, DnsAway, Resolver
from helpdesk.gateway.origin.sender_policy import sender_policy
from helpdesk.gateway.origin.verification import TOO_COSTLY, Verification, Verifier
from helpdesk.threading.model.mail import RawMessage
from helpdesk.threading.model.origin import Alignment, Origin, Result, Seal, SenderPolicy, Signature
from helpdesk.threading.reading.parsed import ParsedMessage
from helpdesk.threading.trust.addresses import domain_of
from helpdesk.threading.trust.assurance import identity_of, is_checked, is_within
from helpdesk.threading.trust.authentication_results import sealed_results
from helpdesk.threading.trust.dmarc import PolicyRecord, alignment, is_aligned, policy_record
from helpdesk.threading.trust.signature_fields import ArcSet, SignatureClaim, arc_chain, signature_claims, strict_fields

MOST_SIGNATURES = 3  # signatures of the author's domain that are verified
MOST_SETS = 10  # sets of an ARC chain that is verified; each set has a signature and a seal
MOST_HASHED = 50 * 1024 * 1024  # octets hashed for all signatures of a mail: fewer signatures of a large mail are verified
MOST_SHOWN = 20  # signatures of other domains that are recorded

Fields = tuple[tuple[str, str], ...]  # names and values of a header
NO_ANSWER = Verification(Result.TEMPERROR, False, "DNS did not answer")

log = Log("helpdesk.origin")


class OriginCheck:
    """Check the origin of mails. May be used from several threads at once."""

    def __init__(self, settings: Authentication, resolver: Resolver, verifier: Verifier) -> None:
        self._settings = settings
        self._resolver = resolver
        self._verifier = verifier

    def wants(self, raw: RawMessage) -> bool:
        """Whether a mail is to be checked: its door and peer ask for it, and no earlier check has settled it."""
        return is_checked(raw, self._settings) and (raw.origin is None or raw.origin.unsettled)

    def check(self, raw: RawMessage, message: ParsedMessage) -> Origin:
        """Check a mail within `dns_timeout` and the child's time limit. Never raises."""
        author = identity_of(message)
        if not author:
            return Origin("", Alignment(Result.FAIL, "", reason="the mail names no single plain author address"))
        try:
            return self._check_author(raw, author, Deadline(self._settings.dns_timeout.total_seconds()))
        except Exception as fault:
            log.warning("origin.failed", author=author, reason=f"{type(fault).__name__}: {fault}")
            return Origin(author, Alignment(Result.PERMERROR, domain_of(author), reason="the check itself failed"))

    def _check_author(self, raw: RawMessage, author: str, deadline: Deadline) -> Origin:
        """Ask for the most important records first, so that a slow SPF record takes no time from the signatures."""
        domain = domain_of(author)
        try:
            record, away = self._policy(domain, deadline), False
        except DnsAway:
            record, away = None, True
        fields = strict_fields(raw.content)
        signatures = self._signatures(raw.content, fields, domain, record, deadline)
        arc = self._arc(raw.content, fields, domain, deadline)
        spf = self._spf(raw, domain, record, deadline)
        if away:
            dmarc = Alignment(Result.TEMPERROR, domain, reason="DNS did not answer")
        else:
            dmarc = alignment(domain, record, spf, signatures)
        return Origin(author, dmarc, spf, signatures, arc)

    def _policy(self, domain: str, deadline: Deadline) -> PolicyRecord | None:
        """The DMARC policy of the author's domain, else of its organisation (RFC 7489 §6.6.3). Raise DnsAway."""
        for place in dict.fromkeys((domain, organisational_domain(domain))):
            record = policy_record(place, self._resolver.texts(f"_dmarc.{place}", deadline))
            if record is not None:
                return record
        return None

    def _spf(self, raw: RawMessage, domain: str, record: PolicyRecord | None, deadline: Deadline) -> SenderPolicy | None:
        """The SPF result; None for a mail from a trusted relay, because the sender's own peer is then unknown."""
        if raw.envelope is None or is_within(raw.peer, self._settings.trusted_relays):
            return None
        found = sender_policy(raw.peer, raw.envelope.reverse_path, raw.helo, self._resolver, deadline)
        strict = record is None or record.strict_envelope
        return replace(found, aligned=is_aligned(domain, found.domain, organisational_domain, strict=strict))

    def _signatures(
        self, content: bytes, fields: Fields | None, domain: str, record: PolicyRecord | None, deadline: Deadline
    ) -> tuple[Signature, ...]:
        """The results of all signatures. Only those of the author's domain are verified, because another proves nothing
        about the author.

        Without a DMARC policy, a signature is aligned where its domain is the author's very domain.
        """
        if fields is None:
            reason = "the header can be read in more than one way"
            return (Signature(Result.PERMERROR, "", "", "", False, reason=reason),)
        strict = record is None or record.strict_signature
        claims = signature_claims(fields)
        ours = [claim for claim in claims if is_aligned(domain, claim.domain, organisational_domain, strict=strict)]
        ours = ours[: max(1, min(MOST_SIGNATURES, MOST_HASHED // len(content)))]
        found = self._verify(content, ours, deadline)
        others = [claim for claim in claims if claim not in ours][:MOST_SHOWN]
        return (*found, *(_signature(claim, _not_verified(claim, domain), False) for claim in others))

    def _verify(self, content: bytes, claims: list[SignatureClaim], deadline: Deadline) -> list[Signature]:
        results = {claim: Verification(Result.PERMERROR, False, claim.defect) for claim in claims if claim.defect}
        keys, away = self._keys([claim.key_name for claim in claims if claim not in results], deadline)
        results |= {claim: NO_ANSWER for claim in claims if claim.key_name in away}
        usable = [claim for claim in claims if claim not in results]
        results |= dict(zip(usable, self._in_a_child(content, usable, keys), strict=True))
        return [_signature(claim, results[claim], True) for claim in claims]

    def _in_a_child(self, content: bytes, claims: list[SignatureClaim], keys: dict[str, bytes]) -> tuple[Verification, ...]:
        if not claims:
            return ()
        try:
            return self._verifier.verify(content, claims, keys)
        except Exception as fault:
            log.warning("signatures.not_verified", reason=str(fault))
            return tuple(Verification(Result.PERMERROR, False, TOO_COSTLY) for _ in claims)

    def _keys(self, names: Iterable[str], deadline: Deadline) -> tuple[dict[str, bytes], set[str]]:
        """Key records by name, and the names about which DNS did not answer. A name with several records counts as one with
        none.
        """
        keys: dict[str, bytes] = {}
        away: set[str] = set()
        for name in dict.fromkeys(names):
            try:
                texts = self._resolver.texts(name, deadline)
            except DnsAway:
                away.add(name)
                continue
            if len(texts) == 1:
                keys[name] = texts[0]
        return keys, away

    def _arc(self, content: bytes, fields: Fields | None, domain: str, deadline: Deadline) -> Seal | None:
        """The result of an ARC chain; only a chain whose last sealer is in `trusted_sealers` is verified."""
        if fields is None or not self._settings.trusted_sealers:
            return None
        chain = arc_chain(fields)
        if chain is None:
            return Seal(Result.FAIL, "", reason="the structure of the chain is broken")
        if not chain:
            return None
        sealer = chain[-1].seal.domain
        if sealer not in self._settings.trusted_sealers or chain[-1].message_signature.domain != sealer:
            return Seal(Result.NEUTRAL, sealer, reason="the sealer is not in trusted_sealers")
        return self._chain(content, chain, domain, deadline)

    def _chain(self, content: bytes, chain: tuple[ArcSet, ...], domain: str, deadline: Deadline) -> Seal:
        sealer = chain[-1].seal.domain
        if len(chain) > max(1, min(MOST_SETS, MOST_HASHED // len(content))):
            return Seal(Result.NEUTRAL, sealer, reason="the chain is too long to be verified")
        claims = [claim for arc_set in chain for claim in (arc_set.seal, arc_set.message_signature)]
        if any(claim.defect for claim in claims) or not chain[-1].covers_author:
            return Seal(Result.FAIL, sealer, reason="a seal of the chain proves nothing")
        keys, away = self._keys([claim.key_name for claim in claims], deadline)
        if away:
            return Seal(Result.TEMPERROR, sealer, reason="DNS did not answer")
        try:
            found = self._verifier.verify_chain(content, keys)
        except Exception as fault:
            log.warning("chain.not_verified", reason=str(fault))
            return Seal(Result.PERMERROR, sealer, reason=TOO_COSTLY)
        said = sealed_results(chain[-1].results)
        return Seal(found.result, sealer, said.dmarc if said.dmarc_domain == domain else "", found.reason)


def _signature(claim: SignatureClaim, found: Verification, aligned: bool) -> Signature:
    return Signature(found.result, claim.domain, claim.selector, claim.algorithm, aligned, found.covers, found.reason)


def _not_verified(claim: SignatureClaim, domain: str) -> Verification:
    reason = claim.defect or f"not verified, because it is not of {domain}, or there are too many"
    return Verification(Result.NEUTRAL, False, reason)
