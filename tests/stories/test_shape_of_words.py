"""What people write keeps its shape: lists, tables, links, emphasis and pictures reach their reader, in equal words in text and HTML."""

import re
from email.message import EmailMessage

from support.desk.story import SUPPORT, Received, StoryDesk

from helpdesk.threading.model.notice import Notice

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 20
ANSWER = (
    '<div dir="ltr"><p>Hello Anna,</p><p><b>please</b> do this, as <a href="https://docs.desk.example/export">we explain</a>:</p>'
    "<ol><li>Open the file.</li><li>Press <b>Import</b>.</li></ol>"
    "<table border=1><tr><th>Month</th><th>Old</th><th>New</th></tr><tr><td>May</td><td></td><td>12</td></tr></table>"
    "<p>It costs <s>100</s> 120.</p></div>"
)
ANSWER_AS_TEXT = (
    "Hello Anna,\n\n*please* do this, as we explain\n<https://docs.desk.example/export>:\n\n   1. Open the file.\n   2. Press *Import*.\n\n"
    "Month\nOld\nNew\nMay\n\n12\n\nIt costs 100 120.\n"
)
SAID = (
    "please do this, as we explain <https://docs.desk.example/export>:",
    "1. Open the file.\n2. Press Import.",
    "Month | Old | New\nMay |  | 12",
    "It costs ~~100~~ 120.",
)
SHOWN = (
    "<strong>please</strong> do this, as <a>we explain</a>:",
    "<ol><li>Open the file.</li><li>Press <strong>Import</strong>.</li></ol>",
    "<td>May</td><td>&nbsp;</td><td>12</td>",
    "It costs <s>100</s> 120.",
)


def bare(markup: str) -> str:
    """Markup without attributes and line ends."""
    return re.sub(r"<(\w+)[^<>]*>", r"<\1>", markup).replace("\r", "").replace("\n", "")


def asked(desk: StoryDesk) -> None:
    desk.person("anna@acme.example").writes("Export", "How do I export?")


def assert_shaped(letter: Received) -> None:
    assert [said for said in SAID if said not in re.sub("(?m)^    ", "", letter.text.replace("\r\n", "\n"))] == []
    assert [shown for shown in SHOWN if shown not in bare(letter.html)] == []


def test_an_answer_in_html_alone_keeps_its_shape(desk: StoryDesk) -> None:
    asked(desk)
    omar, anna = desk.person("omar@desk.example"), desk.person("anna@acme.example")
    omar.replies(Notice.NEW_TICKET, "", quote=False, html=f"<p>#resolve</p>{ANSWER}")
    letter = anna.letter(Notice.RESOLUTION)
    assert_shaped(letter)
    assert "#resolve" not in letter.text + letter.html
    row = desk.inbox()[-1]
    assert SAID[2] in row.body_text and SHOWN[2] in bare(row.body_html)


def test_the_html_beside_a_text_gives_it_its_shape(desk: StoryDesk) -> None:
    asked(desk)
    omar, anna = desk.person("omar@desk.example"), desk.person("anna@acme.example")
    omar.replies(Notice.NEW_TICKET, ANSWER_AS_TEXT, quote=False, html=ANSWER)
    assert_shaped(anna.letter(Notice.ANSWER))


def test_what_only_the_html_says_reaches_nobody(desk: StoryDesk) -> None:
    asked(desk)
    omar, anna = desk.person("omar@desk.example"), desk.person("anna@acme.example")
    more = ANSWER.replace("<ol>", "<p>Mallory says <b>pay</b></p><ol>")
    omar.replies(Notice.NEW_TICKET, ANSWER_AS_TEXT, quote=False, html=more)
    letter = anna.letter(Notice.ANSWER)
    assert_shaped(letter)
    assert "Mallory" not in letter.text + letter.html


def test_words_of_customers_keep_their_shape_on_the_way_to_staff_and_in_their_inbox(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Export", "", html=ANSWER)
    assert_shaped(omar.letter(Notice.NEW_TICKET))
    row = next(row for row in desk.inbox() if row.direction == "customer")
    assert [said for said in SAID if said not in row.body_text] == []
    assert SHOWN[1] in bare(row.body_html)


def test_a_secret_is_masked_in_each_form_of_a_text(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    secret = "ghp_0123456789abcdefghijABCDEFGHIJ0123"
    page = f'<p>The <b>key</b> is {secret} and <a href="https://git.example/?t={secret}">here</a></p><ul><li>{secret}</li></ul>'
    anna.writes("Key", f"The key is {secret} and here\n\n- {secret}\n", html=page)
    letter, row = omar.letter(Notice.NEW_TICKET), desk.inbox()[0]
    for form in (letter.text, letter.html, row.body_text, row.body_html):
        assert secret not in form


def parts_of(letter: Received) -> list[tuple[str, str]]:
    return [(part.get_content_type(), part.get_content_disposition() or "") for part in letter.message.walk()]


def test_pictures_stand_in_their_places(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = anna.address, SUPPORT, "Button", "<p1@acme.example>"
    mail.set_content(
        '<div>Before:</div><img src="cid:one"><div>After:</div><img src="cid:two" alt="x"><div>Which one?</div>', subtype="html"
    )
    for identity, content in (("one", PNG), ("two", PNG + b"other")):
        mail.add_related(content, "image", "png", cid=f"<{identity}>", filename="Screenshot.png", disposition="inline")
    anna.mail(mail.as_bytes().replace(b"\n", b"\r\n"), [SUPPORT])
    letter = omar.letter(Notice.NEW_TICKET)
    marks = re.findall(r"\[image: ([^\]]+)\]", letter.text)
    assert len(set(marks)) == 2
    assert re.search(r"Before:\s+\[image: [^\]]+\]\s+After:\s+\[image: [^\]]+\]\s+Which one\?", letter.text)
    sources = re.findall(r'<img src="cid:([^"]+)"', letter.html)
    enclosed = [part["Content-ID"].strip("<>") for part in letter.message.walk() if part["Content-ID"]]
    assert len(sources) == 2 and sorted(sources) == sorted(enclosed)
    assert ("multipart/related", "") in parts_of(letter)
    contents = {part.get_content() for part in letter.message.walk() if part.get_content_type() == "image/png"}
    assert contents == {PNG, PNG + b"other"}
