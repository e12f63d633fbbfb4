"""Mail of people as their clients write it, signed as their providers sign it, and what the desk makes of it, without DNS and without a child.

The h= lists are those of public headers. Bodies are made here; what matters of them is their MIME: preambles, delimiters, encodings.
"""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache

import dkim
from support.mails.checked_origins import OURS
from support.mails.signed_mails import Stamp, key_of

from helpdesk.config.settings import Authentication
from helpdesk.gateway.origin.signatures import verify_signatures
from helpdesk.threading.model.mail import Envelope, RawMessage
from helpdesk.threading.model.origin import Alignment, Origin, Result, Signature
from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.parsed import ParsedMessage
from helpdesk.threading.trust.assurance import judge
from helpdesk.threading.trust.identity import Identity
from helpdesk.threading.trust.signature_fields import signature_claims, strict_fields

OMAR, HELP, DOMAIN = "omar@desk.example", "help@support.example.com", "desk.example"
NOW = datetime.now(UTC).replace(microsecond=0)
STAMP = Stamp(DOMAIN, "d1", "ed25519")
RELAY, SERVER, STRANGER = "10.0.0.5", "mx.support.example.com", "203.0.113.9"
RELAYED = Authentication(trusted_authserv_ids=(SERVER,), trusted_relays=("10.0.0.0/8",))

LISTS = {
    "Gmail": "cc:to:subject:message-id:date:from:in-reply-to:references:mime-version:from:to:cc:subject:date:message-id:reply-to",
    "Microsoft 365": "from:date:subject:message-id:content-type:mime-version:x-ms-exchange-senderadcheck",
    "iCloud": "content-type:mime-version:subject:from:in-reply-to:date:cc:content-transfer-encoding:message-id:references:to",
    "Yahoo": "date:from:to:subject:references:from:subject:reply-to",
    "Proton": "date:to:from:subject:message-id:in-reply-to:references:feedback-id:from:to:cc:date:subject:reply-to:feedback-id:message-id",
    "Fastmail": "cc:content-transfer-encoding:content-type:content-type:date:date:from:from:in-reply-to:in-reply-to:message-id:mime-version"
    ":references:reply-to:subject:subject:to:to",
    "Zoho": "content-type:content-transfer-encoding:cc:cc:date:date:from:from:mime-version:message-id:reply-to:subject:subject:to:to",
    "Exim": "from:sender:reply-to:subject:date:message-id:to:cc:mime-version:content-type:content-transfer-encoding:content-id"
    ":content-description:resent-date:resent-from:in-reply-to:references:list-id:list-help:list-unsubscribe",
    "Postfix with OpenDKIM": "date:subject:to:references:from:in-reply-to:from",
    "rspamd": "from:from:reply-to:reply-to:subject:subject:date:date:message-id:message-id:to:to:cc:cc:mime-version:mime-version"
    ":content-type:content-type:content-transfer-encoding:content-transfer-encoding:in-reply-to:in-reply-to:references:references",
}  # fmt: skip

WORDS = "#note\r\nThe cable of the printer is loose; I have told her so.\r\n\r\nOmar"
UMLAUTS = "#note\r\nDas Kabel des Druckers ist lose; ich habe es ihr schon gesagt. Grüße\r\n\r\nOmar"
QUOTE = "\r\n\r\nOn Mon, 23 Nov 2026 at 09:00, Accoraze Support <help@support.example.com> wrote:\r\n> Reference: ACZ-K7Q2M9\r\n> It jams."


def _html(words: str) -> str:
    lines = words.replace("&", "&amp;").replace("<", "&lt;").split("\r\n")
    return "<html><head></head><body>" + "".join(f"<div>{line or '<br>'}</div>\r\n" for line in lines) + "</body></html>"


def _part(kind: str, encoding: str, text: str) -> str:
    return f"Content-Type: {kind}\r\n" + (f"Content-Transfer-Encoding: {encoding}\r\n" if encoding else "") + f"\r\n{text}\r\n"


def _escaped(text: str) -> str:
    """Quoted-printable: what is not ASCII, and the equals sign."""
    return "".join(
        letter if letter.isascii() and letter != "=" else "".join(f"={octet:02X}" for octet in letter.encode()) for letter in text
    )


def _base64(text: str) -> str:
    letters = b64encode(text.encode()).decode()
    return "\r\n".join(letters[at : at + 76] for at in range(0, len(letters), 76))


def _multipart(boundary: str, *parts: str, above: str = "", kind: str = "alternative", more: str = "") -> tuple[str, str]:
    """Content-Type and body."""
    body = above + "".join(f"--{boundary}\r\n{part}" for part in parts) + f"--{boundary}--\r\n"
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"{more}\r\n', body


def _nested(made: tuple[str, str]) -> str:
    return f"{made[0]}\r\n{made[1]}\r\n"


IMAGE = (
    'Content-Type: image/png; name="logo.png"\r\nContent-ID: <logo>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n'
)
PDF = (
    'Content-Type: application/pdf; name="list.pdf"\r\nContent-Disposition: attachment; filename="list.pdf"\r\n'
    "Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQK\r\n"
)


def plain(text: str, encoding: str = "7bit", charset: str = "utf-8") -> str:
    return _part(f"text/plain; charset={charset}", encoding, text)


def page(text: str, encoding: str = "quoted-printable") -> str:
    return _part("text/html; charset=utf-8", encoding, text)


@cache
def clients() -> dict[str, tuple[str, str]]:
    """By client: its MIME fields, and the body."""
    said, german = WORDS + QUOTE, UMLAUTS + QUOTE
    return {
        "Gmail": _multipart("0000000000001f2a3b05", plain(said, "", '"UTF-8"'), page(_html(said), "")),
        "Gmail in German": _multipart(
            "00000000000098cd7d06", plain(_base64(german), "base64", '"UTF-8"'), page(_escaped(_html(german)))
        ),
        "Outlook classic": _multipart(
            "----=_NextPart_000_0012_01DC", plain(said, "7bit", '"us-ascii"'), page(_escaped(_html(said))),
            above="This is a multipart message in MIME format.\r\n\r\n",
        ),
        "Outlook by Exchange": _multipart(
            "_000_AM0PR04MB5507_", plain(_escaped(german), "quoted-printable", '"iso-8859-1"').replace("=C3=BC=C3=9F", "=FC=DF"),
            page(_escaped(_html(german))),
        ),
        "Outlook with a logo": _multipart(
            "_004_DB9PR_", _nested(_multipart("_000_DB9PR_", plain(said), page(_escaped(_html(said))))), IMAGE,
            kind="related", more=';\r\n\ttype="multipart/alternative"',
        ),
        "Outlook on the web": _multipart("_000_VI1PR0402_", plain(said), page(_escaped(_html(said)))),
        "Apple Mail": _multipart("Apple-Mail=_5C1A4D0E", plain(said, "7bit", "us-ascii"), page(_escaped(_html(said))), above="\r\n"),
        "Apple Mail with a picture": _multipart(
            "Apple-Mail=_7B2F",
            plain(said, "7bit", "us-ascii"),
            _nested(_multipart("Apple-Mail=_9D11", page(_escaped(_html(said))), IMAGE, kind="related")),
            above="\r\n",
        ),
        "Mail on an iPhone": _multipart("Apple-Mail-6F9C", plain(german, "8bit"), page(_escaped(_html(german))), above="\r\n"),
        "Thunderbird": _multipart(
            "------------Ab3kFq0", _part("text/plain; charset=UTF-8; format=flowed", "7bit", said), page(_escaped(_html(said))),
            above="This is a multi-part message in MIME format.\r\n",
        ),
        "Thunderbird in plain text": (
            "Content-Type: text/plain; charset=UTF-8; format=flowed\r\nContent-Transfer-Encoding: 8bit\r\n", german + "\r\n"
        ),
        "Thunderbird with a file": _multipart(
            "------------Xy81", _part("text/plain; charset=UTF-8; format=flowed", "8bit", german), PDF, kind="mixed",
            above="This is a multi-part message in MIME format.\r\n",
        ),
        "K-9": _multipart("----RRCMZ2O5B1", plain(_escaped(german), "quoted-printable"), page(_escaped(_html(german)))),
        "Yahoo": _multipart("----=_Part_123_456.789", plain(_escaped(german), "quoted-printable"), page(_escaped(_html(german)))),
        "Proton": _multipart("b1=_qX0tN1", plain(_base64(german), "base64"), page(_base64(_html(german)), "base64")),
        "Proton with a file": _multipart(
            "b1_kk", _nested(_multipart("b2_kk", plain(_base64(said), "base64"), page(_base64(_html(said)), "base64"))), PDF, kind="mixed",
        ),
        "Fastmail": _multipart("6c1f2ab0d43e", plain(said), page(_html(said), "7bit")),
        "Samsung": _multipart("--_com.samsung.android.email_115", plain(_base64(german), "base64"), page(_base64(_html(german)), "base64")),
        "GMX": _multipart("refeik-0aaf", plain(said), page(_escaped(_html(said)))),
        "neomutt": ("Content-Type: text/plain; charset=us-ascii\r\n", said + "\r\n"),
        "a script": ("", WORDS + QUOTE + "\r\n"),
    }  # fmt: skip


def written(
    client: str, to: str = HELP, subject: str = "Re: Printer", at: datetime = NOW, message_id: str = "one@desk.example"
) -> bytes:
    """The whole mail, not yet signed."""
    mime, body = clients()[client]
    version = "MIME-Version: 1.0\r\n" if mime else ""
    return (
        f"From: Omar Haddad <{OMAR}>\r\nTo: {to}\r\nSubject: {subject}\r\nDate: {format_datetime(at)}\r\nMessage-ID: <{message_id}>\r\n"
        f"In-Reply-To: <letter@support.example.com>\r\n{version}{mime}\r\n{body}"
    ).encode()


def signed(content: bytes, provider: str, stamp: Stamp = STAMP) -> bytes:
    return replace(stamp, covered=tuple(name.encode() for name in LISTS[provider].split(":"))).sign(content)


def proved(content: bytes, keys: Iterable[Stamp] = (STAMP,)) -> bool:
    """Whether our own verifier finds that a signature of the author's domain holds."""
    fields = strict_fields(content)
    return fields is not None and any(signature.result is Result.PASS for signature in _found(content, keys))


def _found(content: bytes, stamps: Iterable[Stamp]) -> list[Signature]:
    claims = [claim for claim in signature_claims(strict_fields(content) or ()) if claim.domain == DOMAIN]
    keys = {f"{stamp.selector}._domainkey.{stamp.domain}": key_of(stamp.kind, stamp.which).record.encode() for stamp in stamps}
    results = verify_signatures(content, claims, keys)
    return [
        Signature(found.result, one.domain, one.selector, one.algorithm, True, found.covers, found.reason)
        for one, found in zip(claims, results, strict=True)
    ]


def judged_directly(content: bytes, message: ParsedMessage | None = None) -> Identity:
    """A stranger's host hands it to us, and we verify it ourselves. Its domain asks for rejection."""
    message = message or read(content).message
    signatures = tuple(_found(content, (STAMP,)))
    passed = any(signature.result is Result.PASS for signature in signatures)
    dmarc = Alignment(Result.PASS if passed else Result.FAIL, DOMAIN, "reject")
    raw = RawMessage(
        "smtp", Envelope("x@evil.example", (HELP,)), content, NOW, STRANGER, origin=Origin(OMAR, dmarc, None, signatures)
    )
    return judge(raw, message, Authentication(), OURS)


def behind_a_relay(content: bytes) -> bytes:
    """What our relay hands over: it verifies with the split of its own, which is tolerant, and takes nothing off."""
    verdict = "pass" if _relay_finds(content) else "fail"
    above = (
        f"Authentication-Results: {SERVER};\r\n dkim={verdict} header.d={DOMAIN} header.s=d1;\r\n dmarc={verdict} (p=reject dis=none)"
        f" header.from={DOMAIN}\r\nReceived: from mx.evil.example by {SERVER}; {format_datetime(NOW)}\r\n"
    )
    return above.encode() + content


def _relay_finds(content: bytes) -> bool:
    record = key_of(STAMP.kind, STAMP.which).record.encode()
    try:
        mail = dkim.DKIM(content)
    except Exception:  # dkimpy meets broken mail with all kinds of exceptions
        return False
    count = sum(name.lower() == b"dkim-signature" for name, _ in mail.headers)
    return any(_holds(mail, index, record) for index in range(min(count, 3)))


def _holds(mail: dkim.DKIM, index: int, record: bytes) -> bool:
    try:
        return bool(mail.verify(index, lambda name, timeout=0: record))
    except Exception:
        return False


def judged_behind_a_relay(handed_over: bytes, message: ParsedMessage | None = None) -> Identity:
    raw = RawMessage("smtp", Envelope("x@evil.example", (HELP,)), handed_over, NOW, RELAY)
    return judge(raw, message or read(handed_over).message, RELAYED, OURS)
