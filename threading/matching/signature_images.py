"""Recognise images that a mail client adds to every mail, such as a logo: earlier mails of the same author had the same image.

Such an image is small, the HTML shows it in the signature part, and this mail is at least the third that has it. What somebody attached, or
set into their words, is never one, however often they send it; neither is anything in a mail that says nothing else.

"The same author" means the account if there is one, because colleagues share a logo, and otherwise the address. The domain does
not count, because strangers share a public provider's domain.
"""

from dataclasses import dataclass, replace

from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.attachment import Attachment, Use
from helpdesk.threading.model.mail import Channel
from helpdesk.threading.model.people import Contact

EARLIER_MAILS = 2  # with the same image, which make this one at least the third
MOST = 50  # images of one mail


@dataclass(frozen=True, slots=True)
class SignatureImages:
    """Images of a mail that may belong to a signature, by their SHA-256, and under which name they are remembered; "" where they are not."""

    hashes: tuple[str, ...] = ()
    origin: str = ""


NO_IMAGES = SignatureImages()


def origin_of(contact: Contact) -> str:
    """The key under which images of this author are remembered; "" for an author without identity, whose images are not remembered."""
    return contact.account or contact.address


def possible_images(incoming: Incoming) -> tuple[str, ...]:
    """The SHA-256 of the first attachments that could be a signature image, each once. Platform replies have no signatures."""
    if incoming.channel is not Channel.MAIL:
        return ()
    return tuple(dict.fromkeys(attachment.sha256 for attachment in incoming.attachments if _is_possible(attachment)))[:MOST]


def signature_images(incoming: Incoming, author: Contact) -> SignatureImages:
    """The images of a mail that are remembered for the next mail of its author. Those that are marked are known well enough."""
    known = {attachment.sha256 for attachment in incoming.attachments if attachment.recurring}
    return SignatureImages(tuple(image for image in possible_images(incoming) if image not in known), origin_of(author))


def mark_recurring(incoming: Incoming, seen: frozenset[str]) -> tuple[Attachment, ...]:
    """Mark the signature images that enough earlier mails had as recurring, if the mail has words or files beside them."""
    speaks = bool(incoming.text.strip()) or any(attachment.is_sent for attachment in incoming.attachments)
    known = seen if speaks else frozenset()
    return tuple(
        _marked(attachment, _is_possible(attachment) and attachment.sha256 in known) for attachment in incoming.attachments
    )


def _marked(attachment: Attachment, recurring: bool) -> Attachment:
    return attachment if attachment.recurring is recurring else replace(attachment, recurring=recurring)


def _is_possible(attachment: Attachment) -> bool:
    return attachment.use is Use.SIGNATURE
