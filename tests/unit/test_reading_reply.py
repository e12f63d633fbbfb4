"""What the author wrote now, for the clients and languages of the tables. Every case is a small mail of our own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.mails.mails import html_mail, mail, multipart

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.parsed import ParsedMessage
from helpdesk.threading.reading.reply_text import Forwarded, plain_lines, split_reply
from helpdesk.threading.reading.signatures import is_footer

OLD = "What is the number of your order?"

ATTRIBUTIONS = (
    "On Mon, May 6, 2024 at 10:12 AM Help <help@example.com> wrote:",
    "On 6 May 2024, at 10:12, Help wrote:",
    "On Mon, May 6, 2024 at 10:12 AM Help Desk of Example\n<help@example.com> wrote:",
    "Help <help@example.com> wrote:",
    "At 6/5/2024 10:12 AM, you wrote:",
    "2024-05-06 10:12 GMT+02:00 Help <help@example.com>:",
    "Am 06.05.2024 um 10:12 schrieb Help <help@example.com>:",
    "Am Mo., 6. Mai 2024 um 10:12 Uhr schrieb Help <\nhelp@example.com>:",
    "Help <help@example.com> schrieb am Mo., 6. Mai 2024, 10:12:",
    "Le lun. 6 mai 2024 à 10:12, Help <help@example.com> a écrit :",
    "El lun, 6 may 2024 a las 10:12, Help (<help@example.com>) escribió:",
    "Il giorno lun 6 mag 2024 alle ore 10:12 Help <help@example.com> ha scritto:",
    "Em seg., 6 de mai. de 2024 às 10:12, Help <help@example.com> escreveu:",
    "Op ma 6 mei 2024 om 10:12 schreef Help <help@example.com>:",
    "pon., 6 maj 2024 o 10:12 Help <help@example.com> napisał(a):",
    "W dniu 6.05.2024 o 10:12, Help pisze:",
    "пн, 6 мая 2024 г. в 10:12, Help <help@example.com>:",
    "06.05.2024 10:12, Help пишет:",
    "Den mån 6 maj 2024 kl 10:12 skrev Help <help@example.com>:",
    "Den man. 6. maj 2024 kl. 10.12 skrev Help <help@example.com>:",
    "man. 6. mai 2024 kl. 10:12 skrev Help <help@example.com>:",
    "ma 6. toukok. 2024 klo 10.12 Help (help@example.com) kirjoitti:",
    "po 6. 5. 2024 v 10:12 odesílatel Help <help@example.com> napsal:",
    "Help <help@example.com>, 6 May 2024 Pzt, 10:12 tarihinde şunu yazdı:",
    "Help <help@example.com> 于2024年5月6日周一 10:12写道：",
    "Help <help@example.com> 于2024年5月6日周一\n10:12写道：",
    "Help <help@example.com>, 6 May 2024 Pzt, 10:12\ntarihinde şunu yazdı:",
    "Help <help@example.com>, 6 May 2024 Pzt,\n10:12 tarihinde şunu yazdı:",
    "在 2024年5月6日 10:12，Help <help@example.com> 写道：",
    "2024年5月6日(月) 10:12 Help <help@example.com>:",
    "2024년 5월 6일 (월) 오전 10:12, Help <help@example.com>님이 작성:",
)


def read_body(body: str, **fields: str) -> ParsedMessage:
    """A reply with this body. A mail that answers nothing would be whole."""
    given = {"subject": "Re: Printer", "content_type": "text/plain; charset=utf-8", "mime_version": "1.0"} | fields
    return read(mail(body, **given)).message


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
@pytest.mark.parametrize("mark", ["> ", ""], ids=["marked", "unmarked"])
def test_the_quote_under_an_attribution_is_elided(attribution: str, mark: str) -> None:
    message = read_body(f"It is 4711.\n\n{attribution}\n\n{mark}{OLD}\n")
    assert message.reply_text == "It is 4711."
    assert OLD in message.elided_text


@pytest.mark.parametrize(
    "text",
    [
        "On Monday:\n\nI could not log in.",
        "He wrote: I cannot.",
        "On 5 May I wrote to you, and nobody answered.",
        "My address is anna@example.org.\nPlease answer.",
        "From: my point of view it works.",
        "Subject: the invoice\n\nIt is wrong.",
        "> 5 is too many for us.",
        "Numbers:\n- one\n- two",
    ],
)
def test_what_only_looks_like_a_quote_is_kept(text: str) -> None:
    assert read_body(text).reply_text == text


def test_the_line_above_an_attribution_is_not_swallowed() -> None:
    assert read_body(f"It is 4711.\nOn 6 May 2024 at 10:12, Help wrote:\n> {OLD}").reply_text == "It is 4711."
    assert read_body(f"See you at 10:00.\n\nOn 6 May 2024 at 10:12, Help wrote:\n\n{OLD}").reply_text == "See you at 10:00."


BLOCKS = {
    "en": "From: Help <help@example.com>\nSent: Monday, May 6, 2024 10:12 AM\nTo: Anna <anna@example.org>\nSubject: Your order",
    "de": "Von: Help <help@example.com>\nGesendet: Montag, 6. Mai 2024 10:12\nAn: Anna <anna@example.org>\nBetreff: Your order",
    "fr": "De : Help <help@example.com>\nEnvoyé : lundi 6 mai 2024 10:12\nÀ : Anna <anna@example.org>\nObjet : Your order",
    "es": "De: Help <help@example.com>\nEnviado el: lunes, 6 de mayo de 2024 10:12\nPara: Anna <anna@example.org>\nAsunto: Your order",
    "it": "Da: Help <help@example.com>\nInviato: lunedì 6 maggio 2024 10:12\nA: Anna <anna@example.org>\nOggetto: Your order",
    "pt": "De: Help <help@example.com>\nEnviada em: segunda-feira, 6 de maio de 2024 10:12\nPara: Anna <anna@example.org>\nAssunto: Your order",
    "nl": "Van: Help <help@example.com>\nVerzonden: maandag 6 mei 2024 10:12\nAan: Anna <anna@example.org>\nOnderwerp: Your order",
    "pl": "Od: Help <help@example.com>\nWysłano: poniedziałek, 6 maja 2024 10:12\nDo: Anna <anna@example.org>\nTemat: Your order",
    "ru": "От: Help <help@example.com>\nОтправлено: 6 мая 2024 г. 10:12\nКому: Anna <anna@example.org>\nТема: Your order",
    "sv": "Från: Help <help@example.com>\nSkickat: den 6 maj 2024 10:12\nTill: Anna <anna@example.org>\nÄmne: Your order",
    "da": "Fra: Help <help@example.com>\nSendt: 6. maj 2024 10:12\nTil: Anna <anna@example.org>\nEmne: Your order",
    "fi": "Lähettäjä: Help <help@example.com>\nLähetetty: maanantai 6. toukokuuta 2024 10.12\nVastaanottaja: Anna <anna@example.org>\nAihe: Your order",
    "cs": "Od: Help <help@example.com>\nOdesláno: pondělí 6. května 2024 10:12\nKomu: Anna <anna@example.org>\nPředmět: Your order",
    "tr": "Kimden: Help <help@example.com>\nGönderildi: 6 Mayıs 2024 Pazartesi 10:12\nKime: Anna <anna@example.org>\nKonu: Your order",
    "zh": "发件人: Help <help@example.com>\n发送时间: 2024年5月6日 10:12\n收件人: Anna <anna@example.org>\n主题: Your order",
    "ja": "差出人: Help <help@example.com>\n送信日時: 2024年5月6日 10:12\n宛先: Anna <anna@example.org>\n件名: Your order",
    "ko": "보낸 사람: Help <help@example.com>\n보낸 날짜: 2024년 5월 6일 10:12\n받는 사람: Anna <anna@example.org>\n제목: Your order",
}


@pytest.mark.parametrize("language", BLOCKS)
@pytest.mark.parametrize("separator", ["", "________________________________\n", "-----Original Message-----\n"])
def test_everything_below_a_header_block_is_elided(language: str, separator: str) -> None:
    message = read_body(f"It is 4711.\n\n{separator}{BLOCKS[language]}\n\n{OLD}\n")
    assert message.reply_text == "It is 4711."
    assert OLD in message.elided_text


MARKER = "##- Please type your reply above this line -##"


def test_our_marker_ends_the_reply() -> None:
    message = read_body(f"It is 4711.\n\nUnknown client says so\n{MARKER}\n#resolve\n")
    assert message.reply_text.startswith("It is 4711.")
    assert "#resolve" in message.elided_text
    assert "#resolve" not in message.plain_text_reply


def test_nothing_of_our_letter_is_taken_for_an_empty_reply() -> None:
    message = read_body(f"On 6 May 2024 at 10:12, Help wrote:\n\n{MARKER}\n#resolve\n")
    assert message.reply_text == ""
    assert "#resolve" in message.elided_text


def test_words_below_the_marked_quote_of_our_letter_are_the_reply() -> None:
    message = read_body(f"On 6 May 2024 at 10:12, Help wrote:\n> {MARKER}\n>\n> {OLD}\n\nIt is 4711.\n\n-- \nAnna")
    assert (message.reply_text, message.plain_text_reply) == ("It is 4711.", "It is 4711.")
    assert OLD in message.elided_text


def test_answers_between_the_lines_of_our_letter_have_context_for_readers_alone() -> None:
    """Who acts by his own words sends nothing on of a letter that was for him alone."""
    body = f"On 6 May 2024 at 10:12, Help wrote:\n> {MARKER}\n> Hello\n> Which order?\n4711\n> Which day?\n\nMonday\n\n> Thanks"
    message = read_body(body)
    assert [line for line in message.reply_text.splitlines() if line] == [
        "> Hello",
        "> Which order?",
        "4711",
        "> Which day?",
        "Monday",
    ]
    assert message.plain_text_reply.split() == ["4711", "Monday"]
    assert MARKER in message.elided_text


LONG = "> The lever has its place behind flap B, and it is grey unless you"


@pytest.mark.parametrize(
    ("body", "reply"),
    [
        (f"Done.\n\nHelp wrote:\n> {MARKER}\n{LONG}\npainted it.\n> Bye\n", "Done."),
        (f"Done.\n\nHelp wrote:\n> {MARKER}\n{LONG}\npainted it.\n", "Done."),
        (f"Help wrote:\n> {MARKER}\n{LONG}\npainted it.\n> Bye\n\nDone.", "Done."),
        (f"Help wrote:\n> {MARKER}\n{LONG}\nI did.\n", "I did."),
        (f"Help wrote:\n> {MARKER}\n> Did you?\nI did.\n> Bye\n", "I did."),
    ],
)
def test_the_end_of_a_broken_line_of_our_letter_is_no_reply(body: str, reply: str) -> None:
    assert read_body(body).plain_text_reply == reply


def test_answers_between_quotes_keep_their_context() -> None:
    body = "On 6 May 2024 at 10:12, Help wrote:\n> Which order?\n4711\n> Which day?\nMonday\n> Thanks"
    message = read_body(body)
    assert message.reply_text.splitlines()[1:] == ["> Which order?", "4711", "> Which day?", "Monday"]
    assert message.elided_text == "> Thanks"


def test_an_answer_below_one_quote_stands_alone() -> None:
    assert read_body(f"On 6 May 2024 at 10:12, Help wrote:\n> {OLD}\n\nIt is 4711.").reply_text == "It is 4711."


def test_an_answer_below_an_unmarked_quote_is_not_lost() -> None:
    assert "It is 4711." in read_body(f"On 6 May 2024 at 10:12, Help wrote:\n\n{OLD}\n\nIt is 4711.").reply_text


def test_the_signature_goes_unless_it_is_asked_for() -> None:
    content = mail("It is 4711.\n\n-- \nAnna\nExample Ltd\n")
    assert read(content).message.reply_text == "It is 4711."
    assert read(content).message.signature == "-- \nAnna\nExample Ltd"
    assert "Example Ltd" in read(content, keep_signature=True).message.reply_text
    assert read(content, keep_signature=True).message.signature == ""


@pytest.mark.parametrize(
    "footer",
    ["Sent from my iPhone", "Von meinem iPhone gesendet", "Envoyé de mon iPhone", "Enviado desde mi iPhone", "Inviato da iPhone", "Verzonden vanaf mijn iPhone",
     "Wysłane z iPhone'a", "Отправлено с iPhone", "Skickat från min iPhone", "Sendt fra min iPhone", "Lähetetty iPhonesta", "iPhone'umdan gönderildi",
     "发自我的iPhone", "iPhoneから送信", "나의 iPhone에서 보냄", "Get Outlook for iOS", "[Get Outlook for Android]"],
)  # fmt: skip
def test_the_footer_of_a_telephone_is_a_signature(footer: str) -> None:
    message = read_body(f"It is 4711.\n\n{footer}\n")
    assert (message.reply_text, message.signature) == ("It is 4711.", footer)


def test_a_sentence_is_no_footer() -> None:
    assert not is_footer("Sent from my desk, is much easier than my telephone.")
    assert not is_footer("It was sent from my iPhone.")


HTML_REPLIES = {
    "gmail": '<div dir="ltr">It is 4711.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">Someone, some day:<br></div>'
             '<blockquote class="gmail_quote" style="margin:0">OLD</blockquote></div>',
    "outlook": '<div>It is 4711.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>Von:</b> x</div><div>OLD</div>',
    "word": '<p class="MsoNormal">It is 4711.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
            "<p>x</p></div><p>OLD</p>",
    "apple": '<html><body>It is 4711.<div><br><blockquote type="cite"><div>On 6 May, Help wrote:</div><div>OLD</div></blockquote></div></body></html>',
    "thunderbird": '<p>It is 4711.</p><div class="moz-cite-prefix">x<br></div><blockquote type="cite" cite="mid:a@b">OLD</blockquote>',
    "yahoo": '<div>It is 4711.</div><div id="ydp1yahoo_quoted" class="yahoo_quoted"><div>x</div><div>OLD</div></div>',
    "proton": '<div>It is 4711.</div><div class="protonmail_quote">x<br><blockquote>OLD</blockquote></div>',
    "zimbra": '<div>It is 4711.</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__QUOTED_TEXT__">OLD</div>',
    "ours": '<div>It is 4711.</div><div>x</div><div class="helpdesk-boundary" style="display:none">.</div><div>OLD</div>',
    "plain blockquote": "<div>It is 4711.</div><div>On 6 May 2024 at 10:12, Help wrote:</div><blockquote>OLD</blockquote>",
}  # fmt: skip


@pytest.mark.parametrize("client", HTML_REPLIES)
def test_the_quote_in_an_html_reply_is_elided(client: str) -> None:
    message = read(html_mail(HTML_REPLIES[client].replace("OLD", OLD), subject="Re: Printer")).message
    assert message.reply_text.splitlines()[0] == "It is 4711."
    assert OLD not in message.reply_text
    assert OLD in message.elided_text
    assert message.plain_text_reply == message.reply_text


@pytest.mark.parametrize(
    "page",
    [
        '<div>It is 4711.</div><blockquote class="gmail_quote">as you see</blockquote>',
        '<div>It is 4711.</div><blockquote style="margin:0 0 0 40px;border:none">as you see</blockquote>',
        "<div>It says:</div><blockquote>E5</blockquote><div>What is it?</div>",
    ],
)
def test_what_the_author_indented_stays(page: str) -> None:
    message = read(html_mail(page, subject="Re: Printer")).message
    assert message.elided_text == ""


def test_a_bare_blockquote_at_the_end_is_a_quote() -> None:
    message = read(html_mail(f"<div>It is 4711.</div><blockquote>{OLD}</blockquote>", subject="Re: Printer")).message
    assert (message.reply_text, message.elided_text.strip()) == ("It is 4711.", OLD)


@pytest.mark.parametrize(
    "rest",
    [
        "> see (https://example.org/a\nbcdef=1)\n> end",
        "> see\n (https://example.org/abc) >\n> end",
        "> <https://example.org/a\nbcdef>\n> end",
    ],
)
def test_the_rest_of_a_broken_link_belongs_to_the_quote(rest: str) -> None:
    message = read_body(f"It is 4711.\n\nOn 6 May 2024 at 10:12, Help wrote:\n{rest}")
    assert message.reply_text == "It is 4711."


def test_a_short_answer_between_quotes_is_no_rest_of_a_link() -> None:
    body = "On 6 May 2024 at 10:12, Help wrote:\n> Which page (https://example.org/?\nyes\n> Which day?\nMonday"
    assert "yes" in read_body(body).reply_text


def test_a_lone_author_line_ends_a_reply() -> None:
    message = read_body(f"It is 4711.\n\nDe : Help <help@example.com>\n\n{OLD}", subject="Re: Your order")
    assert message.reply_text == "It is 4711."


def test_commands_are_read_from_the_plain_part_alone() -> None:
    plain = "Content-Type: text/plain\n\nHello\n\nOn 6 May 2024 at 10:12, Help wrote:\n> old"
    page = "Content-Type: text/html\n\n<p>#resolve</p>"
    assert read(multipart("alternative", plain, page)).message.plain_text_reply == "Hello"


LINE = st.sampled_from(
    ["", "It is 4711.", "> old", ">> older", "On 6 May 2024 at 10:12, Help <h@x> wrote:", "-- ", "--", "Sent from my iPhone", "From: a@b.c", "Date: 1 May 2024",
     "To: x@y", "Subject: z", "-----Original Message-----", "---------- Forwarded message ----------", "________________", MARKER, "- Anna", "On Monday", "A> x", "***"]
)  # fmt: skip


def visible(text: str) -> list[str]:
    return sorted("".join(text.split()))


@given(st.lists(st.one_of(LINE, st.text(max_size=40)), max_size=30), st.booleans(), st.booleans())
def test_reply_elided_and_signature_hold_the_whole_text(lines: list[str], keep: bool, forward: bool) -> None:
    text = "\n".join(lines)
    parts = split_reply(plain_lines(text), keep_signature=keep, forwarded=Forwarded.STAYS if forward else Forwarded.ABSENT)
    assert visible(parts.reply + parts.elided + parts.signature) == visible(text)


def test_a_text_beyond_the_searched_lines_is_not_lost() -> None:
    text = "\n".join(f"line {number}" for number in range(7000))
    assert read_body(text).reply_text == text
    quoted = read_body(f"Hi\n\nOn 6 May 2024 at 10:12, Help wrote:\n\n{text}")
    assert quoted.reply_text == "Hi"
    assert "line 6999" in quoted.elided_text


@pytest.mark.parametrize(
    "body",
    [
        "The log says:\n\n> error 17\n> drum not found",
        "Is this mail from you?\n\nFrom: Bank <bank@example.net>\nSent: Monday, 16 November 2026 10:00\nSubject: Pay\n\nPay now.\n\nI owe nothing.",
        "On Monday, 16 November 2026 at 10:00, Ben <ben@example.net> wrote:\n> Lamp four is red.",
        "Trip:\nVon: Ulm\nAn: Metz\nDatum: 3.12.2026\nPlease cancel it.",
    ],
    ids=["marks", "header block", "attribution", "labels"],
)
def test_a_mail_that_answers_nothing_is_whole_and_its_candidates_are_labelled(body: str) -> None:
    message = read_body(body, subject="Printer")
    assert message.reply_text == body
    assert message.elided_text == ""
    assert message.labelled.has_candidates
    assert read_body(body).elided_text


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("It works. On 6 May 2024 at 10:12, Help <help@example.com> wrote:\n> Try again.\n", "It works."),
        (
            f"Every day.\n\nOn 6 May 2024, Help wrote:\n> {'word ' * 14}exact t\nime of it\n> and the name of the prog\n> end\n",
            "Every day.",
        ),
        ("It says:\n\n> error 17\n\nOn 6 May 2024, Help wrote:\n> What does it say?\n", "It says:\n\n> error 17"),
    ],
    ids=["attribution behind the answer", "words cut by a relay", "own quotation"],
)
def test_odd_quotes_of_clients_leave_the_author_s_words(body: str, expected: str) -> None:
    assert read_body(body).reply_text == expected
