"""A customer's message as the conversation keeps it: its text, its files, and the inbox that shows it."""

from dataclasses import replace

from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.firewall import holds_staff_letter
from helpdesk.threading.lifecycle.said_words import shown_text
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.signature_images import mark_recurring
from helpdesk.threading.model.attachment import attachments_as_json, names_of_pictures, picture_address
from helpdesk.threading.model.message import Direction as D
from helpdesk.threading.model.message import Message
from helpdesk.threading.reading.kept_shapes import kept_shapes
from helpdesk.threading.reading.markup import markup_of
from helpdesk.threading.reading.secrets import kinds_in, mask
from helpdesk.threading.reading.shaping import shaped, text_of

FORWARDED = "---------- Forwarded message ----------"


def as_read(incoming: Incoming) -> Incoming:
    """The mail as people will read it: the forwarded text below the comment, and secrets masked."""
    text = incoming.text if incoming.text.strip() else incoming.signature
    forwarded = incoming.forward.missing_text if incoming.forward else ""
    if forwarded and forwarded not in text:
        text = f"{text}\n\n{_head_of_forward(incoming)}\n{forwarded}".strip()
    elif _is_bare_forward(incoming):
        text = f"{_head_of_forward(incoming)}\n{text}"
    read = _without_secrets(incoming if text is incoming.text else replace(incoming, text=text))
    names = names_of_pictures(read.attachments)
    text, below = (text_of(shaped(part, read.document, names)) for part in (read.text, read.below))
    return replace(read, text=text, below=below)


def _is_bare_forward(incoming: Incoming) -> bool:
    """Whether the message is a mail of somebody else without a word of its author; its text does not name that person."""
    forward = incoming.forward
    if forward is None or forward.mail.attached or forward.mail.author is None or forward.mail.comment.strip():
        return False
    return bool(incoming.text.strip()) and incoming.text.strip() == forward.mail.text.strip()


def _head_of_forward(incoming: Incoming) -> str:
    """The separator line, and who wrote the forwarded mail, when and about what, as far as its header block says so."""
    forward = incoming.forward.mail if incoming.forward else None
    author = forward.author if forward else None
    if forward is None or author is None or not author.address:
        return FORWARDED
    fields = (("From", f"{author.name} <{author.address}>".strip()), ("Date", forward.date), ("Subject", forward.subject))
    return "\n".join((FORWARDED, *(f"{name}: {value}" for name, value in fields if value), ""))


def _without_secrets(incoming: Incoming) -> Incoming:
    """Mask card numbers, passwords and keys that a customer should not have sent. The stored raw mail still contains them."""
    parts = (incoming.subject, incoming.text, incoming.below, incoming.elided_text, incoming.doubts.other_text)
    hidden = kinds_in("\n".join(parts))
    if not hidden:
        return incoming
    subject, text, below, elided = (mask(part) for part in parts[:4])
    doubts = replace(incoming.doubts, other_text=mask(incoming.doubts.other_text), hidden=hidden)
    return replace(incoming, subject=subject, text=text, below=below, elided_text=elided, doubts=doubts)


def with_marks(incoming: Incoming, context: Context) -> Incoming:
    """Mark the images of the signature that this author's earlier mails had too, such as a logo."""
    if not incoming.attachments:
        return incoming
    return replace(incoming, attachments=mark_recurring(incoming, context.known.seen_images))


def message_of(incoming: Incoming, context: Context, *, of_participant: bool = True) -> Message:
    """The message for the conversation, and for the platform inbox of its author if that is certain.

    Words of somebody who takes no part in the conversation stand in no inbox. Such writers are a stranger with a reply address,
    and a form or list that wrote in place of the person who is answered.
    """
    return Message(
        id=next(context.fresh.ids),
        direction=D.CUSTOMER,
        author=incoming.author,
        assurance=incoming.assurance,
        text=shown_text(incoming),
        html=markup_of(shaped(shown_text(incoming), incoming.document), pictures=_shown(incoming)),
        shapes=kept_shapes(shown_text(incoming), incoming.document),
        elided_text=incoming.elided_text,
        attachments=attachments_as_json(incoming.attachments),
        message_id=incoming.message_id,
        at=incoming.received_at,
        proved=incoming.identity.is_proved,
        inbox_of=inbox_of(incoming, context) if of_participant else None,
        subject=incoming.subject.strip(),
    )


def _shown(incoming: Incoming) -> dict[str, str]:
    return {file.sha256: picture_address(file.sha256) for file in incoming.attachments if file.inline}


def inbox_of(incoming: Incoming, context: Context) -> str | None:
    """The address in whose platform inbox the words appear as that person's own; "" for a platform user without address, None for
    no inbox.

    Words without a certain author, of a probably forged author, or with a part of a letter to staff appear in no inbox.
    """
    if holds_staff_letter(incoming, context):
        return None
    if incoming.account is not None:
        return incoming.author
    return incoming.author if incoming.identity.may_be_customer else None


def unknown_parents(incoming: Incoming, context: Context) -> tuple[str, ...]:
    """Unknown Message-IDs from References and In-Reply-To. They are recorded, so that later replies to them join this ticket."""
    return tuple(message_id for message_id in incoming.parents if message_id not in context.known.by_message_id)
