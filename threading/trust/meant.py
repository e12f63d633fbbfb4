"""Whether the author of a signed mail meant it for this desk, and for which requests: what the signed parts of the mail name.

Anybody can send us a copy of a mail that a colleague has signed for somebody else. So only names in signed parts of the mail count, and
never the address to which the copy was sent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from helpdesk.config.our_addresses import OurAddresses
from helpdesk.threading.reading.parsed import ParsedMessage
from helpdesk.threading.trust.tokens import Token

SEARCHED = 200_000  # characters of each text


@dataclass(frozen=True, slots=True)
class Meant:
    """What the signed parts of a mail name: an address of this desk (`addressed`), references of its requests, valid reply tokens."""

    addressed: bool = False
    references: tuple[str, ...] = ()
    tokens: tuple[Token, ...] = ()

    @property
    def for_us(self) -> bool:
        return self.addressed or bool(self.references or self.tokens)

    def names(self, ticket_ids: Iterable[int], references: Iterable[str]) -> bool:
        """Whether a request is named by one of its ids or references. Those of requests that were merged into it count too."""
        by_token = {token.subject for token in self.tokens}.intersection(ticket_ids)
        return bool(by_token) or not set(self.references).isdisjoint(references)


class DeskMarks(Protocol):
    """How a desk recognises its own addresses, tokens and references."""

    @property
    def ours(self) -> OurAddresses:
        """Which addresses are the desk's own."""

    def first_address(self, address: str) -> str: ...

    def tokens_in(self, addresses: Iterable[str]) -> tuple[Token, ...]: ...

    def references_in(self, text: str) -> tuple[str, ...]: ...

    def tokens_in_text(self, text: str) -> tuple[Token, ...]: ...


def meant_for(message: ParsedMessage, signed: Iterable[str], desk: DeskMarks | None) -> Meant:
    """What the signed fields and the body of a mail name of this desk. `signed` has lower-case names of fields.

    The caller knows that the body is signed as a whole. Without a desk the answer is empty.
    """
    if desk is None:
        return Meant()
    fields = frozenset(signed)
    people = [*(message.to if "to" in fields else ()), *(message.cc if "cc" in fields else ())]
    addresses = [mailbox.address for mailbox in people]
    texts = [message.subject if "subject" in fields else "", message.text[:SEARCHED], (message.html or "")[:SEARCHED]]
    text = "\n".join(texts)
    return Meant(
        any(desk.ours.is_ours(address) for address in addresses),
        desk.references_in(text),
        tuple(dict.fromkeys((*desk.tokens_in(addresses), *desk.tokens_in_text(text)))),
    )
