"""A seeded mutator of mails: the same seed gives the same mails."""

import random
from collections.abc import Callable

TOKENS = (
    b"\r\n", b"\n\n", b"\x00", b"\xff", b"From: ", b"Content-Type: multipart/mixed; boundary=x\n", b"--x\n", b"--x--", b"=?utf-8?q?", b"?=", b"<", b">", b"@", b'"', b"(",
    b"Content-Transfer-Encoding: base64\n", b"Content-Type: message/rfc822\n\n", b"> ", b"-- \n", b"On 6 May 2024 at 10:12, X wrote:\n", b"charset=utf-7", b"\x1b$B", b"<div>", b"<!--", b"&#55296;", b"\xed\xa0\x80",
)  # fmt: skip


def _flip(content: bytearray, dice: random.Random) -> None:
    for _ in range(dice.randrange(1, 8)):
        content[dice.randrange(len(content))] = dice.randrange(256)


def _cut(content: bytearray, dice: random.Random) -> None:
    start = dice.randrange(len(content))
    del content[start : start + dice.randrange(1, 200)]


def _repeat(content: bytearray, dice: random.Random) -> None:
    start = dice.randrange(len(content))
    piece = content[start : start + dice.randrange(1, 200)]
    content[start:start] = piece * dice.randrange(2, 50)


def _insert(content: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(content))
    content[at:at] = dice.choice(TOKENS) * dice.choice((1, 1, 2, 30))


def _truncate(content: bytearray, dice: random.Random) -> None:
    del content[dice.randrange(len(content)) :]


STEPS: tuple[Callable[[bytearray, random.Random], None], ...] = (_flip, _cut, _repeat, _insert, _truncate)


def mutated(content: bytes, dice: random.Random) -> bytes:
    """The mail after one to six random steps."""
    changed = bytearray(content)
    for _ in range(dice.randrange(1, 7)):
        if changed:
            dice.choice(STEPS)(changed, dice)
    return bytes(changed)
