"""A mail as the client of its reader has it when they answer or forward it."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime
from html import escape

from support.clients.words import Picture


@dataclass(frozen=True, slots=True)
class Quoted:
    """The letter that is quoted. `html` is what stands in the body of its page; a mail without HTML is shown as lines."""

    name: str
    address: str
    reply_to: str  # as its Reply-To field says, else its From field
    to: str
    cc: str
    subject: str
    at: datetime
    message_id: str
    references: str
    text: str
    html: str
    body: str = "<body>"  # the start tag, with its attributes
    pictures: tuple[Picture, ...] = ()


def received(message: EmailMessage) -> Quoted:
    """The mail as a reader of it: display name, dates, both bodies, pictures."""
    name, address = parseaddr(str(message.get("From", "")))
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    text = str(plain.get_content()).replace("\r\n", "\n").rstrip("\n") if plain is not None else ""
    page = str(rich.get_content()).replace("\r\n", "\n") if rich is not None else lines_as_html(text)
    opening = re.search(r"<body[^>]*>", page)
    return Quoted(
        name=name or address,
        address=address,
        reply_to=str(message.get("Reply-To") or message.get("From", "")),
        to=str(message.get("To", "")),
        cc=str(message.get("Cc", "")),
        subject=str(message.get("Subject", "")),
        at=parsedate_to_datetime(str(message["Date"])),
        message_id=str(message.get("Message-ID", "")),
        references=str(message.get("References", "")),
        text=text,
        html=inner(page),
        body=opening[0] if opening else "<body>",
        pictures=tuple(_pictures(message)),
    )


def inner(page: str) -> str:
    """What stands in the body of a page, without comments."""
    found = re.search(r"<body[^>]*>(.*)</body>", page, re.DOTALL)
    return re.sub(r"<!--.*?-->", "", found[1] if found else page, flags=re.DOTALL)


def lines_as_html(text: str) -> str:
    return "".join(f"<div>{escape(line) or '<br>'}</div>\n" for line in text.split("\n"))


def _pictures(message: EmailMessage) -> list[Picture]:
    parts = (part for part in message.walk() if part.get_content_maintype() == "image" and part["Content-ID"])
    return [
        Picture(
            str(part.get_filename() or "image.png"), str(part["Content-ID"]).strip("<> "), bytes(part.get_payload(decode=True))
        )
        for part in parts
    ]
