"""What each file of a mail is for, and what it is called. What the sender's program calls a part decides nothing."""

from base64 import b64encode

import pytest
from support.mails.mails import multipart

from helpdesk.threading.model.attachment import Attachment, Use, each_once
from helpdesk.threading.parsing.read import read

PNG = b"\x89PNG\r\n a picture"
WORDS = "Content-Type: text/plain; charset=utf-8\n\nHere it is."


def part(content_type: str, content: bytes = PNG, **fields: str) -> str:
    given = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in fields.items())
    return f"Content-Type: {content_type}\nContent-Transfer-Encoding: base64\n{given}\n{b64encode(content).decode()}\n"


def page(body: str) -> str:
    return f"Content-Type: text/html; charset=utf-8\n\n<html><body>{body}</body></html>"


def files(*parts: str, subtype: str = "mixed", **fields: str) -> tuple[Attachment, ...]:
    return read(multipart(subtype, *parts, **fields)).message.attachments


def picture_in(body: str, **fields: str) -> tuple[bool, Use]:
    """Whether the HTML shows a picture, and what it is for."""
    given = {"Content_ID": "<Box.7@client>", "Content_Disposition": "inline; filename=box.png"} | fields
    given = {name: value for name, value in given.items() if value}
    [attachment] = files(page(body), part("image/png", PNG, **given), subtype="related")
    return attachment.inline, attachment.use


@pytest.mark.parametrize(
    "source",
    [
        "cid:Box.7@client",
        "CID:box.7@CLIENT",
        "cid:Box.7%40client",
        "cid:Box.7&#64;client",
        " cid:Box.7@client\n",
        "cid:<Box.7@client>",
    ],
)
def test_a_picture_is_inline_where_the_html_shows_its_content_id(source: str) -> None:
    assert picture_in(f'<p>See</p><img alt="" src="{source}">') == (True, Use.SENT)


@pytest.mark.parametrize(
    ("source", "fields"),
    [
        ("https://shop.example/box.png", {"Content_Location": "https://shop.example/box.png", "Content_ID": ""}),
        ("box.png", {"Content_Location": "box.png"}),
        ("cid:box.png", {"Content_ID": ""}),
    ],
)
def test_a_picture_is_inline_by_its_location_or_by_its_name_where_it_has_no_id(source: str, fields: dict[str, str]) -> None:
    assert picture_in(f'<p>See</p><img src="{source}">', **fields) == (True, Use.SENT)


@pytest.mark.parametrize(
    "body",
    [
        "<p>See the box</p>",
        '<p>See</p><img src="cid:another@client">',
        '<p>See</p><img style="display:none" src="cid:Box.7@client">',
        '<p>See <a href="cid:Box.7@client">the box</a></p>',
        "<p>See cid:Box.7@client</p>",
    ],
)
def test_a_picture_that_the_html_does_not_show_is_a_file(body: str) -> None:
    assert picture_in(body) == (False, Use.SENT)


SIGNATURE = '<p>It jams.</p><div class="moz-signature">-- <br>Paul<br>{}</div>'
BELOW_DASHES = "<div>It jams.</div><div>-- </div><div>Paul Weber</div><div>{}</div>"
QUOTE = "<p>It jams.</p><div class='gmail_quote'>On Mon, Paul wrote:<blockquote class='gmail_quote'>Old {}</blockquote></div>"
SHOWN = '<img src="cid:Box.7@client">'


@pytest.mark.parametrize(
    ("body", "use"),
    [
        (f"<p>It jams: {SHOWN} what now?</p>", Use.SENT),
        (f"{SHOWN}<p>It jams.</p>", Use.SENT),
        (f"<p>It jams.</p>{SHOWN}", Use.SENT),
        (SIGNATURE.format(SHOWN), Use.SIGNATURE),
        (BELOW_DASHES.format(SHOWN), Use.SIGNATURE),
        (QUOTE.format(SHOWN), Use.QUOTED),
        (f"<p>See {SHOWN}</p>" + SIGNATURE.format(SHOWN), Use.SENT),
        ('<table background="cid:Box.7@client"><tr><td>It jams.</td></tr></table>', Use.QUOTED),
        ('<div style="background-image:url(cid:Box.7@client)">It jams.</div>', Use.QUOTED),
    ],
    ids=["in the words", "above", "below", "signature", "below dashes", "quote", "twice", "behind a table", "behind a block"],
)
def test_where_a_picture_stands_says_what_it_is_for(body: str, use: Use) -> None:
    assert picture_in(body) == (True, use)


def test_what_was_attached_or_is_large_is_no_picture_of_a_signature() -> None:
    body = SIGNATURE.format(SHOWN)
    assert picture_in(body, Content_Disposition="attachment; filename=box.png") == (True, Use.SENT)
    large = part("image/png", PNG + bytes(64 * 1024), Content_ID="<Box.7@client>")
    assert [(file.inline, file.use) for file in files(page(body), large, subtype="related")] == [(True, Use.SENT)]


@pytest.mark.parametrize("content_type", ["application/pdf", "video/quicktime", "text/csv", "application/octet-stream"])
def test_what_is_no_picture_is_a_file_even_where_the_html_names_it(content_type: str) -> None:
    form = part(content_type, b"%PDF-1.7", Content_ID="<Box.7@client>", Content_Disposition="inline; filename=form.bin")
    [attachment] = files(page(f"<p>Thanks!</p>{SHOWN}"), form)
    assert (attachment.inline, attachment.is_file) == (False, True)


CARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna\r\nEND:VCARD\r\n"
WORK_CARD = b"BEGIN:VCARD\r\nitem1.EMAIL;TYPE=work:anna@example.org\r\nEND:VCARD\r\n"
OTHER_CARD = b"BEGIN:VCARD\r\nFN:Ruth Klein\r\nEMAIL:ruth@plumber.example\r\nEND:VCARD\r\n"
ATTACHED = "attachment; filename="


@pytest.mark.parametrize(
    ("content_type", "name", "content", "technical"),
    [
        ("application/pkcs7-signature", "smime.p7s", b"0\x80", True),
        ("application/x-pkcs7-signature", "smime.p7s", b"0\x80", True),
        ("application/octet-stream", "smime.p7s", b"0\x80", True),
        ("application/pgp-signature", "signature.asc", b"-----BEGIN PGP SIGNATURE-----", True),
        ("application/pgp-keys", "OpenPGP_0x1234.asc", b"-----BEGIN PGP PUBLIC KEY BLOCK-----", True),
        ("application/octet-stream", "0x1234ABCD.asc", b"-----BEGIN PGP PUBLIC KEY BLOCK-----", True),
        ("application/pgp-keys", "team.asc", b"-----BEGIN PGP PUBLIC KEY BLOCK-----", False),
        ("application/pgp-keys", "", b"-----BEGIN PGP PUBLIC KEY BLOCK-----", True),
        ("message/delivery-status", "report.txt", b"Reporting-MTA: dns; x", False),
        ("application/pgp-encrypted", "", b"Version: 1", True),
        ("text/vcard", "Anna.vcf", CARD, True),
        ("text/x-vcard", "card.vcf", WORK_CARD, True),
        ("text/vcard", "plumber.vcf", OTHER_CARD, False),
        ("text/vcard", "both.vcf", CARD + OTHER_CARD, False),
        ("application/octet-stream", "list.asc", b"%asciidoc", False),
        ("application/pdf", "smime.pdf", b"%PDF", False),
        ("text/calendar", "meeting.ics", b"BEGIN:VCALENDAR", False),
    ],
)
def test_parts_of_programs_are_nobody_s_files(content_type: str, name: str, content: bytes, technical: bool) -> None:
    fields = {"Content_Disposition": f'{ATTACHED}"{name}"'} if name else {}
    [attachment] = files(WORDS, part(content_type, content, **fields))
    assert (attachment.use is Use.TECHNICAL, attachment.is_sent, attachment.goes_along) == (
        technical,
        not technical,
        not technical,
    )


def test_another_form_of_the_message_is_no_file() -> None:
    accelerated = "Content-Type: text/x-amp-html\n\n<html amp4email>"
    invitation = "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nEND:VCALENDAR\n"
    shown = files(WORDS, accelerated, invitation, page("<p>Here it is.</p>"), subtype="alternative")
    assert {file.use for file in shown} == {Use.TECHNICAL}


def named(name: str, content: bytes = PNG, content_type: str = "image/png") -> str:
    return part(content_type, content, Content_Disposition=f'{ATTACHED}"{name}"')


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["Screenshot.png", "Screenshot.png"], ["Screenshot.png", "Screenshot (2).png"]),
        (["a.png", "A.PNG", "a.png"], ["a.png", "A (2).PNG", "a (3).png"]),
        (["a (2).png", "a.png", "a.png"], ["a (2).png", "a.png", "a (3).png"]),
        (["README", "README"], ["README", "README (2)"]),
        (["x" * 300 + ".png"] * 2, ["x" * 196 + ".png", "x" * 192 + " (2).png"]),
    ],
)
def test_equal_names_of_different_files_are_told_apart(names: list[str], shown: list[str]) -> None:
    attachments = files(WORDS, *(named(name, PNG + bytes([place])) for place, name in enumerate(names)))
    assert [attachment.filename for attachment in attachments] == shown


def test_a_hundred_equal_names_are_told_apart_at_once() -> None:
    attachments = files(WORDS, *(named("a.png", PNG + bytes([place])) for place in range(100)))
    assert len({attachment.filename for attachment in attachments}) == 100


def test_the_same_file_twice_is_one() -> None:
    attachments = files(WORDS, named("page.png"), named("page.png"), named("copy.png"))
    assert [attachment.filename for attachment in attachments] == ["page.png", "page.png", "copy.png"]
    assert [attachment.filename for attachment in each_once(attachments)] == ["page.png", "copy.png"]


def test_a_picture_that_is_shown_and_attached_is_one_file_that_was_sent() -> None:
    shown = part("image/png", Content_ID="<Box.7@client>", Content_Disposition="inline; filename=box.png")
    again = part("image/png", Content_ID="<Box.8@client>", Content_Disposition="attachment; filename=box.png")
    [file] = each_once(files(page(SIGNATURE.format(SHOWN)), shown, again))
    assert (file.inline, file.use, file.content_id, file.aliases) == (False, Use.SENT, "Box.7@client", ("Box.8@client",))


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("Rechnung =?utf-8?Q?f=C3=BCr_M=C3=A4rz?=", "Rechnung für März.eml"),
        ("Order 12/13: where\\is it?", "Order 12 13: where is it?.eml"),
        ("../../etc/passwd", "etc passwd.eml"),
        ("=?utf-8?Q?invoice=E2=80=AEgnp.exe?=", "invoicegnp.exe.eml"),
        ("Words " * 60, ("Words " * 33)[:196].strip() + ".eml"),
        (" ... ", "attachment-1.eml"),
        ("", "attachment-1.eml"),
    ],
)
def test_an_attached_mail_without_a_name_is_called_by_its_subject(subject: str, name: str) -> None:
    inner = f"Content-Type: message/rfc822\n\nFrom: lea@shop.example\nSubject: {subject}\n\nThe invoice came twice.\n"
    [attachment] = files(WORDS, inner)
    assert (attachment.filename, attachment.named) == (name, False)


def test_two_attached_mails_about_one_thing_are_told_apart() -> None:
    inner = "Content-Type: message/rfc822\n\nFrom: lea@shop.example\nSubject: Invoice\n\nIt came {}.\n"
    assert [file.filename for file in files(WORDS, inner.format("twice"), inner.format("late"))] == [
        "Invoice.eml",
        "Invoice (2).eml",
    ]
