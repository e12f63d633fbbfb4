"""Recognise images that a mail client adds to every mail, such as a logo: an earlier mail of the same author had the same image.

"The same author" means the account if there is one, because colleagues share a logo, and otherwise the address. The domain does
not count, because strangers share a public provider's domain.
"""

from dataclasses import dataclass, replace

from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.model.mail import Channel
from helpdesk.threading.model.people import Contact

LARGEST = (
    64 * 1024
)  # octets: logos are smaller and most screenshots larger; a larger image that is sent again should be seen again
MOST = 50  # images of one mail


@dataclass(frozen=True, slots=True)
class SignatureImages:
    """Small images of a mail, by their SHA-256, and under which name they are remembered; "" where they are not."""

    hashes: tuple[str, ...] = ()
    origin: str = ""


NO_IMAGES = SignatureImages()


def origin_of(contact: Contact) -> str:
    """The key under which images of this author are remembered; "" for an author without identity, whose images are not remembered."""
    return contact.account or contact.address


def small_images(incoming: Incoming) -> tuple[str, ...]:
    """The SHA-256 of the first attachments that could be a signature image, each once. Platform replies have no signatures."""
    if incoming.channel is not Channel.MAIL:
        return ()
    return tuple(dict.fromkeys(attachment.sha256 for attachment in incoming.attachments if _is_small_image(attachment)))[:MOST]


def signature_images(incoming: Incoming, author: Contact) -> SignatureImages:
    """The small images of a mail, as they are remembered for the next mail of its author."""
    return SignatureImages(small_images(incoming), origin_of(author))


def mark_recurring(attachments: tuple[Attachment, ...], seen: frozenset[str]) -> tuple[Attachment, ...]:
    """Mark the attachments that an earlier mail had as recurring."""
    return tuple(_marked(attachment, _is_small_image(attachment) and attachment.sha256 in seen) for attachment in attachments)


def _marked(attachment: Attachment, recurring: bool) -> Attachment:
    return attachment if attachment.recurring is recurring else replace(attachment, recurring=recurring)


def _is_small_image(attachment: Attachment) -> bool:
    return attachment.content_type.startswith("image/") and attachment.size <= LARGEST
