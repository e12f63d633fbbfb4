"""Which addresses are the desk's own: the one rule, wherever an address becomes a recipient, a participant or a contact.

A letter to an address of the desk comes back to the desk as a mail, so a customer at such an address would make the desk answer itself. No
command, mail, platform row or directory makes an address of the desk a recipient, however the address is spelled.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from helpdesk.config.domain_names import a_labels
from helpdesk.config.reply_addresses import ReplyAddresses

LONGEST_READ = 1000  # characters of an address, comments included; what is longer is delivered nowhere
NOBODY_READS = re.compile(r"\([^()]*\)|\s")  # comments and white space (RFC 5322 §3.2.2), which are no part of an address
ROLES = ("postmaster", "abuse")  # that every domain has (RFC 2142)


@dataclass(frozen=True, slots=True)
class OurAddresses:
    """The desk's support addresses (canonical), reply addresses and reverse-paths, and the roles of its domain.

    Two questions: `is_ours` asks about a recipient, and takes in whatever could come back to us; `takes_mail_for` asks what a door accepts,
    and is narrower by the addresses of a reply domain that cannot be a token.
    """

    reply_addresses: ReplyAddresses
    support: tuple[str, ...]
    bounce_local: str = "bounces"

    @property
    def domain(self) -> str:
        return self.reply_addresses.domain

    def is_ours(self, address: str) -> bool:
        """Whether a letter there would come back to the desk: in any case, quoting, subaddress or spelling of the domain, with any token."""
        local_part, domain = spelled_plainly(address)
        of_reply_domain = bool(local_part and domain) and domain == self.reply_addresses.own_domain
        return of_reply_domain or self._is_named(local_part, domain)

    def takes_mail_for(self, address: str) -> bool:
        """Whether a door accepts a recipient; tokens are not verified there, so that nobody can try them."""
        return self._is_named(*spelled_plainly(address))

    def is_own_author(self, address: str) -> bool:
        """An address from which only the desk writes: mail that claims it is a loop or a forgery. Hosts do write as postmaster."""
        return self.is_ours(address) and not address.lower().startswith(tuple(f"{role}@" for role in ROLES))

    def support_address_among(self, addresses: Iterable[str]) -> str:
        """The first support address that one of these leads to; the desk's first one where none does."""
        for address in addresses:
            local_part, domain = spelled_plainly(address)
            local = self.reply_addresses.local_in(f"{local_part}@{domain}")
            for candidate in (f"{local_part.partition('+')[0]}@{domain}", f"{local}@{self.domain}" if local else ""):
                if candidate in self.support:
                    return candidate
        return next(iter(self.support), "")

    def _is_named(self, local_part: str, domain: str) -> bool:
        base = local_part.partition("+")[0]
        if domain == self.domain and base in (self.bounce_local, *ROLES):
            return True
        if f"{base}@{domain}" in self.support:
            return True
        plain = f"{local_part}@{domain}"
        local = self.reply_addresses.local_in(plain)
        if local is not None:
            return f"{local}@{self.domain}" in self.support
        return self.reply_addresses.token_in(plain) is not None


def our_addresses(domain: str, pattern: str, support: Iterable[str]) -> OurAddresses:
    """From a desk's domain, its pattern of reply addresses and its support addresses as the configuration has them."""
    return OurAddresses(ReplyAddresses(pattern, domain), tuple(dict.fromkeys(address.lower() for address in support)))


def spelled_plainly(address: str) -> tuple[str, str]:
    """Local part and domain in lower case, the domain in A-labels; without comments, white space, quotes and a final dot.

    For comparing alone: whether it is an address at all is another question. Two empty texts for what is too long to be one.
    """
    if len(address) > LONGEST_READ:
        return "", ""
    folded = unicodedata.normalize("NFC", NOBODY_READS.sub("", address)).lower().strip("<>")
    local_part, _, domain = folded.rpartition("@")
    domain = domain.rstrip(".")
    return local_part.replace('"', "").replace("\\", ""), a_labels(domain) or domain
