"""A sent form becomes a mail: written as the desk, with the person in Reply-To, as the mail of any web form is.

The mail is stored as a door stores it. Nothing proves its author, and nothing here asks whether the address is known.
"""

import hashlib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from helpdesk.gateway.http.request_form.sent import SentRequest
from helpdesk.threading.matching.request_form import DOOR, FormChoices, fields_of
from helpdesk.threading.model.mail import Envelope, RawMessage

BINARY = ("application", "octet-stream")


def mail_of(sent: SentRequest, text: str, support_address: str, domain: str, now: datetime) -> RawMessage:
    """The mail of a request. The same form, sent twice, has one Message-ID, so that the second mail is a copy of the first.

    `text` are the words of the request with the answers to its questions.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _mailbox(sent.name, support_address)
    mail["Reply-To"] = _mailbox(sent.name, sent.address)
    mail["To"] = _mailbox("", support_address)
    mail["Subject"] = sent.subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{DOOR}.{_digest(sent)}@{domain}>"
    for name, value in fields_of(FormChoices(sent.topic.name, sent.language)).items():
        mail[name] = value
    mail.set_content(text, cte="base64")
    for file in sent.files:
        mail.add_attachment(file.content, *_type_of(file.content_type), filename=file.name)
    return RawMessage(DOOR, Envelope(sent.address, (support_address,)), mail.as_bytes(), now)


def _mailbox(name: str, address: str) -> Address:
    return Address(name, addr_spec=address)


def _type_of(content_type: str) -> tuple[str, str]:
    """The type of a file; a text is octets too, because nobody said its charset."""
    kind, _, subtype = content_type.partition(";")[0].strip().lower().partition("/")
    is_plain = (
        kind.isalnum()
        and kind.isascii()
        and subtype.isascii()
        and subtype.replace("-", "").replace(".", "").replace("+", "").isalnum()
    )
    return (kind, subtype) if is_plain and kind not in ("text", "message", "multipart") else BINARY


def _digest(sent: SentRequest) -> str:
    """A hash of all that was sent, with the mark of its form: two people with the same words have two requests."""
    digest = hashlib.sha256()
    words = (sent.mark, sent.address, sent.name, sent.subject, sent.text, sent.language, sent.topic.name)
    for part in (*words, *(sent.topic.answers or {}).values(), *(file.name for file in sent.files)):
        digest.update(part.encode("utf-8", "replace") + b"\0")
    for file in sent.files:
        digest.update(hashlib.sha256(file.content).digest())
    return digest.hexdigest()[:32]
