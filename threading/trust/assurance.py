"""How sure we are of a mail's author, and whether that is enough to act as staff."""

import ipaddress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from helpdesk.config.settings import Authentication
from helpdesk.threading.model import Assurance, RawMessage
from helpdesk.threading.reading.parsed import ParsedMessage
from helpdesk.threading.trust.addresses import canonical, domain_of
from helpdesk.threading.trust.authentication_results import trusted_results
from helpdesk.threading.trust.origin import Origin, Result

FRESH = timedelta(
    days=7
)  # how far a signed mail's date may be from its arrival where it gives authority: an old one may be a copy
ENFORCED = ("quarantine", "reject")

TWO_IDS = "several Message-Id fields"
MAILBOX_DOORS = ("imap", "pop3")


@dataclass(frozen=True, slots=True)
class Judgement:
    """`identity` is "" when the mail has no single well-formed author. `authority`: the origin is strong enough for a staff member."""

    identity: str
    assurance: Assurance
    authority: bool
    reason: str


def identity_of(message: ParsedMessage) -> str:
    """The author as an identity: exactly one From field with exactly one plain address (RFC 5322 §3.6.2), else ""."""
    if len(message.authors) != 1 or any("From field" in defect for defect in message.defects):
        return ""
    return canonical(message.authors[0].address)


def judge(raw: RawMessage, message: ParsedMessage, authentication: Authentication) -> Judgement:
    """Who wrote it and how sure that is; every sentence of `reason` can be shown to the operator."""
    found = _judged(raw, message, authentication)
    if found.authority and TWO_IDS in message.defects:
        # Who reads the other Message-ID takes the same words for another mail, and obeys them once more.
        return replace(found, authority=False, reason=f"{found.reason}, but the mail has two Message-IDs")
    return found


def _judged(raw: RawMessage, message: ParsedMessage, authentication: Authentication) -> Judgement:
    identity = identity_of(message)
    if not identity:
        return Judgement("", Assurance.UNVERIFIED, False, "the mail names no single plain author address")
    if raw.authenticated_as is not None:
        return _submitted(identity, raw.authenticated_as)
    if is_within(raw.peer, authentication.assume_from):
        return Judgement(identity, Assurance.AUTHENTICATED, True, f"{raw.peer} is in assume_from")
    if _is_handed_over_by_ours(raw, authentication) and authentication.trusted_authserv_ids:
        return _as_our_relay_says(identity, message, authentication)
    if raw.origin is not None and raw.origin.author == identity:
        return _as_we_found(identity, raw.origin, raw.received_at, message)
    return Judgement(identity, Assurance.UNVERIFIED, False, "nothing proves the author")


def is_checked(raw: RawMessage, authentication: Authentication) -> bool:
    """Whether we look for ourselves: at mail from a host that nobody vouches for, or of a mailbox, where no word of our own relay counts."""
    if not authentication.check or raw.authenticated_as is not None:
        return False
    if raw.door in MAILBOX_DOORS:
        return not authentication.trusted_authserv_ids
    if raw.envelope is None or not raw.peer:
        return False
    relayed = is_within(raw.peer, authentication.trusted_relays) and bool(authentication.trusted_authserv_ids)
    return not relayed and not is_within(raw.peer, authentication.assume_from)


def is_within(peer: str, networks: tuple[str, ...]) -> bool:
    """Whether an IP address lies in one of the networks; an empty or odd address lies in none."""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(network) for network in networks)


def _is_handed_over_by_ours(raw: RawMessage, authentication: Authentication) -> bool:
    """By a relay of ours, or fetched from a mailbox of ours: we have logged in there, and it is no stranger who gives it to us."""
    return raw.door in MAILBOX_DOORS or is_within(raw.peer, authentication.trusted_relays)


def _submitted(identity: str, login: str) -> Judgement:
    if canonical(login) == identity:
        return Judgement(identity, Assurance.AUTHENTICATED, True, f"submitted by {identity} with a password")
    return Judgement(identity, Assurance.FAILED, False, f"submitted by {login}, written as {identity}")


def _as_our_relay_says(identity: str, message: ParsedMessage, authentication: Authentication) -> Judgement:
    results = trusted_results(message.headers, authentication.trusted_authserv_ids)
    domain = domain_of(identity)
    if results.dmarc == "pass" and results.dmarc_domain in ("", domain):
        signed = any(_aligned(domain, signer) for signer in results.dkim_domains)
        # SPF alone also passes for whoever shares the sending relay: enough to answer a customer, not to obey a colleague.
        return Judgement(
            identity, Assurance.AUTHENTICATED, signed, "DMARC passed" + (", signed by DKIM" if signed else " by SPF alone")
        )
    if results.dmarc == "fail":
        return Judgement(identity, Assurance.FAILED, False, "DMARC failed")
    if domain in results.dkim_domains:
        return Judgement(identity, Assurance.AUTHENTICATED, True, f"signed by DKIM of {domain}")
    return Judgement(identity, Assurance.UNVERIFIED, False, "no trusted Authentication-Results proves the author")


def _as_we_found(identity: str, origin: Origin, received_at: datetime, message: ParsedMessage) -> Judgement:
    """DMARC passed, or the very domain of the author proves it without publishing a policy. Authority needs its signature."""
    signed = origin.signed
    if origin.dmarc.result in (Result.PASS, Result.NONE) and signed is not None:
        lack = "" if signed.covers else "its signature does not cover all that tells it apart"
        if not lack and not _is_fresh(message.date, received_at):
            lack = f"its date is more than {FRESH.days} days from its arrival"
        reason = f"signed by DKIM of {signed.domain}" + (f", but {lack}" if lack else "")
        return Judgement(identity, Assurance.AUTHENTICATED, not lack, reason)
    if origin.dmarc.result in (Result.PASS, Result.NONE) and origin.sent_by_its_domain:
        return Judgement(identity, Assurance.AUTHENTICATED, False, "its domain lets that host send, but has not signed it")
    if origin.arc is not None and origin.arc.result is Result.PASS and origin.arc.dmarc == "pass":
        return Judgement(identity, Assurance.AUTHENTICATED, False, f"{origin.arc.sealer} forwarded it and found DMARC passed")
    if origin.dmarc.result is Result.FAIL and origin.dmarc.policy in ENFORCED:
        return Judgement(identity, Assurance.FAILED, False, f"DMARC failed, and {origin.dmarc.domain} wants such mail refused")
    if origin.dmarc.result is Result.TEMPERROR:
        return Judgement(identity, Assurance.UNVERIFIED, False, "nothing proves the author, because DNS did not answer")
    return Judgement(identity, Assurance.UNVERIFIED, False, "nothing proves the author")


def _is_fresh(written_at: datetime | None, received_at: datetime) -> bool:
    return written_at is not None and abs(received_at - written_at) <= FRESH


def _aligned(domain: str, signer: str) -> bool:
    """Relaxed alignment (RFC 7489 §3.1.1) where DMARC has already passed: one domain is the other's parent, or the same."""
    return domain == signer or domain.endswith("." + signer) or signer.endswith("." + domain)
