"""Keeps a list of the addresses that were erased, so that `helpdesk restore` of an older backup can erase them again.

The list lies beside the contents of the blob store, and each backup has a copy. It has salted hashes alone: it tells whether a given
address was erased, and names nobody.
"""

import hashlib
import json
import secrets
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from helpdesk.store.blobs import NoteStore

NAME = "erased"


@dataclass(frozen=True, slots=True)
class ErasedAddress:
    """The hash of one address, and when it was erased."""

    salt: str
    sha256: str
    at: str


def read_list(notes: NoteStore) -> tuple[ErasedAddress, ...]:
    """Read the list beside the contents, or beside backups; nothing where there is none. Raises OSError or ValueError."""
    lines = (notes.note(NAME) or b"").decode("ascii").splitlines()
    return tuple(ErasedAddress(**json.loads(line)) for line in lines if line)


def write_list(notes: NoteStore, entries: Iterable[ErasedAddress]) -> None:
    """Replace the list durably. Raises OSError."""
    lines = (json.dumps(asdict(entry)) + "\n" for entry in dict.fromkeys(entries))
    notes.write_note(NAME, "".join(lines).encode("ascii"))


def was_erased_since(notes: NoteStore, moment: datetime) -> bool:
    """Whether anybody was erased since that moment, as far as the clock of the store tells. Raises OSError."""
    written_at = notes.written_at(NAME)
    return written_at is not None and written_at >= moment.timestamp()


def add_to_list(notes: NoteStore, addresses: Collection[str], now: datetime) -> tuple[ErasedAddress, ...]:
    """Put addresses on the list that are not on it, and return the whole list. Raises OSError or ValueError."""
    entries = read_list(notes)
    salt = entries[-1].salt if entries else secrets.token_hex(16)
    new = (
        ErasedAddress(salt, _hash(salt, address), now.date().isoformat()) for address in addresses if not is_on(entries, address)
    )
    whole = (*entries, *new)
    write_list(notes, whole)
    return whole


def is_on(entries: Collection[ErasedAddress], address: str) -> bool:
    """Whether an address is on the list."""
    hashes = {entry.sha256 for entry in entries}
    return any(_hash(salt, address) in hashes for salt in {entry.salt for entry in entries})


def pseudonym_of(entries: Collection[ErasedAddress], address: str) -> str:
    """What stands in the place of an erased address, the same whenever it is erased again."""
    entry = next(entry for entry in entries if entry.sha256 == _hash(entry.salt, address))
    return f"erased-{entry.sha256[:12]}@erased.invalid"


def _hash(salt: str, address: str) -> str:
    return hashlib.sha256(f"{salt}:{address}".encode()).hexdigest()
