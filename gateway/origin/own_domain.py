"""What DNS says about the desk's own domain, and what to publish so that others accept its letters: for `helpdesk check`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from helpdesk.config.settings import Dkim, Settings
from helpdesk.gateway.origin.organisation import organisational_domain
from helpdesk.gateway.origin.resolver import Deadline, DnsAway, Resolver
from helpdesk.threading.model.origin import Result
from helpdesk.threading.trust.dmarc import policy_record
from helpdesk.threading.trust.signature_fields import signature_claims, strict_fields

PATIENCE = 5.0  # seconds for all DNS look-ups together
SPF_VERSION = b"v=spf1"


@dataclass(frozen=True, slots=True)
class Advice:
    """One sentence about one record. `sound` says that there is nothing to do."""

    sentence: str
    sound: bool = False


def own_domain(settings: Settings, resolver: Resolver) -> Iterator[Advice]:
    """Yield advice about MX, SPF, DKIM and DMARC of the desk's domain. If DNS does not answer, one sentence says so and no
    more is asked.
    """
    deadline, domain = Deadline(PATIENCE), settings.desk.domain
    if resolver.knows_nothing_of(domain):
        yield Advice(f"{domain} is a name reserved for examples, so DNS is not asked about it", sound=True)
        return
    try:
        yield _mail_exchangers(domain, resolver, deadline)
        yield _sender_policy(domain, resolver, deadline)
        if not settings.dkim:
            yield Advice(f"letters are not signed; make a key with: helpdesk dkim key FILE --selector s{datetime.now(UTC):%Y}")
        for key in settings.dkim:
            yield _signing_key(key, domain, resolver, deadline)
        yield _dmarc(domain, resolver, deadline)
    except DnsAway:
        yield Advice(f"DNS did not answer about {domain}; try again, or name servers in authentication.nameservers")


def _mail_exchangers(domain: str, resolver: Resolver, deadline: Deadline) -> Advice:
    hosts = [host for _, host in sorted(resolver.records(domain, "MX", deadline)) if host not in ("", ".")]
    if hosts:
        return Advice(f"mail for {domain} goes to {', '.join(hosts)}", sound=True)
    if resolver.records(domain, "A", deadline) or resolver.records(domain, "AAAA", deadline):
        return Advice(
            f"{domain} has no MX record, so mail goes to its own address; publish an MX record with the name of the host"
        )
    return Advice(f"no mail reaches {domain}: it has neither an MX record nor an address; publish an MX record")


def _sender_policy(domain: str, resolver: Resolver, deadline: Deadline) -> Advice:
    records = [text for text in resolver.texts(domain, deadline) if text.lower().partition(b" ")[0] == SPF_VERSION]
    if not records:
        return Advice(
            f'{domain} does not say who may send for it, so its letters may count as spam; publish the TXT record "v=spf1 mx -all", '
            "with your relay in place of mx"
        )
    if len(records) > 1:
        return Advice(f"{domain} has {len(records)} SPF records, which receivers treat as an error; keep one (RFC 7208 §4.5)")
    if any(word in (b"+all", b"all") for word in records[0].lower().split()):
        return Advice(f"the SPF record of {domain} lets everybody send; end it with -all")
    return Advice(f"SPF of {domain}: {records[0].decode('ascii', 'replace')}", sound=True)


def _signing_key(key: Dkim, domain: str, resolver: Resolver, deadline: Deadline) -> Advice:
    """Sign a trial letter with the configured key, and verify it with the key in DNS."""
    from helpdesk.gateway.origin.signatures import verify_signatures
    from helpdesk.gateway.origin.signing import Signer

    now = format_datetime(datetime.now(UTC))
    letter = Signer([key]).sign(f"From: <check@{key.domain}>\r\nDate: {now}\r\n\r\nA trial.\r\n".encode())
    claim = signature_claims(strict_fields(letter) or ())[0]
    texts = resolver.texts(claim.key_name, deadline)
    if not texts:
        return Advice(f"the DKIM key {claim.key_name} is not in DNS; publish what `helpdesk dkim key` printed for it")
    found = verify_signatures(letter, [claim], {claim.key_name: texts[0]} if len(texts) == 1 else {})[0]
    if found.result is not Result.PASS:
        return Advice(
            f"the DKIM key {claim.key_name} in DNS does not fit {key.key_file}; publish the record of that key, and no other"
        )
    if organisational_domain(key.domain) != organisational_domain(domain):
        return Advice(f"the DKIM key {claim.key_name} is not of {domain}, so DMARC does not count its signatures")
    return Advice(f"DKIM key {claim.key_name} fits", sound=True)


def _dmarc(domain: str, resolver: Resolver, deadline: Deadline) -> Advice:
    for place in dict.fromkeys((domain, organisational_domain(domain))):
        record = policy_record(place, resolver.texts(f"_dmarc.{place}", deadline))
        if record is not None:
            return Advice(f"DMARC of {domain}: {record.policy_for(domain)} (published at {place})", sound=True)
    return Advice(
        f'{domain} publishes no DMARC policy, so anybody may write in its name; publish the TXT record "v=DMARC1; p=none" at '
        f"_dmarc.{domain}, and p=quarantine when all is well"
    )
