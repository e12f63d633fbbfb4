from datetime import UTC, datetime

import pytest
from support.mails.mails import mail

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.forwards import subject_says_forward
from helpdesk.threading.reading.mailboxes import mailboxes
from helpdesk.threading.reading.message_ids import message_ids
from helpdesk.threading.reading.parameters import parameters
from helpdesk.threading.reading.parsed import Mailbox
from helpdesk.threading.reading.subjects import base_subject, has_prefix
from helpdesk.threading.reading.words import readable

ADDRESS_LISTS = {
    b"anna@example.org": [("", "anna@example.org")],
    b"Anna <anna@example.org>": [("Anna", "anna@example.org")],
    b'"Weber, Anna" <anna@example.org>, bob@example.org': [("Weber, Anna", "anna@example.org"), ("", "bob@example.org")],
    b'"bob@example.org" <anna@example.org>': [("bob@example.org", "anna@example.org")],
    b"anna@example.org (Anna (at work) Weber)": [("Anna (at work) Weber", "anna@example.org")],
    b"Team: anna@example.org, bob@example.org;": [("", "anna@example.org"), ("", "bob@example.org")],
    b"undisclosed-recipients:;": [],
    b"anna@example.org; bob@example.org": [("", "anna@example.org"), ("", "bob@example.org")],
    b"<@relay.example,@other.example:anna@example.org>": [("", "anna@example.org")],
    b"Anna <anna@example.org> <eve@example.org>": [("Anna", "anna@example.org"), ("Anna", "eve@example.org")],
    b"anna@example.org eve@example.org": [("", "anna@example.org"), ("", "eve@example.org")],
    b"=?utf-8?q?J=C3=BCrgen?= <j@example.org>": [("Jürgen", "j@example.org")],
    b'"=?utf-8?q?J=C3=BCrgen?=" <j@example.org>': [("Jürgen", "j@example.org")],
    "Jürgen <j@example.org>".encode("latin-1"): [("Jürgen", "j@example.org")],
    b"Mail Delivery System": [("Mail Delivery System", "")],
    b"Anna <anna@example.org": [("Anna", "anna@example.org")],
    b"doe @ example . org": [("", "doe@example.org")],
    b"Dr. doe@example.org": [("Dr.", "doe@example.org")],
    b"": [],
}


@pytest.mark.parametrize("value", ADDRESS_LISTS)
def test_an_address_list_gives_names_and_exact_addresses(value: bytes) -> None:
    assert [(mailbox.name, mailbox.address) for mailbox in mailboxes(value)] == ADDRESS_LISTS[value]


def test_an_encoded_word_never_becomes_an_address() -> None:
    assert mailboxes(b"=?utf-8?q?eve=40example.org?=") == (Mailbox("eve@example.org", ""),)
    assert mailboxes(b"=?utf-8?q?eve=40example.org=2C?= <anna@example.org>")[0].address == "anna@example.org"


UNSTRUCTURED = {
    b"plain": "plain",
    b"=?utf-8?q?caf=C3=A9?=": "café",
    b"=?utf-8?B?Y2Fmw6k=?= au lait": "café au lait",
    b"=?utf-8?b?44GC4w==?=  =?utf-8?b?gYQ=?=": "あい",
    b"=?iso-8859-1?q?a?= =?utf-8?q?b?=": "ab",
    b"=?utf-8?q?a?= b": "a b",
    b"=?no-such-charset?q?abc?=": "abc",
    b"=?utf-8?b?!!!?=": "",
    b"=?utf-8?q?broken": "=?utf-8?q?broken",
    "grün".encode("latin-1"): "grün",
    "grün".encode(): "grün",
    b"a\x00b\tc\x07": "ab c",
    "=?iso-8859-1?q?gr\u00fcn?=".encode(): "grün",
    b"=?utf-8?q?line=0D=0Abreak?=": "line break",
}


@pytest.mark.parametrize("value", UNSTRUCTURED)
def test_a_value_becomes_text_on_one_line(value: bytes) -> None:
    assert readable(value) == UNSTRUCTURED[value]


PARAMETERS = {
    b'text/plain; charset="utf-8"': {"charset": "utf-8"},
    b"attachment; filename*=utf-8''na%C3%AFve.txt": {"filename": "naïve.txt"},
    b'attachment; filename*0="long "; filename*1="name.txt"': {"filename": "long name.txt"},
    b"attachment; filename*1*=%C3%A9.txt; filename*0*=utf-8''caf": {"filename": "café.txt"},
    b'attachment; filename="=?utf-8?q?caf=C3=A9.txt?="': {"filename": "café.txt"},
    b'attachment; filename="a;b.txt"': {"filename": "a;b.txt"},
    b"attachment; filename=plain.txt; filename*=utf-8''better.txt": {"filename": "better.txt"},
    b'attachment; filename="quo\\"te.txt"': {"filename": 'quo"te.txt'},
    b"attachment;;; =x; y": {"": "x"},
}


@pytest.mark.parametrize("value", PARAMETERS)
def test_parameters_are_continued_and_decoded(value: bytes) -> None:
    assert parameters(value)[1] == PARAMETERS[value]


def test_message_ids_lose_brackets_and_repetition() -> None:
    assert message_ids(b"<a@x>\r\n <b@y> <a@x> (comment)") == ("a@x", "b@y")
    assert message_ids(b"a@x, b@y") == ("a@x", "b@y")
    assert message_ids(b"your mail of Monday") == ()


SUBJECTS = {
    "Re: Login": "Login",
    "AW: Re[2]: Fwd: Login": "Login",
    "RE：登录": "登录",
    "回复: 登录": "登录",
    "SV: VS: Login": "Login",
    "Invoice: March": "Invoice: March",
    "Re:": "",
    "Login": "Login",
    "[EXTERNAL] Login": "Login",
    "[EXT] Re: Login": "Login",
    "Re: [EXTERNAL] Fwd: [External Sender] Login": "Login",
    "AW: [EXTERN] Login": "Login",
    "EXTERN: Login": "Login",
    "EXTERNE : Login": "Login",
    "EXT: RE: Login": "Login",
    "ESTERNO | Login": "Login",
    "EXTERNAL - Login": "Login",
    "*** SPAM *** Login": "Login",
    "***Externe E-Mail*** Login": "Login",
    "(Mail esterna) Login": "Login",
    "{Correo externo} Login": "Login",
    "<Remetente externo> Login": "Login",
    "[Externe afzender]: Login": "Login",
    "[Courriel externe] TR: Login": "Login",
    "[Ekstern e-post] SV: Login": "Login",
    "[Внешнее письмо] Login": "Login",
    "【社外】 Re: Login": "Login",
    "[[EXTERNAL]] Login": "Login",
    "[EXTERNAL]": "",
    "[ACZ-K7Q2M9] Login": "[ACZ-K7Q2M9] Login",
    "[External drives] Login": "[External drives] Login",
    "External: the drive is full": "External: the drive is full",
    "Extern - Login": "Extern - Login",
    "EXT-4711 is broken": "EXT-4711 is broken",
    "[Login": "[Login",
    "[] Login": "[] Login",
}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_prefixes_are_taken_off_the_subject(subject: str) -> None:
    assert base_subject(subject) == SUBJECTS[subject]


def test_a_mark_of_a_filter_is_no_sign_of_an_answer_or_a_forward() -> None:
    assert not has_prefix("[EXTERNAL] Login")
    assert has_prefix("[EXTERNAL] Re: Login")
    assert has_prefix("EXTERN: AW: Login")
    assert subject_says_forward("[Externe Mail] WG: Login")
    assert not subject_says_forward("[EXT] Login")


def test_every_mailbox_of_every_from_field_is_an_author() -> None:
    content = b"From: Anna <anna@example.org>\r\nfrom: eve@example.org\r\nSubject: x\r\n\r\nHi\r\n"
    message = read(content).message
    assert [author.address for author in message.authors] == ["anna@example.org", "eve@example.org"]
    assert message.author == Mailbox("Anna", "anna@example.org")
    assert "several From fields" in message.defects


@pytest.mark.parametrize("name", [b"From ", b"From\t", b"\xa0From", b"Fr\x00om"])
def test_a_malformed_from_field_name_is_noticed_and_counts(name: bytes) -> None:
    message = read(b"From: anna@example.org\r\n" + name + b": eve@example.org\r\n\r\nHi\r\n").message
    assert [author.address for author in message.authors] == ["anna@example.org", "eve@example.org"]
    assert {"several From fields", "malformed From field name"} <= set(message.defects)


@pytest.mark.parametrize("before", [b"\r\n", b"\n\n \n", b"From anna@example.org Mon May  1 10:00:00 2024\n", b">From x\n"])
def test_what_stands_before_the_header_does_not_lose_it(before: bytes) -> None:
    message = read(before + b"From: anna@example.org\nSubject: Login\n\nHi\n").message
    assert (message.subject, message.text) == ("Login", "Hi")


def test_a_line_that_is_no_field_is_skipped_when_fields_follow() -> None:
    message = read(b"From: anna@example.org\nthis is no field\nSubject: Login\n\nHi\n").message
    assert (message.subject, message.text) == ("Login", "Hi")


def test_headers_stand_in_their_order() -> None:
    content = b"Received: from b\nAuthentication-Results: ours\nReceived: from a\nFrom: anna@example.org\n\nHi\n"
    assert [name for name, _ in read(content).message.headers] == ["received", "authentication-results", "received", "from"]


DATES = {
    "Mon, 6 May 2024 10:12:00 +0200": datetime(2024, 5, 6, 8, 12, tzinfo=UTC),
    "6 May 2024 10:12:00 GMT": datetime(2024, 5, 6, 10, 12, tzinfo=UTC),
    "Mon, 6 May 2024 10:12:00 -0700 (PDT)": datetime(2024, 5, 6, 17, 12, tzinfo=UTC),
    "Mon, 6 May 24 10:12 EST": datetime(2024, 5, 6, 15, 12, tzinfo=UTC),
    "06 May 95 10:12:00 UT": datetime(1995, 5, 6, 10, 12, tzinfo=UTC),
    "Mon , 6 (the sixth) May 2024 10 : 12 : 00 (noon) +0200": datetime(2024, 5, 6, 8, 12, tzinfo=UTC),
    "31 Feb 2024 10:12:00 +0000": None,
    "yesterday": None,
    "1 Jan 99999999999 00:00:00": None,
}


@pytest.mark.parametrize("written", DATES)
def test_the_date_is_told_in_utc(written: str) -> None:
    assert read(mail(date=written)).message.date == DATES[written]


@pytest.mark.parametrize(
    ("field", "read_as"),
    [
        (b"Subject : Login", {"subject": "Login"}),
        (b"Subject:\r\n \t\r\n Login", {"subject": "Login"}),
        (b"Message-ID : <two @ x . example>", {"message_id": "two@x.example"}),
        (b"In-Reply-To: your mail of Monday <two@x.example>", {"in_reply_to": ("two@x.example",)}),
        (b'References: as "agreed" <two@x.example>\r\n <three@x.example>', {"references": ("two@x.example", "three@x.example")}),
        (
            b"To: ,, bob@x.example ,, (both) carl @ x.example,",
            {"to": (Mailbox("", "bob@x.example"), Mailbox("both", "carl@x.example"))},
        ),
        (b"Sender: Bob J. Weber <bob@x.example>", {"sender": Mailbox("Bob J. Weber", "bob@x.example")}),
    ],
)
def test_obsolete_forms_are_read(field: bytes, read_as: dict[str, object]) -> None:
    """RFC 5322 §4: nobody writes them any more, and everybody has to read them."""
    message = read(b"From: anna@example.org\r\n" + field + b"\r\n\r\nHi\r\n").message
    assert {name: getattr(message, name) for name in read_as} == read_as
    assert message.text == "Hi"


def test_a_parameter_that_lost_its_white_space_belongs_to_the_field_above() -> None:
    head = b"From: post_master@gateway.example.net\nTo: help@example.com\nSubject: Re:Hello\n"
    text = b"Error: Invalid user address\n\n550 - no such user here\n\n  MAIL FROM: help@example.com\n  RCPT TO: 4917012345@gateway.example.net\n"
    inner = (
        b'Content-Type: multipart/alternative;\nboundary="i"\n\n--i\nContent-Type: text/plain;\ncharset=us-ascii\n\n'
        + text
        + b"\n--i--\n"
    )
    message = read(head + b"Content-Type: multipart/mixed; boundary=o\n\n--o\n" + inner + b"\n--o--\n").message
    assert message.text.startswith("Error: Invalid")
    assert message.delivery_report is not None
    assert [recipient.address for recipient in message.delivery_report.recipients] == ["4917012345@gateway.example.net"]


def test_an_equals_sign_begins_the_body_where_no_parameter_is_missing() -> None:
    message = read(b"From: anna@example.org\nSubject: Login\nuser=anna\nis locked\n").message
    assert message.text == "user=anna\nis locked"


def test_a_verdict_is_not_continued_by_a_line_without_white_space() -> None:
    message = read(b"Authentication-Results: mx.example.com;\ndkim=pass header.d=example.org\nSubject: Login\n\nHi\n").message
    assert message.header("authentication-results") == "mx.example.com;"
