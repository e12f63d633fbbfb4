"""Nobody can make a token, however many true ones they have seen.

The forger knows tokens of every purpose, about several tickets, given to several people, and old keys that are no lengthen ours. A hit is a
text that is taken for a token and was never given out.
"""

import base64
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

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
    """The tokens that were given out and that the forger has seen."""

    tokens: dict[str, Token]

    def pick(self, dice: random.Random) -> str:
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


def flip_bits(loot: Loot, dice: random.Random) -> str:
    text = loot.pick(dice)
    value = _bytes(text)
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        value[dice.randrange(len(value))] ^= 1 << dice.randrange(8)
    return _text(text[:2], bytes(value))


def swap_parts(loot: Loot, dice: random.Random) -> str:
    """The payload of one token with the signature of another, or the head of one with the body of another."""
    first, second = loot.pick(dice), loot.pick(dice)
    if dice.random() < 0.5:
        return second[:2] + first[2:]
    return _text(first[:2], bytes(_bytes(first)[:-MAC_SIZE] + _bytes(second)[-MAC_SIZE:]))


def splice_fields(loot: Loot, dice: random.Random) -> str:
    """A true token with the ticket, person or version of another one."""
    text, other = loot.pick(dice), loot.pick(dice)
    value, donor = _bytes(text), _bytes(other)
    begin, end = sorted(dice.choices((0, SUBJECT_SIZE, SUBJECT_SIZE + 1, len(value) - MAC_SIZE), k=2))
    return _text(text[:2], bytes(value[:begin] + donor[begin:end] + value[end:]))


def cut_short(loot: Loot, dice: random.Random) -> str:
    text = loot.pick(dice)
    if dice.random() < 0.5:
        return text[: dice.randrange(len(text))]
    value = _bytes(text)
    return _text(text[:2], bytes(value[: len(value) - dice.randrange(1, MAC_SIZE + 3)]))


def lengthen(loot: Loot, dice: random.Random) -> str:
    """Bytes put in before the signature, or letters and padding added at the end."""
    text = loot.pick(dice)
    if dice.random() < 0.5:
        return text + "".join(dice.choices(ALPHABET + "=", k=dice.randrange(1, 10)))
    value = _bytes(text)
    return _text(text[:2], bytes(value[:-MAC_SIZE] + dice.randbytes(dice.randrange(1, 4)) + value[-MAC_SIZE:]))


def change_purpose(loot: Loot, dice: random.Random) -> str:
    text = loot.pick(dice)
    return dice.choice([purpose.value for purpose in Purpose] + list("deqz29")) + dice.choice("abcz") + text[2:]


def change_key(loot: Loot, dice: random.Random) -> str:
    token = dice.choice(tuple(loot.tokens.values()))
    return mint(token, Keyring(GONE.keys[:: dice.choice((1, -1))]))


def respell(loot: Loot, dice: random.Random) -> str:
    """A token with a letter that looks alike or folds to the same, or with other unused bits in its last letter."""
    text = loot.pick(dice)
    place = dice.randrange(2, len(text)) if dice.random() < 0.7 else len(text) - 1
    return text[:place] + LOOKALIKES.get(text[place], dice.choice(ALPHABET)) + text[place + 1 :]


def random_text(loot: Loot, dice: random.Random) -> str:
    head = dice.choice([purpose.value for purpose in Purpose]) + dice.choice("ab")
    return head + "".join(dice.choices(ALPHABET, k=dice.choice((36, 37, 39))))


FORGERIES: tuple[Callable[[Loot, random.Random], str], ...] = (
    flip_bits, swap_parts, splice_fields, cut_short, lengthen, change_purpose, change_key, respell, random_text,
)  # fmt: skip


def run(seed: int, count: int) -> str:
    """Try `count` forgeries; raises at the first hit."""
    dice, have, tried = random.Random(seed), loot(), Counter[str]()
    while tried.total() < count:
        forge = dice.choice(FORGERIES)
        text = forge(have, dice)
        if text.casefold() in have.tokens or text.lower() in have.tokens:
            continue  # the forgery equals a token that was given out
        tried[forge.__name__] += 1
        check(text, forge.__name__)
    return ", ".join(f"{name} {number}" for name, number in sorted(tried.items()))


def check(text: str, how: str) -> None:
    """Raises AssertionError where a forged text, alone or within a reply address, is taken for a token."""
    found = verify(text, RING)
    assert found is None, f"{how}: {text} is taken for {found}"
    written = ADDRESSES.token_in(f"help+{text}@support.example.com")
    assert written is None or verify(written, RING) is None, f"{how}: the address of {text} is taken for a token"
