import pytest
from mails import html_mail, mail

from helpdesk.threading.reading.parsed import Forward, Mailbox
from helpdesk.threading.reading.read import read

SEPARATORS = (
    "---------- Forwarded message ---------", "Begin forwarded message:", "-------- Forwarded Message --------", "-------- Weitergeleitete Nachricht --------",
    "Anfang der weitergeleiteten Nachricht:", "-------- Message transféré --------", "Début du message réexpédié :", "-------- Mensaje reenviado --------",
    "Inizio messaggio inoltrato:", "---------- Mensagem encaminhada ---------", "---------- Doorgestuurd bericht ---------", "-------- Treść przekazanej wiadomości --------",
    "-------- Пересылаемое сообщение --------", "-------- Vidarebefordrat meddelande --------", "-------- Videresendt meddelelse --------", "-------- Videresendt melding --------",
    "-------- Välitetty viesti --------", "-------- Přeposlaná zpráva --------", "-------- İletilmiş Mesaj --------", "-------- 转发的邮件 --------",
    "-------- 転送されたメッセージ --------", "---------- 전달된 메시지 ---------",
)  # fmt: skip
BLOCK = "From: Carla Cruz <carla@customer.example>\nDate: Mon, May 6, 2024 at 10:12 AM\nSubject: Printer\nTo: Omar <omar@desk.example>, <x@y.example>\nCc: z@y.example"


def forward_in(body: str, subject: str = "Fwd: Printer") -> Forward | None:
    return read(mail(body, subject=subject, mime_version="1.0", content_type="text/plain; charset=utf-8")).message.forward


@pytest.mark.parametrize("separator", SEPARATORS)
def test_a_forward_is_known_by_its_separator(separator: str) -> None:
    found = forward_in(f"Please take this.\n\n{separator}\n{BLOCK}\n\nIt smokes.\n", subject="look")
    assert found == Forward(
        author=Mailbox("Carla Cruz", "carla@customer.example"),
        date="Mon, May 6, 2024 at 10:12 AM",
        subject="Printer",
        to=(Mailbox("Omar", "omar@desk.example"), Mailbox("", "x@y.example")),
        cc=(Mailbox("", "z@y.example"),),
        comment="Please take this.",
        text="It smokes.",
    )


@pytest.mark.parametrize("above", ["", "________________________________\n", "-----Original Message-----\n"])
def test_a_header_block_forwards_where_the_subject_says_so(above: str) -> None:
    found = forward_in(f"Please.\n\n{above}{BLOCK}\n\nIt smokes.")
    assert found is not None
    assert (found.comment, found.text, found.subject) == ("Please.", "It smokes.", "Printer")
    assert forward_in(f"Please.\n\n{above}{BLOCK}\n\nIt smokes.", subject="Re: Printer") is None


def test_marks_of_quoting_are_taken_off_a_forward() -> None:
    body = "Begin forwarded message:\n\n" + "".join(f"> {line}\n" for line in f"{BLOCK}\n\nIt smokes.\nBadly.".split("\n"))
    found = forward_in(body)
    assert found is not None
    assert found.text == "It smokes.\nBadly."


def test_separator_and_block_on_one_line_are_understood() -> None:
    line = '   ----- Forwarded Message ----- From: Carla <carla@x.example>To: "a@b.example" <a@b.example>Sent: Monday, 10:12:00 AM GMT+1Subject: Printer'
    found = forward_in(f"{line}\n It smokes.")
    assert found is not None
    assert (found.author, found.subject, found.text) == (Mailbox("Carla", "carla@x.example"), "Printer", "It smokes.")


def test_a_nested_forward_stays_in_the_text_of_the_outer_one() -> None:
    inner = "---------- Forwarded message ---------\nFrom: Dan <dan@x.example>\nDate: Sun, May 5, 2024\nSubject: inner\nTo: c@x.example\n\nFirst."
    found = forward_in(f"---------- Forwarded message ---------\n{BLOCK}\n\nSee below.\n\n{inner}")
    assert found is not None
    assert found.author == Mailbox("Carla Cruz", "carla@customer.example")
    assert found.text.endswith(inner)


def test_a_forward_in_html_is_found() -> None:
    page = (
        '<div>Please.</div><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>From: <b>Carla</b> '
        "&lt;<a>carla@x.example</a>&gt;<br>Date: Mon, May 6<br>Subject: Printer<br>To: a@b.example<br></div><br>It smokes.</div>"
    )
    found = read(html_mail(page, subject="Fwd: Printer")).message.forward
    assert found is not None
    assert (found.author, found.comment, found.text) == (Mailbox("Carla", "carla@x.example"), "Please.", "It smokes.")


def test_a_reply_is_no_forward() -> None:
    assert forward_in("Thanks!\n\nOn Mon, May 6, 2024 at 10:12 AM Carla <c@x.example> wrote:\n> It smokes.") is None
    assert (
        forward_in(
            "Thanks!\n\n-----Original Message-----\nFYI\n\n---------- Forwarded message ---------\n" + BLOCK, subject="Re: x"
        )
        is None
    )


def test_the_forwarded_text_stays_in_the_reply() -> None:
    message = read(
        mail(f"Please.\n\n---------- Forwarded message ---------\n{BLOCK}\n\nIt smokes.", subject="Fwd: Printer")
    ).message
    assert "It smokes." in message.reply_text
