"""Replies as mail clients write them: how each quotes the letter that it answers, in plain text and in HTML, and what it appends.

Every shape is made here, in words of our own, from what the client does to any mail. A `Client` takes the words of its user and the
letter, and gives the two bodies; `answered` makes the mail.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from html import escape
from textwrap import wrap

from support.desk.story import Received

GERMAN_DAYS = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")


@dataclass(frozen=True, slots=True)
class Original:
    """The letter that is answered, and the time at which it came."""

    letter: Received
    at: datetime

    @property
    def name(self) -> str:
        return parseaddr(self.letter.header("From"))[0]

    @property
    def address(self) -> str:
        return parseaddr(self.letter.header("From"))[1]

    @property
    def to(self) -> str:
        return self.letter.header("To")

    @property
    def subject(self) -> str:
        return self.letter.header("Subject")

    @property
    def lines(self) -> list[str]:
        return self.letter.text.rstrip("\n").replace("\r\n", "\n").split("\n")

    @property
    def body(self) -> str:
        """What stands in the body of its HTML."""
        found = re.search(r"<body[^>]*>(.*)</body>", self.letter.html, re.DOTALL)
        assert found
        return found[1]


@dataclass(frozen=True, slots=True)
class Written:
    """What a client sends. An empty `plain` or `html` is no part at all."""

    plain: str = ""
    html: str = ""
    flowed: bool = False


Client = Callable[[str, Original], Written]


def answered(client: Client, words: str, original: Original, author: str, prefix: str = "Re:") -> EmailMessage:
    """The mail that a client sends when its user answers a letter with these words."""
    message, letter = EmailMessage(), original.letter
    message["From"] = author
    message["To"] = letter.header("Reply-To") or letter.header("From")
    message["Subject"] = original.subject if original.subject.startswith("Re:") else f"{prefix} {original.subject}"
    message["Date"] = format_datetime(original.at)
    message["Message-ID"] = make_msgid(domain=parseaddr(author)[1].partition("@")[2])
    message["In-Reply-To"] = letter.header("Message-ID")
    message["References"] = f"{letter.header('References')} {letter.header('Message-ID')}".strip()
    written = client(words, original)
    if not written.plain:
        message.set_content(written.html, subtype="html")
        return message
    message.set_content(written.plain)
    if written.flowed:
        message.set_param("format", "flowed")
    if written.html:
        message.add_alternative(written.html, subtype="html")
    return message


def marked(lines: list[str]) -> str:
    return "\n".join(f"> {line}".rstrip() for line in lines)


def broken(line: str, width: int = 76) -> str:
    return "\n".join(wrap(line, width, break_long_words=False, break_on_hyphens=False))


def divisions(words: str, blank: str = "<br>") -> str:
    """A `div` for each line, as most webmailers and telephones write them."""
    return "".join(f"<div>{escape(line) or blank}</div>" for line in words.split("\n"))


def paragraphs(words: str) -> str:
    """Word's paragraphs, one for each line."""
    return "".join(f'<p class="MsoNormal">{escape(line) or "<o:p>&nbsp;</o:p>"}<o:p></o:p></p>\n' for line in words.split("\n"))


def classes(html: str, prefix: str) -> str:
    """Webmailers give the classes of a quoted mail names of their own."""
    return re.sub(r'class="([^"]*)"', lambda found: f'class="{" ".join(prefix + name for name in found[1].split())}"', html)


def without_classes(html: str) -> str:
    """Word knows neither the classes nor the styles of others."""
    return re.sub(r' (?:class|style)="[^"]*"', "", html)


# Gmail

GMAIL = {
    "en": "On {0:%a, %b} {0.day}, {0:%Y at %I:%M %p} {1} <{2}> wrote:",
    "de": "Am {3}., {0.day}. Nov. {0:%Y} um {0:%H:%M} Uhr schrieb {1} <{2}>:",
    "es": "El lun, {0.day} nov {0:%Y} a las {0:%H:%M}, {1} (<{2}>) escribió:",
    "fr": "Le lun. {0.day} nov. {0:%Y} à {0:%H:%M}, {1} <{2}> a écrit :",
    "ja": "{0.year}年{0.month}月{0.day}日(月) {0:%H:%M} {1} <{2}>:",
    "pl": "pon., {0.day} lis {0:%Y} o {0:%H:%M} {1} <{2}> napisał(a):",
    "pt": "Em seg., {0.day} de nov. de {0:%Y} às {0:%H:%M}, {1} <{2}> escreveu:",
    "tr": "{1} <{2}>, {0.day} Kas {0:%Y} Pzt, {0:%H:%M} tarihinde şunu yazdı:",
    "zh": "{1} <{2}> 于{0.year}年{0.month}月{0.day}日周一 {0:%H:%M}写道：",
}


def gmail(language: str = "en", footer: str = "") -> Client:
    """Gmail in a browser and on telephones; in plain text the attribution is broken near the 78th character."""

    def write(words: str, original: Original) -> Written:
        said = f"{words}\n\n{footer}" if footer else words
        line = GMAIL[language].format(original.at, original.name, original.address, GERMAN_DAYS[original.at.weekday()])
        quote = classes(original.body, "m_-7312907734512340021")
        html = (
            f'<div dir="ltr">{divisions(said)}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">'
            f'{escape(line)}<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid '
            f'rgb(204,204,204);padding-left:1ex"><u></u>{quote}</blockquote></div>\n'
        )
        return Written(f"{said}\n\n{broken(line)}\n\n{marked(original.lines)}\n", html)

    return write


# Outlook

OUTLOOK = {
    "en": ("From", "Sent", "To", "Subject", "Monday, November 23, 2026 {:%I:%M %p}"),
    "de": ("Von", "Gesendet", "An", "Betreff", "Montag, 23. November 2026 {:%H:%M}"),
    "fr": ("De", "Envoyé", "À", "Objet", "lundi 23 novembre 2026 {:%H:%M}"),
    "it": ("Da", "Inviato", "A", "Oggetto", "lunedì 23 novembre 2026 {:%H:%M}"),
    "nl": ("Van", "Verzonden", "Aan", "Onderwerp", "maandag 23 november 2026 {:%H:%M}"),
    "sv": ("Från", "Skickat", "Till", "Ämne", "den 23 november 2026 {:%H:%M}"),
    "ru": ("От", "Отправлено", "Кому", "Тема", "23 ноября 2026 г. {:%H:%M}"),
}


def _outlook_header(language: str, original: Original) -> list[tuple[str, str]]:
    sender, sent, to, subject, time = OUTLOOK[language]
    colon = " :" if language == "fr" else ":"
    return [
        (sender + colon, f"{original.name} <{original.address}>"),
        (sent + colon, time.format(original.at)),
        (to + colon, original.to),
        (subject + colon, original.subject),
    ]


def outlook(language: str = "en", footer: str = "") -> Client:
    """Outlook for Windows: Word's HTML, a header block, no marks, and a blank line below each paragraph of the plain text."""

    def write(words: str, original: Original) -> Written:
        said = f"{words}\n\n{footer}" if footer else words
        header = _outlook_header(language, original)
        block = "<br>".join(f"<b>{escape(label)}</b> {escape(value)}" for label, value in header)
        html = (
            '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!-- p.MsoNormal {margin:0cm} --></style></head>'
            f'<body lang="EN-GB"><div class="WordSection1">{paragraphs(said)}<p class="MsoNormal"><o:p>&nbsp;</o:p></p><div><div '
            'style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">'
            f"{block}<o:p></o:p></p></div></div>{without_classes(original.body)}</div></body></html>"
        )
        old = "\n".join(f"{label} {value}" for label, value in header)
        doubled = "\n".join(line or "\u00a0" for line in said.split("\n"))
        return Written(f"{doubled}\n\n{old}\n\n" + "\n\n".join(original.lines) + "\n", html)

    return write


def outlook_web(language: str = "en", footer: str = "") -> Client:
    """Outlook on the web, the new Outlook and its telephones: a rule of underscores, `divRplyFwdMsg`, classes that begin with x_."""

    def write(words: str, original: Original) -> Written:
        header = _outlook_header(language, original)
        block = "<br>".join(f"<b>{escape(label)}</b> {escape(value)}" for label, value in header)
        shown = f'<div id="ms-outlook-mobile-signature">{divisions(footer)}</div>' if footer else ""
        html = (
            f'<html><head></head><body dir="ltr"><div class="elementToProof">{divisions(words)}</div>{shown}<div id="appendonsend"></div>'
            f'<hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font>{block}</font><div>&nbsp;'
            f"</div></div>{classes(original.body, 'x_')}</body></html>"
        )
        old = "\n".join(f"{label} {value}" for label, value in header)
        said = f"{words}\n\n{footer}" if footer else words
        return Written(f"{said}\n\n{'_' * 32}\n{old}\n\n" + "\n".join(original.lines) + "\n", html)

    return write


# Apple

APPLE = {
    "en": "On {0.day} {0:%b %Y}, at {0:%H:%M}, {1} <{2}> wrote:",
    "de": "Am {0:%d.%m.%Y} um {0:%H:%M} schrieb {1} <{2}>:",
    "fr": "Le {0.day} nov. {0:%Y} à {0:%H:%M}, {1} <{2}> a écrit :",
    "nl": "Op {0.day} nov {0:%Y}, om {0:%H:%M} heeft {1} <{2}> het volgende geschreven:",
    "da": "Den {0.day}. nov. {0:%Y} kl. {0:%H.%M} skrev {1} <{2}>:",
    "fi": "{1} <{2}> kirjoitti {0.day}.{0.month}.{0.year} kello {0:%H.%M}:",
}


def apple(language: str = "en", footer: str = "", mark: str = "\ufeff") -> Client:
    """Apple Mail on a Mac; with a footer, on a telephone, which writes a mark of no width before the attribution."""

    def write(words: str, original: Original) -> Written:
        line = APPLE[language].format(original.at, original.name, original.address)
        signature = f'<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">{escape(footer)}</div>' if footer else ""
        said = f"{words}\n\n{footer}\n" if footer else f"{words}\n"
        html = (
            f'<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body dir="auto">{divisions(words)}'
            f'{signature}<div dir="ltr"><br><blockquote type="cite">{escape(line)}<br><br></blockquote></div><blockquote type="cite">'
            f'<div dir="ltr">{mark}{original.body}</div></blockquote></body></html>'
        )
        lines = [line, "", mark + original.lines[0], *original.lines[1:]] if footer else original.lines
        quote = marked(lines) if footer else f"{line}\n\n{marked(original.lines)}"
        return Written(f"{said}\n{quote}\n", html)

    return write


# Thunderbird, Roundcube and other programs that let their users write below

THUNDERBIRD = {
    "en": "On {0:%m/%d/%y} {0:%H:%M}, {1} wrote:",
    "de": "Am {0:%d.%m.%y} um {0:%H:%M} schrieb {1}:",
    "it": "Il {0:%d/%m/%y} {0:%H:%M}, {1} ha scritto:",
    "cs": "Dne {0.day}. {0.month}. {0:%y} v {0:%H:%M} {1} napsal(a):",
}


def thunderbird(language: str = "en", footer: str = "", *, html: bool = True) -> Client:
    """Thunderbird with the reply above the quote; the signature stands above the quote too."""

    def write(words: str, original: Original) -> Written:
        line = THUNDERBIRD[language].format(original.at, original.name)
        said = f"{words}\n\n-- \n{footer}" if footer else words
        sign = f'<pre class="moz-signature" cols="72">-- \n{escape(footer)}</pre>' if footer else ""
        page = (
            f'<!DOCTYPE html><html><head><meta charset="UTF-8"></head><body><p>{escape(words).replace(chr(10), "<br>")}</p>{sign}'
            f'<div class="moz-cite-prefix">{escape(line)}<br></div><blockquote type="cite" cite="mid:one@example.com">{original.letter.html}'
            "</blockquote></body></html>"
        )
        return Written(f"{said}\n\n{line}\n{marked(original.lines)}\n", page if html else "", flowed=True)

    return write


def below(language: str = "en", footer: str = "", *, html: bool = False) -> Client:
    """The reply stands below the quote, as Thunderbird and mutt do it by default."""

    def write(words: str, original: Original) -> Written:
        line = THUNDERBIRD[language].format(original.at, original.name)
        sign = f"\n\n-- \n{footer}" if footer else ""
        page = (
            f'<html><body><div class="moz-cite-prefix">{escape(line)}<br></div><blockquote type="cite" cite="mid:one@example.com">'
            f"{original.letter.html}</blockquote><p>{escape(words).replace(chr(10), '<br>')}</p>"
            + (f'<div class="moz-signature">-- <br>{escape(footer)}</div>' if footer else "")
            + "</body></html>"
        )
        return Written(f"{line}\n{marked(original.lines)}\n\n{words}{sign}\n", page if html else "", flowed=html)

    return write


def trimmed_below(words: str, original: Original) -> Written:
    """Somebody who quotes by hand: one line of the letter's text, the answer below it."""
    line = THUNDERBIRD["en"].format(original.at, original.name)
    return Written(f"{line}\n> {shown_line(original)}\n\n{words}\n")


def interleaved(words: str, original: Original) -> Written:
    """Answers between the lines of the letter: the first paragraph below one line of it, the others below the whole rest."""
    line = THUNDERBIRD["en"].format(original.at, original.name)
    chosen = original.lines.index(shown_line(original, stripped=False)) + 1
    first, _, rest = words.partition("\n\n")
    return Written(f"{line}\n{marked(original.lines[:chosen])}\n\n{first}\n\n{marked(original.lines[chosen:])}\n\n{rest}\n")


def shown_line(original: Original, *, stripped: bool = True) -> str:
    """A line of the letter's own words: the first one that is indented, else the first one that is a sentence."""
    chosen = [line for line in original.lines if line.startswith("    ")]
    chosen = chosen[:1] or [line for line in original.lines if line.endswith((".", "?"))]
    return chosen[0].strip() if stripped else chosen[0]


def roundcube(words: str, original: Original) -> Written:
    line = f"On {original.at:%Y-%m-%d %H:%M}, {original.name} wrote:"
    html = (
        f'<html><head></head><body style="font-size: 10pt"><p>{escape(words).replace(chr(10), "<br />")}</p><p id="reply-intro">{escape(line)}'
        f'</p><blockquote type="cite" style="padding: 0 0.4em; border-left: #1010ff 2px solid; margin: 0"><div id="replybody1">'
        f"{classes(original.body, 'v1')}</div></blockquote></body></html>"
    )
    return Written(f"{words}\n\n{line}\n\n{marked(original.lines)}\n", html)


# K-9, Yahoo, GMX


def k9(words: str, original: Original) -> Written:
    line = f"On November 23, 2026 {original.at:%I:%M:%S %p} UTC, {original.name} <{original.address}> wrote:"
    footer = "Sent from my Android device with K-9 Mail. Please excuse my brevity."
    html = (
        f'<!DOCTYPE html><html><head></head><body><div dir="auto">{escape(words).replace(chr(10), "<br>")}<br><br></div>'
        f'<div class=\'k9mail-signature\'>-- <br>{footer}</div><br><br><div class="gmail_quote"><div dir="auto">{escape(line)}</div>'
        f'<blockquote class="gmail_quote" style="margin: 0pt 0pt 0pt 0.8ex; border-left: 1px solid rgb(204, 204, 204); padding-left: 1ex;">'
        f"{original.body}</blockquote></div></body></html>"
    )
    return Written(f"{words}\n\n-- \n{footer}\n\n{line}\n{marked(original.lines)}\n", html)


def yahoo(footer: str = "") -> Client:
    """Yahoo: an indented attribution, and below it the old text without marks."""

    def write(words: str, original: Original) -> Written:
        line = f"On Monday, November 23, 2026 at {original.at:%I:%M:%S %p} GMT+1, {original.name} <{original.address}> wrote:"
        sign = f'<div id="ymail_android_signature">{escape(footer)}</div>' if footer else ""
        html = (
            f'<html><head></head><body><div class="ydp1yahoo-style-wrap">{divisions(words)}</div>{sign}<div id="yahoo_quoted_4711" '
            f'class="yahoo_quoted"><div><div>{escape(line)}</div><div><br></div><div><br></div><div><div id="yiv4711">'
            f"{classes(original.body, 'yiv4711')}</div></div></div></div></body></html>"
        )
        said = f"{words}\n\n{footer}" if footer else words
        return Written(f"{said}\n\n    {line}  \n \n " + "\n ".join(original.lines) + "\n", html)

    return write


def gmx(words: str, original: Original) -> Written:
    """GMX and Web.de send HTML alone."""
    header = "".join(f"<b>{label}</b>&nbsp;{escape(value)}<br/>\n" for label, value in _outlook_header("de", original))
    html = (
        f'<html><head></head><body><div style="font-family: Verdana;font-size: 12.0px;">{divisions(words, "&nbsp;")}<div>&nbsp;<div '
        'name="quote" style="margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5;">'
        f'<div style="margin:0 0 10px 0;">{header}</div><div name="quoted-content">{original.body}</div></div></div></div></body></html>'
    )
    return Written(html=html)


CARD = "Mit freundlichen Grüßen\n\nOmar Haddad\nAccoraze GmbH\nTel. +49 30 5557788\nwww.accoraze.example"

CLIENTS: dict[str, Client] = {
    **{f"gmail_{language}": gmail(language) for language in GMAIL},
    "gmail_telephone": gmail(footer="Sent from Gmail Mobile"),
    **{f"outlook_{language}": outlook(language) for language in OUTLOOK},
    "outlook_card": outlook("de", CARD),
    "outlook_web": outlook_web(),
    "outlook_web_de": outlook_web("de"),
    "outlook_web_fr": outlook_web("fr"),
    "outlook_telephone": outlook_web(footer="Get Outlook for iOS"),
    "outlook_android_de": outlook_web("de", "Outlook für Android herunterladen"),
    **{f"apple_{language}": apple(language) for language in APPLE},
    "iphone": apple(footer="Sent from my iPhone"),
    "iphone_de": apple("de", "Von meinem iPhone gesendet"),
    "iphone_fr": apple("fr", "Envoyé de mon iPhone"),
    **{f"thunderbird_{language}": thunderbird(language) for language in THUNDERBIRD},
    "thunderbird_plain": thunderbird(footer="Omar Haddad\nAccoraze", html=False),
    "thunderbird_signature": thunderbird("de", "Omar Haddad\nAccoraze"),
    "below_plain": below(),
    "below_signature": below("de", "Omar Haddad"),
    "below_html": below(html=True),
    "trimmed_below": trimmed_below,
    "interleaved": interleaved,
    "roundcube": roundcube,
    "k9": k9,
    "yahoo": yahoo(),
    "yahoo_android": yahoo("Sent from Yahoo Mail on Android"),
    "gmx": gmx,
}
