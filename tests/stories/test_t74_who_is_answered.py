"""Whoever is answered in the place of a machine has written nothing: its words stand in no inbox, whatever proves the machine."""

import pytest
from support.desk.story import SUPPORT, StoryDesk

STRANGE = "203.0.113.9"  # a peer that proves nothing
MACHINES = {
    "robot": "From: Form <noreply@evil.example>\r\nReply-To: Anna <anna@acme.example>",
    "form": "From: Form <wordpress@evil.example>\r\nReply-To: Anna <anna@acme.example>",
    "the desk's own form": "From: Form <help@support.example.com>\r\nReply-To: Anna <anna@acme.example>",
    "list": "From: Anna via G <g@evil.example>\r\nList-Id: <g.evil.example>\r\nX-Original-From: Anna <anna@acme.example>",
}


@pytest.mark.parametrize("peer", ["127.0.0.1", STRANGE])
@pytest.mark.parametrize("machine", MACHINES)
def test_words_of_a_machine_are_nobodys_in_the_inbox(desk: StoryDesk, machine: str, peer: str) -> None:
    content = (
        f"{MACHINES[machine]}\r\nTo: {SUPPORT}\r\nSubject: Refund\r\nMessage-ID: <1@evil.example>\r\n\r\nPay to IBAN DE00.\r\n"
    )
    desk.deliver("x@evil.example", [SUPPORT], content.encode(), peer)
    desk.settle()
    requester = desk.ticket().participants[0]
    assert (requester.address, requester.name) == ("anna@acme.example", "Anna")
    assert not [row for row in desk.inbox() if row.direction == "customer"]
