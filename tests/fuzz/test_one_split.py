"""Our strict split of the header against the standard library's and dkimpy's, on mails of people and on mutated ones: equal, or nobody is
the author."""

import email
import email.policy
import random
import re
from collections.abc import Iterator
from pathlib import Path

import dkim
import pytest
from support.mails.mutated_mails import CORPORA
from support.mails.provider_mails import LISTS, behind_a_relay, clients, signed, written

from helpdesk.threading.reading.fields import Header
from helpdesk.threading.reading.strict import ENVELOPE_LINE, header_doubt, strict_header

SPLICES = (
    b"\r", b"\n", b"\r\n", b"\n\n", b"\r\n\r\n", b"\r\r\n", b"\0", b" ", b"\t", b":", b" :", b"From ", b"\r\nFrom ", b"\r\n ", b"\r\n\t\r\n",
    b"\xff", b"\x0b", b"\x0c", b"\x1c", b"\x85", b"\xc2\x85", b"\xe2\x80\xa8", b"X" * 85 + b":", b"\r\n>x: y", b"\r\nno field\r\n", b"",
)  # fmt: skip


def flat(value: bytes) -> bytes:
    """A value without its folds and spacing."""
    return b" ".join(value.split())


def of_dkimpy(content: bytes) -> tuple[list[tuple[str, bytes]], bytes] | None:
    try:
        headers, body = dkim.rfc822_parse(content)
    except (dkim.MessageFormatError, IndexError):
        return None
    return [(name.decode("ascii").lower(), flat(value)) for name, value in headers], body


def of_the_library(content: bytes) -> tuple[list[tuple[str, bytes]], bytes]:
    message = email.message_from_bytes(content, policy=email.policy.compat32)
    fields = [(name.lower(), flat(str(value).encode("ascii", "surrogateescape"))) for name, value in message._headers]  # type: ignore[attr-defined]
    return fields, content


def differs(content: bytes) -> str:
    """Which other reader sees something else; "" where all agree, or where there is a doubt."""
    if header_doubt(content):
        return ""
    strict = strict_header(content)
    assert strict is not None
    fields = [(one.name, flat(one.value)) for one in strict.fields]
    if [(name, flat(value)) for name, value in _seen_by_the_library(content, strict)] != fields:
        return "the standard library"
    other = of_dkimpy(content)
    body = re.sub(rb"\r?\n", b"\r\n", content[strict.body_at :])
    if other is None or other[0] != fields or other[1] != body:
        return "dkimpy"
    return ""


def _seen_by_the_library(content: bytes, strict: Header) -> list[tuple[str, bytes]]:
    """It reads the header with the line ends that Python knows; the values are compared octet for octet."""
    head = content[: strict.body_at]
    return of_the_library(head)[0]


def mutated(chance: random.Random, content: bytes) -> bytes:
    end = max(content.find(b"\n\n"), content.find(b"\r\n\r\n"), 20) + 10
    for _ in range(chance.randint(1, 3)):
        at = chance.randint(0, min(end, len(content)))
        cut = chance.choice((0, 0, 1, 2, 10))
        content = content[:at] + chance.choice(SPLICES) + content[at + cut :]
    return content


def seeds() -> list[bytes]:
    ours = [signed(written(client), provider) for client, provider in zip(sorted(clients()), [*LISTS] * 3, strict=False)]
    return [*ours, *(behind_a_relay(one) for one in ours[:3]), *(one.replace(b"\r\n", b"\n") for one in ours)]


def run(seed: int, count: int) -> str:
    chance, mails = random.Random(seed), [*seeds(), *(path.read_bytes() for path in corpus_mails(300))]
    doubts = 0
    for number in range(count):
        content = mutated(chance, chance.choice(mails))
        other = differs(content)
        assert not other, f"mail {number}: {other} splits it differently:\n{content[:4000]!r}"
        doubts += bool(header_doubt(content))
    return f"{count} mutated mails, {doubts} of them in doubt, all others split alike by three readers"


def corpus_mails(most: int = 100_000) -> Iterator[Path]:
    paths = sorted(CORPORA.rglob("*.eml")) if CORPORA.is_dir() else []
    yield from paths[:: max(1, len(paths) // most)]


def test_mutated_mails_are_split_alike_or_in_doubt() -> None:
    told = run(1, 3000)
    assert " 0 of them" not in told


def test_mails_of_the_public_corpora_are_split_alike_or_in_doubt() -> None:
    paths = list(corpus_mails())
    if not paths:
        pytest.skip(f"the public corpora are not at {CORPORA}")
    broken = {path.name: other for path in paths if (other := differs(path.read_bytes()))}
    assert not broken


def test_the_line_of_a_mailbox_file_is_skipped_by_everybody() -> None:
    content = ENVELOPE_LINE + b"x@y Mon Nov 23 09:00:00 2026\n" + written("neomutt").replace(b"\r\n", b"\n")
    assert not header_doubt(content)
    assert not differs(content)
