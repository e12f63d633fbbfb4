"""The shapes of mail clients as tables: what stands around the words of their users and around the mail that is quoted.

In the templates of a page: {own} the author's words, {signature}, {quote} the whole quoted part. In those of a quote: {intro} the attribution
line or the header block, {quote} the quoted mail. In those of plain text the same. `split` is what a client writes where its user breaks the
quote for an answer: what closes the container and what opens it anew; None where the answer stands among the quoted elements.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from support.clients.phrases import FORWARDED_BY_APPLE, FORWARDED_BY_THUNDERBIRD
from support.clients.rewriting import Rewrite, bare, by_hand, curly, each, flat, hard_spaces, renamed, safe_links, word
from support.clients.words import Handwriting


@dataclass(frozen=True, slots=True)
class Head:
    """A header block. `order` names fields; Cc is left out where there is none."""

    order: str = "from sent to cc subject"
    row: str = "<b>{label}</b> {value}<br>"
    english: bool = False  # in every language
    separator: str | Mapping[str, str] = ""  # a line above, perhaps by language
    translates_from: bool = False  # Gmail's forward: only the label From is in the user's language


@dataclass(frozen=True, slots=True)
class Text:
    """How plain text is written. `source` is what is quoted: "text" the text part of the mail, "html" its HTML, made plain."""

    layout: str = "{own}\n\n{signature}\n\n{intro}\n\n{quote}"
    mark: str = "> "
    intro_marked: bool = False
    source: str = "html"
    width: int = 76  # at which attribution and quote are broken; 0 for never
    bold: bool = False
    cell: str = "\n"
    spaced: bool = False  # a blank line below each line of the quote
    dashes: bool = False  # "-- " above a signature
    flowed: bool = False
    rule: str = ""  # stands above a header block
    indent: str = ""  # before the attribution
    own_mark: str = ""  # before each line of the author's own words


@dataclass(frozen=True, slots=True)
class Client:
    """One mail client with one choice of settings. `says` names a family of attribution lines; without it a header block introduces."""

    quote: str
    says: str = ""
    head: Head = field(default_factory=Head)
    page: str = "<html><head></head><body>{own}{signature}{quote}</body></html>"
    hand: Handwriting = field(default_factory=Handwriting)
    signature: str = "<div><br></div><div>{lines}</div>"
    rewrite: Rewrite = str
    split: tuple[str, str] | None = None
    answer: str = "<div><br></div>{own}<div><br></div>"
    forward: str = "<br><br>{intro}<br>{quote}"
    forward_head: Head = field(default_factory=Head)
    text: Text = field(default_factory=Text)
    parts: str = "both"  # or "text", "html"
    cid: str = "ii_{}"  # names of pictures
    takes_pictures: bool = True  # of the quoted mail


CITE = ('<blockquote type="cite">', "</blockquote>")
STYLED = 'style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"'

GMAIL_HEAD = Head(
    "from date subject to cc",
    "{label} {value}<br>",
    english=True,
    translates_from=True,
    separator="---------- Forwarded message ---------",
)
GMAIL = Client(
    says="gmail",
    page="{own}{signature}{quote}",
    hand=Handwriting(image="[image: {name}]"),
    signature='<br clear="all"><div><br></div><span class="gmail_signature_prefix">-- </span><br><div dir="ltr" class="gmail_signature" '
    'data-smartmail="gmail_signature">{lines}</div>',
    quote='<br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">{intro}<br></div>'
    f'<blockquote class="gmail_quote" {STYLED}>{{quote}}</blockquote></div>',
    split=("</blockquote>", f'<blockquote class="gmail_quote" {STYLED}>'),
    rewrite=renamed("m_-7120993184205512345"),
    forward='<br><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">{intro}</div><br><br>{quote}</div>',
    forward_head=GMAIL_HEAD,
    text=Text(bold=True, dashes=True),
)  # fmt: skip
GMAIL_ON_A_TELEPHONE = replace(
    GMAIL,
    hand=Handwriting('<div dir="auto">{}</div>', '<div dir="auto"><br></div>'),
    rewrite=each(renamed("m_88120"), flat),
    signature='<div dir="auto"><br></div><div data-smartmail="gmail_signature" dir="auto">{lines}</div>',
    text=Text(bold=True),
)

WORD_HAND = Handwriting(
    '<p class="MsoNormal">{}<o:p></o:p></p>',
    '<p class="MsoNormal"><o:p>&nbsp;</o:p></p>',
    '<table class="MsoTableGrid" border="1">',
    "[cid:{cid}]",
)
OUTLOOK_HEAD = Head("from sent to cc subject")
OUTLOOK = Client(
    page='<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!--\np.MsoNormal {{margin:0cm}}\n--></style></head>'
    '<body lang="EN-GB" link="#0563C1"><div class="WordSection1">{own}{signature}{quote}</div></body></html>',
    hand=WORD_HAND,
    signature='<p class="MsoNormal"><o:p>&nbsp;</o:p></p>{paragraphs}',
    quote='<p class="MsoNormal"><o:p>&nbsp;</o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
    '<p class="MsoNormal">{intro}<o:p></o:p></p></div></div><p class="MsoNormal"><o:p>&nbsp;</o:p></p>{quote}',
    answer='<p class="MsoNormal"><span style="color:#1F497D">{lines}<o:p></o:p></span></p>',
    rewrite=each(word, curly),
    forward='<p class="MsoNormal"><o:p>&nbsp;</o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
    '<p class="MsoNormal">{intro}<o:p></o:p></p></div></div>{quote}',
    forward_head=OUTLOOK_HEAD,
    head=OUTLOOK_HEAD,
    text=Text(mark="", width=0, cell="\t", spaced=True),
    cid="image00{}.png@01D1CC67.F8899900",
)  # fmt: skip
OUTLOOK_2010 = replace(
    OUTLOOK,
    quote='<p class="MsoNormal"><o:p>&nbsp;</o:p></p><div><div style="border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0in 0in 0in">'
    '<p class="MsoNormal">{intro}<o:p></o:p></p></div></div><p class="MsoNormal"><o:p>&nbsp;</o:p></p>{quote}',
    rewrite=each(word, hard_spaces),
)
OUTLOOK_TEXT = replace(
    OUTLOOK,
    parts="text",
    text=Text(mark="", width=76, source="text", rule="-----Original Message-----"),
)
OUTLOOK_WEB = Client(
    page='<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body dir="ltr">{own}{signature}{quote}</body></html>',
    hand=Handwriting('<div class="elementToProof" style="font-family: Aptos, Calibri; font-size: 12pt; color: rgb(0, 0, 0);">{}</div>',
                     '<div class="elementToProof"><br></div>', image="[cid:{cid}]"),
    signature='<div class="elementToProof" id="Signature">{lines}</div>',
    quote='<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr">'
    '<font face="Calibri, sans-serif" style="font-size:11pt" color="#000000">{intro}</font><div>&nbsp;</div></div>{quote}',
    answer='<div style="color:rgb(200,38,19)">{lines}</div>',
    rewrite=each(renamed("x_"), safe_links),
    forward='<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr">'
    '<font face="Calibri, sans-serif" color="#000000">{intro}</font><div>&nbsp;</div></div>{quote}',
    head=OUTLOOK_HEAD,
    forward_head=OUTLOOK_HEAD,
    text=Text(mark="", width=0, cell="\t", rule="_" * 32),
    cid="0c5a{}d2e-77f1-4c1a",
)  # fmt: skip
OUTLOOK_ON_A_TELEPHONE = replace(
    OUTLOOK_WEB,
    hand=Handwriting('<div dir="auto">{}</div>', '<div dir="auto"><br></div>'),
    signature='<div id="ms-outlook-mobile-signature"><div><br></div>{lines}</div>',
    quote='<div id="mail-editor-reference-message-container" class="ms-outlook-mobile-reference-message"><hr style="display:inline-block;width:98%" '
    'tabindex="-1"><div id="divRplyFwdMsg" dir="ltr">{intro}<div>&nbsp;</div></div>{quote}</div>',
    rewrite=renamed("x_"),
)
# The user writes where the signature stood: their words are in its container.
OUTLOOK_IN_ITS_SIGNATURE = replace(
    OUTLOOK_ON_A_TELEPHONE,
    page='<html><head></head><body dir="auto"><div id="ms-outlook-mobile-signature" dir="auto">{own}{signature}</div>{quote}</body></html>',
    signature="<div><br></div>{lines}",
    quote='<hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr">{intro}<div>&nbsp;</div></div>{quote}',
)
OUTLOOK_FOR_MAC = replace(
    OUTLOOK_WEB,
    hand=WORD_HAND,
    page='<html><head></head><body lang="EN-US"><div class="WordSection1">{own}{signature}{quote}</div></body></html>',
    signature='<p class="MsoNormal"><o:p>&nbsp;</o:p></p>{paragraphs}',
    quote='<div id="mail-editor-reference-message-container"><div><div style="border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0in 0in 0in">'
    '<p class="MsoNormal" style="margin-bottom:12.0pt">{intro}</p></div>{quote}</div></div>',
    answer='<p class="MsoNormal"><span style="color:#0070C0">{lines}<o:p></o:p></span></p>',
    head=Head("from date to cc subject"),
    rewrite=each(word, curly),
    text=Text(mark="", width=0, cell="\t"),
)
# Answers stand in the container of the quote, between paragraphs that their author marked.
OUTLOOK_MARKED_BY_HAND = replace(
    OUTLOOK_FOR_MAC,
    says="roundcube",
    quote='<div id="mail-editor-reference-message-container"><div>{intro}</div>{quote}</div>',
    rewrite=by_hand,
    answer="<p>{lines}</p>",
    text=Text(mark="> ", width=0),
)
OUTLOOK_FOR_MAC_2019 = replace(
    OUTLOOK_FOR_MAC,
    says="roundcube",
    parts="text",
    text=Text("\ufeff{own}\n\n{signature}\n\n{intro}\n\n{quote}", mark="    ", width=0, source="text"),
)  # fmt: skip

APPLE_HEAD = Head(
    "from subject date to cc", "<div><span><b>{label} </b></span><span>{value}<br></span></div>", separator=FORWARDED_BY_APPLE
)
APPLE = Client(
    says="apple",
    page='<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body style="overflow-wrap: break-word;">'
    "{own}{signature}{quote}</body></html>",
    signature='<div><br></div><div id="AppleMailSignature">{lines}</div>',
    quote='<br id="lineBreakAtBeginningOfMessage"><div><br><blockquote type="cite"><div>{intro}</div><br class="Apple-interchange-newline">'
    "<div>{quote}</div></blockquote></div><br>",
    split=("</div></blockquote>", '<blockquote type="cite"><div>'),
    forward='<div><br><blockquote type="cite"><div>{separator}</div><br class="Apple-interchange-newline">{intro}<br><div>{quote}</div></blockquote></div>',
    forward_head=APPLE_HEAD,
    text=Text(intro_marked=True, width=0),
    cid="5B0C{}-1A7F@acme.example",
)  # fmt: skip
IOS = replace(
    APPLE,
    page='<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body dir="auto">{own}{signature}{quote}</body></html>',
    signature='<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">{lines}</div>',
    quote='<div dir="ltr"><br><blockquote type="cite">{intro}<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">\ufeff{quote}</div></blockquote>',
    forward='<div dir="ltr"><br>{separator}<br><br></div><blockquote type="cite"><div dir="ltr">{intro}<br></div></blockquote>'
    '<blockquote type="cite"><div dir="ltr">\ufeff{quote}</div></blockquote>',
    forward_head=replace(APPLE_HEAD, row="<b>{label}</b> {value}<br>", order="from date to cc subject"),
)  # fmt: skip

CITE_PREFIX = '<div class="moz-cite-prefix">{intro}<br></div>'
CITED = '<blockquote type="cite" cite="mid:one@example.com">'
TABLE_ROW = '<tr><th valign="BASELINE" align="RIGHT" nowrap="nowrap">{label} </th><td>{value}</td></tr>'
THUNDERBIRD_HEAD = Head("subject date from to cc", TABLE_ROW, separator=FORWARDED_BY_THUNDERBIRD)
THUNDERBIRD = Client(
    says="thunderbird",
    page='<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"></head><body>{quote}{own}{signature}</body></html>',
    hand=Handwriting("<p>{}</p>", "<p><br></p>"),
    signature='<pre class="moz-signature" cols="72">-- \n{lines}</pre>',
    quote=f"{CITE_PREFIX}{CITED}{{quote}}</blockquote>",
    split=("</blockquote>", CITED),
    forward='<div class="moz-forward-container"><br><br>-------- {separator} --------<table class="moz-email-headers-table" cellspacing="0" '
    'cellpadding="0" border="0"><tbody>{intro}</tbody></table><br><br>{quote}</div>',
    forward_head=THUNDERBIRD_HEAD,
    text=Text("{intro}\n{quote}\n\n{own}\n\n{signature}", width=72, dashes=True, flowed=True),
    cid="part{}.Xy7q@acme.example",
)  # fmt: skip
THUNDERBIRD_ON_TOP = replace(
    THUNDERBIRD,
    page='<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"></head><body>{own}{signature}{quote}</body></html>',
    text=Text("{own}\n\n{signature}\n\n{intro}\n{quote}", width=72, dashes=True, flowed=True),
)
THUNDERBIRD_TEXT = replace(THUNDERBIRD, parts="text", text=replace(THUNDERBIRD.text, source="text"))

YAHOO_HEAD = Head(
    "from to cc sent subject", "<b>{label}</b> {value}<br>", english=True, separator="----- Forwarded Message -----"
)
YAHOO = Client(
    says="yahoo",
    hand=Handwriting('<div dir="ltr" data-setdir="false">{}</div>', '<div dir="ltr" data-setdir="false"><br></div>'),
    signature="<div><br></div><div class=\"ydp5a1signature\">{lines}</div>",
    quote='<div id="yahoo_quoted_4210877713" class="yahoo_quoted"><div style="font-family:Arial;font-size:13px;color:#26282a;"><div>{intro}</div>'
    '<div><br></div><div><br></div><div><div id="yiv4210877713">{quote}</div></div></div></div>',
    rewrite=renamed("yiv4210877713"),
    answer="<div>{lines}</div>",
    forward='<div id="yahoo_quoted_4210877713" class="yahoo_quoted"><div><div>{separator}</div><div>{intro}</div><div><br></div>'
    '<div><div id="yiv4210877713">{quote}</div></div></div></div>',
    forward_head=YAHOO_HEAD,
    text=Text(mark="", width=0, indent="    "),
)  # fmt: skip
YAHOO_ON_A_TELEPHONE = replace(
    YAHOO,
    hand=Handwriting(
        '<div id="yMail_cursorElementTracker_1764">{}</div>', '<div id="yMail_cursorElementTracker_1764"><br></div>'
    ),
    signature='<div><br></div><div id="ymail_android_signature">{lines}</div>',
    quote='<blockquote style="margin: 0 0 20px 0;"><div style="font-family:Roboto, sans-serif; color:#6D00F6;"><div>{intro}</div></div>'
    '<div style="padding: 10px 0 0 20px; margin: 10px 0 0 0; border-left: 1px solid #6D00F6;">{quote}</div></blockquote>',
)

GMX_HEAD = Head("from sent to cc subject", "<b>{label}</b>&nbsp;{value}<br>")
GMX = Client(
    head=replace(GMX_HEAD, order="sent from to cc subject"),
    forward_head=replace(GMX_HEAD, order="sent from to cc subject"),
    hand=Handwriting("<div>{}</div>", "<div>&nbsp;</div>"),
    page='<html><head></head><body><div style="font-family: Verdana;font-size: 12.0px;">{own}{signature}{quote}</div></body></html>',
    signature='<div>&nbsp;</div><div class="signature">{lines}</div>',
    quote='<div>&nbsp;<div name="quote" style="margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5;">'
    '<div style="margin:0 0 10px 0;">{intro}</div><div name="quoted-content">{quote}</div></div></div>',
    forward='<div>&nbsp;<div name="quote" style="margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5;">'
    '<div style="margin:0 0 10px 0;">{intro}</div><div name="quoted-content">{quote}</div></div></div>',
    rewrite=bare,
    answer="<div>{lines}</div>",
    parts="html",
)  # fmt: skip
WEB_DE = replace(
    GMX,
    quote='<div>&nbsp;</div><div id="sub-body-container" style="margin: 10px 5px 5px 10px; padding: 10px 0px 10px 10px; border-left: 2px solid rgb(195, 217, 229);">'
    '<div style="margin: 0px 0px 10px;">{intro}</div>{quote}</div>',
    head=replace(GMX.head, row="<strong>{label}</strong>&nbsp;{value}<br>"),
)

SAMSUNG_HEAD = Head("from date to cc subject", "<div>{label} {value}</div>", separator="-------- Original message --------")
SAMSUNG = Client(
    head=SAMSUNG_HEAD,
    hand=Handwriting('<div dir="auto">{}</div>', '<div dir="auto"><br></div>'),
    page='<html><head></head><body dir="auto">{own}{signature}{quote}</body></html>',
    signature='<div dir="auto"><br></div><div id="composer_signature" dir="auto">{lines}</div>',
    quote='<div dir="auto"><br></div><div align="left" dir="auto" style="font-size:100%;color:#000000"><div>{separator}</div>{intro}<div><br></div>{quote}</div>',
    forward='<div dir="auto"><br></div><div align="left" dir="auto" style="font-size:100%;color:#000000"><div>{separator}</div>{intro}<div><br></div>{quote}</div>',
    forward_head=SAMSUNG_HEAD,
    rewrite=flat,
    answer='<div dir="auto">{lines}</div>',
    text=Text(mark="", width=0),
)  # fmt: skip

PROTON = Client(
    says="proton",
    hand=Handwriting('<div style="font-family: Arial, sans-serif; font-size: 14px;">{}</div>', '<div style="font-size: 14px;"><br></div>'),
    page="{own}{signature}{quote}",
    signature='<div class="protonmail_signature_block" style="font-size: 14px;"><div class="protonmail_signature_block-user">{lines}</div>'
    '<div class="protonmail_signature_block-proton protonmail_signature_block-empty"></div></div>',
    quote='<div class="protonmail_quote">{intro}<br><blockquote class="protonmail_quote" type="cite">{quote}</blockquote><br></div>',
    split=("</blockquote>", '<blockquote class="protonmail_quote" type="cite">'),
    forward='<div class="protonmail_quote">{separator}<br>{intro}<br><blockquote class="protonmail_quote" type="cite">{quote}</blockquote><br></div>',
    forward_head=Head("from date subject to cc", "{label} {value}<br>", english=True, separator="------- Forwarded Message -------"),
    text=Text(width=72),
)  # fmt: skip

K9_QUOTE = (
    '<blockquote class="gmail_quote" style="margin: 0pt 0pt 1ex 0.8ex; border-left: 1px solid #729fcf; padding-left: 1ex;">'
)
K9 = Client(
    says="k9",
    hand=Handwriting("{}<br>", "<br>"),
    page="<!DOCTYPE html><html><head></head>{letter_body}{own}{signature}{quote}</body></html>",
    signature="<br>{lines}<br>",
    quote=f'<br><br><div class="gmail_quote"><div dir="auto">{{intro}}</div>{K9_QUOTE}{{quote}}</blockquote></div>',
    split=("</blockquote>", K9_QUOTE),
    forward='<br><br><div class="gmail_quote"><br>-------- Original Message --------<br>{intro}<br>{quote}</div>',
    forward_head=Head("from sent to cc subject", "<b>{label}</b> {value}<br>", separator="-------- Original Message --------", english=True),
    text=Text(mark=">", width=0, source="text"),
)  # fmt: skip

ROUNDCUBE_QUOTE = '<blockquote type="cite" style="padding: 0 0.4em; border-left: #1010ff 2px solid; margin: 0">'
ROUNDCUBE = Client(
    says="roundcube",
    hand=Handwriting("<p>{}</p>", "<p><br></p>"),
    page="<html><head></head><body style='font-size: 10pt; font-family: Verdana,Geneva,sans-serif'>{quote}{own}{signature}</body></html>",
    signature='<div id="signature">-- <br>{lines}</div>',
    quote=f'<p id="reply-intro">{{intro}}</p>{ROUNDCUBE_QUOTE}<div id="replybody1">{{quote}}</div></blockquote>',
    split=("</div></blockquote>", f"{ROUNDCUBE_QUOTE}<div>"),
    rewrite=renamed("v1"),
    forward='<p>-------- Original Message --------</p><table border="0" cellspacing="0" cellpadding="0"><tbody>{intro}</tbody></table>'
    '<br><div id="forwardbody1">{quote}</div>',
    forward_head=Head("subject date from to cc", TABLE_ROW, separator="-------- Original Message --------", english=True),
    text=Text("{intro}\n{quote}\n\n{own}\n\n{signature}", width=72, dashes=True),
)  # fmt: skip

MUTT = Client(
    says="mutt",
    quote="{intro}{quote}",
    parts="text",
    forward_head=Head("date from to cc subject", separator="----- Forwarded message from {n} <{e}> -----", english=True),
    text=Text("{intro}\n\n{quote}\n\n{own}\n\n{signature}", width=0, source="text", dashes=True),
)
EVOLUTION = Client(
    says="evolution",
    quote='<div>{intro}</div><blockquote type="cite" style="margin:0 0 0 .8ex; border-left:2px #729fcf solid;padding-left:1ex">{quote}</blockquote>',
    split=CITE[::-1],
    page='<html><head></head><body>{own}{signature}{quote}</body></html>',
    signature="<div><br></div><div><span><pre>-- <br></pre><div>{lines}</div></span></div>",
    forward='<div>-------- {separator} --------</div><div>{intro}</div><br><blockquote type="cite">{quote}</blockquote>',
    forward_head=Head("from to cc subject date", "<b>{label}</b> {value}<br>", separator=FORWARDED_BY_THUNDERBIRD),
    text=Text(width=71, dashes=True),
)  # fmt: skip
FAIREMAIL = Client(
    says="fairemail",
    quote='<div class="fairemail_quote"><div dir="ltr"><p>{intro}</p><blockquote type="cite" style="margin:0;border-left:3px solid #ccc;padding-left:3px">'
    "{quote}</blockquote></div></div>",
    split=CITE[::-1],
    signature='<div class="fairemail_signature">{lines}</div>',
    forward_head=GMAIL_HEAD,
    forward="<div>{separator}<br>{intro}</div><br>{quote}",
    text=Text(width=0),
)
FASTMAIL = Client(
    says="fastmail",
    quote='<div>{intro}<br></div><blockquote type="cite" id="qt" style="">{quote}</blockquote><div><br></div>',
    split=("</blockquote>", '<blockquote type="cite" id="qt" style="">'),
    signature='<div id="sig66331"><div class="signature">{lines}</div></div>',
    rewrite=renamed("qt-"),
    forward='<div>{separator}<br>{intro}</div><div id="qt" type="cite">{quote}</div>',
    forward_head=Head("from to cc subject date", "{label} {value}<br>", separator="----- Original message -----", english=True),
    text=Text(width=72),
)
ZOHO = Client(
    says="zoho",
    quote='<div class="zmail_extra_hr" style="border-top: 1px solid rgb(204, 204, 204);height: 0px;"></div><div class="zmail_extra"><div><br></div>'
    '<div id="Zm-_Id_-Sgn1">{intro}</div><br><blockquote style="margin: 0px;">{quote}</blockquote></div>',
    split=("</blockquote>", '<blockquote style="margin: 0px;">'),
    signature='<div id="Zm-_Id_-Sgn" data-zbluepencil-ignore="true">{lines}</div>',
    forward='<div class="zmail_extra"><div>============ Forwarded message ============<br>{intro}</div><br>{quote}</div>',
    forward_head=Head(
        "from to cc date subject", "{label} {value}<br>", separator="============ Forwarded message ============", english=True
    ),
    text=Text(mark="", width=0),
)
MAIL_RU_QUOTE = '<blockquote style="border-left:1px solid #0857A6; margin:10px; padding:0 0 0 10px;">'
MAIL_RU = Client(
    says="mailru",
    quote=f'<div class="mail-quote-collapse">{MAIL_RU_QUOTE}{{intro}}<br><div id="">{{quote}}</div></blockquote></div>',
    split=("</div></blockquote>", f"{MAIL_RU_QUOTE}<div>"),
    page="<html><body>{own}{quote}{signature}</body></html>",
    signature='<div data-signature-widget="container">{lines}</div>',
    rewrite=each(bare, flat),
    forward=f"{MAIL_RU_QUOTE}-------- Пересылаемое сообщение --------<br>{{intro}}<br>{{quote}}</blockquote>",
    forward_head=Head("from to cc date subject", "{label} {value}<br>", separator="-------- Пересылаемое сообщение --------"),
    text=Text("{own}\n\n{intro}\n{quote}\n\n{signature}", width=0),
)
YANDEX = Client(
    says="yandex",
    quote="<div>{intro}</div><blockquote>{quote}</blockquote>",
    split=("</blockquote>", "<blockquote>"),
    signature="<div>-- </div><div>{lines}</div>",
    forward="<div>-------- Пересылаемое сообщение --------</div><div>{intro}</div><div>{quote}</div><div>-------- Конец пересылаемого сообщения --------</div>",
    forward_head=Head("from to cc subject date", "{label} {value}<br>", separator="-------- Пересылаемое сообщение --------"),
    rewrite=bare,
    parts="html",
)
KMAIL = Client(
    says="kmail",
    quote="<p>{intro}</p><blockquote>{quote}</blockquote>",
    split=("</blockquote>", "<blockquote>"),
    page="<html><head></head><body>{quote}{own}{signature}</body></html>",
    hand=Handwriting('<p style="margin-top:0; margin-bottom:0;">{}</p>', "<br>"),
    signature="<p>-- <br>{lines}</p>",
    forward="<p>{separator}</p><p>{intro}</p><div>{quote}</div><p>-----------------------------------------</p>",
    forward_head=Head(
        "subject date from to cc", "{label} {value}<br>", separator="----------  Forwarded Message  ----------", english=True
    ),
    text=Text("{intro}\n{quote}\n\n{own}\n\n{signature}", width=78, dashes=True),
)

# A new mail from the share sheet stands wholly in a quote, and in its text behind marks.
APPLE_SHARED = replace(
    APPLE,
    page='<html><head></head><body><div class="Apple-Mail-URLShareWrapperClass"><blockquote type="cite" style="border-left-style: none;">{own}'
    "</blockquote></div>{signature}{quote}</body></html>",
    text=replace(APPLE.text, own_mark="> "),
)

CLIENTS: dict[str, Client] = {
    "gmail": GMAIL,
    "gmail_telephone": GMAIL_ON_A_TELEPHONE,
    "outlook": OUTLOOK,
    "outlook_2010": OUTLOOK_2010,
    "outlook_text": OUTLOOK_TEXT,
    "outlook_web": OUTLOOK_WEB,
    "outlook_telephone": OUTLOOK_ON_A_TELEPHONE,
    "outlook_in_signature": OUTLOOK_IN_ITS_SIGNATURE,
    "outlook_mac": OUTLOOK_FOR_MAC,
    "outlook_marked_by_hand": OUTLOOK_MARKED_BY_HAND,
    "outlook_mac_2019": OUTLOOK_FOR_MAC_2019,
    "apple": APPLE,
    "apple_shared": APPLE_SHARED,
    "ios": IOS,
    "thunderbird": THUNDERBIRD,
    "thunderbird_top": THUNDERBIRD_ON_TOP,
    "thunderbird_text": THUNDERBIRD_TEXT,
    "yahoo": YAHOO,
    "yahoo_telephone": YAHOO_ON_A_TELEPHONE,
    "gmx": GMX,
    "web_de": WEB_DE,
    "samsung": SAMSUNG,
    "proton": PROTON,
    "k9": K9,
    "roundcube": ROUNDCUBE,
    "mutt": MUTT,
    "evolution": EVOLUTION,
    "fairemail": FAIREMAIL,
    "fastmail": FASTMAIL,
    "zoho": ZOHO,
    "mail_ru": MAIL_RU,
    "yandex": YANDEX,
    "kmail": KMAIL,
}


def above(client: Client) -> Client:
    """The same client, used by a person who writes above the quote."""
    return _ordered(client, ("{own}", "{signature}", "{quote}"), "{own}\n\n{signature}\n\n{intro}\n\n{quote}")


def below(client: Client) -> Client:
    """The same client, used by a person who writes below the quote, wherever the client puts the cursor."""
    return _ordered(client, ("{quote}", "{own}", "{signature}"), "{intro}\n{quote}\n\n{own}\n\n{signature}")


def _ordered(client: Client, fields: tuple[str, str, str], layout: str) -> Client:
    """The client with its fields in another order, in the places where fields stood."""
    if re.findall(r"\{(?:own|signature|quote)\}", client.page) == list(fields):
        return client
    page = re.sub(r"\{(own|signature|quote)\}", "\ue003", client.page)
    for name in fields:
        page = page.replace("\ue003", name, 1)
    return replace(client, page=page, text=replace(client.text, layout=layout))
