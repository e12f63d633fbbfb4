"""Composed letters read again, by the standard library alone."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser


def read(content: bytes) -> EmailMessage:
    parsed = message_from_bytes(content, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def header_block(content: bytes) -> str:
    return content.partition(b"\r\n\r\n")[0].decode().replace("\r\n", "\n") + "\n"


def text_of(message: EmailMessage) -> str:
    return _part(message, "plain")


def html_of(message: EmailMessage) -> str:
    return _part(message, "html")


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self._unseen = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        hidden = tag in ("style", "title") or ("aria-hidden", "true") in attrs
        self._unseen = self._unseen or (tag if hidden else "")
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        self._unseen = "" if tag == self._unseen else self._unseen

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(data)


def seen(html: str) -> _Seen:
    """What a client shows of HTML: `pieces` of text, `tags` and `links` in their order."""
    reader = _Seen()
    reader.feed(html)
    reader.close()
    return reader


def words_of_html(html: str) -> list[str]:
    return words_of_text(" ".join(seen(html).pieces))


def words_of_text(text: str) -> list[str]:
    """Words in their order, without punctuation and without the addresses that HTML has behind its buttons."""
    return re.findall(r"\w+", re.sub(r"mailto:\S+", " ", text))
