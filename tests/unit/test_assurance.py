"""Who may be believed: passwords, our own relay's word above its Received field, and nobody else."""

from datetime import UTC, datetime

import pytest

from helpdesk.config.settings import Authentication
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import RawMessage
from helpdesk.threading.parsing.read import read
from helpdesk.threading.trust.assurance import judge
from helpdesk.threading.trust.identity import Identity

TRUSTED = Authentication(trusted_authserv_ids=("mx.desk.example",), trusted_relays=("127.0.0.0/8", "::1/128"))
RECEIVED = "Received: from mail.acme.example by mx.desk.example; Mon, 23 Nov 2026 09:00:00 +0000\r\n"
PASS = "Authentication-Results: mx.desk.example; dmarc=pass header.from=acme.example; dkim=pass header.d=acme.example\r\n"
A, U, F = Assurance.AUTHENTICATED, Assurance.UNVERIFIED, Assurance.FAILED


def judged(above: str, below: str = "", author: str = "From: anna@acme.example\r\n", peer: str = "127.0.0.1") -> Identity:
    content = (above + RECEIVED + below + author + "Subject: x\r\n\r\nhello\r\n").encode()
    raw = RawMessage("smtp", None, content, datetime(2026, 11, 23, tzinfo=UTC), peer)
    return judge(raw, read(content).message, TRUSTED)


def ar(value: str) -> str:
    return f"Authentication-Results: {value}\r\n"


CASES = [
    ("our relay says dmarc and dkim pass", PASS, "", A, True),
    ("nothing is said", "", "", U, False),
    ("only below our relay's Received", "", PASS, U, False),
    ("another authserv-id", ar("mx.evil.example; dmarc=pass header.from=acme.example"), "", U, False),
    ("our name as a prefix", ar("mx.desk.example.evil.example; dmarc=pass header.from=acme.example"), "", U, False),
    ("dmarc by SPF alone: no authority", ar("mx.desk.example; dmarc=pass header.from=acme.example; spf=pass"), "", A, False),
    ("dmarc passed for another domain", ar("mx.desk.example; dmarc=pass header.from=evil.example"), "", U, False),
    ("dkim of the author's own domain", ar("mx.desk.example; dkim=pass header.d=acme.example"), "", A, True),
    ("dkim of a stranger", ar("mx.desk.example; dkim=pass header.d=evil.example"), "", U, False),
    ("dkim of a stranger beside a dmarc pass",
     ar("mx.desk.example; dmarc=pass header.from=acme.example; dkim=pass header.d=evil.example"), "", A, False),
    ("dkim of the parent domain beside a dmarc pass",
     ar("mx.desk.example; dmarc=pass header.from=acme.example; dkim=pass header.d=mail.acme.example"), "", A, True),
    ("dmarc failed", ar("mx.desk.example; dmarc=fail header.from=acme.example"), "", F, False),
    ("a temporary error proves nothing", ar("mx.desk.example; dmarc=temperror header.from=acme.example"), "", U, False),
    ("a verdict inside a comment", ar("mx.desk.example; spf=fail (dmarc=pass header.from=acme.example)"), "", U, False),
    ("broken grammar", ar("mx.desk.example; dmarc=pass header.from=acme.example; ((("), "", U, False),
    ("a property that smuggles a verdict", ar('mx.desk.example; spf=fail smtp.mailfrom="a; dmarc=pass header.from=acme.example"'), "", U, False),
    ("a method that nobody knows", ar("mx.desk.example; x-novel=pass header.from=acme.example"), "", U, False),
    ("a result that nobody knows", ar("mx.desk.example; dmarc=certainly header.from=acme.example"), "", U, False),
    ("an unknown method beside known ones",
     ar("mx.desk.example; x-novel=fail header.x=y; dmarc=pass header.from=acme.example; dkim=pass header.d=acme.example"), "", A, True),
    ("endless", ar("mx.desk.example; " + "x" * 5000), "", U, False),
]  # fmt: skip


@pytest.mark.parametrize(("name", "above", "below", "assurance", "authority"), CASES, ids=[case[0] for case in CASES])
def test_authentication_results(name: str, above: str, below: str, assurance: Assurance, authority: bool) -> None:
    found = judged(above, below)
    assert (found.address, found.assurance, found.authority) == ("anna@acme.example", assurance, authority)


def test_only_a_trusted_relay_is_believed() -> None:
    assert judged(PASS, peer="203.0.113.9").assurance is U
    assert judged(PASS, peer="").assurance is U


AUTHORS = [
    ("two From fields", "From: anna@acme.example\r\nFrom: omar@desk.example\r\n"),
    ("two addresses", "From: anna@acme.example, omar@desk.example\r\n"),
    ("a comment in the address", "From: anna(x)@acme.example\r\n"),
    ("a quoted local part", 'From: "anna"@acme.example\r\n'),
    ("an encoded word", "From: =?utf-8?q?anna=40acme.example?=\r\n"),
    ("a group", "From: staff: anna@acme.example;\r\n"),
    ("no author", ""),
    ("a space before the colon", "From : anna@acme.example\r\nFrom: omar@desk.example\r\n"),
]


@pytest.mark.parametrize(("name", "author"), AUTHORS, ids=[name for name, _ in AUTHORS])
def test_an_ambiguous_author_is_nobody(name: str, author: str) -> None:
    found = judged(PASS, author=author)
    assert (found.address, found.assurance, found.authority) == ("", U, False)


@pytest.mark.parametrize(
    "field",
    ["Message-ID: <b@acme.example>", "Subject: b", "Date: x", "To: b@acme.example", "Sender: b@acme.example", "Subject : b"],
)
def test_a_mail_whose_singleton_field_stands_there_twice_names_nobody(field: str) -> None:
    """RFC 5322 §3.6: it would be two mails to two readers, and each could do once more what the other has done."""
    once = (
        "From: anna@acme.example\r\nMessage-ID: <a@acme.example>\r\nDate: y\r\nTo: a@acme.example\r\nSender: a@acme.example\r\n"
    )
    assert judged(PASS, author=once).address == "anna@acme.example"
    assert judged(PASS, author=f"{once}{field}\r\n").address == ""


def test_a_password_proves_only_its_own_address() -> None:
    content = b"From: omar@desk.example\r\nSubject: x\r\n\r\nhello\r\n"
    message = read(content).message
    at = datetime(2026, 11, 23, tzinfo=UTC)
    own = judge(RawMessage("smtp", None, content, at, "203.0.113.9", "", "Omar@desk.example"), message, TRUSTED)
    other = judge(RawMessage("smtp", None, content, at, "203.0.113.9", "", "ines@desk.example"), message, TRUSTED)
    assert (own.assurance, own.authority) == (A, True)
    assert (other.assurance, other.authority) == (F, False)


def test_assume_from_is_for_its_networks_alone() -> None:
    content = b"From: omar@desk.example\r\nSubject: x\r\n\r\nhello\r\n"
    assumed = Authentication(assume_from=("127.0.0.1/32",))
    at = datetime(2026, 11, 23, tzinfo=UTC)
    assert judge(RawMessage("smtp", None, content, at, "127.0.0.1"), read(content).message, assumed).authority
    assert not judge(RawMessage("smtp", None, content, at, "127.0.0.2"), read(content).message, assumed).authority


@pytest.mark.parametrize("door", ["imap", "pop3"])
def test_the_server_of_our_own_mailbox_is_believed_as_our_relay_is(door: str) -> None:
    """It has no address that could be named; the field must stand above the topmost Received all the same."""
    at = datetime(2026, 11, 23, tzinfo=UTC)

    def assurance(above: str, below: str, authentication: Authentication) -> Assurance:
        content = (above + RECEIVED + below + "From: anna@acme.example\r\nSubject: x\r\n\r\nhello\r\n").encode()
        return judge(RawMessage(door, None, content, at), read(content).message, authentication).assurance

    assert assurance(PASS, "", TRUSTED) is A
    assert assurance("", PASS, TRUSTED) is U
    assert assurance(PASS, "", Authentication(assume_from=("0.0.0.0/0", "::/0"))) is U
