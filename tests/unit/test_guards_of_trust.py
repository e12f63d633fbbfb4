"""Limits that only an attacker comes near: each refuses, and what is just inside it is taken."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from helpdesk.config.reply_addresses import ReplyAddresses
from helpdesk.config.settings import Authentication
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import RawMessage
from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.parsed import Coverage, Mailbox
from helpdesk.threading.trust.addresses import reachable
from helpdesk.threading.trust.assurance import identity_of, judge
from helpdesk.threading.trust.sufficiency import NOT_SHOWN, sufficiency, unseen_sufficiency
from helpdesk.threading.trust.tokens import Keyring, Purpose, Token, mint, verify

TRUSTED = Authentication(trusted_authserv_ids=("mx.desk.example",), trusted_relays=("127.0.0.0/8",))
RING = Keyring((("a", b"k" * 32),))
A, U, F = Assurance.AUTHENTICATED, Assurance.UNVERIFIED, Assurance.FAILED


@pytest.mark.parametrize(
    ("results", "assurance"),
    [
        ("dkim=fail header.d=acme.example", U),
        ("dkim=none header.d=acme.example", U),
        ("dmarc=fail header.from=acme.example; dmarc=pass header.from=acme.example", F),
        ("dmarc=pass header.from=acme.example" + "; spf=pass smtp.mailfrom=acme.example" * 90, A),
        ("dmarc=pass header.from=acme.example" + "; spf=pass smtp.mailfrom=acme.example" * 120, U),
    ],
    ids=["dkim failed", "no dkim", "the first verdict counts", "long", "too long"],
)
def test_what_our_relay_says_is_read_closely(results: str, assurance: Assurance) -> None:
    head = f"Authentication-Results: mx.desk.example; {results}\r\nReceived: from a by b; Mon, 23 Nov 2026 09:00:00 +0000\r\n"
    content = f"{head}From: anna@acme.example\r\nSubject: x\r\n\r\nhello\r\n".encode()
    raw = RawMessage("smtp", None, content, datetime(2026, 11, 23, tzinfo=UTC), "127.0.0.1")
    found = judge(raw, read(content).message, TRUSTED)
    assert found.assurance is assurance
    assert not found.authority


def test_two_authors_are_nobody_even_where_no_defect_says_so() -> None:
    message = read(b"From: anna@acme.example\r\n\r\nhello\r\n").message
    two = replace(message, authors=(Mailbox("", "anna@acme.example"), Mailbox("", "omar@desk.example")), defects=())
    assert identity_of(message) == "anna@acme.example"
    assert identity_of(two) == ""


def test_a_long_local_part_cannot_be_answered() -> None:
    assert reachable("a" * 63 + ".@x.example") == "a" * 63 + ".@x.example"
    assert reachable("a" * 64 + ".@x.example") == ""


def test_a_token_has_one_spelling() -> None:
    """The last letter has bits that hold nothing: other letters would decode alike."""
    text = mint(Token(Purpose.REPLY, 7, 1, 1), RING)
    others = [text[:-1] + letter for letter in "abcdefghijklmnopqrstuvwxyz234567" if letter != text[-1]]
    assert verify(text, RING)
    assert [other for other in others if verify(other, RING)] == []


def test_no_token_is_looked_for_in_an_endless_address() -> None:
    addresses = ReplyAddresses("{local}+{token}@{domain}", "support.example.com")
    assert addresses.token_in(addresses.address("h" * 200, "token")) == "token"
    assert addresses.token_in(addresses.address("h" * 300, "token")) is None
    assert addresses.local_in(addresses.address("h" * 300, "token")) is None


def test_no_signature_is_sufficient_where_readers_may_see_different_headers() -> None:
    """Neither one that the mail shows nor one that our relay has verified and removed."""
    message = read(b"From: anna@acme.example\r\nSubject: Printer\r\n\r\nIt jams.\r\n").message
    now = datetime(2026, 1, 1, tzinfo=UTC)
    covered = [Coverage("acme.example", "s", ("from", "subject"), whole=True, signed_at=now, expires_at=None, doubt="")]
    doubtful = replace(message, header_doubt="its header can be read in two ways")
    assert sufficiency(covered, message, now, None).lack != NOT_SHOWN
    assert sufficiency(covered, doubtful, now, None).lack == NOT_SHOWN
    assert unseen_sufficiency(message, now, None).lack == ""
    assert unseen_sufficiency(doubtful, now, None).lack == NOT_SHOWN
