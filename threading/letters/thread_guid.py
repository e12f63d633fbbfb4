"""The conversation in Outlook's Thread-Index of our letters ([MS-OXOMSG] §2.2.1.3): 16 octets that name a ticket.

They prove nothing: everybody who has had a letter knows them, and they only say which ticket a reply may belong to.
"""

import base64
import binascii
from hashlib import sha256

ID_SIZE = 8
GUID = slice(6, 22)  # of the header block: behind the highest six octets of its time
LONGEST = 4000  # characters of a field; each reply adds a block of five octets


def thread_guid(ticket_id: int) -> bytes:
    """The conversation of a ticket: its id, and a hash by which the id is recognised as one of ours."""
    return ticket_id.to_bytes(ID_SIZE, "big") + _check(ticket_id)


def ticket_of_thread(thread_index: str) -> int | None:
    """The ticket that a Thread-Index field names; None if the conversation did not begin with a letter of ours."""
    try:
        guid = base64.b64decode("".join(thread_index[:LONGEST].split()), validate=True)[GUID]
    except (binascii.Error, ValueError):
        return None
    number = int.from_bytes(guid[:ID_SIZE], "big")
    return number if guid[ID_SIZE:] == _check(number) else None


def _check(ticket_id: int) -> bytes:
    return sha256(b"helpdesk thread %d" % ticket_id).digest()[:ID_SIZE]
