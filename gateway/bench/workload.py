"""The mails of a run: what customers of a desk write, generated from a seed.

40 % are new requests and 60 % replies. Bodies are multipart/alternative of 3 to 10 KB; 15 % of the requests and replies have an attachment
of 100 KB. Two of three replies go to the reply address of the letter that they answer; the others go to the support address,
and only their header fields lead to the ticket. Each reply quotes what it answers, as mail clients do: our letter, or its author's own mail
before, without what that one quoted.
"""

import base64
import quopri
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.utils import format_datetime
from html import escape
from random import Random
from textwrap import wrap

SUPPORT = "help@support.example.com"
NEW = 0.4  # share of new requests in all mails
BY_TOKEN = 2 / 3  # share of replies that go to a reply address
WITH_ATTACHMENT = 0.15
ATTACHMENT = 100 * 1024  # octets before base64
BODY = (3000, 10_000)  # characters of text and HTML together
TEXT = 0.35  # share of the text in that
NON_ASCII = 0.004  # share of words that are not ASCII
BACK = 40  # on average, so many requests were made since the one that is answered
FIRST_DATE = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
WORDS = """
    the account access billing invoice plan upgrade export data dashboard login password error screen customer please help cannot when after
    update again yesterday report browser mobile payment card charge refund team member seat request feature guide integration token webhook
    slow missing wrong number attached hello regards urgent issue still persists tried clearing cache different machine network office
    colleague manager deadline tomorrow
""".split()
OTHER_WORDS = ("Grüße", "naïve", "déjà", "señor", "問い合わせ", "Привет", "€")
STYLE = '<p style="margin:0 0 8px 0;font-family:Arial">'


@dataclass(frozen=True, slots=True)
class Bodies:
    """Text and HTML of a mail."""

    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it arrives: its envelope, and its octets with CRLF."""

    reverse_path: str
    recipient: str
    content: bytes
    message_id: str
    subject: str
    name: str  # the author's display name
    words: Bodies  # without what it quotes


@dataclass(slots=True)
class OpenConversation:
    """A request whose confirmation has arrived, so that it can be answered."""

    request: Mail
    reply_address: str
    letter_id: str  # Message-ID of the confirmation
    letter_subject: str
    letter: Bodies | None = None  # of the confirmation; without it, replies quote the request in its place
    mails: list[Mail] = field(default_factory=list)  # the customer's, oldest first

    def __post_init__(self) -> None:
        self.mails.append(self.request)


@dataclass(frozen=True, slots=True)
class _Parents:
    in_reply_to: str = ""
    references: tuple[str, ...] = ()

    @property
    def fields(self) -> list[str]:
        if not self.in_reply_to:
            return []
        return [
            f"In-Reply-To: <{self.in_reply_to}>",
            "References: " + "\n\t".join(f"<{message_id}>" for message_id in self.references),
        ]


class Workload:
    """Generate mails. The same seed gives the same mails, and no two Message-IDs of a workload are equal."""

    def __init__(self, seed: int, customers: int) -> None:
        self._random = Random(seed)
        self._customers = customers
        self._drawn = 0

    def requests(self, count: int) -> list[Mail]:
        """New requests."""
        return [self._request() for _ in range(count)]

    def mixed_mails(self, count: int, conversations: Sequence[OpenConversation]) -> list[Mail]:
        """New requests, and replies to conversations. Each new request moves on which conversations are recent."""
        new = round(count * NEW)
        kinds = [True] * new + [False] * (count - new)
        self._random.shuffle(kinds)
        return list(self._stream(kinds, conversations))

    def large_mail(self, octets: int) -> Mail:
        """A new request with one attachment, of about so many octets in all."""
        return self._request(octets * 54 // 73)  # base64 makes lines of 72 octets and CRLF of 54 octets

    def _stream(self, kinds: Sequence[bool], conversations: Sequence[OpenConversation]) -> Iterator[Mail]:
        begun = 0
        for is_new in kinds:
            begun += is_new
            if is_new:
                yield self._request()
            else:
                back = int(self._random.expovariate(1 / BACK))
                yield self._reply(conversations[(begun - back) % len(conversations)])

    def _request(self, attachment: int = 0) -> Mail:
        customer = self._random.randrange(self._customers)
        subject = self._sentence(self._random.randint(20, 60)).rstrip(".")
        bodies = self._new_bodies()
        author, name = f"cust{customer}@example.net", f"Customer {customer}"
        return self._mail(author, name, SUPPORT, subject, _Parents(), bodies, bodies, attachment)

    def _reply(self, to: OpenConversation) -> Mail:
        root, previous = to.mails[0], to.mails[-1]
        author, name = to.request.reverse_path, to.request.name
        if self._random.random() < BY_TOKEN:
            recipient, subject = to.reply_address, to.letter_subject
            parents = _Parents(to.letter_id, (root.message_id, to.letter_id))
            answered, writer = to.letter or root.words, f"Support <{SUPPORT}>"
        else:
            recipient, subject = SUPPORT, to.request.subject
            parents = _Parents(previous.message_id, tuple(dict.fromkeys((root.message_id, previous.message_id))))
            answered, writer = previous.words, f"{name} <{author}>"
        words = self._answer()
        bodies = _with_quote(words, answered, writer)
        mail = self._mail(author, name, recipient, "Re: " + subject.removeprefix("Re: "), parents, bodies, words)
        to.mails.append(mail)
        return mail

    def _mail(
        self,
        author: str,
        name: str,
        recipient: str,
        subject: str,
        parents: _Parents,
        bodies: Bodies,
        words: Bodies,
        attachment: int = 0,
    ) -> Mail:
        self._drawn += 1
        number, random = self._drawn, self._random
        message_id = f"{random.getrandbits(64):016x}.{number}@mail.example.net"
        date = format_datetime(FIRST_DATE + timedelta(seconds=7 * number))
        lines = [
            f"Return-Path: <{author}>",
            f"Received: from mx.example.net (mx.example.net [192.0.2.{number % 250 + 1}])",
            f"\tby in.example.com with ESMTPS id q{number:06d}",
            f"\tfor <{recipient}>; {date}",
            f"Received: from client ([198.51.100.{number % 250 + 1}]) by mx.example.net with ESMTPSA id z{number:06d};",
            f"\t{date}",
            "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.net; s=s1;",
            f"\th=from:to:subject:date:message-id; bh={self._base64(32)};",
            f"\tb={self._base64(128)}",
            f"From: {name} <{author}>",
            f"To: Support <{recipient}>",
            f"Subject: {subject if subject.isascii() else Header(subject, 'utf-8', maxlinelen=70).encode(linesep=chr(10))}",
            f"Date: {date}",
            f"Message-ID: <{message_id}>",
            *parents.fields,
            "MIME-Version: 1.0",
            "X-Mailer: Workload 1.0",
            "Content-Language: en-US",
        ]
        content = "\n".join(lines) + "\n" + self._body(number, bodies, attachment)
        return Mail(author, recipient, content.replace("\n", "\r\n").encode("ascii"), message_id, subject, name, words)

    def _body(self, number: int, bodies: Bodies, attachment: int) -> str:
        """The Content-Type field and everything after it. Without a size of the attachment, it is drawn whether there is one."""
        inner, outer = f"=_alt_{number:06d}_x", f"=_mix_{number:06d}_x"
        parts = [
            f'--{inner}\nContent-Type: text/{kind}; charset="utf-8"\nContent-Transfer-Encoding: quoted-printable\n\n{_quoted_printable(body)}\n'
            for kind, body in (("plain", bodies.text), ("html", bodies.html))
        ]
        alternative = f'Content-Type: multipart/alternative; boundary="{inner}"\n\n' + "".join(parts) + f"--{inner}--\n"
        if not attachment and self._random.random() >= WITH_ATTACHMENT:
            return alternative
        encoded = base64.encodebytes(self._random.randbytes(attachment or ATTACHMENT)).decode("ascii")
        return (
            f'Content-Type: multipart/mixed; boundary="{outer}"\n\n--{outer}\n{alternative}\n'
            f'--{outer}\nContent-Type: application/pdf; name="doc{number}.pdf"\n'
            f'Content-Disposition: attachment; filename="doc{number}.pdf"\n'
            f"Content-Transfer-Encoding: base64\n\n{encoded}\n--{outer}--\n"
        )

    def _new_bodies(self) -> Bodies:
        bodies = _bodies(self._paragraphs())
        return Bodies(bodies.text + "\n-- \nKind regards\nPhone +1 555 0100\n", bodies.html)

    def _answer(self) -> Bodies:
        """What a reply says above its quote: a third as much as a request."""
        paragraphs = self._paragraphs()
        return _bodies(paragraphs[: max(1, len(paragraphs) // 3)])

    def _paragraphs(self) -> list[str]:
        wanted = int(self._random.randint(*BODY) * TEXT)
        paragraphs: list[str] = []
        while wanted > 0:
            paragraphs.append(self._sentence(self._random.randint(120, 420)))
            wanted -= len(paragraphs[-1])
        return paragraphs

    def _sentence(self, characters: int) -> str:
        random = self._random
        words: list[str] = []
        while characters > 0:
            words.append(random.choice(OTHER_WORDS if random.random() < NON_ASCII else WORDS))
            characters -= len(words[-1]) + 1
        return " ".join(words).capitalize() + "."

    def _base64(self, octets: int) -> str:
        return base64.b64encode(self._random.randbytes(octets)).decode("ascii")


def _bodies(paragraphs: Sequence[str]) -> Bodies:
    text = "\n\n".join("\n".join(wrap(paragraph, 74)) for paragraph in paragraphs) + "\n"
    return Bodies(text, _page("".join(f"{STYLE}{paragraph}</p>" for paragraph in paragraphs)))


def _with_quote(words: Bodies, answered: Bodies, writer: str) -> Bodies:
    """An answer with the mail that it answers below it, as Gmail writes it."""
    quoted = "\n".join(f"> {line}".rstrip() for line in answered.text.splitlines())
    text = f"{words.text}\nOn Mon, 2 Nov 2026 at 10:11, {writer} wrote:\n{quoted}\n"
    attribution = f"On Mon, 2 Nov 2026 at 10:11, {escape(writer)} wrote:"
    html = f'{_inside(words.html)}<div class="gmail_quote"><div class="gmail_attr">{attribution}<br></div>'
    html += '<blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px #ccc solid">'
    return Bodies(text, _page(f"{html}{_inside(answered.html)}</blockquote></div>"))


def _inside(page: str) -> str:
    """What stands in the body of a page."""
    body = page.partition("<body")[2].partition(">")[2]
    return body.rpartition("</body>")[0]


def _page(body: str) -> str:
    return f"<html><head><style>p{{color:#222}}.s{{font-size:11px}}</style></head><body>{body}</body></html>"


def _quoted_printable(text: str) -> str:
    return quopri.encodestring(text.encode("utf-8")).decode("ascii")
