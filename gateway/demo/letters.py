"""The Maildir as everybody's mail server: letters of the desk and mails that people of the demo sent, each in the mailbox of its person."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

from helpdesk.gateway.delivery.maildir import file_name, store_letters

NAME = re.compile(r"[0-9a-f]{40}\.letter")
MOST_LETTERS = 200
BOUNDARY = "##-"
PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}


@dataclass(frozen=True, slots=True)
class ButtonOfLetter:
    """A mailto: link in a letter: what it says, and the mail that it begins."""

    says: str
    to: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class FileOfLetter:
    """A file that a letter brings."""

    filename: str
    content: bytes


@dataclass(frozen=True, slots=True)
class CaughtLetter:
    """A letter as the reader's mail client has it."""

    name: str
    at: datetime
    sender: str
    to: tuple[str, ...]  # addresses in small letters
    subject: str
    text: str
    message: EmailMessage

    @property
    def first_words(self) -> str:
        """The beginning of its words, as a list of mails shows it: below the name of the desk."""
        lines = [line.strip() for line in self.text.splitlines()]
        said = [line for line in lines if line and not line.startswith((BOUNDARY, "mailto:"))]
        return " ".join(said[1:] or said)[:140]

    @property
    def reply_to(self) -> str:
        return str(self.message.get("Reply-To") or self.message.get("From") or "")

    @property
    def has_html(self) -> bool:
        return self.message.get_body(("html",)) is not None

    @property
    def html(self) -> str:
        """The HTML part, with the pictures that it brings along in their places."""
        part = self.message.get_body(("html",))
        html = str(part.get_content()) if part is not None else ""
        for picture in self.message.walk():
            name = str(picture.get("Content-ID") or "").strip("<>")
            if name and picture.get_content_type() in PICTURES:
                content = str(picture.get_payload()).replace("\n", "").replace("\r", "")
                html = html.replace(f"cid:{name}", f"data:{picture.get_content_type()};base64,{quote(content, safe='+/=')}")
        return html

    @property
    def buttons(self) -> tuple[ButtonOfLetter, ...]:
        """The links that write a mail, each once. The boundary above a reply is one too, for mail clients alone."""
        links = _MailLinks()
        links.feed(self.html)
        return tuple(dict.fromkeys(_button(address, says) for address, says in links.found if not says.startswith(BOUNDARY)))

    @property
    def files(self) -> tuple[FileOfLetter, ...]:
        return tuple(
            FileOfLetter(str(part.get_filename() or "file"), bytes(part.get_payload(decode=True) or b""))
            for part in self.message.iter_attachments()
            if isinstance(part, EmailMessage)
        )


class LetterCatcher:
    """Reads the Maildir of the relay and that of sent mails. A file never changes, so each is parsed once."""

    def __init__(self, received: Path, sent: Path) -> None:
        self._received, self._sent = received, sent
        self._parsed: dict[Path, CaughtLetter] = {}

    def letters_to(self, address: str | None = None) -> Sequence[CaughtLetter]:
        """The newest letters of the desk, newest first; with an address, those to it."""
        return [letter for letter in self._letters(self._received) if address is None or address in letter.to][:MOST_LETTERS]

    def mails_from(self, address: str) -> Sequence[CaughtLetter]:
        """The newest mails that somebody has sent from these pages, newest first."""
        return [letter for letter in self._letters(self._sent) if address in letter.sender.lower()][:MOST_LETTERS]

    def find(self, name: str) -> CaughtLetter | None:
        """A letter by the name of its file."""
        if not NAME.fullmatch(name):
            return None
        places = (folder / part / name for folder in (self._received, self._sent) for part in ("new", "cur"))
        return next((self._letter(place) for place in places if place.is_file()), None)

    def keep_sent(self, sender: str, content: bytes) -> None:
        store_letters(self._sent, [(file_name(sender, content), content)])

    def _letters(self, folder: Path) -> list[CaughtLetter]:
        places = [
            Path(entry.path)
            for part in ("new", "cur")
            if (folder / part).is_dir()
            for entry in os.scandir(folder / part)
            if NAME.fullmatch(entry.name.partition(":")[0])
        ]
        return sorted(map(self._letter, places), key=lambda letter: letter.at, reverse=True)

    def _letter(self, place: Path) -> CaughtLetter:
        if place not in self._parsed:
            self._parsed[place] = parse_letter(place.name.partition(":")[0], place.read_bytes(), place.stat().st_mtime)
        return self._parsed[place]


def parse_letter(name: str, content: bytes, kept_at: float) -> CaughtLetter:
    message = BytesParser(EmailMessage, policy=policy.default).parsebytes(content)
    body = message.get_body(("plain",))
    return CaughtLetter(
        name=name,
        at=datetime.fromtimestamp(kept_at, UTC),
        sender=str(message.get("From") or ""),
        to=tuple(address.lower() for _, address in getaddresses([str(message.get("To") or "")])),
        subject=str(message.get("Subject") or ""),
        text=str(body.get_content()) if body is not None else "",
        message=message,
    )


class _MailLinks(HTMLParser):
    """Collects the links of an HTML text that write a mail, each with its words."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._address = ""
        self._says: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        address = dict(attributes).get("href") or ""
        if tag == "a" and address.startswith("mailto:"):
            self._address, self._says = address, []

    def handle_data(self, data: str) -> None:
        self._says.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._address:
            says = " ".join("".join(self._says).split())
            self.found.append((self._address, says))
            self._address = ""


def _button(address: str, says: str) -> ButtonOfLetter:
    url = urlsplit(address)
    fields: Mapping[str, list[str]] = parse_qs(url.query.replace("+", "%2B"))
    return ButtonOfLetter(says, unquote(url.path), fields.get("subject", [""])[0], fields.get("body", [""])[0])
