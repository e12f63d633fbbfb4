"""The letterhead: what all letters of a desk have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from helpdesk.config.reply_addresses import ReplyAddresses
from helpdesk.templates.appearance import Appearance, Pages
from helpdesk.templates.render import Renderer
from helpdesk.threading.letters.file_links import FileLinks
from helpdesk.threading.trust.tokens import Keyring


@dataclass(frozen=True, slots=True)
class StaffReader:
    """How a staff member reads letters; the zone "" stands for the desk's."""

    language: str = "en"
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all letters of a desk have in common.

    `bounce_local` is the local part of reverse-paths. `support_address` is the From of letters about no ticket; "" stands
    for postmaster, the one address that every domain has (RFC 5321 §4.5.1). `zone` is the desk's time zone; `language` is
    that of letters to customers about no ticket. `readers` are staff members by their address in lower case, and `zones` the
    zones of accounts that have one of their own. `attachments` is how many octets the files of one letter may have. `looks` are
    those of support addresses in lower case, `pages` those of plans, and `request_page` is where a support request is created.
    `links` makes links to files that are too large for a letter; None where there are none.
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
    readers: Mapping[str, StaffReader] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    looks: Mapping[str, Appearance] = field(default_factory=dict)
    pages: Mapping[str, Pages] = field(default_factory=dict)
    request_page: str = ""
    links: FileLinks | None = None
    renderer: Renderer = field(default_factory=Renderer, repr=False, compare=False)
