"""Letters as they leave: read again by the standard library, whatever words they were made of."""

import base64
import re
from dataclasses import replace
from datetime import timedelta
from email.header import decode_header, make_header

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.desk.letter_orders import (
    ABOUT_A_TICKET,
    ANNA,
    CONTENTS,
    CUSTOMER_FACTS,
    CUSTOMER_WORDS,
    EVERY,
    IN_STAFF_WORDS,
    KEYRING,
    LETTERHEAD,
    NOW,
    OMAR,
    SCREENSHOT,
    STAFF_FACTS,
    STAFF_WORDS,
    TICKET,
    TO_CUSTOMERS,
    order,
)
from support.mails.composed_mail import header_block, html_of, read, text_of

from helpdesk.config.reply_addresses import ReplyAddresses
from helpdesk.templates.compose import compose
from helpdesk.threading.letters.letter import Letter
from helpdesk.threading.letters.order import CustomerFacts, LetterOrder
from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Role
from helpdesk.threading.model.sentence import plain
from helpdesk.threading.trust.tokens import Purpose, Token, verify

BOUNDARY_LINE = "##- Please type your reply above this line -##"
ALWAYS = {
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "Thread-Topic",
    "Thread-Index",
    "MIME-Version",
    "Content-Type",
}
ANSWERING_AT_ONCE = (Notice.CONFIRMATION, Notice.SELF_SERVICE, Notice.INCOMPLETE)
THREADED = {"In-Reply-To", "References"}
AUTOMATIC = {"Auto-Submitted", "X-Auto-Response-Suppress"}
HOSTILE_PIECES = [
    "\r\n",
    "\n",
    "\r",
    "\x00",
    "\ud800",
    "\udcff",
    "😀",
    "é",
    "日本",
    "Bcc: eve@evil.example",
    "\r\nBcc: eve@evil.example",
]
HOSTILE_PIECES += [
    "\r\n\r\n<script>",
    '"',
    "\\",
    "<",
    ">",
    ",",
    ";",
    "@",
    "=?utf-8?q?x?=",
    "\u2028",
    "\x85",
    "\u202e",
    "\t",
    " " * 90,
    "x" * 1000,
]
hostile = st.lists(st.one_of(st.sampled_from(HOSTILE_PIECES), st.text(max_size=40)), max_size=8).map("".join)


def letter(audience: str, notice: Notice, **changes: object) -> Letter:
    return compose(order(audience, notice, **changes), LETTERHEAD, CONTENTS, NOW)


def field_names(content: bytes) -> list[str]:
    return re.findall(r"^([!-9;-~]+):", header_block(content), re.MULTILINE)


def token_of(composed: Letter, field: str = "Reply-To") -> Token | None:
    address = str(read(composed.content)[field]).strip("<>")
    return verify(LETTERHEAD.reply_addresses.token_in(address) or "", KEYRING)


@pytest.mark.parametrize(("audience", "notice"), ABOUT_A_TICKET)
def test_a_letter_has_exactly_the_intended_fields_each_once(audience: str, notice: Notice) -> None:
    one = order(audience, notice)
    names = field_names(compose(one, LETTERHEAD, CONTENTS, NOW).content)
    assert sorted(names) == sorted(ALWAYS | THREADED | (AUTOMATIC if one.automatic else set()))


@settings(max_examples=60, deadline=None)
@given(
    subject=hostile, name=hostile, author=hostile, body=hostile, filename=hostile, kind=hostile, ids=st.lists(hostile, max_size=4)
)
def test_hostile_words_never_add_a_field_or_a_recipient(
    subject: str, name: str, author: str, body: str, filename: str, kind: str, ids: list[str]
) -> None:
    one = order(
        "customer",
        Notice.ANSWER,
        ticket=replace(TICKET, subject=subject),
        to=replace(ANNA, name=name),
        author_name=author,
        body=body,
        attach=(Attachment(filename, kind, 4, "a" * 64, None, False),),
        in_reply_to=ids[0] if ids else None,
        references=tuple(ids),
        facts=CustomerFacts(received_attachments=(filename,)),
    )
    composed = compose(one, LETTERHEAD, CONTENTS, NOW)
    mail = read(composed.content)
    names = field_names(composed.content)
    assert len(names) == len(set(names)) and ALWAYS <= set(names) <= ALWAYS | THREADED
    assert [address.addr_spec for address in mail["To"].addresses] == ["anna@acme.example"]
    assert [address.addr_spec for address in mail["From"].addresses] == ["help@support.example.com"]
    assert all(not part.defects for part in mail.walk())
    assert [part.get_content_type() for part in mail.walk()][3:] == ["text/html", "application/octet-stream"]
    assert_line_limits(composed.content)


@settings(max_examples=20, deadline=None)
@given(subject=hostile, name=hostile, body=hostile, warning=hostile)
def test_hostile_words_in_a_staff_letter_stay_words(subject: str, name: str, body: str, warning: str) -> None:
    customer = replace(ANNA, name=name)
    facts = replace(STAFF_FACTS, customer=customer, warnings=(plain(warning),), outcome=(plain(warning),), attachments=(name,))
    composed = letter("staff", Notice.NEW_TICKET, ticket=replace(TICKET, subject=subject), body=body, facts=facts)
    mail = read(composed.content)
    assert set(field_names(composed.content)) == ALWAYS | THREADED | AUTOMATIC
    assert all(not part.defects for part in mail.walk())
    assert "<script" not in html_of(mail)
    assert_line_limits(composed.content)


def assert_line_limits(content: bytes) -> None:
    assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    assert content.isascii() and b"\x00" not in content


@given(words=st.text(st.characters(blacklist_categories=("Cc", "Cf", "Cs", "Zl", "Zp", "Zs")), min_size=1, max_size=300))
@settings(max_examples=40, deadline=None)
def test_a_subject_comes_back_as_it_was(words: str) -> None:
    mail = read(letter("customer", Notice.ANSWER, ticket=replace(TICKET, subject=words)).content)
    assert mail["Subject"] == f"Re: {words}"
    assert mail["Thread-Topic"] is not None


@pytest.mark.parametrize("subject", ["=?utf-8?q?=41?= is not an A", "x" * 900, "😀" * 300, "many words " * 60])
def test_a_strange_subject_comes_back_in_lines_of_usual_length(subject: str) -> None:
    content = letter("customer", Notice.ANSWER, ticket=replace(TICKET, subject=subject)).content
    assert read(content)["Subject"] == f"Re: {subject.strip()}"
    assert max(len(line) for line in header_block(content).splitlines()) <= 76


@pytest.mark.parametrize("name", ["張" * 40, "x" * 90, "Zoë " * 20 + "Müller"])
def test_a_long_display_name_comes_back_as_it_was(name: str) -> None:
    header = header_block(letter("customer", Notice.ANSWER, to=replace(ANNA, name=name)).content)
    (field,) = re.findall(r"^To: ((?:.|\n )+)$", header, re.MULTILINE)
    # the standard library's newer parser puts a space between encoded words of a phrase; RFC 2047 §6.2 wants none
    assert str(make_header(decode_header(field.replace("\n ", " ")))) == f"{name} <anna@acme.example>"
    assert max(len(line) for line in header.splitlines()) <= 76


@pytest.mark.parametrize(
    "name", ["Anna Petrova", "Zoë Müller", 'Anna "the admin" Petrova', "a, b <eve@evil.example>", "=?utf-8?q?a?="]
)
def test_a_display_name_comes_back_as_it_was(name: str) -> None:
    (recipient,) = read(letter("customer", Notice.ANSWER, to=replace(ANNA, name=name)).content)["To"].addresses
    assert (recipient.display_name, recipient.addr_spec) == (name, ANNA.address)


def test_a_long_message_id_of_another_system_is_never_encoded() -> None:
    long_id = "AM0PR0402MB" + "x" * 180 + "@AM0PR0402MB3921.eurprd04.prod.outlook.com"
    composed = letter("customer", Notice.ANSWER, in_reply_to=long_id, references=("first@acme.example", long_id))
    assert f"In-Reply-To: <{long_id}>\n" in header_block(composed.content).replace("\n ", " ")
    assert "=?" not in header_block(composed.content)
    assert read(composed.content)["References"].split() == ["<first@acme.example>", f"<{long_id}>"]


def test_references_keep_the_first_and_the_last_twenty() -> None:
    ids = tuple(f"{number}@acme.example" for number in range(100))
    kept = read(letter("customer", Notice.ANSWER, in_reply_to=ids[-1], references=ids).content)["References"].split()
    assert kept == ["<0@acme.example>", *(f"<{number}@acme.example>" for number in range(80, 100))]


def test_what_could_not_stand_in_a_field_is_no_reference() -> None:
    composed = letter("customer", Notice.ANSWER, in_reply_to="a b@c", references=("ok@acme.example", "ä@b", "x>y@z", "l" * 990))
    mail = read(composed.content)
    assert (mail["In-Reply-To"], mail["References"]) == (None, "<ok@acme.example>")


def test_the_same_order_gives_the_same_bytes() -> None:
    one = order("customer", Notice.ANSWER, attach=(SCREENSHOT,))
    assert compose(one, LETTERHEAD, CONTENTS, NOW) == compose(one, LETTERHEAD, CONTENTS, NOW)


# Addresses and tokens


@pytest.mark.parametrize(("audience", "notice"), ABOUT_A_TICKET)
def test_a_reply_comes_back_to_ticket_participant_and_version(audience: str, notice: Notice) -> None:
    composed = letter(audience, notice)
    internal = {Notice.INTERNAL_NOTE: Purpose.NOTE, Notice.INCIDENT_PROPOSAL: Purpose.NOTE, Notice.RECEIPT: Purpose.RECEIPT}
    purpose = internal.get(notice, Purpose.REPLY)
    expected = Token(purpose, TICKET.id, 2 if audience == "staff" else 1, TICKET.version)
    assert token_of(composed) == expected
    assert verify(composed.message_id.partition(".")[0], KEYRING) == expected
    assert read(composed.content)["Message-ID"] == f"<{composed.message_id}>"


def test_an_answer_to_a_digest_comes_back_to_the_digest() -> None:
    composed = letter("staff", Notice.DIGEST)
    assert token_of(composed) == Token(Purpose.DIGEST, 4711)
    assert verify(composed.message_id.partition(".")[0], KEYRING) == Token(Purpose.DIGEST, 4711)


def test_the_message_id_ends_its_token_with_the_letter_in_base_36() -> None:
    assert letter("customer", Notice.ANSWER, id=36 * 36 + 35).message_id.endswith(".10z@support.example.com")


def test_the_reverse_path_names_the_letter() -> None:
    composed = letter("customer", Notice.ANSWER)
    assert composed.reverse_path.startswith("bounces+")
    token = LETTERHEAD.reply_addresses.token_in(composed.reverse_path)
    assert verify(token or "", KEYRING) == Token(Purpose.BOUNCE, composed.id, 1)


def test_a_pattern_of_its_own_is_followed() -> None:
    desk = replace(LETTERHEAD, reply_addresses=ReplyAddresses("{token}@reply.example.com", "support.example.com"))
    composed = compose(order("customer", Notice.ANSWER), desk, CONTENTS, NOW)
    assert str(read(composed.content)["Reply-To"]).endswith("@reply.example.com")


@pytest.mark.parametrize("notice", TO_CUSTOMERS)
def test_a_customer_never_sees_an_address_of_staff(notice: Notice) -> None:
    composed = letter("customer", notice)
    mail = read(composed.content)
    assert (
        OMAR.address
        not in header_block(composed.content) + text_of(mail) + html_of(mail) + composed.body_text + composed.body_html
    )


def test_words_of_a_staff_member_come_from_the_desk_in_that_persons_name() -> None:
    (author,) = read(letter("customer", Notice.ANSWER).content)["From"].addresses
    assert (author.display_name, author.addr_spec) == ("Omar Haddad (Accoraze Support)", "help@support.example.com")
    (desk,) = read(letter("customer", Notice.CONFIRMATION).content)["From"].addresses
    assert (desk.display_name, desk.addr_spec) == ("Accoraze Support", "help@support.example.com")


def test_shortcuts_of_a_resolution_carry_their_own_tokens() -> None:
    mail = read(letter("customer", Notice.RESOLUTION).content)
    for text in (text_of(mail), html_of(mail)):
        addresses = re.findall(r"mailto:([^?\"\s]+)\?", text)
        tokens = [verify(LETTERHEAD.reply_addresses.token_in(address) or "", KEYRING) for address in addresses]
        assert tokens == [Token(Purpose.SOLVED, TICKET.id, 1, 1), Token(Purpose.UNSOLVED, TICKET.id, 1, 1)]


def test_a_staff_letter_has_a_separate_note_address() -> None:
    mail = read(letter("staff", Notice.CUSTOMER_REPLY).content)
    reply, address = re.findall(r"mailto:(\S+)", text_of(mail))
    assert reply in mail["Reply-To"]
    assert verify(LETTERHEAD.reply_addresses.token_in(address) or "", KEYRING) == Token(Purpose.NOTE, TICKET.id, 2, 3)
    assert f'href="mailto:{address}"' in html_of(mail)


def test_a_letter_about_no_ticket_takes_no_reply() -> None:
    composed = letter("staff", Notice.RECEIPT, ticket=None, subject="Your commands")
    mail = read(composed.content)
    assert (mail["Subject"], mail["Reply-To"], mail["Thread-Index"]) == ("Your commands", None, None)
    assert mail["From"].addresses[0].addr_spec == "postmaster@support.example.com"
    assert "This email takes no reply." in text_of(mail)
    assert composed.ticket_id is None


def test_a_customer_without_an_address_gets_words_and_no_mail() -> None:
    composed = letter("customer", Notice.ANSWER, to=replace(ANNA, address=""))
    assert (composed.to, composed.content, composed.reverse_path) == ("", b"", "")
    assert "I have unlocked it." in composed.body_text


def test_an_address_that_is_not_ascii_is_written_as_it_is() -> None:
    composed = letter("customer", Notice.ANSWER, to=replace(ANNA, address="änna@acme.example"))
    assert 'To: "Anna Petrova" <änna@acme.example>\n' in header_block(composed.content)


# Subjects and threads


@pytest.mark.parametrize("notice", [notice for notice in TO_CUSTOMERS if notice is not Notice.CONSULTATION])  # to no customer
def test_a_customer_keeps_the_own_subject(notice: Notice) -> None:
    composed = letter("customer", notice)
    assert composed.subject == read(composed.content)["Subject"] == "Re: Cannot log in"
    assert read(composed.content)["Thread-Topic"] == "Cannot log in"


def test_all_staff_letters_of_a_ticket_have_one_subject() -> None:
    subjects = {letter("staff", notice).subject for audience, notice in ABOUT_A_TICKET if audience == "staff"}
    assert subjects == {"[ACZ-K7Q2M9] Cannot log in"}


def test_a_third_person_reads_no_subject_of_the_ticket() -> None:
    composed = letter("customer", Notice.CONSULTATION)
    assert composed.subject == "A question for you" and TICKET.reference not in text_of(read(composed.content))
    assert token_of(composed) == Token(Purpose.CONSULT, TICKET.id, 1)


def test_a_ticket_without_a_subject_is_named_by_its_reference() -> None:
    nameless = replace(TICKET, subject="")
    assert letter("customer", Notice.ANSWER, ticket=nameless).subject == "Your request ACZ-K7Q2M9"
    assert letter("staff", Notice.NEW_TICKET, ticket=nameless).subject == "[ACZ-K7Q2M9] no subject"


def test_outlook_sees_one_conversation() -> None:
    first = base64.b64decode(read(letter("staff", Notice.NEW_TICKET, in_reply_to=None, references=()).content)["Thread-Index"])
    later = base64.b64decode(read(letter("staff", Notice.CUSTOMER_REPLY).content)["Thread-Index"])
    assert (len(first), len(later)) == (22, 27)
    assert later[:22] == first and first[0] == 1
    other = letter("staff", Notice.NEW_TICKET, ticket=replace(TICKET, id=7232), in_reply_to=None, references=())
    assert base64.b64decode(read(other.content)["Thread-Index"])[6:] != first[6:]


@pytest.mark.parametrize(("days", "far"), [(0, False), (600, False), (700, True), (4000, True)])
def test_the_place_in_an_outlook_conversation_counts_time_since_its_start(days: int, far: bool) -> None:
    composed = compose(order("staff", Notice.CUSTOMER_REPLY), LETTERHEAD, CONTENTS, NOW + timedelta(days=days))
    block = int.from_bytes(base64.b64decode(read(composed.content)["Thread-Index"])[22:26], "big")
    ticks = (block & 0x7FFFFFFF) << (23 if far else 18)
    assert bool(block >> 31) is far
    passed = NOW + timedelta(days=days) - TICKET.created_at
    assert abs(ticks / 10_000_000 - passed.total_seconds()) < 2


# Automatic letters


@pytest.mark.parametrize(("audience", "notice"), EVERY)
def test_automatic_letters_say_so_and_words_of_people_do_not(audience: str, notice: Notice) -> None:
    mail = read(letter(audience, notice).content)
    by_person = audience == "customer" and notice in IN_STAFF_WORDS
    expected = None if by_person else "auto-replied" if notice in ANSWERING_AT_ONCE else "auto-generated"
    assert mail["Auto-Submitted"] == expected
    assert mail["X-Auto-Response-Suppress"] == (None if by_person else "All")


@pytest.mark.parametrize("notice", [notice for notice in TO_CUSTOMERS if notice is not Notice.CONSULTATION])  # to no customer
def test_a_fixed_text_says_nothing_of_the_mail_that_caused_it(notice: Notice) -> None:
    composed = letter(
        "customer",
        notice,
        automatic=True,
        fixed_text=True,
        ticket=replace(TICKET, subject="zanzibar", category="zanzibar"),
        to=replace(ANNA, name="zanzibar"),
        body="zanzibar",
        author_name="zanzibar",
        facts=replace(CUSTOMER_FACTS, received_attachments=("zanzibar.png",)),
        attach=(replace(SCREENSHOT, filename="zanzibar.png"),),
    )
    mail = read(composed.content)
    decoded = [header_block(composed.content), text_of(mail), html_of(mail), str(mail["Thread-Topic"]), str(mail["Subject"])]
    assert "zanzibar" not in " ".join([*decoded, composed.subject, composed.body_text, composed.body_html])
    assert composed.reverse_path == ""
    assert composed.subject == "Your request ACZ-K7Q2M9"
    assert mail.get_content_type() == "multipart/alternative"


def test_staff_words_that_may_not_stand_in_a_mail_are_read_in_the_platform_inbox() -> None:
    composed = letter("customer", Notice.ANSWER, fixed_text=True, attach=(SCREENSHOT,))
    mail = read(composed.content)
    assert "unlocked" not in text_of(mail) + html_of(mail)
    assert "support inbox" in text_of(mail)
    assert "I have unlocked it." in composed.body_text and "I have unlocked it." in composed.body_html


# Parts


@pytest.mark.parametrize(("audience", "notice"), EVERY)
def test_the_boundary_stands_on_top_of_the_letter_and_not_in_the_inbox(audience: str, notice: Notice) -> None:
    composed = letter(audience, notice)
    mail = read(composed.content)
    takes_reply = notice is not Notice.WEEKLY_REPORT
    assert bool(mail["Reply-To"]) is takes_reply
    assert text_of(mail).startswith(BOUNDARY_LINE + "\n") is takes_reply
    assert html_of(mail).count(BOUNDARY_LINE) == takes_reply
    assert (
        html_of(mail).count('class="helpdesk-boundary"') == 1 + takes_reply
    )  # the first words, for lists of mails, and the line
    assert BOUNDARY_LINE not in composed.body_text + composed.body_html


@pytest.mark.parametrize(("audience", "notice"), EVERY)
def test_the_inbox_shows_no_token_and_no_address_to_reply_to(audience: str, notice: Notice) -> None:
    composed = letter(audience, notice)
    shown = re.sub(r'src="cid:[^"]*"', "", composed.body_text + composed.body_html)
    assert "mailto" not in shown and "support.example.com" not in shown
    assert not [word for word in re.findall(r"[a-z0-9]{20,}", shown, re.IGNORECASE) if verify(word, KEYRING)]


def test_attachments_go_along_and_only_harmless_types_keep_their_type() -> None:
    script = replace(SCREENSHOT, filename="../etc/run me.html", content_type="text/html", sha256="b" * 64)
    one = order("staff", Notice.NEW_TICKET, attach=(SCREENSHOT, script))
    mail = read(compose(one, LETTERHEAD, {**CONTENTS, "b" * 64: b"<script>"}, NOW).content)
    assert mail.get_content_type() == "multipart/mixed"
    found = [(part.get_filename(), part.get_content_type(), part.get_content()) for part in mail.iter_attachments()]
    assert found == [
        ("screenshot.png", "image/png", b"\x89PNG"),
        ("_etc_run me.html", "application/octet-stream", b"<script>"),
    ]


def test_attachments_past_the_limit_are_named_instead() -> None:
    names = {"b" * 64: LETTERHEAD.attachments - 4, "c" * 64: 1, "d" * 64: 0}
    contents = {**CONTENTS, **{key: b"x" * size for key, size in names.items()}}
    attach = (SCREENSHOT, *(replace(SCREENSHOT, filename=f"{key[0]}.bin", sha256=key) for key in names))
    for audience, notice in (("customer", Notice.ANSWER), ("staff", Notice.NEW_TICKET)):
        mail = read(compose(order(audience, notice, attach=attach), LETTERHEAD, contents, NOW).content)
        assert [part.get_filename() for part in mail.iter_attachments()] == ["screenshot.png", "b.bin", "d.bin"]
        assert "Too large to send along" in text_of(mail) and "c.bin" in text_of(mail)


WITHOUT_WORDS_OF_STAFF = (Notice.CONFIRMATION, Notice.CONSENT_REQUEST, Notice.REMINDER, Notice.SELF_SERVICE, Notice.INCOMPLETE)


@pytest.mark.parametrize("notice", [customer for customer in TO_CUSTOMERS if customer not in WITHOUT_WORDS_OF_STAFF])
def test_words_of_staff_reach_the_customer_whatever_the_notice(notice: Notice) -> None:
    composed = letter("customer", notice, body="Zebra words", automatic=False, author_name="Omar Haddad")
    mail = read(composed.content)
    assert all("Zebra words" in one for one in (text_of(mail), html_of(mail), composed.body_text, composed.body_html))


@pytest.mark.parametrize("notice", [Notice.ANSWER, Notice.INFORMATION_REQUEST])
def test_an_answer_of_files_alone_names_them(notice: Notice) -> None:
    mail = read(letter("customer", notice, body="", attach=(SCREENSHOT,)).content)
    assert "attached: screenshot.png" in text_of(mail)
    assert "support inbox" not in text_of(mail) and mail.get_content_type() == "multipart/mixed"


def test_a_held_mail_gives_its_reason_before_its_words() -> None:
    facts = replace(STAFF_FACTS, outcome=(plain("it claims to be from Omar Haddad"),))
    text = text_of(read(letter("staff", Notice.HELD, ticket=None, facts=facts, subject="Held: hi").content))
    assert text.index("it claims to be") < text.index("I have unlocked it.") < text.index("Address: anna@acme.example")


def test_an_attachment_without_content_at_hand_is_named() -> None:
    mail = read(compose(order("customer", Notice.ANSWER, attach=(SCREENSHOT,)), LETTERHEAD, {}, NOW).content)
    assert mail.get_content_type() == "multipart/alternative"
    assert "screenshot.png" in text_of(mail)


def test_the_words_arrive_whole() -> None:
    assert STAFF_WORDS in text_of(read(letter("customer", Notice.ANSWER).content))
    shown = text_of(read(letter("staff", Notice.NEW_TICKET).content))
    assert all(line.strip() in shown for line in CUSTOMER_WORDS.splitlines())


def test_a_letter_of_one_side_cannot_hold_the_facts_of_the_other() -> None:
    mixed: LetterOrder = order("customer", Notice.ANSWER, facts=STAFF_FACTS)
    assert mixed.to.role is Role.CUSTOMER
    with pytest.raises(TypeError, match="letter 91"):
        compose(mixed, LETTERHEAD, CONTENTS, NOW)
