"""Images that a mail client adds to every mail: the logo below the name. One that its author's mails held before is such an image.

"Its author" is the account where there is one, because colleagues share a logo, else the address. Not the domain: at a public provider
strangers share that.
"""

from dataclasses import dataclass, replace

from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.model.mail import Channel
from helpdesk.threading.model.people import Contact

LARGEST = (
    64 * 1024
)  # octets: a logo is smaller, most screenshots are larger, and one that is sent again deserves to be looked at again
MOST = 50  # of one mail


@dataclass(frozen=True, slots=True)
class SignatureImages:
    """Small images of a mail, by their SHA-256, and under which name they are remembered; "" where they are not."""

    hashes: tuple[str, ...] = ()
    origin: str = ""


NO_IMAGES = SignatureImages()


def origin_of(contact: Contact) -> str:
    """Under which name images of this author are remembered; "" for an author without identity, whose images are not."""
    return contact.account or contact.address


def small_images(incoming: Incoming) -> tuple[str, ...]:
    """SHA-256 of the first attachments that could be a signature image, each once. Nobody signs what he writes in the platform."""
    if incoming.channel is not Channel.MAIL:
        return ()
    return tuple(dict.fromkeys(attachment.sha256 for attachment in incoming.attachments if _is_small_image(attachment)))[:MOST]


def signature_images(incoming: Incoming, author: Contact) -> SignatureImages:
    """The small images of a mail, as they are remembered for the next mail of its author."""
    return SignatureImages(small_images(incoming), origin_of(author))


def mark_recurring(attachments: tuple[Attachment, ...], seen: frozenset[str]) -> tuple[Attachment, ...]:
    """The same attachments; those that were seen before are marked as recurring."""
    return tuple(
        replace(attachment, recurring=_is_small_image(attachment) and attachment.sha256 in seen) for attachment in attachments
    )


def _is_small_image(one: Attachment) -> bool:
    return one.content_type.startswith("image/") and one.size <= LARGEST
