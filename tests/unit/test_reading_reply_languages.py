"""The words that mail clients put around a quote, in the languages and by the clients that write them. Every case is our own."""

import pytest
from support.mails.mails import mail

from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.parsed import ParsedMessage

OLD = "What is the number of your order?"

ATTRIBUTIONS = {
    "uk": "пн, 6 трав. 2024 р. о 10:12 Help <help@example.com> пише:",
    "uk thunderbird": "06.05.24 10:12, Help пише:",
    "sk": "po 6. 5. 2024 o 10:12 Help <help@example.com> napísal(a):",
    "sk thunderbird": "Dňa 6. 5. 2024 o 10:12 Help napísal(a):",
    "cs thunderbird": "Dne 06. 05. 24 v 10:12 Help napsal(a):",
    "hu": "Help <help@example.com> ezt írta (időpont: 2024. máj. 6., H, 10:12):",
    "hu thunderbird": "2024. 05. 06. 10:12 keltezéssel, Help írta:",
    "ro": "În lun., 6 mai 2024 la 10:12, Help <help@example.com> a scris:",
    "ro apple": "Pe 6 mai 2024, la 10:12, Help <help@example.com> a scris:",
    "el": "Στις Δευ 6 Μαΐ 2024 στις 10:12 π.μ., ο/η Help <help@example.com> έγραψε:",
    "hr": "pon, 6. svi 2024. u 10:12 Help <help@example.com> napisao je:",
    "sl": "V V pon., 6. maj 2024 ob 10:12 je oseba Help <help@example.com> napisala:",
    "sr": "пон, 6. мај 2024. у 10:12 Help <help@example.com> је написао/ла:",
    "bg": "На пн, 6.05.2024 г. в 10:12 Help <help@example.com> написа:",
    "lt": "2024-05-06, pr, 10:12 Help <help@example.com> rašė:",
    "lv": "pirmd., 2024. g. 6. maijs, plkst. 10:12 — lietotājs Help (<help@example.com>) rakstīja:",
    "et": "Kuupäev E, 6. mai 2024 kell 10:12 kirjutas Help <help@example.com>:",
    "ca": "Missatge de Help <help@example.com> del dia dl., 6 de maig 2024 a les 10:12:",
    "vi": "Vào Th 2, 6 thg 5, 2024 vào lúc 10:12 Help <help@example.com> đã viết:",
    "id": "Pada tanggal Sen, 6 Mei 2024 pukul 10.12 Help <help@example.com> menulis:",
    "th": "ในวันที่ จ. 6 พ.ค. 2024 เวลา 10:12 Help <help@example.com> เขียนว่า:",
    "he": "\u202bבתאריך יום ב׳, 6 במאי 2024 ב-10:12 מאת \u202aHelp\u202c\u200f <\u202ahelp@example.com\u202c\u200f>:\u202c",
    "ar": "في الاثنين، 6 مايو 2024 في 10:12 ص تمت كتابة ما يلي بواسطة Help <help@example.com>:",
    "fa": "در تاریخ دوشنبه ۶ مه ۲۰۲۴،\u200f ۱۰:۱۲ Help <help@example.com> نوشت:",
    "hi": "सोम, 6 मई 2024 को 10:12 am बजे को Help <help@example.com> ने लिखा:",
    "is": "Þann mán., 6. maí 2024 kl. 10:12 skrifaði Help <help@example.com>:",
    "zh-tw": "Help <help@example.com> 於 2024年5月6日 週一 上午10:12寫道：",
    "zh netease": '在 2024-05-06 10:12:00，"Help" <help@example.com> 写道：',
    "en netease": 'At 2024-05-06 10:12:00, "Help" <help@example.com> wrote:',
    "en zoho": "---- On Mon, 06 May 2024 10:12:00 +0200 Help <help@example.com> wrote ---",
    "en proton": "On Monday, May 6th, 2024 at 10:12 AM, Help <help@example.com> wrote:",
    "en yahoo": "On Monday, May 6, 2024 at 10:12:00 AM GMT+2, Help <help@example.com> wrote:",
    "de yahoo": "Am Montag, 6. Mai 2024 um 10:12:00 MESZ hat Help <help@example.com> Folgendes geschrieben:",
    "fr yahoo": "Le lundi 6 mai 2024 à 10:12:00 UTC+2, Help <help@example.com> a écrit :",
    "es yahoo": "En lunes, 6 de mayo de 2024, 10:12:00 CEST, Help <help@example.com> escribió:",
    "it yahoo": "Il lunedì 6 maggio 2024 alle ore 10:12:00 CEST, Help <help@example.com> ha scritto:",
    "pt yahoo": "Em segunda-feira, 6 de maio de 2024 10:12:00 BRT, Help <help@example.com> escreveu:",
    "nl apple": "Op 6 mei 2024 om 10:12 heeft Help <help@example.com> het volgende geschreven:",
    "pl webmail": "W dniu 2024-05-06 10:12:00 użytkownik Help <help@example.com> napisał:",
    "pl apple": "Wiadomość napisana przez Help <help@example.com> w dniu 6 maj 2024, o godz. 10:12:",
    "ru mail.ru": "Понедельник, 6 мая 2024, 10:12 +03:00 от Help <help@example.com>:",
    "ru yandex": '06.05.2024, 10:12, "Help" <help@example.com>:',
    "ru apple": "6 мая 2024 г., в 10:12, Help <help@example.com> написал(а):",
    "sv apple": "6 maj 2024 kl. 10:12 skrev Help <help@example.com>:",
    "fi apple": "Help <help@example.com> kirjoitti 6.5.2024 kello 10.12:",
    "tr apple": "Help <help@example.com> şunları yazdı (6 May 2024 10:12):",
    "ja apple": "2024/05/06 10:12、Help <help@example.com>のメール:",
    "ko apple": "2024. 5. 6. 오전 10:12, Help <help@example.com> 작성:",
}  # fmt: skip

# From, Sent, To and Subject as Outlook, GMX, QQ, Naver and others label them.
LABELS = {
    "uk": ("Від", "Надіслано", "Кому", "Тема"), "bg": ("От", "Изпратено", "До", "Относно"), "sr": ("Шаље", "Послато", "Коме", "Наслов"), "sr latin": ("Od", "Poslato", "Za", "Tema"),
    "no": ("Fra", "Sendt", "Til", "Emne"), "is": ("Frá", "Sent", "Til", "Efni"), "sk": ("Od", "Odoslané", "Komu", "Predmet"), "hu": ("Feladó", "Elküldve", "Címzett", "Tárgy"),
    "ro": ("De la", "Trimis", "Către", "Subiect"), "hr": ("Šalje", "Poslano", "Prima", "Predmet"), "sl": ("Od", "Poslano", "Za", "Zadeva"), "lt": ("Nuo", "Išsiųsta", "Kam", "Tema"),
    "lv": ("No", "Nosūtīts", "Kam", "Tēma"), "et": ("Saatja", "Saatmisaeg", "Adressaat", "Teema"), "el": ("Από", "Στάλθηκε", "Προς", "Θέμα"), "ca": ("De", "Enviat", "Per a", "Assumpte"),
    "vi": ("Từ", "Đã gửi", "Tới", "Tiêu đề"), "id": ("Dari", "Dikirim", "Kepada", "Perihal"), "th": ("จาก", "ส่ง", "ถึง", "เรื่อง"), "he": ("מאת", "נשלח", "אל", "נושא"),
    "ar": ("من", "تم الإرسال", "إلى", "الموضوع"), "fa": ("از", "تاریخ", "به", "موضوع"), "hi": ("प्रेषक", "भेजा गया", "प्रति", "विषय"), "zh-tw": ("寄件者", "寄件日期", "收件者", "主旨"),
    "zh qq": ("发件人", "发送时间", "收件人", "主题"), "pt-pt": ("De", "Enviado", "Para", "Assunto"), "es-mx": ("De", "Fecha", "Para", "Asunto"), "ko daum": ("보낸사람", "날짜", "받는사람", "제목"),
    "ja outlook": ("差出人", "送信日時", "宛先", "件名"), "fr orange": ("De", "Message du", "A", "Objet"), "de gmx": ("Von", "Gesendet", "An", "Betreff"),
}  # fmt: skip

ORIGINALS = (
    "------------------ 原始邮件 ------------------", "---------- Původní e-mail ----------", "--------- 원본 메일 ---------", "------- Original Message -------", "-----Ursprüngliche Nachricht-----",
    "----- Mensaje original -----", "-----Message d'origine-----", "-----Messaggio originale-----", "-----Mensagem original-----", "-----Oorspronkelijk bericht-----", "-----Oryginalna wiadomość-----",
    "-----Исходное сообщение-----", "-----Оригінальне повідомлення-----", "-----Ursprungligt meddelande-----", "-----Oprindelig meddelelse-----", "-----Opprinnelig melding-----", "-----Alkuperäinen viesti-----",
    "-----Pôvodná správa-----", "-----Eredeti üzenet-----", "-----Mesaj original-----", "-----Özgün İleti-----", "-----Αρχικό μήνυμα-----", "-----Izvorna poruka-----", "-----Izvirno sporočilo-----",
    "-----Оригинално съобщение-----", "-----Pradinis laiškas-----", "-----Sākotnējais ziņojums-----", "-----Algne sõnum-----", "-----הודעה מקורית-----", "-----الرسالة الأصلية-----", "-----Thư gốc-----", "-----Pesan Asli-----",
    "-----元のメッセージ-----", "-----Missatge original-----",
)  # fmt: skip


def read_body(body: str, subject: str = "Re: Your order") -> ParsedMessage:
    return read(mail(body, subject=subject, content_type="text/plain; charset=utf-8", mime_version="1.0")).message


@pytest.mark.parametrize("case", ATTRIBUTIONS)
@pytest.mark.parametrize("mark", ["> ", ""], ids=["marked", "unmarked"])
def test_the_quote_under_an_attribution_is_elided(case: str, mark: str) -> None:
    message = read_body(f"4711.\n\n{ATTRIBUTIONS[case]}\n\n{mark}{OLD}\n")
    assert message.reply_text == "4711."
    assert OLD in message.elided_text


@pytest.mark.parametrize("case", LABELS)
@pytest.mark.parametrize("shape", ["{}: {}", "{} : {}", "*{}:* {}", "{}：{}"])
def test_everything_below_a_header_block_is_elided(case: str, shape: str) -> None:
    values = ("Help <help@example.com>", "6.05.2024 10:12", "Anna <anna@example.org>", "Your order")
    block = "\n".join(shape.format(label, value) for label, value in zip(LABELS[case], values, strict=True))
    message = read_body(f"4711.\n\n{block}\n\n{OLD}\n")
    assert message.reply_text == "4711."
    assert OLD in message.elided_text


@pytest.mark.parametrize("separator", ORIGINALS)
def test_everything_below_the_separator_of_a_quote_is_elided(separator: str) -> None:
    message = read_body(f"4711.\n\n{separator}\n\n{OLD}\n")
    assert message.reply_text == "4711."
    assert OLD in message.elided_text
