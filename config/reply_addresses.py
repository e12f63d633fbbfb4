"""Addresses that carry a token: written by a pattern, found again in any recipient field."""

import re
from dataclasses import dataclass, field

TOKEN = "(?P<token>[a-z0-9]{1,64})"
LOCAL = "(?P<local>[^@]+?)"
TOKEN_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz234567")  # of base32 (RFC 4648 §6)
TOKEN_LENGTHS = range(38, 45)  # of the tokens that letters have, their first two letters included


@dataclass(frozen=True, slots=True)
class ReplyAddresses:
    """The desk's pattern, such as `{local}+{token}@{domain}` or `{token}@reply.example.com` (subaddresses: RFC 5233)."""

    pattern: str
    domain: str
    shape: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        source = re.escape(self.pattern.replace("{domain}", self.domain).lower())
        source = source.replace(re.escape("{local}"), LOCAL).replace(re.escape("{token}"), TOKEN)
        object.__setattr__(self, "shape", re.compile(source))

    @property
    def own_domain(self) -> str:
        """The domain of a pattern like `{token}@reply.example.com`, where any local part is a token's place; "" for other patterns."""
        local_part, _, domain = self.pattern.replace("{domain}", self.domain).lower().rpartition("@")
        return domain if local_part == "{token}" and domain != self.domain else ""

    def address(self, local_part: str, token: str) -> str:
        """The address to which a letter's reply goes."""
        return self.pattern.format(local=local_part, token=token, domain=self.domain)

    def token_in(self, address: str) -> str | None:
        """The token part of an address of this shape, lower case, not yet verified."""
        found = self.shape.fullmatch(address.lower()) if len(address) <= 320 else None
        return found["token"] if found else None

    def local_in(self, address: str) -> str | None:
        """The local part in front of the token, where the pattern has one."""
        found = self.shape.fullmatch(address.lower()) if len(address) <= 320 else None
        return found.groupdict().get("local") if found else None


def is_token_shaped(text: str) -> bool:
    """Whether a text could be a reply token, by its length and its letters. Nothing is verified."""
    return len(text) in TOKEN_LENGTHS and TOKEN_LETTERS.issuperset(text[2:].lower())
