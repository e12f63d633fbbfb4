"""Outlook's Thread-Index names the ticket of our letters, and no other conversation names any."""

import base64
from datetime import UTC, datetime

import pytest

from helpdesk.templates.thread_index import thread_index
from helpdesk.threading.letters.thread_guid import ticket_of_thread

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize("ticket_id", [1, 244673757184056428, 2**63 - 1])
@pytest.mark.parametrize("first", [True, False])
def test_a_letter_and_the_replies_to_it_name_the_ticket(ticket_id: int, first: bool) -> None:
    index = thread_index(ticket_id, NOW, NOW, 7, first)
    assert ticket_of_thread(index) == ticket_id
    reply = base64.b64encode(base64.b64decode(index) + b"12345" * 3).decode()
    assert ticket_of_thread(reply[:40] + "\r\n " + reply[40:]) == ticket_id


@pytest.mark.parametrize("text", ["", "AQHZ", "not base64 at all", "A" * 5000, base64.b64encode(bytes(22)).decode(), "Ünïcode"])
def test_other_conversations_name_none(text: str) -> None:
    assert ticket_of_thread(text) is None
