"""Nobody can make a token, however many true ones he has seen.

The forger knows tokens of every purpose, about several tickets, given to several people, and old keys that are no longer ours. A hit is a
text that is taken for a token and was never given out. `run(seed, count)` is the campaign; the test runs a fixed slice of it.
"""

import base64
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from helpdesk.config.reply_addresses import ReplyAddresses
from helpdesk.threading.trust.tokens import MAC_SIZE, SUBJECT_SIZE, Keyring, Purpose, Token, mint, verify

RING = Keyring((("b", b"n" * 32), ("a", b"o" * 32)))
GONE = Keyring((("a", b"x" * 32), ("b", b"y" * 32)))  # same names, other secrets
ADDRESSES = ReplyAddresses("{local}+{token}@{domain}", "support.example.com")
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
LOOKALIKES = {"k": "\u212a", "s": "\u017f", "i": "\u0131", "o": "0", "l": "1", "b": "8", "a": "\uff41", "e": "\u0435"}
SUBJECTS = (7, 8, 2**40 + 1, 2**62)


@dataclass(frozen=True, slots=True)
class Loot:
    """What the forger has: tokens that were given out."""

    tokens: dict[str, Token]

    def one(self, dice: random.Random) -> str:
        return dice.choice(tuple(self.tokens))


def loot() -> Loot:
    given = [Token(purpose, subject, person, 3 * person) for purpose in Purpose for subject in SUBJECTS for person in (1, 2, 200)]
    rings = (RING, Keyring(RING.keys[::-1]))
    return Loot({mint(token, ring): token for token in given for ring in rings})


def _bytes(text: str) -> bytearray:
    body = text[2:].upper()
    return bytearray(base64.b32decode(body + "=" * (-len(body) % 8)))


def _text(head: str, value: bytes) -> str:
    return head + base64.b32encode(bytes(value)).decode().rstrip("=").lower()


def flipped(loot: Loot, dice: random.Random) -> str:
    text = loot.one(dice)
    value = _bytes(text)
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        value[dice.randrange(len(value))] ^= 1 << dice.randrange(8)
    return _text(text[:2], bytes(value))


def swapped(loot: Loot, dice: random.Random) -> str:
    """One's payload with another's signature, or one's head with another's body."""
    one, other = loot.one(dice), loot.one(dice)
    if dice.random() < 0.5:
        return other[:2] + one[2:]
    return _text(one[:2], bytes(_bytes(one)[:-MAC_SIZE] + _bytes(other)[-MAC_SIZE:]))


def spliced(loot: Loot, dice: random.Random) -> str:
    """Another ticket, person or version within a true token."""
    text, other = loot.one(dice), loot.one(dice)
    value, donor = _bytes(text), _bytes(other)
    begin, end = sorted(dice.choices((0, SUBJECT_SIZE, SUBJECT_SIZE + 1, len(value) - MAC_SIZE), k=2))
    return _text(text[:2], bytes(value[:begin] + donor[begin:end] + value[end:]))


def cut(loot: Loot, dice: random.Random) -> str:
    text = loot.one(dice)
    if dice.random() < 0.5:
        return text[: dice.randrange(len(text))]
    value = _bytes(text)
    return _text(text[:2], bytes(value[: len(value) - dice.randrange(1, MAC_SIZE + 3)]))


def longer(loot: Loot, dice: random.Random) -> str:
    """Bytes put in before the signature, or letters and padding added at the end."""
    text = loot.one(dice)
    if dice.random() < 0.5:
        return text + "".join(dice.choices(ALPHABET + "=", k=dice.randrange(1, 10)))
    value = _bytes(text)
    return _text(text[:2], bytes(value[:-MAC_SIZE] + dice.randbytes(dice.randrange(1, 4)) + value[-MAC_SIZE:]))


def another_purpose(loot: Loot, dice: random.Random) -> str:
    text = loot.one(dice)
    return dice.choice([one.value for one in Purpose] + list("deqz29")) + dice.choice("abcz") + text[2:]


def another_key(loot: Loot, dice: random.Random) -> str:
    token = dice.choice(tuple(loot.tokens.values()))
    return mint(token, Keyring(GONE.keys[:: dice.choice((1, -1))]))


def respelt(loot: Loot, dice: random.Random) -> str:
    """Letters that look alike, or that some fold to the same; the unused bits of the last letter."""
    text = loot.one(dice)
    place = dice.randrange(2, len(text)) if dice.random() < 0.7 else len(text) - 1
    return text[:place] + LOOKALIKES.get(text[place], dice.choice(ALPHABET)) + text[place + 1 :]


def random_text(loot: Loot, dice: random.Random) -> str:
    head = dice.choice([one.value for one in Purpose]) + dice.choice("ab")
    return head + "".join(dice.choices(ALPHABET, k=dice.choice((36, 37, 39))))


FORGERIES: tuple[Callable[[Loot, random.Random], str], ...] = (
    flipped, swapped, spliced, cut, longer, another_purpose, another_key, respelt, random_text,
)  # fmt: skip


def run(seed: int, count: int) -> str:
    """Try `count` forgeries; raises at the first hit."""
    dice, have, tried = random.Random(seed), loot(), Counter[str]()
    while tried.total() < count:
        forge = dice.choice(FORGERIES)
        text = forge(have, dice)
        if text.casefold() in have.tokens or text.lower() in have.tokens:
            continue  # it has come out as one that was given out
        tried[forge.__name__] += 1
        check(text, forge.__name__)
    return ", ".join(f"{name} {number}" for name, number in sorted(tried.items()))


def check(text: str, how: str) -> None:
    found = verify(text, RING)
    assert found is None, f"{how}: {text} is taken for {found}"
    written = ADDRESSES.token_in(f"help+{text}@support.example.com")
    assert written is None or verify(written, RING) is None, f"{how}: the address of {text} is taken for a token"


def test_the_forger_has_true_tokens() -> None:
    have = loot()
    assert len(have.tokens) == 2 * len(Purpose) * len(SUBJECTS) * 3
    assert all(verify(text, RING) == token for text, token in have.tokens.items())


@pytest.mark.parametrize("seed", [1, 2])
def test_no_forgery_is_taken_for_a_token(seed: int) -> None:
    told = run(seed, 25_000)
    assert all(forge.__name__ in told for forge in FORGERIES)
