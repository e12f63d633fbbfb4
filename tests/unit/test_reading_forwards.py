import pytest
from support.mails.mails import html_mail, mail

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.parsed import Forward, Mailbox, ParsedMessage

SEPARATORS = (
    "---------- Forwarded message ---------", "Begin forwarded message:", "-------- Forwarded Message --------", "-------- Weitergeleitete Nachricht --------",
    "Anfang der weitergeleiteten Nachricht:", "-------- Message transféré --------", "Début du message réexpédié :", "-------- Mensaje reenviado --------",
    "Inizio messaggio inoltrato:", "---------- Mensagem encaminhada ---------", "---------- Doorgestuurd bericht ---------", "-------- Treść przekazanej wiadomości --------",
    "-------- Пересылаемое сообщение --------", "-------- Vidarebefordrat meddelande --------", "-------- Videresendt meddelelse --------", "-------- Videresendt melding --------",
    "-------- Välitetty viesti --------", "-------- Přeposlaná zpráva --------", "-------- İletilmiş Mesaj --------", "-------- 转发的邮件 --------",
    "-------- 転送されたメッセージ --------", "---------- 전달된 메시지 ---------", "Započni proslijeđenu poruku:", "---------- メッセージを転送 ---------", "-------- Переслане повідомлення --------", "-------- Továbbított üzenet --------",
    "-------- Mesaj redirecționat --------", "-------- Preposlaná správa --------", "-------- Posredovano sporočilo --------", "-------- Προωθημένο μήνυμα --------", "-------- Препратено съобщение --------",
    "-------- Прослеђена порука --------", "-------- Pārsūtītais ziņojums --------", "-------- Persiųstas laiškas --------", "-------- Edastatud kiri --------", "-------- Missatge reenviat --------",
    "-------- Thư đã chuyển tiếp --------", "-------- Pesan yang diteruskan --------", "-------- ข้อความที่ส่งต่อ --------", "-------- הודעה שהועברה --------", "-------- رسالة معاد توجيهها --------", "İletilen ileti başlangıcı:",
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


def read_forward(body: str, subject: str = "Fwd: Printer") -> ParsedMessage:
    return read(mail(body, subject=subject, mime_version="1.0", content_type="text/plain; charset=utf-8")).message


def test_the_forwarded_text_stays_in_the_reply() -> None:
    body = f"Please.\n\n---------- Forwarded message ---------\n{BLOCK}\n\nIt smokes."
    assert read_forward(body).reply_text == body


def test_a_bare_forward_is_its_text() -> None:
    message = read_forward(f"---------- Forwarded message ---------\n{BLOCK}\n\nIt smokes.")
    assert message.reply_text == "It smokes."
    assert message.elided_text.endswith("Cc: z@y.example")


def test_a_forward_that_is_marked_as_a_quote_is_elided_below_words_of_the_author() -> None:
    marked = "".join(f"> {line}\n" for line in f"{BLOCK}\n\nIt smokes.".split("\n"))
    message = read_forward(f"Please.\n\nBegin forwarded message:\n\n{marked}\nI mean that one.")
    assert message.reply_text.split() == "Please. I mean that one.".split()
    assert message.forward is not None
    assert message.forward.text == "It smokes."


def test_commands_of_a_forwarded_mail_are_not_its_sender_s() -> None:
    block = f"---------- Forwarded message ---------\n{BLOCK}\n\n#resolve"
    assert read_forward(block).plain_text_reply == ""
    assert read_forward(f"#take\n\n{block}").plain_text_reply == "#take"


def test_our_own_letter_in_a_forward_is_elided() -> None:
    body = f"---------- Forwarded message ---------\n{BLOCK}\n\nLook.\n\n##- Please type your reply above this line -##\n#resolve"
    message = read_forward(body)
    assert message.reply_text == "Look."
    assert "#resolve" in message.elided_text


def test_two_fields_are_enough_below_a_separator() -> None:
    found = forward_in(
        "---------- Forwarded message ----------\nFrom: Carla <carla@x.example>\nSubject: Printer\n\nIt smokes.", subject="look"
    )
    assert found is not None
    assert (found.author, found.subject, found.text) == (Mailbox("Carla", "carla@x.example"), "Printer", "It smokes.")


def test_a_separator_without_fields_is_no_forward_and_ends_the_reply() -> None:
    message = read_forward("Please.\n\n---------- Forwarded message ----------\nIt smokes.", subject="Re: Printer")
    assert message.forward is None
    assert message.reply_text == "Please."


def test_links_behind_addresses_are_not_part_of_them() -> None:
    block = BLOCK.replace("<carla@customer.example>", "<carla@customer.example<mailto:carla@customer.example>>")
    found = forward_in(f"---------- Forwarded message ----------\n{block}\n\nIt smokes.")
    assert found is not None
    assert found.author == Mailbox("Carla Cruz", "carla@customer.example")


def test_a_line_that_lost_its_mark_stays_in_the_forwarded_text() -> None:
    marked = "".join(f"> {line}\n" for line in BLOCK.split("\n"))
    found = forward_in(f"Begin forwarded message:\n\n{marked}>\n> It smokes, and it\nsmells.\n>\n> Carla\n\nBelow.")
    assert found is not None
    assert found.text == "It smokes, and it\nsmells.\n\nCarla"


def test_a_subject_without_a_colon_at_the_end_of_one_line() -> None:
    line = '   ----- Mensagem reencaminhada ----- De: Carla <carla@x.example>Para: "a@b.example" <a@b.example>Enviado: segunda-feira, 6 de maio de 2024, 10:12:00 CESTAssunto A minha impressora'
    found = forward_in(f"{line}\n Deita fumo.")
    assert found is not None
    assert (found.author, found.subject, found.text) == (Mailbox("Carla", "carla@x.example"), "A minha impressora", "Deita fumo.")


def test_a_form_of_a_web_page_is_no_quote() -> None:
    body = "From: Carla <carla@x.example>\nDate: 6 May 2024\nSubject: Printer\n\nIt smokes."
    assert read_forward(body, subject="Message from your page").reply_text == body
    assert read_forward("From: Carla <carla@x.example>\n\nIt smokes.", subject="Message from your page").reply_text.endswith(
        "It smokes."
    )
    assert read_forward(body, subject="Re: Printer").reply_text == ""


ATTRIBUTIONS = {
    "en": "On Mon, 6 May 2024 at 11:05, Help <help@support.example.com> wrote:",
    "de": "Am Mo., 6. Mai 2024 um 11:05 Uhr schrieb Help <help@support.example.com>:",
    "fr": "Le lun. 6 mai 2024 à 11:05, Help <help@support.example.com> a écrit :",
    "es": "El lun, 6 may 2024 a las 11:05, Help (<help@support.example.com>) escribió:",
    "it": "Il giorno lun 6 mag 2024 alle ore 11:05 Help <help@support.example.com> ha scritto:",
    "pt": "Em seg., 6 de mai. de 2024 às 11:05, Help <help@support.example.com> escreveu:",
    "nl": "Op ma 6 mei 2024 om 11:05 schreef Help <help@support.example.com>:",
}
LETTER = "##- {} -##\n\nEarlier in this conversation\n\nPlease take this.\n\n{}\n{}\n\nIt smokes."
MARKERS = (
    "Please type your reply above this line",
    "Bitte antworten Sie oberhalb dieser Zeile",
    "Typ uw antwoord boven deze regel",
)


@pytest.mark.parametrize("separator", SEPARATORS[::5])
@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_a_forward_in_the_history_of_a_reply_is_none_of_the_reply(attribution: str, separator: str) -> None:
    for below in (f"Please take this.\n\n{separator}\n{BLOCK}\n\nIt smokes.", LETTER.format(MARKERS[0], separator, BLOCK)):
        for history in (below, "".join(f"> {line}\n" for line in below.split("\n"))):
            message = read(
                mail(
                    f"We look at it.\n\n{attribution}\n\n{history}",
                    subject="Re: Printer",
                    mime_version="1.0",
                    content_type="text/plain; charset=utf-8",
                )
            ).message
            assert (message.forward, message.reply_text) == (None, "We look at it.")


@pytest.mark.parametrize("marker", MARKERS)
@pytest.mark.parametrize("separator", SEPARATORS[::7])
def test_a_forward_that_a_letter_of_ours_shows_is_none_of_the_reply_to_it(separator: str, marker: str) -> None:
    body = f"We look at it.\n\nA line above the quote that no client is known for\n\n{LETTER.format(marker, separator, BLOCK)}"
    assert forward_in(body, "Re: Printer") is None
    assert forward_in(f"Please.\n\n{separator}\n{BLOCK}\n\n{LETTER.format(marker, separator, BLOCK)}", "Re: Printer") is not None
