import binascii
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.mails.mails import html_mail, mail, multipart

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.charsets import clean, decode
from helpdesk.threading.reading.filenames import safe_filename
from helpdesk.threading.reading.flowed import unflow
from helpdesk.threading.reading.parsed import Kind

PLAIN = "Content-Type: text/plain; charset=utf-8\n\nHello"
HTML = "Content-Type: text/html; charset=utf-8\n\n<p>Hello <b>you</b></p>"


def test_of_alternatives_the_plain_text_is_read() -> None:
    message = read(multipart("alternative", PLAIN, HTML)).message
    assert (message.text, message.attachments) == ("Hello", ())
    assert message.html is not None
    assert "<b>you</b>" in message.html


def test_html_is_read_where_the_plain_alternative_says_nothing() -> None:
    assert read(multipart("alternative", "Content-Type: text/plain\n\n  ", HTML)).message.text == "Hello you"


def test_a_nested_mail_is_an_attachment_and_its_text_is_not_merged() -> None:
    nested = "Content-Type: message/rfc822\n\nFrom: bob@example.org\nSubject: inner\n\nInner words\n"
    reading = read(multipart("mixed", PLAIN, nested))
    [attachment] = reading.message.attachments
    assert reading.message.text == "Hello"
    assert attachment.content_type == "message/rfc822"
    assert b"Inner words" in reading.contents[attachment.sha256]


def test_fields_of_a_nested_mail_are_not_the_mails_own() -> None:
    """RFC 2046 §5.2.1: they say who wrote that mail, and neither who wrote this one nor what it answers."""
    inner = (
        "From: omar@desk.example\nSubject: inner\nMessage-ID: <inner@x.example>\nIn-Reply-To: <a@x.example>\nAuto-Submitted: auto-replied\n"
        "References: <b@x.example>\nAuthentication-Results: ours; dmarc=pass\n\nInner words\n"
    )
    message = read(multipart("mixed", PLAIN, f"Content-Type: message/rfc822\n\n{inner}", subject="Login")).message
    assert [author.address for author in message.authors] == ["anna@example.org"]
    assert (message.subject, message.message_id, message.kind) == ("Login", "one@example.org", Kind.PERSON)
    assert (message.in_reply_to, message.references, message.header("authentication-results")) == ((), (), None)


@pytest.mark.parametrize("content_type", ["", "text", "text/plain; charset", "hello"])
def test_a_mail_that_does_not_say_what_it_is_is_plain_text(content_type: str) -> None:
    """RFC 2045 §5.2."""
    fields = {"content_type": content_type} if content_type else {}
    message = read(mail("Hello <b>you</b>\n", **fields)).message
    assert (message.text, message.html, message.attachments) == ("Hello <b>you</b>", None, ())


def test_attachments_are_found_by_the_digest_of_their_decoded_octets() -> None:
    part = "Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment\n\nJVBERg==\n"
    reading = read(multipart("mixed", PLAIN, part))
    [attachment] = reading.message.attachments
    assert (attachment.filename, attachment.size, attachment.inline) == ("a.pdf", 4, False)
    assert reading.contents == {hashlib.sha256(b"%PDF").hexdigest(): b"%PDF"}


def test_images_of_the_html_are_inline_by_their_content_id() -> None:
    image = "Content-Type: image/png\nContent-ID: <logo@x>\nContent-Transfer-Encoding: base64\n\nAAAA\n"
    shown = f'{HTML}<img src="cid:logo@x">'
    [attachment] = read(multipart("related", shown, image)).message.attachments
    assert (attachment.content_id, attachment.inline, attachment.named) == ("logo@x", True, False)
    assert not read(multipart("related", HTML, image)).message.attachments[0].inline


def test_text_that_is_called_an_attachment_is_one() -> None:
    log = 'Content-Type: text/plain\nContent-Disposition: attachment; filename="error.log"\n\nline\n'
    message = read(multipart("mixed", PLAIN, log)).message
    assert message.text == "Hello"
    assert message.attachments[0].filename == "error.log"


def test_a_multipart_without_its_boundary_is_read_as_text() -> None:
    assert read(mail("Hello", mime_version="1.0", content_type="multipart/mixed")).message.text == "Hello"


OCTETS = {
    ("utf-8", "Grüße".encode()): "Grüße",
    ("iso-8859-1", "“Grüße”".encode("cp1252")): "“Grüße”",
    ("us-ascii", "Grüße".encode()): "Grüße",
    ("", "Grüße".encode("latin-1")): "Grüße",
    ("gb2312", "喆你好".encode("gb18030")): "喆你好",
    ("no-such", "Grüße".encode()): "Grüße",
    ("iso-2022-jp", "こんにちは".encode("iso-2022-jp")): "こんにちは",
    ("", "こんにちは".encode("iso-2022-jp")): "こんにちは",
    ("shift_jis", "①こんにちは".encode("cp932")): "①こんにちは",
    ("idna", b"plain"): "plain",
    ("utf-8", "\ufeffHi".encode()): "Hi",
    ("utf-8", b"a\x00b"): "ab",
}


@pytest.mark.parametrize(("declared", "octets"), OCTETS)
def test_octets_become_text_by_the_ladder(declared: str, octets: bytes) -> None:
    assert decode(octets, declared)[0] == OCTETS[declared, octets]


def test_a_charset_is_guessed_only_from_enough_octets() -> None:
    russian = "Здравствуйте, помогите пожалуйста войти в кабинет, пароль не подходит второй день подряд."
    assert decode(russian.encode("cp1251"))[0] == russian
    assert decode("naïve café".encode("latin-1"))[0] == "naïve café"


@given(st.binary(max_size=300), st.sampled_from(["", "utf-8", "utf-7", "utf-16", "gb2312", "iso-2022-jp", "idna", "x", "hex"]))
def test_decoded_text_has_no_nul_and_no_surrogate(octets: bytes, declared: str) -> None:
    text, _ = decode(octets, declared)
    assert "\x00" not in text
    text.encode("utf-8")


def test_a_lone_surrogate_becomes_a_replacement() -> None:
    assert clean("a\ud800b\ud83d\ude00") == "a\ufffdb😀"


NAMES = {
    "report.pdf": "report.pdf",
    "../../etc/passwd": "passwd",
    "C:\\Windows\\evil.exe": "evil.exe",
    ".htaccess": "htaccess",
    "\u200b.htaccess": "htaccess",
    "a\u202efdp.exe": "afdp.exe",
    "a\x00b\r\nc.txt": "ab c.txt",
    "": "attachment-1.bin",
    "...": "attachment-1.bin",
    "／etc／shadow": "shadow",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_file_name_is_safe_to_show(name: str) -> None:
    assert safe_filename(name) == NAMES[name]


@given(st.text(max_size=400))
def test_a_safe_file_name_stays_as_it_is(name: str) -> None:
    safe = safe_filename(name)
    assert safe_filename(safe) == safe
    assert safe
    assert not set(safe) & {"/", "\\", "\x00", "\n", "\u200b", "\u202e"}
    assert safe[0] != "."


def test_flowed_paragraphs_are_joined_within_their_quote_depth() -> None:
    text = "One two \nthree\n> quoted \n> words\n-- \nAnna"
    assert unflow(text) == "One two three\n> quoted words\n-- \nAnna"
    assert unflow("日本 \n語", delsp=True) == "日本語"


def test_hidden_text_is_not_readable() -> None:
    assert read(html_mail('<div style="display: none">secret</div><p>shown</p>')).message.text == "shown"


@pytest.mark.parametrize("body", ["<div>" * 600 + "deep", "<b id=1>" * 300 + "<p>x" * 3000, "<i>x</i>" * 60_000])
def test_html_that_is_costly_to_build_is_read_as_text(body: str) -> None:
    assert read(html_mail(body)).message.text


def test_the_fingerprint_is_the_same_by_two_doors_and_differs_with_the_body() -> None:
    one = mail("Hello\r\n\r\n", subject="Login")
    other = b"Received: from x\r\nReturn-Path: <a@b>\r\nX-Spam: no\r\n" + one.replace(b"\r\n", b"\n")
    assert read(one).message.fingerprint == read(other).message.fingerprint
    dated = b"Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n" + one
    later = b"Date: Mon, 23 Nov 2026 10:00:02 +0000\r\n" + one
    assert read(dated).message.fingerprint == read(later).message.fingerprint, "relays add what their client left out"
    assert read(one).message.fingerprint != read(mail("Hello!\r\n", subject="Login")).message.fingerprint
    assert (
        read(one).message.fingerprint
        != read(mail("Hello\r\n", subject="Login", message_id="<two@example.org>")).message.fingerprint
    )


def test_the_language_is_the_declared_one() -> None:
    assert read(mail(content_language="de-AT, en")).message.language == "de-AT"
    assert read(mail()).message.language is None


def uuencoded(name: str, content: bytes) -> str:
    lines = (binascii.b2a_uu(content[at : at + 45]).decode() for at in range(0, len(content), 45))
    return f"begin 644 {name}\n{''.join(lines)}`\nend\n"


@pytest.mark.parametrize("content", [b"x", b"Hello", bytes(range(256)) * 3])
def test_a_uuencoded_file_in_a_text_is_a_file(content: bytes) -> None:
    text = f"See the picture.\n\n{uuencoded('lamp.png', content)}\nIda\n"
    reading = read(mail(text, mime_version="1.0", content_type="text/plain"))
    [file] = reading.message.attachments
    assert (file.filename, reading.contents[file.sha256]) == ("lamp.png", content)
    assert reading.message.text.split() == ["See", "the", "picture.", "Ida"]


def test_several_uuencoded_files_are_all_found() -> None:
    text = f"Two.\n{uuencoded('a.txt', b'one')}{uuencoded('b.txt', b'two')}"
    assert [file.filename for file in read(mail(text)).message.attachments] == ["a.txt", "b.txt"]


@pytest.mark.parametrize(
    "text", ["Please\nbegin 644 steps\nas we said, and then\nend\n", "begin 644 a.txt\nno end of it", "We begin 644 things.\nend"]
)
def test_words_that_look_like_a_uuencoded_file_stay_words(text: str) -> None:
    message = read(mail(text)).message
    assert (message.attachments, message.text.split()) == ((), text.split())


STUBS = {
    "This message is in HTML. Please view it in your browser.": True,
    "Ihr E-Mail-Programm kann diese HTML-Nachricht nicht anzeigen.": True,
    "\u00a0\n": True,
    "--": True,
    "It jams.": False,
    "#note the html page is broken": False,
}


@pytest.mark.parametrize("stub", STUBS)
def test_a_text_that_only_stands_in_for_the_html_is_not_the_message(stub: str) -> None:
    page = (
        "<p>Good morning, the printer on the second floor jams since this morning and <b>nobody</b> can print anything there.</p>"
    )
    content = (
        "From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{stub}\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{page}\r\n--b--\r\n"
    )
    message = read(content.encode()).message
    assert ("printer" in message.reply_text) is STUBS[stub]
    assert bool(message.other_text) is not STUBS[stub]
