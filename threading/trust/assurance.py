"""How sure we are of a mail's author, and whether that is enough to act as staff."""

import ipaddress
import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from helpdesk.config.settings import Authentication
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.held import HoldReason, Release
from helpdesk.threading.model.mail import RawMessage
from helpdesk.threading.model.origin import Origin, Result, Seal
from helpdesk.threading.model.sentence import sentence
from helpdesk.threading.reading.parsed import ParsedMessage
from helpdesk.threading.trust.addresses import canonical, domain_of
from helpdesk.threading.trust.authentication_results import Results, trusted_results
from helpdesk.threading.trust.doubt_words import doubt_in_words
from helpdesk.threading.trust.identity import Identity
from helpdesk.threading.trust.meant import DeskMarks
from helpdesk.threading.trust.sufficiency import Sufficiency, sufficiency, unseen_sufficiency

ENFORCED = ("quarantine", "reject")

# How `reading.head` names defects of fields that must stand once: "several Subject fields", "malformed Date field name".
DOUBTED_FIELD = re.compile(r"several [A-Za-z-]{1,20} fields|malformed [A-Za-z-]{1,20} field name")
MAILBOX_DOORS = ("imap", "pop3")
MOST_PEERS = 10_000  # addresses of hosts whose networks are remembered


def identity_of(message: ParsedMessage) -> str:
    """The author's canonical address, or "" if the author is in doubt. It takes one From field with one plain address (RFC 5322 §3.6.2)."""
    return "" if doubt_about_author(message) else canonical(message.authors[0].address)


def doubt_about_author(message: ParsedMessage) -> str:
    """Why the mail's author is in doubt, as a clause for people; "" if there is no doubt.

    An author is certain only if every mail reader sees the same header, each singleton field stands once (RFC 5322 §3.6), and the mail was
    read in full. If two readers see different words, the author may not have written the words that we read.
    """
    if message.header_doubt:
        return doubt_in_words(message.header_doubt)
    if message.degraded:
        return sentence("the mail could be read only in part")
    doubled = next((defect for defect in message.defects if DOUBTED_FIELD.fullmatch(defect)), "")
    if doubled:
        return doubt_in_words(doubled)
    if len(message.authors) != 1 or any("From field" in defect for defect in message.defects):
        return sentence("the mail names no single plain author address")
    return "" if canonical(message.authors[0].address) else sentence("the address of its author is not a plain one")


def judge(raw: RawMessage, message: ParsedMessage, authentication: Authentication, desk: DeskMarks | None = None) -> Identity:
    """Who wrote the mail and how sure that is. `reason` of the result can be shown to the operator.

    `desk` recognises the desk's own addresses, references and tokens. Without it, no signed mail counts as meant for this desk.
    """
    doubt = doubt_about_author(message)
    if doubt:
        return Identity("", Assurance.UNVERIFIED, False, doubt)
    identity = identity_of(message)
    if raw.authenticated_as is not None:
        return _identity_by_login(identity, raw.authenticated_as, desk)
    if is_within(raw.peer, authentication.assume_from):
        return Identity(identity, Assurance.AUTHENTICATED, True, sentence("{peer} is in assume_from", peer=raw.peer))
    if _is_handed_over_by_ours(raw, authentication) and authentication.trusted_authserv_ids:
        return _as_our_relay_says(identity, message, raw.received_at, authentication, desk)
    if raw.origin is not None and raw.origin.author == identity:
        return _as_we_found(identity, raw.origin, raw.received_at, message, desk)
    return Identity(identity, Assurance.UNVERIFIED, False, sentence("nothing proves the author"))


def identity_in_mail(
    raw: RawMessage, message: ParsedMessage, authentication: Authentication, desk: DeskMarks, release: Release | None
) -> Identity:
    """The author of a mail. A `release` proves the author: they have answered the letter about their held mail."""
    if release is not None and HoldReason.AUTHORITY in release.waived:
        reason = sentence("{by} has let it go by an answer to the letter about it", by=release.by)
        return Identity(release.by, Assurance.AUTHENTICATED, True, reason)
    return judge(raw, message, authentication, desk)


def is_checked(raw: RawMessage, authentication: Authentication) -> bool:
    """Whether the gateway itself checks SPF, DKIM, DMARC and ARC for this mail.

    It does so for mail from hosts that no configured relay vouches for, and for mail from mailboxes if no authserv-id is trusted.
    """
    if not authentication.check or raw.authenticated_as is not None:
        return False
    if raw.door in MAILBOX_DOORS:
        return not authentication.trusted_authserv_ids
    if raw.envelope is None or not raw.peer:
        return False
    relayed = is_within(raw.peer, authentication.trusted_relays) and bool(authentication.trusted_authserv_ids)
    return not relayed and not is_within(raw.peer, authentication.assume_from)


@lru_cache(maxsize=MOST_PEERS)
def is_within(peer: str, networks: tuple[str, ...]) -> bool:
    """Whether an IP address lies in one of the networks. Text that is no IP address lies in none."""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(network) for network in networks)


def _is_handed_over_by_ours(raw: RawMessage, authentication: Authentication) -> bool:
    """Whether a system of ours handed us the mail: one of our relays, or the server of a mailbox to which we have logged in."""
    return raw.door in MAILBOX_DOORS or is_within(raw.peer, authentication.trusted_relays)


def _identity_by_login(identity: str, login: str, desk: DeskMarks | None) -> Identity:
    """The author of a submitted mail. Whoever has logged in may write from any of their addresses."""
    owner = desk.first_address(identity) if desk is not None else identity
    if canonical(login) in (identity, owner):
        return Identity(
            identity, Assurance.AUTHENTICATED, True, sentence("submitted by {identity} with a password", identity=identity)
        )
    return Identity(
        identity, Assurance.FAILED, False, sentence("submitted by {login}, written as {identity}", login=login, identity=identity)
    )


def _as_our_relay_says(
    identity: str, message: ParsedMessage, received_at: datetime, authentication: Authentication, desk: DeskMarks | None
) -> Identity:
    results = trusted_results(message.headers, authentication.trusted_authserv_ids)
    domain = domain_of(identity)
    if results.dmarc == "pass" and results.dmarc_domain in ("", domain):
        signers = [signer for signer in results.dkim_domains if _is_aligned(domain, signer)]
        if not signers:
            # SPF alone also passes for whoever shares the sending relay: enough to answer a customer, not to obey a colleague.
            return Identity(identity, Assurance.AUTHENTICATED, False, sentence("DMARC passed by SPF alone"))
        found = _best(_sufficiencies(signers, message, received_at, desk))
        return _identity_by_signature(
            identity, sentence("DMARC passed, signed by DKIM"), found, sent=_is_aligned(domain, results.spf_domain)
        )
    if results.dmarc == "fail":
        return _identity_by_failed_dmarc(identity, results)
    if domain in results.dkim_domains:
        found = _best(_sufficiencies([domain], message, received_at, desk))
        return _identity_by_signature(
            identity, sentence("signed by DKIM of {domain}", domain=domain), found, sent=results.spf_domain == domain
        )
    return Identity(identity, Assurance.UNVERIFIED, False, sentence("no trusted Authentication-Results proves the author"))


def _identity_by_failed_dmarc(identity: str, results: Results) -> Identity:
    """A failed DMARC check is called a forgery only if the domain asks for refusal or quarantine: lists and forwarders break signatures."""
    if results.asks_for_nothing:
        return Identity(identity, Assurance.UNVERIFIED, False, sentence("DMARC failed, and its domain asks for nothing then"))
    return Identity(identity, Assurance.FAILED, False, sentence("DMARC failed"))


def _sufficiencies(
    signers: Sequence[str], message: ParsedMessage, received_at: datetime, desk: DeskMarks | None
) -> list[Sufficiency]:
    """Whether the signatures of each domain are sufficient, for domains whose signature passed at our relay.

    The relay does not say which of several signature fields of a domain passed, so all of them must be sufficient.
    """
    found = []
    for signer in dict.fromkeys(signers):
        fields = [coverage for coverage in message.coverages if coverage.domain == signer and not coverage.sealed]
        unseen = not any(name == "dkim-signature" for name, _ in message.headers)
        found.append(
            unseen_sufficiency(message, received_at, desk) if unseen else sufficiency(fields, message, received_at, desk)
        )
    return found


def _best(found: Sequence[Sufficiency]) -> Sufficiency:
    return next((candidate for candidate in found if not candidate.lack), found[0])


def _identity_by_signature(identity: str, proof: str, found: Sufficiency, *, sent: bool) -> Identity:
    """`sent` says that a host of the author's domain sent the mail. That proves the author, but gives no authority as staff."""
    reason = sentence("{proof}, but {lack}", proof=proof, lack=found.lack) if found.lack else proof
    assurance = Assurance.AUTHENTICATED if found.certain or sent else Assurance.UNVERIFIED
    return Identity(identity, assurance, not found.lack, reason, found.meant, found.content if found.certain else "")


def _as_we_found(
    identity: str, origin: Origin, received_at: datetime, message: ParsedMessage, desk: DeskMarks | None
) -> Identity:
    """The author by our own checks: DMARC passed, or the author's domain publishes no policy and its signature or SPF passed.

    Authority as staff needs a signature.
    """
    passed = [signature for signature in origin.signatures if signature.result is Result.PASS and signature.aligned]
    if origin.dmarc.result in (Result.PASS, Result.NONE) and passed:
        enough = [
            sufficiency(
                [
                    shown
                    for shown in message.coverages
                    if not shown.sealed and (shown.domain, shown.selector) == (signature.domain, signature.selector)
                ],
                message,
                received_at,
                desk,
                whole=signature.covers,
            )
            for signature in passed
        ]
        return _identity_by_signature(
            identity,
            sentence("signed by DKIM of {domain}", domain=passed[0].domain),
            _best(enough),
            sent=origin.sent_by_its_domain,
        )
    if origin.dmarc.result in (Result.PASS, Result.NONE) and origin.sent_by_its_domain:
        return Identity(
            identity, Assurance.AUTHENTICATED, False, sentence("its domain lets that host send, but has not signed it")
        )
    if (
        origin.arc is not None
        and origin.arc.result is Result.PASS
        and origin.arc.dmarc == "pass"
        and _is_sealed(origin.arc, message)
    ):
        return Identity(
            identity,
            Assurance.AUTHENTICATED,
            False,
            sentence("{sealer} forwarded it and found DMARC passed", sealer=origin.arc.sealer),
        )
    if origin.dmarc.result is Result.FAIL and origin.dmarc.policy in ENFORCED:
        return Identity(
            identity,
            Assurance.FAILED,
            False,
            sentence("DMARC failed, and {domain} wants such mail refused", domain=origin.dmarc.domain),
        )
    if origin.dmarc.result is Result.TEMPERROR:
        return Identity(identity, Assurance.UNVERIFIED, False, sentence("nothing proves the author, because DNS did not answer"))
    return Identity(identity, Assurance.UNVERIFIED, False, sentence("nothing proves the author"))


def _is_sealed(seal: Seal, message: ParsedMessage) -> bool:
    """Whether the words that we read are certainly the words that the ARC sealer forwarded."""
    sealed = [coverage for coverage in message.coverages if coverage.sealed and coverage.domain == seal.sealer]
    return bool(sealed) and not any(coverage.doubt for coverage in sealed)


def _is_aligned(domain: str, signer: str) -> bool:
    """Relaxed alignment (RFC 7489 §3.1.1) where DMARC has already passed: one domain is the other's parent, or the same."""
    return domain == signer or domain.endswith("." + signer) or signer.endswith("." + domain)
