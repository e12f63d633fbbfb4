"""A picture goes along with an answer where it stands in the words that are sent; what only the quoted letter shows stays behind."""

from email.message import EmailMessage

from support.desk.story import StoryDesk

from helpdesk.threading.model.notice import Notice

MARGIN = "style='border-left:1px solid #0857A6; margin:10px; padding:0 0 0 10px;'"  # of a client that calls no quote a quote
PLAIN = """Monday, November 23, 2026 09:14 AM from Accoraze Support <help@support.example.com>:
> ##- Please type your reply above this line -##
>
> Accoraze Support
>
> The lamp is red.
>
> It smells of oil.

Please open the cover like this:

Then tell us what you see.

>
> On Mon, Nov 23, 2026 at 09:00 AM Lena Holm <lena@elsewhere.example> wrote:
>
> > It ran on Friday.
>
> Your reply goes to the customer. With #note on a line of its own, it stays internal.
"""
OLD, NEW = (b"\x89PNG\r\n\x1a\n" + name for name in (b"the old picture", b"the new picture"))


def with_pictures(markup: str, sender: str, to: str, plain: str = "", **pictures: bytes) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, "Re: Printer"
    mail.set_content(markup, subtype="html")
    if plain:
        mail.set_content(plain)
        mail.add_alternative(markup, subtype="html")
    page = mail.get_body(("html",)) or mail
    for name, octets in pictures.items():
        page.add_related(octets, "image", "png", cid=f"<{name}>", filename=f"{name}.png", disposition="inline")
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


def test_a_picture_of_the_line_that_is_answered_stays_behind(desk: StoryDesk) -> None:
    """It may be older than a reader's part in the conversation."""
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    first = with_pictures(
        "<p>The lamp is red.</p><img src='cid:old'><p>It smells of oil.</p>"
        "<p>On Mon, Nov 23, 2026 at 09:00 AM Lena Holm &lt;lena@elsewhere.example&gt; wrote:</p>"
        "<blockquote><p>It ran on Friday.</p></blockquote>",
        anna.address, "help@support.example.com", old=OLD,
    )  # fmt: skip
    anna.mail(first.as_bytes(), ["help@support.example.com"])
    to = omar.letter(Notice.NEW_TICKET).header("Reply-To") or ""
    answer = with_pictures(
        f"<blockquote {MARGIN}>Monday, November 23, 2026 09:14 AM from Accoraze Support &lt;help@support.example.com&gt;:<br>"
        "<div>##- Please type your reply above this line -##</div><p>Accoraze Support</p>"
        "<p>The lamp is red.</p><p><img src='cid:old'></p><p>It smells of oil.</p></blockquote>"
        "<div>Please open the cover like this:</div><img src='cid:new'><div>Then tell us what you see.</div>"
        f"<blockquote {MARGIN}><p>Category: technical issue · Severity: normal</p>"
        "<p>On Mon, Nov 23, 2026 at 09:00 AM Lena Holm &lt;lena@elsewhere.example&gt; wrote:</p>"
        "<blockquote><p>It ran on Friday.</p></blockquote><p>Your reply goes to the customer. With #note on a line of its own, it stays internal.</p></blockquote>",
        omar.address, to, PLAIN, old=OLD, new=NEW,
    )  # fmt: skip
    omar.mail(answer.as_bytes(), [to])
    desk.passes(minutes=1)
    letter = anna.letter(Notice.ANSWER)
    assert "Please open the cover like this:" in letter.text
    assert "Then tell us what you see." in letter.text
    assert list(letter.files.values()) == [NEW]
