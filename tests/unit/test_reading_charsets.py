"""Short texts in the charset that the mail names anywhere, or that they can only be in."""

import pytest
from support.mails.mails import mail, multipart

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.charsets import decode
from helpdesk.threading.reading.parsed import Mailbox, ParsedMessage

# A label, the codec of Python that has all its letters, a short text, and a name.
SHORT = (
    ("windows-1251", "cp1251", "Сканер молчит", "Ирина"), ("koi8-r", "koi8-r", "Сканер молчит", "Ирина"), ("koi8-u", "koi8-u", "Сканер мовчить, є помилка", "Ірина"), ("gbk", "gbk", "扫描仪坏了", "王芳"), ("gb2312", "gb2312", "发票错了", "王芳"), ("big5", "big5", "掃描器壞了", "王芳"), ("shift_jis", "cp932", "スキャナーが故障", "佐藤"), ("euc-jp", "euc_jp", "請求書を確認", "佐藤"), ("euc-kr", "cp949", "스캐너 고장", "김민"),
    ("windows-1250", "cp1250", "Žádám o pomoc, děkuji", "Jiří"), ("iso-8859-2", "iso-8859-2", "Proszę o fakturę", "Łukasz"), ("windows-1253", "cp1253", "Ο σαρωτής χάλασε", "Ελένη"), ("windows-1254", "cp1254", "Tarayıcı çalışmıyor, ığş", "İpek"), ("windows-1255", "cp1255", "הסורק תקול", "רות"), ("windows-1256", "cp1256", "الماسح معطل", "ليلى"), ("tis-620", "cp874", "เครื่องเสีย", "มาลี"), ("iso-8859-15", "iso-8859-15", "Es kostet 5 €, schöne Grüße", "Jörg"), ("utf-8", "utf-8", "Größe", "Jörg"),
)  # fmt: skip


def text_of(content: bytes) -> str:
    return read(content).message.text


@pytest.mark.parametrize(("label", "codec", "text", "name"), SHORT)
def test_a_page_that_names_its_charset_is_read_by_it(label: str, codec: str, text: str, name: str) -> None:
    page = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={label}"></head><body><p>{text}</p></body></html>'
    short = f"<meta charset='{label}'><p>{text}</p>"
    for source in (page, short):
        assert text_of(mail(source.encode(codec), mime_version="1.0", content_type="text/html")) == text


@pytest.mark.parametrize(("label", "codec", "text", "name"), SHORT)
def test_raw_octets_of_the_header_are_in_the_charset_of_the_body(label: str, codec: str, text: str, name: str) -> None:
    head = f"From: {name} <a@x.example>\r\nTo: {name} <b@x.example>\r\nSubject: {text}\r\nContent-Type: text/plain; charset={label}\r\n\r\n"
    message: ParsedMessage = read((head + text).encode(codec)).message
    assert (message.subject, message.author, message.to) == (text, Mailbox(name, "a@x.example"), (Mailbox(name, "b@x.example"),))


@pytest.mark.parametrize(("label", "codec", "text", "name"), SHORT)
def test_a_part_without_a_charset_has_that_of_its_sibling(label: str, codec: str, text: str, name: str) -> None:
    declared, bare = (
        f"--b\r\nContent-Type: text/html; charset={label}\r\n\r\n<p>{text}</p>\r\n",
        f"--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n",
    )
    head = 'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n'
    assert text_of((head + bare + declared + "--b--\r\n").encode(codec)) == text


def test_utf_8_that_a_page_names_wins_over_a_western_label() -> None:
    page = "<html><head><meta charset=utf-8></head><body>Größe 42 – schön</body></html>".encode()
    for label in ("iso-8859-1", "windows-1252", "us-ascii"):
        assert text_of(mail(page, mime_version="1.0", content_type=f"text/html; charset={label}")) == "Größe 42 – schön"
    western = "<meta charset=utf-8><p>Größe</p>".encode("latin-1")
    assert text_of(mail(western, mime_version="1.0", content_type="text/html; charset=iso-8859-1")) == "Größe"
    assert (
        text_of(mail("GrÃ¶ÃŸe".encode("cp1252"), mime_version="1.0", content_type="text/plain; charset=iso-8859-1")) == "GrÃ¶ÃŸe"
    )


# Hardly a letter in ASCII: no Western text. With few octets among many letters it is one.
DENSE = (("cp1251", "Сканер молчит"), ("koi8-r", "Сканер молчит"), ("gbk", "扫描仪坏了"), ("cp949", "스캐너가 고장 났습니다"), ("cp932", "スキャナーが動きません"), ("euc_jp", "スキャナーが動きません"), ("big5", "掃描器無法使用"), ("cp1253", "Ο σαρωτής δεν λειτουργεί"), ("cp1255", "הסורק לא עובד"))  # fmt: skip


@pytest.mark.parametrize(("codec", "text"), DENSE)
def test_a_short_text_in_no_western_script_is_recognised(codec: str, text: str) -> None:
    assert decode(text.encode(codec))[0] == text


@pytest.mark.parametrize("text", ["Größe", "é", "São Paulo não está", "ÄÖÜ", "Übergröße", "l'été à Nîmes", "10 €"])
def test_a_short_western_text_stays_western(text: str) -> None:
    assert decode(text.encode("cp1252"))[0] == text


# Row 13 of NEC and the extensions of IBM, which every Japanese program writes under ISO-2022-JP.
VENDOR = ("① スキャナー", "㈱サンプル 佐藤様", "№５ Ⅳ ㌔", "ｽｷｬﾅｰ①")


@pytest.mark.parametrize("text", VENDOR)
def test_iso_2022_jp_may_have_characters_of_vendors(text: str) -> None:
    octets = as_iso_2022_jp(text)
    assert text_of(mail(octets, mime_version="1.0", content_type="text/plain; charset=ISO-2022-JP")) == text
    assert read(b"Subject: " + octets + b"\r\nContent-Type: text/plain; charset=iso-2022-jp\r\n\r\nx").message.subject == text


def as_iso_2022_jp(text: str) -> bytes:
    """The text in ISO-2022-JP with the characters of windows-31j, by the arithmetic of Shift_JIS."""
    found = b""
    for letter in text:
        octets = letter.encode("cp932")
        if len(octets) == 1:
            found += b"\x1b(I" + bytes([octets[0] & 0x7F]) + b"\x1b(B" if octets[0] > 0x7F else octets
            continue
        high, low = octets
        row = (high - (0x81 if high < 0xE0 else 0xC1)) * 2 + 1 + (low >= 0x9F)
        cell = low - (0x7E if low >= 0x9F else 0x1F if low < 0x7F else 0x20)
        found += b"\x1b$B" + bytes([row + 0x20, cell]) + b"\x1b(B"
    return found


NAMED = (
    'text/plain; charset=utf-8; name="note.txt"', "text/plain; charset=utf-8\r\nContent-Disposition: inline; filename=message.txt", 'text/html; charset=utf-8; name="mail.html"',
)  # fmt: skip


@pytest.mark.parametrize("content_type", NAMED)
def test_a_whole_body_with_a_name_is_the_body(content_type: str) -> None:
    message = read(mail("The meter reads 12.", mime_version="1.0", content_type=content_type)).message
    assert (message.text, message.attachments) == ("The meter reads 12.", ())


def test_named_alternatives_are_the_body_and_a_named_file_is_none() -> None:
    both = multipart(
        "alternative", "Content-Type: text/plain; name=a.txt\n\nHello", "Content-Type: text/html; name=a.html\n\n<p>Hello</p>"
    )
    assert (read(both).message.text, read(both).message.attachments) == ("Hello", ())
    beside = multipart(
        "mixed",
        "Content-Type: text/plain\n\nSee the log.",
        "Content-Type: text/plain; name=a.log\nContent-Disposition: inline\n\nline",
    )
    assert [file.filename for file in read(beside).message.attachments] == ["a.log"]
    behind = multipart("mixed", "Content-Type: application/pdf; name=a.pdf\n\nx", "Content-Type: text/plain; name=a.log\n\nline")
    assert [file.filename for file in read(behind).message.attachments] == ["a.pdf", "a.log"]
    alone = mail("x", content_type="text/plain", content_disposition="attachment; filename=a.log")
    assert [file.filename for file in read(alone).message.attachments] == ["a.log"]


@pytest.mark.parametrize(
    ("value", "name", "address"),
    [("Ida Moss <ida(at home)@x(the host).example>", "Ida Moss", "ida@x.example"), ("<ida@x.example (nested (twice))>", "", "ida@x.example"), ('Ida <"(ida)"@x.example>', "Ida", '"(ida)"@x.example'), ("Ida <ida(never closed@x.example>", "Ida", "ida(never closed@x.example".replace(" ", ""))],
)  # fmt: skip
def test_comments_in_an_address_are_no_part_of_it(value: str, name: str, address: str) -> None:
    assert read(mail("x", **{"from": value})).message.author == Mailbox(name, address)
