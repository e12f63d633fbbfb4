"""A real Exim as the relay: its refusals, its delays of one domain, its SIZE, and what it delivers."""

import os
from collections.abc import Iterator

import pytest
from support.servers.exim import Exim, exim, exim_program
from support.servers.peers import missing, wait_for
from support.servers.relay_stories import replies_of

from helpdesk.gateway.delivery.breaker import FAILURES
from helpdesk.gateway.delivery.reply import enhanced_status

ANNA = "anna@acme.example"


@pytest.fixture(scope="module")
def server() -> Iterator[Exim]:
    if not exim_program() or os.geteuid():
        missing("exim4")
    running = exim()
    yield running
    running.close()


def content(number: int, octets: int = 0) -> bytes:
    head = f"From: help@support.example.com\r\nTo: {ANNA}\r\nMessage-ID: <{number}@desk.test>\r\n\r\nLetter {number}, größer\r\n..\r\n.\r\n"
    return head.encode() + b"x" * 70 * (octets // 70) + b"\r\n"


def test_letters_arrive_whole_and_once(server: Exim) -> None:
    letters = [content(number) for number in range(20)]
    assert {reply.code for reply in replies_of(server.port, *((ANNA, letter) for letter in letters))} == {250}
    wait_for(lambda: len(server.kept()) == 20, lambda: f"twenty letters are delivered; its log: {server.log[-1000:]}")
    bodies = sorted(kept.partition(b"\n\n")[2].rstrip() for kept in server.kept())
    assert bodies == sorted(letter.partition(b"\r\n\r\n")[2].replace(b"\r\n", b"\n").rstrip() for letter in letters)


def test_what_it_refuses_fails_and_what_it_delays_delays_its_domain_alone(server: Exim) -> None:
    slow = [("c@slow.test", content(number)) for number in range(FAILURES + 2)]
    *delayed, refused, taken = replies_of(server.port, *slow, ("nobody@acme.example", content(100)), (ANNA, content(101)))
    assert [(reply.code, reply.delays) for reply in delayed] == [(451, True)] * len(slow)
    assert (refused.code, enhanced_status(refused)) == (550, "5.1.1") and taken.code == 250


def test_a_letter_over_its_size_fails_before_it_is_sent(server: Exim) -> None:
    [reply] = replies_of(server.port, (ANNA, content(200, octets=30_000)))
    assert (reply.code, reply.permanent) == (552, True) and "20000" in reply.text
