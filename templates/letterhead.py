"""The letterhead: what all letters of a desk have in common."""

from dataclasses import dataclass, field

from helpdesk.config.reply_addresses import ReplyAddresses
from helpdesk.templates.render import Renderer
from helpdesk.threading.trust.tokens import Keyring


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all letters of a desk have in common.

    `bounce_local` is the local part of reverse-paths. `support_address` is the From of letters about no ticket; "" stands
    for postmaster, the one address that every domain has (RFC 5321 §4.5.1). `zone` is the desk's time zone; `language` is
    that of letters to customers about no ticket. `attachments` is how many octets the files of one letter may have.
    """

    desk_name: str
    domain: str
    reply_addresses: ReplyAddresses
    keyring: Keyring
    bounce_local: str = "bounces"
    support_address: str = ""
    zone: str = "UTC"
    language: str = "en"
    attachments: int = 20_000_000
    renderer: Renderer = field(default_factory=Renderer, repr=False, compare=False)
