"""The values that a desk's decisions and letters need, built once from its configuration."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from helpdesk.config.load import Configuration
from helpdesk.config.policy import Policy
from helpdesk.config.reply_addresses import ReplyAddresses
from helpdesk.config.settings import Dkim
from helpdesk.gateway.observe import Log
from helpdesk.gateway.template_child import limited_renderer
from helpdesk.store.identifiers import new_ids, new_reference, new_thread_key
from helpdesk.templates.appearance import looks_of, pages_of
from helpdesk.templates.letterhead import Letterhead, StaffReader
from helpdesk.templates.overrides import Overrides, read_overrides
from helpdesk.threading.letters.file_links import FileLinks
from helpdesk.threading.lifecycle.context import Fresh
from helpdesk.threading.matching.gather import House
from helpdesk.threading.trust.tokens import Keyring

log = Log("helpdesk.desk")


def new_identifiers(prefix: str, now: datetime) -> Fresh:
    """New identifiers for one ticket, and any number of keys."""
    return Fresh(new_ids(now), new_reference(prefix), new_thread_key())


@dataclass(frozen=True, slots=True)
class Desk:
    """The configuration of a desk in the form that the worker uses."""

    policy: Policy
    house: House
    letterhead: Letterhead
    prefix: str
    node: str
    signed: Callable[[bytes], bytes] | None  # adds DKIM signatures to a letter; None if the desk has no keys
    identifiers: Callable[[str, datetime], Fresh] = new_identifiers  # draws those of a decision, by the desk's prefix


def desk_of(configuration: Configuration, node: str, overrides: Overrides | None = None, links: FileLinks | None = None) -> Desk:
    """Build the desk of a configuration. `node` is the name of this process in its records; `overrides` are read where they are not given.
    `links` makes links to files; None where there are none.

    Raises UnusableKey for an unreadable DKIM key.
    """
    settings, policy = configuration.settings, configuration.policy
    keyring = Keyring(tuple(configuration.secret))
    addresses = ReplyAddresses(settings.desk.reply_address, settings.desk.domain)
    house = House(addresses, keyring, policy, settings.desk.prefix, settings.desk.domain, settings.authentication)
    if overrides is None:
        overrides = read_overrides(Path(settings.desk.templates) if settings.desk.templates else None)
    letterhead = Letterhead(
        settings.desk.name,
        settings.desk.domain,
        addresses,
        keyring,
        support_address=policy.addresses[0].address,
        zone=policy.calendar.zone,
        language=policy.default_language,
        attachments=policy.letters.attachments,
        readers={member.address.lower(): StaffReader(member.language, member.zone) for member in reversed(policy.staff)},
        looks=looks_of(policy),
        pages=pages_of(policy),
        request_page=settings.request_page,
        links=links,
        zones={account.id: account.zone for account in policy.accounts if account.zone},
        renderer=limited_renderer(
            overrides, lambda fault: log.warning("template.failed", reason=fault, do="ours is sent instead")
        ),
    )
    return Desk(policy, house, letterhead, settings.desk.prefix, node, signing(settings.dkim))


def signing(keys: tuple[Dkim, ...]) -> Callable[[bytes], bytes] | None:
    """Return the function that signs letters. The DKIM library is imported only if the desk signs, because that takes half a second.

    Raises UnusableKey.
    """
    if not keys:
        return None
    from helpdesk.gateway.origin.signing import Signer

    return Signer(keys).sign
