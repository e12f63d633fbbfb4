"""Our strict split of the header against those of the standard library and of dkimpy, on mutated mails: equal, or the mail has no author."""

import email
import email.policy
import random
import re
from collections.abc import Iterator
from pathlib import Path

import dkim
from support.mails.mutated_mails import CORPORA
from support.mails.provider_mails import LISTS, behind_a_relay, clients, signed, written

from helpdesk.threading.reading.strict import header_doubt, strict_header

SPLICES = (
    b"\r", b"\n", b"\r\n", b"\n\n", b"\r\n\r\n", b"\r\r\n", b"\0", b" ", b"\t", b":", b" :", b"From ", b"\r\nFrom ", b"\r\n ", b"\r\n\t\r\n",
    b"\xff", b"\x0b", b"\x0c", b"\x1c", b"\x85", b"\xc2\x85", b"\xe2\x80\xa8", b"X" * 85 + b":", b"\r\n>x: y", b"\r\nno field\r\n", b"",
)  # fmt: skip


def flat(value: bytes) -> bytes:
    """A value without its folds and spacing."""
    return b" ".join(value.split())


def dkimpy_split(content: bytes) -> tuple[list[tuple[str, bytes]], bytes] | None:
    try:
        headers, body = dkim.rfc822_parse(content)
    except (dkim.MessageFormatError, IndexError):
        return None
    return [(name.decode("ascii").lower(), flat(value)) for name, value in headers], body


def library_fields(head: bytes) -> list[tuple[str, bytes]]:
    """The fields of a header as the standard library splits them: it knows more line ends than RFC 5322 does."""
    message = email.message_from_bytes(head, policy=email.policy.compat32)
    return [(name.lower(), flat(str(value).encode("ascii", "surrogateescape"))) for name, value in message.raw_items()]


def differing_reader(content: bytes) -> str:
    """The reader whose split differs from ours; "" where all agree, or where our reader has a doubt about the header."""
    if header_doubt(content):
        return ""
    strict = strict_header(content)
    assert strict is not None
    fields = [(field.name, flat(field.value)) for field in strict.fields]
    if library_fields(content[: strict.body_at]) != fields:
        return "the standard library"
    other = dkimpy_split(content)
    body = re.sub(rb"\r?\n", b"\r\n", content[strict.body_at :])
    if other is None or other[0] != fields or other[1] != body:
        return "dkimpy"
    return ""


def mutate_head(chance: random.Random, content: bytes) -> bytes:
    end = max(content.find(b"\n\n"), content.find(b"\r\n\r\n"), 20) + 10
    for _ in range(chance.randint(1, 3)):
        at = chance.randint(0, min(end, len(content)))
        cut = chance.choice((0, 0, 1, 2, 10))
        content = content[:at] + chance.choice(SPLICES) + content[at + cut :]
    return content


def seeds() -> list[bytes]:
    ours = [signed(written(client), provider) for client, provider in zip(sorted(clients()), [*LISTS] * 3, strict=False)]
    return [*ours, *(behind_a_relay(mail) for mail in ours[:3]), *(mail.replace(b"\r\n", b"\n") for mail in ours)]


def run(seed: int, count: int) -> str:
    """Split the headers of `count` mutated mails with three readers."""
    chance, mails = random.Random(seed), [*seeds(), *(path.read_bytes() for path in corpus_mails(300))]
    doubts = 0
    for number in range(count):
        content = mutate_head(chance, chance.choice(mails))
        other = differing_reader(content)
        assert not other, f"mail {number}: {other} splits it differently:\n{content[:4000]!r}"
        doubts += bool(header_doubt(content))
    return f"{count} mutated mails, {doubts} of them in doubt, all others split alike by three readers"


def corpus_mails(most: int = 100_000) -> Iterator[Path]:
    paths = sorted(CORPORA.rglob("*.eml")) if CORPORA.is_dir() else []
    yield from paths[:: max(1, len(paths) // most)]
