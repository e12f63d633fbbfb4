"""Outlook's Thread-Index: the conversation of a mail, and its place there ([MS-OXOMSG] §2.2.1.3, PidTagConversationIndex)."""

import base64
from datetime import UTC, datetime, timedelta

from helpdesk.threading.letters.thread_guid import thread_guid

EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
TICKS_PER_MICROSECOND = 10
YEAR_AND_A_HALF = 1 << 49  # ticks of 100 ns; up to this age a child block counts in steps of 2^18 ticks, beyond it of 2^23


def thread_index(ticket_id: int, created_at: datetime, sent_at: datetime, letter_id: int, first: bool) -> str:
    """Base64 of a header block of 22 octets, equal for all letters of a ticket, and for each letter after the first a child
    block of 5.
    """
    start = _filetime(created_at)
    head = start.to_bytes(8, "big")[:6] + thread_guid(ticket_id)
    child = b"" if first else _child(max(0, _filetime(sent_at) - (start >> 16 << 16)), letter_id)
    return base64.b64encode(head + child).decode()


def _child(delta: int, letter_id: int) -> bytes:
    far = delta >= YEAR_AND_A_HALF
    steps = (delta >> (23 if far else 18)) & 0x7FFFFFFF
    return ((far << 31) | steps).to_bytes(4, "big") + bytes([letter_id & 0xFF])


def _filetime(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1) * TICKS_PER_MICROSECOND
