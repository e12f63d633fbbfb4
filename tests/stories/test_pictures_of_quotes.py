"""A picture goes along with an answer where it stands in the words that are sent; what only the quoted letter shows stays behind."""

from email.message import EmailMessage

from support.desk.story import StoryDesk

from helpdesk.threading.model.notice import Notice

OLD, NEW = (b"\x89PNG\r\n\x1a\n" + name for name in (b"the old picture", b"the new picture"))


def with_pictures(markup: str, sender: str, to: str, **pictures: bytes) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, "Re: Printer"
    mail.set_content(markup, subtype="html")
    for name, octets in pictures.items():
        mail.add_related(octets, "image", "png", cid=f"<{name}>", filename=f"{name}.png", disposition="inline")
    return mail


def test_a_picture_of_the_quote_stays_behind_and_one_between_the_answers_goes_along(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    first = with_pictures("<p>The lamp is red.</p><img src='cid:old'>", anna.address, "help@support.example.com", old=OLD)
    anna.mail(first.as_bytes(), ["help@support.example.com"])
    to = omar.letter(Notice.NEW_TICKET).header("Reply-To") or ""
    answer = with_pictures(
        "<p>Please press it like this:</p><img src='cid:new'><p>Then wait for a minute.</p><div class='gmail_quote'>"
        "On Monday, Anna wrote:<blockquote class='gmail_quote'><p>The lamp is red.</p><img src='cid:old'></blockquote></div>",
        omar.address, to, old=OLD, new=NEW,
    )  # fmt: skip
    omar.mail(answer.as_bytes(), [to])
    desk.passes(minutes=1)
    letter = anna.letter(Notice.ANSWER)
    assert "[image: new.png]" in letter.text
    assert list(letter.files.values()) == [NEW]
    assert [file["filename"] for file in desk.inbox()[-1].attachments] == ["new.png"]
