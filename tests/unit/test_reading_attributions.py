"""Attributions, header blocks and broken quotes of many programs: above them stands the answer, and nothing else is it."""

import pytest
from support.mails.mails import html_mail, mail

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.attribution import is_bare_attribution, is_groupwise_line
from helpdesk.threading.reading.glued import unglued
from helpdesk.threading.reading.lines import Line

ANSWER = "The lamp burns again."


def reply_in(text: str, subject: str = "Re: Lamp") -> str:
    return read(mail(text, subject=subject, mime_version="1.0", content_type="text/plain; charset=utf-8")).message.reply_text


MARKED = "> Does the lamp burn?\n> Rosa"
# Of programs that mark the quote below.
ABOVE_MARKS = {
    "Horde": "Quoting Rosa Feld <rosa@lamp.example>:", "Horde in German": "Zitat von Rosa Feld <rosa@lamp.example>:", "Horde in Dutch": "Citeren Rosa Feld <rosa@lamp.example>:", "Horde in Spanish": "Citando a Rosa Feld <rosa@lamp.example>:", "Horde in Polish": "Cytowanie Rosa Feld <rosa@lamp.example>:",
    "date, name, address": "2026/11/20 Rosa Feld <rosa@lamp.example>", "ISO date": "2026-11-20 14:25 GMT+01:00 Rosa Feld <rosa@lamp.example>", "Nextcloud": '"Rosa Feld" rosa@lamp.example – 20 November 2026 14:25', "Nextcloud in German": '"Rosa Feld" rosa@lamp.example – 20. November 2026 14:25',
    "FairEmail": "Nov 20, 2026 2:25:52 PM Rosa Feld <rosa@lamp.example>:", "Yandex": '20.11.2026, 14:25, "Rosa Feld" <rosa@lamp.example>:', "Notes": "Rosa Feld <rosa@lamp.example> wrote on 11/20/2026 02:25:52 PM:", "Notes without an address": "Rosa Feld/LAMP wrote on 11/20/2026 02:25:52 PM:", "Notes in German": "Rosa Feld schrieb am 20.11.2026 14:25:52:", "Notes in French": "Rosa Feld a écrit sur 20/11/2026 14:25:52 :",
    "GroupWise over three lines": ">>> Rosa Feld <rosa@lamp.example> schrieb am 20.11.2026 um 14:25 in\nNachricht\n<c4.7@lamp.example>:", "Zoho": "---- On Fri, 20 Nov 2026 14:25:52 +0100 Rosa Feld <rosa@lamp.example> wrote ----", "KMail": "On Friday, 20 November 2026 14:25:52 CET you wrote:", "Evolution": "On Fri, 2026-11-20 at 14:25 +0100, Rosa Feld wrote:",
}  # fmt: skip


@pytest.mark.parametrize("client", ABOVE_MARKS)
def test_the_answer_above_a_marked_quote(client: str) -> None:
    assert reply_in(f"{ANSWER}\n\n{ABOVE_MARKS[client]}\n\n{MARKED}") == ANSWER


# Of programs that mark nothing.
UNMARKED = {
    "GroupWise": ">>> Rosa Feld <rosa@lamp.example> 20.11.2026 14:25 >>>", "GroupWise without an address": '>>> "Feld, Rosa" 11/20/2026 2:25 PM >>>', "QQ": "------------------ 原始邮件 ------------------\n发件人: \"Rosa Feld\" <rosa@lamp.example>;\n发送时间: 2026年11月20日(星期五) 下午2:25\n收件人: \"ida\"<ida@x.example>;\n主题: Lamp", "QQ in English": "------------------ Original ------------------\nFrom: \"Rosa Feld\"<rosa@lamp.example>;\nDate: Fri, Nov 20, 2026 02:25 PM\nTo: \"ida\"<ida@x.example>;\nSubject: Lamp",
    "NetEase on telephones": "---- Replied Message ----\n| From | Rosa Feld<rosa@lamp.example> |\n| Date | 11/20/2026 14:25 |\n| To | ida@x.example |\n| Subject | Lamp |", "T-Online": "-----Original-Nachricht-----\nBetreff: Lamp\nDatum: 2026-11-20T14:25:01+0100\nVon: \"Rosa Feld\" <rosa@lamp.example>\nAn: ida@x.example", "Daum": "--------- 원본 메일 ---------\n보낸사람: Rosa Feld <rosa@lamp.example>\n받는사람: ida@x.example\n날짜: 2026-11-20 14:25\n제목: Lamp", "Apple Mail in Ukrainian": "Від кого: Rosa Feld <rosa@lamp.example>\nДата: 20 листопада 2026 р. о 14:25\nКому: ida@x.example\nТема: Lamp", "Outlook in Romanian": "De la: Rosa Feld <rosa@lamp.example>\nTrimis: vineri, 20 noiembrie 2026 14:25\nCătre: ida@x.example\nSubiect: Lamp", "Outlook in Czech": "Od: Rosa Feld <rosa@lamp.example>\nOdesláno: pátek 20. listopadu 2026 14:25\nKomu: ida@x.example\nPředmět: Lamp",
    "fields on one line": "From: Rosa Feld <rosa@lamp.example> Sent: Friday, November 20, 2026 2:25 PM To: Ida Moss Subject: Lamp", "fields on one line in German": "Von: Rosa Feld <rosa@lamp.example> Gesendet: Freitag, 20. November 2026 14:25 An: Ida Moss Betreff: Lamp", "fields on one line in French": "De : Rosa Feld <rosa@lamp.example> Envoyé : vendredi 20 novembre 2026 14:25 À : Ida Moss Objet : Lamp",
    "Notes as a table": "Rosa Feld <rosa@lamp.example>\n\n20.11.2026 14:25\n\nTo\nida@x.example\nSubject\nLamp", "Notes as a table in German": "Rosa Feld <rosa@lamp.example>\n20.11.2026 14:25\nAn\tida@x.example\nKopie\nBetreff\tLamp",
}  # fmt: skip


@pytest.mark.parametrize("client", UNMARKED)
def test_the_answer_above_a_quote_without_marks(client: str) -> None:
    assert reply_in(f"{ANSWER}\n\n{UNMARKED[client]}\n\nDoes the lamp burn?\n\nRosa") == ANSWER


GLUED = (
    "{} On Fri, Nov 20, 2026 at 3:59 PM, Rosa Feld <rosa@lamp.example> wrote:", "{} On Fri, Nov 20, 2026 at 3:59 PM Rosa Feld\n<rosa@lamp.example> wrote:", "{} Am Fr., 20. Nov. 2026 um 15:59 Uhr schrieb Rosa Feld <rosa@lamp.example>:", "{} Le ven. 20 nov. 2026 à 15:59, Rosa Feld <rosa@lamp.example> a écrit :", "{} El vie, 20 nov 2026 a las 15:59, Rosa Feld (<rosa@lamp.example>) escribió:", "{} Il giorno ven 20 nov 2026 alle ore 15:59 Rosa Feld <rosa@lamp.example> ha scritto:", "{} Em sex., 20 de nov. de 2026 às 15:59, Rosa Feld <rosa@lamp.example> escreveu:", "{} Op vr 20 nov 2026 om 15:59 schreef Rosa Feld <rosa@lamp.example>:",
)  # fmt: skip


@pytest.mark.parametrize("shape", GLUED)
def test_an_answer_and_the_attribution_on_one_line(shape: str) -> None:
    assert reply_in(f"{shape.format(ANSWER)}\n{MARKED}") == ANSWER
    assert reply_in(f"{shape.format('Thanks')}\n{MARKED}") == "Thanks"


@pytest.mark.parametrize(
    "text",
    [
        ANSWER,
        "On Fri, Nov 20, 2026 Rosa <rosa@lamp.example> wrote:",
        "On Monday it broke. On Friday it burned:",
        "From: the cellar To: the roof",
        "Please note: at 10:00 From: Rosa, To: Ida",
    ],
)
def test_other_lines_stay_in_one_piece(text: str) -> None:
    lines = [Line(text), Line("> quoted")]
    assert unglued(lines) == lines


def test_a_header_block_on_one_line_of_a_page() -> None:
    page = "<div>It burns.</div><hr><div><b>From:</b> Rosa &lt;rosa@lamp.example&gt; <b>Sent:</b> Friday, November 20, 2026 2:25 PM <b>To:</b> Ida <b>Subject:</b> Lamp</div><div>Does it burn?</div>"
    assert read(html_mail(page, subject="Re: Lamp")).message.reply_text == "It burns."


def test_the_ends_of_broken_quoted_lines_belong_to_the_quote() -> None:
    broken = (
        "> we have looked into your request about the lamp and ask you for the time o\nf day at which it happens.\n>\n"
        "> Please send a picture of the lamp too, and of the switch in the hall of th\ne house.\n>\n> Rosa"
    )
    assert reply_in(f"{ANSWER}\n\nOn Fri, 20 Nov 2026 at 10:00, Rosa <rosa@lamp.example> wrote:\n{broken}") == ANSWER


@pytest.mark.parametrize("answer", ["yes, it does", "Every evening.", "no"])
def test_an_answer_between_quoted_lines_stays_an_answer(answer: str) -> None:
    asked = "> Does it happen each time that you press the switch in the hall of the house?"
    assert answer in reply_in(
        f"On Fri, 20 Nov 2026 at 10:00, Rosa <rosa@lamp.example> wrote:\n{asked}\n{answer}\n> And which lamp is it?\nThe blue one."
    )


NO_ATTRIBUTIONS = ("Please write to rosa@lamp.example before 20.11.2026.", "Write to rosa@lamp.example until 14:25?", "The lamp 2026/11/20 of the hall", "rosa@lamp.example", "On 2026/11/20 I wrote a long letter about the lamp, the switch and the wire to rosa@lamp.example and nobody answered it")  # fmt: skip


@pytest.mark.parametrize("text", NO_ATTRIBUTIONS)
def test_a_sentence_with_an_address_is_no_attribution(text: str) -> None:
    assert not is_bare_attribution(text)
    assert not is_groupwise_line(text)


# --- forwards

FORWARDS = {
    "prefix with a dot": ("Redir.: Lamp", "________________________________\nFrom: {}\nSent: Friday, November 20, 2026 15:14\nTo: ida@x.example\nSubject: Lamp"), "GroupWise": ("Wtrlt: Lamp", ">>> {} 20.11.2026 14:25 >>>"), "mutt": ("look", "----- Forwarded message from {} -----\n\nDate: Fri, 20 Nov 2026 15:51:30 +0100\nFrom: {}\nTo: ida@x.example\nSubject: Lamp"), "Yahoo in Ukrainian": ("Fwd: Lamp", "----- Перенаправлене повідомлення -----\nВід: {}\nВідправлено: пʼятниця, 20 листопада 2026\nКому: ida@x.example\nТема: Lamp"), "Apple in Ukrainian": ("Fwd: Lamp", "Початок листа, що пересилається:\n\nВід кого: {}\nТема: Lamp\nДата: 20 листопада 2026 р.\nКому: ida@x.example"), "Apple in Romanian": ("Fwd: Lamp", "Începutul mesajului redirecționat:\n\nDe la: {}\nSubiect: Lamp\nDată: 20 noiembrie 2026\nCătre: ida@x.example"), "Thunderbird in Czech": ("Fwd: Lamp", "-------- Přeposlaná zpráva --------\nPředmět: Lamp\nDatum: Fri, 20 Nov 2026 15:51:30 +0100\nOd: {}\nKomu: ida@x.example"), "Apple in Turkish": ("İLT: Lamp", "İletilen iletinin başlangıcı:\n\nGönderen: {}\nKonu: Lamp\nTarih: 20 Kasım 2026\nKime: ida@x.example"),
}  # fmt: skip


@pytest.mark.parametrize("client", [name for name in FORWARDS if name != "GroupWise"])
def test_forwards_of_more_programs_and_languages(client: str) -> None:
    subject, block = FORWARDS[client]
    block = block.replace("{}", "Rosa Feld <rosa@lamp.example>")
    found = read(
        mail(f"{block}\n\nIt is dark.", subject=subject, mime_version="1.0", content_type="text/plain; charset=utf-8")
    ).message.forward
    assert found is not None
    assert found.author is not None
    assert (found.author.name, found.author.address, found.subject, found.text, found.comment) == (
        "Rosa Feld",
        "rosa@lamp.example",
        "Lamp",
        "It is dark.",
        "",
    )


COPIES = ("Kopie (CC): ", "Kopie: ", "Cc: ", "Копія: ", "Copie (Cc) : ", "Kopie an: ", "Cópia (CC): ")


@pytest.mark.parametrize("label", COPIES)
def test_the_copied_people_of_a_forward_are_no_recipients(label: str) -> None:
    block = f"-------- Weitergeleitete Nachricht --------\nBetreff: \tLamp\nVon: \tRosa <rosa@lamp.example>\nAn: \tida@x.example\n{label}\tPaul <paul@x.example>\n\n\nIt is dark."
    found = read(mail(block, subject="Fwd: Lamp", mime_version="1.0", content_type="text/plain; charset=utf-8")).message.forward
    assert found is not None
    assert ([who.address for who in found.to], [who.address for who in found.cc]) == (["ida@x.example"], ["paul@x.example"])


BEHALF = (
    "Rosa Feld <rosa@lamp.example> on behalf of orders@lamp.example", "Rosa Feld <rosa@lamp.example> im Auftrag von orders@lamp.example", "Rosa Feld <rosa@lamp.example> de la part de Orders", "Rosa Feld <rosa@lamp.example> en nombre de Orders <orders@lamp.example>", "Rosa Feld <rosa@lamp.example> per conto di orders@lamp.example", "Rosa Feld <rosa@lamp.example> em nome de orders@lamp.example", "Rosa Feld <rosa@lamp.example> namens orders@lamp.example", "Orders on behalf of Rosa Feld <rosa@lamp.example>",
)  # fmt: skip


@pytest.mark.parametrize("author", BEHALF)
def test_who_wrote_on_behalf_of_another_is_the_author(author: str) -> None:
    block = f"________________________________\nFrom: {author}\nSent: Friday, November 20, 2026 15:14\nTo: ida@x.example\nSubject: Lamp\n\nIt is dark."
    found = read(mail(block, subject="FW: Lamp", mime_version="1.0", content_type="text/plain; charset=utf-8")).message.forward
    assert found is not None
    assert found.author is not None
    assert (found.author.name, found.author.address) == ("Rosa Feld", "rosa@lamp.example")


def test_vs_answers_in_finnish_and_forwards_in_danish() -> None:
    finnish = "Palaa.\n\n________________________________\nLähettäjä: Rosa <rosa@lamp.example>\nLähetetty: perjantai 20. marraskuuta 2026\nVastaanottaja: ida@x.example\nAihe: Lamppu\n\nPalaako?"
    danish = "Se her.\n\n________________________________\nFra: Rosa <rosa@lamp.example>\nSendt: 20. november 2026\nTil: ida@x.example\nEmne: Lampe\n\nLyser den?"
    assert reply_in(finnish, "VS: Lamppu") == "Palaa."
    assert (
        read(mail(danish, subject="VS: Lampe", mime_version="1.0", content_type="text/plain; charset=utf-8")).message.forward
        is not None
    )


# --- signatures

SIGNED = (
    "Mit freundlichen Grüßen\n\nIda Moss\nVertrieb", "Viele Grüße\n\nIda", "Regards,\n\nIda Moss", "Kind regards,\n\n\nIda", "Cordialement,\n\nIda Moss", "Saludos,\n\nIda Moss", "Cordiali saluti\n\nIda Moss", "Atenciosamente,\n\nIda Moss", "Met vriendelijke groet,\n\nIda van der Moss", "Pozdrawiam\n\nIda Moss", "С уважением,\n\nИда Мосс", "Med vänlig hälsning\n\nIda Moss", "Ystävällisin terveisin\n\nIda Moss", "S pozdravem\n\nIda Moss", "Best regards\n\nIda Moss\nSales",
)  # fmt: skip


@pytest.mark.parametrize("closing", SIGNED)
def test_a_name_below_a_blank_line_signs_off(closing: str) -> None:
    message = read(mail(f"{ANSWER}\n\n{closing}", mime_version="1.0", content_type="text/plain; charset=utf-8")).message
    assert message.reply_text == ANSWER
    assert message.signature.split() == closing.split()


@pytest.mark.parametrize(
    "text",
    [
        "It burns.\n\nBest regards,\n\nPlease call me tomorrow.",
        "It burns.\n\nViele Grüße\n\nDie Lampe geht nicht",
        "It burns.\n\nRegards,\n\nThe lamp is dark",
    ],
)
def test_words_below_a_sign_off_are_no_name(text: str) -> None:
    assert reply_in(text) == text


LISTS = (
    "Please send us:\n- the blue lamp with the long cable\n- Seriennummer", "Please send us:\n- Seriennummer", "Please send us\n- the wire", "We need this.\n\n- a picture of the whole lamp\n\n- The wire", "– la lampe entière avec son câble\n– Facture", "* a picture of the lamp\n* Wire\n- Cable",
)  # fmt: skip


@pytest.mark.parametrize("text", LISTS)
def test_the_last_item_of_a_list_is_no_name(text: str) -> None:
    assert reply_in(text) == text


@pytest.mark.parametrize("name", ["- Ida", "-Ida", "— Ida Moss", "/Ida"])
def test_a_name_behind_a_dash_signs_off(name: str) -> None:
    assert reply_in(f"{ANSWER}\n\n{name}") == ANSWER


# Sentences that begin as an attribution does.
OPENINGS = (
    "On the second page E401 comes up and goes on as if nothing had happened.", "Am Gerät steht seit gestern E401 und es geht einfach so weiter.",
    "Le second écran affiche E401 et continue comme si de rien n'était.", "El segundo aparato muestra E401 y sigue como si no pasara nada.",
    "Il secondo display mostra E401 e continua come se non fosse successo niente.", "Em cima da segunda folha aparece E401 e nada mais acontece.", "Op de tweede pagina staat E401 en het gaat gewoon verder.",
    "On the second page error e2000x comes up now and then, and the press goes on.", "On 12 November 2026 we had the same fault at the other machine.", "Am 12.11.2026 hatten wir an der anderen Maschine genau denselben Fehler.",
    "On 12 November 2026 at 9:15 we took the cover off and put a new lamp in.", "Am 12.11.2026 um 9:15 haben wir die Maschine noch einmal selbst neu an.",
    "Le 12/11/2026 à 9:15 le même défaut est revenu et nous avons tout mis à nu.", "Op 12 november 2026 om 9:15 ging de lamp weer uit en toen was het mis!",
)  # fmt: skip


@pytest.mark.parametrize("opening", OPENINGS)
@pytest.mark.parametrize("signature", ["-- \nRosa Feld\nLamp Ltd, Dock Street 4", "Rosa Feld", "\nIt comes up twice a day.\n"])
@pytest.mark.parametrize("client", ["Yandex", "FairEmail", "Evolution", "Horde"])
def test_a_sentence_that_begins_as_an_attribution_is_no_part_of_the_one_below(opening: str, signature: str, client: str) -> None:
    reply = reply_in(f"{opening}\n{signature}\n{ABOVE_MARKS[client]}\n{MARKED}")
    assert reply.startswith(opening)
    assert "lamp.example" not in reply
