"""The rule that says which addresses are the desk's own. It is asked wherever an address becomes a recipient, a participant or a contact.

A letter to an address of the desk comes back to the desk as a mail, so a customer at such an address would make the desk answer itself. No
command, mail, platform row or directory makes an address of the desk a recipient, however the address is spelled.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from helpdesk.config.domain_names import a_labels
from helpdesk.config.reply_addresses import ReplyAddresses, is_token_shaped

LONGEST_READ = 1000  # characters of an address, comments included; what is longer is delivered nowhere
COMMENTS_AND_SPACE = re.compile(r"\([^()]*\)|\s")  # RFC 5322 §3.2.2: they are no part of an address
ROLES = ("postmaster", "abuse")  # that every domain has (RFC 2142)


@dataclass(frozen=True, slots=True)
class OurAddresses:
    """The desk's support addresses (canonical), reply addresses and reverse-paths, and the roles of its domain.

    `is_ours` is for recipients: it says yes to every address whose mail could come back to the desk. `takes_mail_for` is for doors: of a reply
    domain it accepts only addresses that can be a token.
    """

    reply_addresses: ReplyAddresses
    support: tuple[str, ...]
    bounce_local: str = "bounces"

    @property
    def domain(self) -> str:
        return self.reply_addresses.domain

    def is_ours(self, address: str) -> bool:
        """Whether a letter to this address would come back to the desk, however the address is written: case, quotes, subaddress, token, domain."""
        local_part, domain = plain_spelling(address)
        of_reply_domain = bool(local_part and domain) and domain == self.reply_addresses.own_domain
        return of_reply_domain or self._is_named(local_part, domain)

    def takes_mail_for(self, address: str) -> bool:
        """Whether a door accepts a recipient; tokens are not verified there, so that nobody can try them."""
        return self._is_named(*plain_spelling(address))

    def is_own_author(self, address: str) -> bool:
        """Whether only the desk writes from this address, so that mail from it is a loop or a forgery. Other hosts do write as postmaster."""
        return self.is_ours(address) and not address.lower().startswith(tuple(f"{role}@" for role in ROLES))

    def support_address_among(self, addresses: Iterable[str]) -> str:
        """The support address to which the first of these addresses leads; the desk's first one where none leads to any."""
        found = self._support_addresses_in(addresses)
        return next(found, next(iter(self.support), ""))

    def support_addresses_in(self, addresses: Iterable[str]) -> tuple[str, ...]:
        """The support addresses to which these addresses lead, each once, in order."""
        return tuple(dict.fromkeys(self._support_addresses_in(addresses)))

    def _support_addresses_in(self, addresses: Iterable[str]) -> Iterator[str]:
        for address in addresses:
            local_part, domain = plain_spelling(address)
            local = self.reply_addresses.local_in(f"{local_part}@{domain}")
            candidates = (f"{local_part.partition('+')[0]}@{domain}", f"{local}@{self.domain}" if local else "")
            yield from (candidate for candidate in candidates if candidate in self.support)

    def _is_named(self, local_part: str, domain: str) -> bool:
        base = local_part.partition("+")[0]
        if domain == self.domain and base in (self.bounce_local, *ROLES):
            return True
        if f"{base}@{domain}" in self.support:
            return True
        plain = f"{local_part}@{domain}"
        local = self.reply_addresses.local_in(plain)
        if local is not None and f"{local}@{self.domain}" in self.support:
            return True
        if local is not None:  # of a support address that the desk has had: its letters are still answered
            return is_token_shaped(self.reply_addresses.token_in(plain) or "")
        return self.reply_addresses.token_in(plain) is not None


def our_addresses(domain: str, pattern: str, support: Iterable[str]) -> OurAddresses:
    """The desk's own addresses, from its domain, its pattern of reply addresses, and its support addresses as they are configured."""
    return OurAddresses(ReplyAddresses(pattern, domain), tuple(dict.fromkeys(address.lower() for address in support)))


def plain_spelling(address: str) -> tuple[str, str]:
    """Local part and domain in lower case, the domain in A-labels; without comments, white space, quotes and a final dot.

    This form is for comparing only; it does not say whether the text is an address. A text too long for one gives two empty texts.
    """
    if len(address) > LONGEST_READ:
        return "", ""
    folded = unicodedata.normalize("NFC", COMMENTS_AND_SPACE.sub("", address)).lower().strip("<>")
    local_part, _, domain = folded.rpartition("@")
    domain = domain.rstrip(".")
    return local_part.replace('"', "").replace("\\", ""), a_labels(domain) or domain
