"""One desk as its configuration makes it: what the pure steps need, built once."""

from dataclasses import dataclass

from helpdesk.config.load import Configuration
from helpdesk.config.policy import Policy
from helpdesk.templates.letterhead import Letterhead
from helpdesk.threading.matching.gather import House
from helpdesk.threading.trust.reply_address import ReplyAddresses
from helpdesk.threading.trust.tokens import Keyring


@dataclass(frozen=True, slots=True)
class Desk:
    policy: Policy
    house: House
    letterhead: Letterhead
    prefix: str
    node: str


def desk_of(configuration: Configuration, node: str) -> Desk:
    """`node` names this process in what it records."""
    settings, policy = configuration.settings, configuration.policy
    keyring = Keyring(tuple(configuration.secret))
    addresses = ReplyAddresses(settings.desk.reply_address, settings.desk.domain)
    house = House(addresses, keyring, policy, settings.desk.prefix, settings.desk.domain, settings.authentication)
    letterhead = Letterhead(
        settings.desk.name, settings.desk.domain, addresses, keyring, support_address=policy.addresses[0].address
    )
    return Desk(policy, house, letterhead, settings.desk.prefix, node)
