"""What clients say above a quoted mail, in twenty languages: attribution lines, labels of header blocks, separators of forwards.

Data only, in the words of public descriptions and of the programs themselves. In a line, {n} is the name, {e} the address, {t} the time of
the mail that is quoted. All mails of the samples are of November.
"""

from datetime import datetime

LANGUAGES = (
    "en",
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "nl",
    "pl",
    "ru",
    "uk",
    "ro",
    "cs",
    "sv",
    "da",
    "nb",
    "fi",
    "tr",
    "zh",
    "ja",
    "ko",
)

GMAIL = {
    "en": "On {day}, Nov {t.day}, {t:%Y} at {t:%I:%M\u202f%p} {n} <{e}> wrote:",
    "de": "Am {day}., {t.day}. Nov. {t:%Y} um {t:%H:%M}\u00a0Uhr schrieb {n} <{e}>:",
    "fr": "Le {day}. {t.day} nov. {t:%Y} à {t:%H:%M}, {n} <{e}> a écrit\u00a0:",
    "es": "El {day}, {t.day} nov {t:%Y} a las {t:%H:%M}, {n} (<{e}>) escribió:",
    "it": "Il giorno {day} {t.day} nov {t:%Y} alle ore {t:%H:%M} {n} <{e}> ha scritto:",
    "pt": "Em {day}., {t.day} de nov. de {t:%Y} às {t:%H:%M}, {n} <{e}> escreveu:",
    "nl": "Op {day} {t.day} nov {t:%Y} om {t:%H:%M} schreef {n} <{e}>:",
    "pl": "{day}., {t.day} lis {t:%Y} o {t:%H:%M} {n} <{e}> napisał(a):",
    "ru": "{day}, {t.day} нояб. {t:%Y}\u202fг. в {t:%H:%M}, {n} <{e}>:",
    "uk": "{day}, {t.day} лист. {t:%Y}\u202fр. о {t:%H:%M} {n} <{e}> пише:",
    "ro": "În {day}., {t.day} nov. {t:%Y} la {t:%H:%M}, {n} <{e}> a scris:",
    "cs": "{day} {t.day}. 11. {t:%Y} v\u00a0{t:%H:%M} odesílatel {n} <{e}> napsal:",
    "sv": "Den {day} {t.day} nov. {t:%Y} kl {t:%H:%M} skrev {n} <{e}>:",
    "da": "Den {day}. {t.day}. nov. {t:%Y} kl. {t:%H.%M} skrev {n} <{e}>:",
    "nb": "{day}. {t.day}. nov. {t:%Y} kl. {t:%H:%M} skrev {n} <{e}>:",
    "fi": "{day} {t.day}. marrask. {t:%Y} klo {t:%H.%M} {n} ({e}) kirjoitti:",
    "tr": "{n} <{e}>, {t.day} Kas {t:%Y} {day}, {t:%H:%M} tarihinde şunu yazdı:",
    "zh": "{n} <{e}> 于{t.year}年{t.month}月{t.day}日周{day} {t:%H:%M}写道：",
    "ja": "{t.year}年{t.month}月{t.day}日({day}) {t:%H:%M} {n} <{e}>:",
    "ko": "{t.year}년 {t.month}월 {t.day}일 ({day}) 오전 {t:%I:%M}, {n} <{e}>님이 작성:",
}
DAYS = {
    "en": "Mon Tue Wed Thu Fri Sat Sun",
    "de": "Mo Di Mi Do Fr Sa So",
    "fr": "lun mar mer jeu ven sam dim",
    "es": "lun mar mié jue vie sáb dom",
    "it": "lun mar mer gio ven sab dom",
    "pt": "seg ter qua qui sex sáb dom",
    "nl": "ma di wo do vr za zo",
    "pl": "pon wt śr czw pt sob niedz",
    "ru": "пн вт ср чт пт сб вс",
    "uk": "пн вт ср чт пт сб нд",
    "ro": "lun mar mie joi vin sâm dum",
    "cs": "po út st čt pá so ne",
    "sv": "mån tis ons tors fre lör sön",
    "da": "man tirs ons tors fre lør søn",
    "nb": "man tir ons tor fre lør søn",
    "fi": "ma ti ke to pe la su",
    "tr": "Pzt Sal Çar Per Cum Cmt Paz",
    "zh": "一 二 三 四 五 六 日",
    "ja": "月 火 水 木 金 土 日",
    "ko": "월 화 수 목 금 토 일",
}
APPLE = {
    "en": "On {t.day} Nov {t:%Y}, at {t:%H:%M}, {n} <{e}> wrote:",
    "de": "Am {t:%d.%m.%Y} um {t:%H:%M} schrieb {n} <{e}>:",
    "fr": "Le {t.day} nov. {t:%Y} à {t:%H:%M}, {n} <{e}> a écrit :",
    "es": "El {t.day} nov {t:%Y}, a las {t:%H:%M}, {n} <{e}> escribió:",
    "it": "Il giorno {t.day} nov {t:%Y}, alle ore {t:%H:%M}, {n} <{e}> ha scritto:",
    "pt": "No dia {t:%d/%m/%Y}, às {t:%H:%M}, {n} <{e}> escreveu:",
    "nl": "Op {t.day} nov {t:%Y}, om {t:%H:%M} heeft {n} <{e}> het volgende geschreven:",
    "pl": "Wiadomość napisana przez {n} <{e}> w dniu {t.day} lis {t:%Y}, o godz. {t:%H:%M}:",
    "ru": "{t.day} нояб. {t:%Y} г., в {t:%H:%M}, {n} <{e}> написал(а):",
    "uk": "{t.day} лист. {t:%Y} р. о {t:%H:%M} {n} <{e}> пише:",
    "ro": "Pe {t.day} nov. {t:%Y}, la {t:%H:%M}, {n} <{e}> a scris:",
    "cs": "{t.day}. {t.month}. {t:%Y} v {t:%H:%M}, {n} <{e}>:",
    "sv": "{t.day} nov. {t:%Y} kl. {t:%H:%M} skrev {n} <{e}>:",
    "da": "Den {t.day}. nov. {t:%Y} kl. {t:%H.%M} skrev {n} <{e}>:",
    "nb": "{t.day}. nov. {t:%Y} kl. {t:%H:%M} skrev {n} <{e}>:",
    "fi": "{n} <{e}> kirjoitti {t.day}.{t.month}.{t.year} kello {t:%H.%M}:",
    "tr": "{n} <{e}> şunları yazdı ({t.day} Kas {t:%Y} {t:%H:%M}):",
    "zh": "{t.year}年{t.month}月{t.day}日 {t:%H:%M}，{n} <{e}> 写道：",
    "ja": "{t:%Y/%m/%d} {t:%H:%M}、{n} <{e}>のメール:",
    "ko": "{t.year}. {t.month}. {t.day}. 오전 {t:%I:%M}, {n} <{e}> 작성:",
}
THUNDERBIRD = {
    "en": "On {t:%m/%d/%y} {t:%H:%M}, {n} wrote:",
    "de": "Am {t:%d.%m.%y} um {t:%H:%M} schrieb {n}:",
    "fr": "Le {t:%d/%m/%Y} à {t:%H:%M}, {n} a écrit\u00a0:",
    "es": "El {t:%d/%m/%y} a las {t:%H:%M}, {n} escribió:",
    "it": "Il {t:%d/%m/%y} {t:%H:%M}, {n} ha scritto:",
    "pt": "Em {t:%d/%m/%Y} {t:%H:%M}, {n} escreveu:",
    "nl": "Op {t:%d-%m-%Y} om {t:%H:%M} schreef {n}:",
    "pl": "W dniu {t:%d.%m.%Y} o {t:%H:%M}, {n} pisze:",
    "ru": "{t:%d.%m.%Y} {t:%H:%M}, {n} пишет:",
    "uk": "{t:%d.%m.%y} {t:%H:%M}, {n} пише:",
    "ro": "Pe {t:%d.%m.%Y} {t:%H:%M}, {n} a scris:",
    "cs": "Dne {t:%d. %m. %y} v {t:%H:%M} {n} napsal(a):",
    "sv": "Den {t:%Y-%m-%d} kl. {t:%H:%M}, skrev {n}:",
    "da": "Den {t:%d.%m.%Y} kl. {t:%H.%M} skrev {n}:",
    "nb": "Den {t:%d.%m.%Y} {t:%H:%M}, skrev {n}:",
    "fi": "{n} kirjoitti {t:%d.%m.%Y} klo {t:%H.%M}:",
    "tr": "{t:%d.%m.%Y} {t:%H:%M} tarihinde {n} yazdı:",
    "zh": "在 {t:%Y/%m/%d} {t:%H:%M}, {n} 写道:",
    "ja": "On {t:%Y/%m/%d} {t:%H:%M}, {n} wrote:",
    "ko": "{t:%Y-%m-%d} 오전 {t:%I:%M}에 {n} 이(가) 쓴 글:",
}
YAHOO = {
    "en": "On Monday, November {t.day}, {t:%Y} at {t:%I:%M:%S %p} GMT+1, {n} <{e}> wrote:",
    "de": "Am Montag, {t.day}. November {t:%Y} um {t:%H:%M:%S} MEZ hat {n} <{e}> Folgendes geschrieben:",
    "fr": "Le lundi {t.day} novembre {t:%Y} à {t:%H:%M:%S} UTC+1, {n} <{e}> a écrit :",
    "es": "El lunes, {t.day} de noviembre de {t:%Y}, {t:%H:%M:%S} CET, {n} <{e}> escribió:",
    "it": "Il lunedì {t.day} novembre {t:%Y} alle ore {t:%H:%M:%S} CET, {n} <{e}> ha scritto:",
    "pt": "Em segunda-feira, {t.day} de novembro de {t:%Y} às {t:%H:%M:%S} BRT, {n} <{e}> escreveu:",
}
# These are English wherever the program's own language is not known to the descriptions.
ATTRIBUTIONS: dict[str, dict[str, str]] = {
    "gmail": GMAIL,
    "apple": APPLE,
    "thunderbird": THUNDERBIRD,
    "yahoo": YAHOO,
    "proton": {"en": "On Monday, November {t.day}th, {t:%Y} at {t:%I:%M %p}, {n} <{e}> wrote:"},
    "k9": {"en": "On November {t.day}, {t:%Y} {t:%I:%M:%S %p} UTC, {n} <{e}> wrote:"},
    "roundcube": {
        "en": "On {t:%Y-%m-%d %H:%M}, {n} wrote:",
        "de": "Am {t:%Y-%m-%d %H:%M}, schrieb {n}:",
        "cs": "Dne {t:%Y-%m-%d %H:%M}, {n} napsal(a):",
        "pl": "Dnia {t:%Y-%m-%d %H:%M}, {n} napisał(a):",
    },
    "mutt": {"en": "On {day}, Nov {t:%d}, {t:%Y} at {t:%H:%M:%S%p} +0100, {n} wrote:"},
    "evolution": {
        "en": "On {day}, {t:%Y-%m-%d} at {t:%H:%M} +0000, {n} wrote:",
        "de": "Am Montag, dem {t:%d.%m.%Y} um {t:%H:%M} +0000 schrieb {n}:",
    },
    "fairemail": {"en": "Nov {t.day}, {t:%Y} {t:%I:%M:%S %p} {n} <{e}>:"},
    "fastmail": {"en": "On {day}, Nov {t.day}, {t:%Y}, at {t:%I:%M %p}, {n} wrote:"},
    "zoho": {"en": "---- On {day}, {t.day} Nov {t:%Y} {t:%H:%M:%S} +0100 {n} <{e}> wrote ----"},
    "mailru": {
        "en": "Monday, November {t.day}, {t:%Y} {t:%I:%M %p} +03:00 from {n} <{e}>:",
        "ru": "Понедельник, {t.day} ноября {t:%Y}, {t:%H:%M} +03:00 от {n} <{e}>:",
    },
    "yandex": {"en": '{t:%d.%m.%Y}, {t:%H:%M}, "{n}" <{e}>:'},
    "kmail": {
        "en": "On {day}, {t.day} November {t:%Y} {t:%H:%M:%S} CET you wrote:",
        "de": "Am Montag, {t.day}. November {t:%Y}, {t:%H:%M:%S} CET schrieben Sie:",
    },
}

# From, Sent, To, Cc, Subject as Outlook labels them.
OUTLOOK = {
    "en": ("From:", "Sent:", "To:", "Cc:", "Subject:"),
    "de": ("Von:", "Gesendet:", "An:", "Cc:", "Betreff:"),
    "fr": ("De\u00a0:", "Envoyé\u00a0:", "À\u00a0:", "Cc\u00a0:", "Objet\u00a0:"),
    "es": ("De:", "Enviado:", "Para:", "Cc:", "Asunto:"),
    "it": ("Da:", "Inviato:", "A:", "Cc:", "Oggetto:"),
    "pt": ("De:", "Enviado:", "Para:", "Cc:", "Assunto:"),
    "nl": ("Van:", "Verzonden:", "Aan:", "CC:", "Onderwerp:"),
    "pl": ("Od:", "Wysłane:", "Do:", "DW:", "Temat:"),
    "ru": ("От:", "Отправлено:", "Кому:", "Копия:", "Тема:"),
    "uk": ("Від:", "Надіслано:", "Кому:", "Копія:", "Тема:"),
    "ro": ("De la:", "Trimis:", "Către:", "Cc:", "Subiect:"),
    "cs": ("Od:", "Odesláno:", "Komu:", "Kopie:", "Předmět:"),
    "sv": ("Från:", "Skickat:", "Till:", "Kopia:", "Ämne:"),
    "da": ("Fra:", "Sendt:", "Til:", "Cc:", "Emne:"),
    "nb": ("Fra:", "Sendt:", "Til:", "Kopi:", "Emne:"),
    "fi": ("Lähettäjä:", "Lähetetty:", "Vastaanottaja:", "Kopio:", "Aihe:"),
    "tr": ("Gönderen:", "Gönderildi:", "Kime:", "Bilgi:", "Konu:"),
    "zh": ("发件人:", "发送时间:", "收件人:", "抄送:", "主题:"),
    "ja": ("差出人:", "送信日時:", "宛先:", "CC:", "件名:"),
    "ko": ("보낸 사람:", "보낸 날짜:", "받는 사람:", "참조:", "제목:"),
}
OUTLOOK_DATES = {
    "en": "Monday, November {t.day}, {t:%Y} {t:%I:%M %p}",
    "de": "Montag, {t.day}. November {t:%Y} {t:%H:%M}",
    "fr": "lundi {t.day} novembre {t:%Y} {t:%H:%M}",
    "es": "lunes, {t.day} de noviembre de {t:%Y} {t:%H:%M}",
    "it": "lunedì {t.day} novembre {t:%Y} {t:%H:%M}",
    "pt": "segunda-feira, {t.day} de novembro de {t:%Y} {t:%H:%M}",
    "nl": "maandag {t.day} november {t:%Y} {t:%H:%M}",
    "pl": "poniedziałek, {t.day} listopada {t:%Y} {t:%H:%M}",
    "ru": "{t.day} ноября {t:%Y} г. {t:%H:%M}",
    "uk": "{t.day} листопада {t:%Y} р. {t:%H:%M}",
    "ro": "luni, {t.day} noiembrie {t:%Y} {t:%H:%M}",
    "cs": "pondělí {t.day}. listopadu {t:%Y} {t:%H:%M}",
    "sv": "den {t.day} november {t:%Y} {t:%H:%M}",
    "da": "{t.day}. november {t:%Y} {t:%H:%M}",
    "nb": "mandag {t.day}. november {t:%Y} {t:%H:%M}",
    "fi": "maanantai {t.day}. marraskuuta {t:%Y} {t:%H.%M}",
    "tr": "{t.day} Kasım {t:%Y} Pazartesi {t:%H:%M}",
    "zh": "{t.year}年{t.month}月{t.day}日 {t:%H:%M}",
    "ja": "{t.year}年{t.month}月{t.day}日 {t:%H:%M}",
    "ko": "{t.year}년 {t.month}월 {t.day}일 월요일 오전 {t:%I:%M}",
}
# Clients that say Date where Outlook says Sent.
DATE_LABELS = {
    "en": "Date:", "de": "Datum:", "fr": "Date\u00a0:", "es": "Fecha:", "it": "Data:", "pt": "Data:", "nl": "Datum:", "pl": "Data:",
    "ru": "Дата:", "uk": "Дата:", "ro": "Data:", "cs": "Datum:", "sv": "Datum:", "da": "Dato:", "nb": "Dato:", "fi": "Päivämäärä:",
    "tr": "Tarih:", "zh": "日期:", "ja": "日付:", "ko": "날짜:",
}  # fmt: skip
FORWARDED_BY_THUNDERBIRD = {
    "en": "Forwarded Message", "de": "Weitergeleitete Nachricht", "fr": "Message transféré", "es": "Mensaje reenviado",
    "it": "Messaggio Inoltrato", "pt": "Mensagem encaminhada", "nl": "Doorgestuurd bericht", "pl": "Przekazana wiadomość",
    "ru": "Перенаправленное сообщение", "uk": "Переслане повідомлення", "ro": "Mesaj redirecționat", "cs": "Přeposlaná zpráva",
    "sv": "Vidarebefordrat meddelande", "da": "Videresendt meddelelse", "nb": "Videresendt melding", "fi": "Välitetty viesti",
    "tr": "Yönlendirilmiş İleti", "zh": "转发的消息", "ja": "転送メッセージ", "ko": "전달된 메시지",
}  # fmt: skip
FORWARDED_BY_APPLE = {
    "en": "Begin forwarded message:", "de": "Anfang der weitergeleiteten Nachricht:", "fr": "Début du message réexpédié :",
    "es": "Inicio del mensaje reenviado:", "it": "Inizio messaggio inoltrato:", "pt": "Início da mensagem reencaminhada:",
    "nl": "Begin doorgestuurd bericht:", "pl": "Początek przekazywanej wiadomości:", "ru": "Начало переадресованного сообщения:",
    "uk": "Початок листа, що пересилається:", "ro": "Începutul mesajului redirecționat:", "cs": "Začátek přeposílané zprávy:",
    "sv": "Vidarebefordrat brev:", "da": "Start på videresendt besked:", "nb": "Videresendt melding:", "fi": "Välitetty viesti alkaa:",
    "tr": "İletilen iletinin başlangıcı:", "zh": "以下是转发的邮件：", "ja": "転送されたメッセージ:", "ko": "전달된 메시지:",
}  # fmt: skip
FORWARD_PREFIXES = {
    "en": "Fwd:", "de": "WG:", "fr": "TR:", "es": "RV:", "it": "I:", "pt": "ENC:", "nl": "Fwd:", "pl": "PD:", "sv": "VB:", "da": "VS:",
    "nb": "VS:", "fi": "VL:", "tr": "İLT:", "zh": "转发:", "ko": "FW:",
}  # fmt: skip
REPLY_PREFIXES = {
    "de": "AW:",
    "sv": "SV:",
    "da": "SV:",
    "nb": "SV:",
    "fi": "VS:",
    "pl": "ODP:",
    "tr": "YNT:",
    "zh": "回复:",
    "it": "R:",
}
FROM_A_TELEPHONE = {
    "en": "Sent from my iPhone", "de": "Von meinem iPhone gesendet", "fr": "Envoyé de mon iPhone", "es": "Enviado desde mi iPhone",
    "it": "Inviato da iPhone", "pt": "Enviado do meu iPhone", "nl": "Verstuurd vanaf mijn iPhone", "pl": "Wysłane z iPhone'a",
    "ru": "Отправлено с iPhone", "uk": "Надіслано з iPhone", "ro": "Trimis de pe iPhone-ul meu", "cs": "Odesláno z iPhonu",
    "sv": "Skickat från min iPhone", "da": "Sendt fra min iPhone", "nb": "Sendt fra min iPhone", "fi": "Lähetetty iPhonesta",
    "tr": "iPhone'umdan gönderildi", "zh": "发自我的iPhone", "ja": "iPhoneから送信", "ko": "나의 iPhone에서 보냄",
}  # fmt: skip


def attribution(family: str, language: str, name: str, address: str, at: datetime) -> str:
    lines = ATTRIBUTIONS[family]
    spoken = language if language in lines else "en"
    return lines[spoken].format(n=name, e=address, t=at, day=DAYS[spoken].split()[at.weekday()])
