"""Links to files that are too large for a letter: whose file, for whom and until when stands in the link, under a seal.

Nothing is looked up to make one. Who has the link has the file, as with a file in the letter itself; so it ends, and it can be revoked.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

PATH = "/file/"
TOKEN = re.compile(r"([0-9]{1,19})-([0-9]{1,4})-([0-9]{1,12})-([0-9a-f]{32})")  # letter, place, end, seal
LARGEST_LETTER = 2**63 - 1
LAST_SECOND = 4_000_000_000  # in 2096
SEAL = 32  # hexadecimal digits: 128 bits


@dataclass(frozen=True, slots=True)
class FileToken:
    """What a link says. `place` counts the files of the letter from 1."""

    letter: int
    place: int
    until: datetime
    seal: str

    def is_sealed(self, secret: bytes, recipient: str) -> bool:
        """Whether the link was made for this person, as it is. Takes the same time for each wrong one."""
        return hmac.compare_digest(self.seal, _seal(secret, self.letter, self.place, int(self.until.timestamp()), recipient))


@dataclass(frozen=True, slots=True)
class FileLinks:
    """Makes the links of a desk. `address` is that of its pages, without a path."""

    address: str
    secret: bytes
    life: timedelta

    def link(self, letter: int, place: int, recipient: str, now: datetime) -> str:
        """The address of the page of a file, for the person that the letter goes to."""
        until = int(self.until(now).timestamp())
        return f"{self.address}{PATH}{letter}-{place}-{until}-{_seal(self.secret, letter, place, until, recipient)}"

    def until(self, now: datetime) -> datetime:
        return (now + self.life).replace(microsecond=0)


def read_file_token(text: str) -> FileToken | None:
    """What a link says, true or not; None for what is no link."""
    found = TOKEN.fullmatch(text)
    if found is None or int(found[1]) > LARGEST_LETTER:
        return None
    letter, place, until, seal = found.groups()
    return FileToken(int(letter), int(place), datetime.fromtimestamp(min(int(until), LAST_SECOND), UTC), seal)


def _seal(secret: bytes, letter: int, place: int, until: int, recipient: str) -> str:
    said = f"file link\n{letter}\n{place}\n{until}\n{recipient.lower()}"
    return hmac.new(secret, said.encode(), hashlib.sha256).hexdigest()[:SEAL]
