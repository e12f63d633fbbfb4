"""One public package behind a pipe: asks on standard input, answers on standard output, one JSON object a line.

    python foreign_child.py PACKAGE

Executed by the environment of `make compare`, which has these packages and nothing of ours. Each is called as its own documentation
shows, and with all languages that it knows.
"""

import email
import json
import os
import resource
import sys
import types
from collections.abc import Callable
from contextlib import suppress
from email.utils import getaddresses, parseaddr
from html.parser import HTMLParser
from importlib.metadata import version
from pathlib import Path
from typing import Any

MEMORY = 2 * 1024 * 1024 * 1024
BLOCKS = frozenset(
    "p div br tr li ul ol table blockquote h1 h2 h3 h4 h5 h6 hr pre section article header footer td th body".split()
)
UNSEEN = frozenset(("script", "style", "title"))
Answer = dict[str, Any] | str


class _Words(HTMLParser):
    """The words of HTML with a line end at each block: packages that give HTML back are compared by their text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSEEN:
            self._unseen += 1
        elif tag in BLOCKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in BLOCKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.words.append(data)


def words_of(html: str) -> str:
    parser = _Words()
    parser.feed(html)
    parser.close()
    return "".join(parser.words)


def plain(text: str, html: str | None) -> str:
    return text if text.strip() or not html else words_of(html)


def reply_by_talon(text: str, html: str | None, keep_signature: bool) -> str:
    import talon
    from talon import quotations

    # The package's own signature module wants numpy and a classifier; its pattern-based cutter needs neither.
    folder = types.ModuleType("talon.signature")
    folder.__path__ = [str(Path(str(talon.__file__)).parent / "signature")]
    sys.modules["talon.signature"] = folder
    from talon.signature.bruteforce import extract_signature

    quotations.register_xpath_extensions()
    if text.strip() or not html:
        reply = quotations.extract_from_plain(text)
    else:
        reply = words_of(quotations.extract_from(html, "text/html") or "")
    return str(reply if keep_signature else extract_signature(reply)[0])


def reply_by_mail_parser_reply(text: str, html: str | None, keep_signature: bool) -> str:
    from mailparser_reply import EmailReplyParser
    from mailparser_reply.constants import MAIL_LANGUAGES

    mail = EmailReplyParser(languages=list(MAIL_LANGUAGES)).read(plain(text, html))
    if not mail.replies:
        return ""
    return str(mail.replies[0].content if keep_signature else mail.replies[0].body)


def reply_by_email_reply_parser(text: str, html: str | None, keep_signature: bool) -> str:
    from email_reply_parser import EmailReplyParser

    return str(EmailReplyParser.parse_reply(plain(text, html)))


def reply_by_quotequail(text: str, html: str | None, keep_signature: bool) -> str:
    import quotequail

    if text.strip() or not html:
        return "\n".join(part for shown, part in quotequail.quote(text, quote_intro_line=True) if shown)
    parts = quotequail.quote_html(html, quote_intro_line=True)[:1]
    return words_of("\n".join(part for shown, part in parts if shown))


def bounce_by_flufl(raw: str) -> Answer:
    from flufl.bounce import all_failures

    temporary, permanent = all_failures(email.message_from_bytes(raw.encode("latin-1")))
    recipients = sorted(address.decode("utf-8", "replace") for address in {*temporary, *permanent})
    return {"bounce": bool(recipients), "recipients": recipients, "permanent": bool(permanent) if recipients else None}


def forward_by_quotequail(text: str, html: str | None, subject: str | None) -> Answer:
    import quotequail

    found = quotequail.unwrap(text) if text.strip() or not html else quotequail.unwrap_html(html)
    if not found or found.get("type") != "forward":
        return {"forwarded": False}
    name, address = parseaddr(found.get("from", ""))
    return {
        "forwarded": True,
        "from_email": address,
        "from_name": name,
        "subject": found.get("subject"),
        "to": [one for _, one in getaddresses([found.get("to", "")])],
        "comment": found.get("text_top") or words_of(found.get("html_top", "")),
        "text": found.get("text") or words_of(found.get("html", "")),
    }


def forward_by_email_forward_parser(text: str, html: str | None, subject: str | None) -> Answer:
    from emailforwardparser.forward_parser import get_forwarded_metadata

    found = get_forwarded_metadata(plain(text, html), subject)
    if not found.forwarded:
        return {"forwarded": False}
    return {
        "forwarded": True,
        "from_email": found.email.from_.address,
        "from_name": found.email.from_.name,
        "subject": found.email.subject,
        "to": [address.address for address in found.email.to],
        "comment": found.message,
        "text": found.email.body,
    }


PACKAGES: dict[str, dict[str, Callable[..., Answer]]] = {
    "talon": {"reply": reply_by_talon},
    "mail-parser-reply": {"reply": reply_by_mail_parser_reply},
    "email-reply-parser": {"reply": reply_by_email_reply_parser},
    "quotequail": {"reply": reply_by_quotequail, "forward": forward_by_quotequail},
    "flufl.bounce": {"bounce": bounce_by_flufl},
    "email-forward-parser": {"forward": forward_by_email_forward_parser},
}
NOTHING: dict[str, dict[str, Any]] = {
    "reply": {"text": "Hello", "html": None, "keep_signature": False},
    "bounce": {"raw": "Subject: x\n\nHello"},
    "forward": {"text": "Hello", "html": None, "subject": None},
}


def main() -> None:
    package = sys.argv[1]
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a package prints is no answer
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    print(json.dumps(_ready(package)), file=answers, flush=True)
    for line in sys.stdin:
        ask = json.loads(line)
        print(json.dumps(_answer(package, ask.pop("task"), ask)), file=answers, flush=True)


def _ready(package: str) -> dict[str, str]:
    """Its version, once each of its tasks has been imported; what is missing, otherwise. A fault on a mail is no lack."""
    try:
        for task, function in PACKAGES[package].items():
            with suppress(ValueError, LookupError, TypeError, AttributeError):
                function(**NOTHING[task])
        return {"version": version(package)}
    except Exception as fault:
        return {"missing": f"{type(fault).__name__}: {fault}"}


def _answer(package: str, task: str, ask: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"answer": PACKAGES[package][task](**ask)}
    except Exception as fault:
        return {"fault": f"{type(fault).__name__}: {fault}"[:200]}


if __name__ == "__main__":
    main()
