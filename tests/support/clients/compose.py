"""A whole mail as a client writes it when its user answers, forwards or begins a letter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses, parseaddr
from enum import StrEnum
from hashlib import sha256
from html import escape

from support.clients import phrases
from support.clients.cuts import HOLE, cut, pierced, pierced_text
from support.clients.quoted import Quoted, lines_as_html
from support.clients.rewriting import as_text, wrapped
from support.clients.shapes import Client, Head
from support.clients.words import Words, files, own_html, own_text, pictures


class Deed(StrEnum):
    """What the user does with the letter."""

    REPLY = "reply"
    FORWARD = "forward"


@dataclass(frozen=True, slots=True)
class Answer:
    """Words below one line of the quoted letter."""

    below: str
    words: Words


@dataclass(frozen=True, slots=True)
class Draft:
    """What a user brings: who, when, the words, what is quoted, and where answers stand in it."""

    author: str
    at: datetime
    words: Words = ()
    quoted: Quoted | None = None
    deed: Deed = Deed.REPLY
    answers: tuple[Answer, ...] = ()  # in the order of the lines
    signature: str = ""
    language: str = "en"
    subject: str = ""  # "" follows that of the letter
    to: str = ""  # "" is whom the letter asks to answer
    cc: str = ""
    shows_quote: bool = True  # otherwise its user has deleted it


def written(client: Client, draft: Draft) -> EmailMessage:
    """The whole mail."""
    message, quoted = EmailMessage(), draft.quoted
    message["From"] = draft.author
    message["To"] = draft.to or (quoted.reply_to if quoted else "")
    if draft.cc:
        message["Cc"] = draft.cc
    message["Subject"] = draft.subject or _subject(draft)
    message["Date"] = format_datetime(draft.at)
    message["Message-ID"] = _message_id(draft)
    if quoted is not None and quoted.message_id:
        if draft.deed is Deed.REPLY:
            message["In-Reply-To"] = quoted.message_id
        message["References"] = f"{quoted.references} {quoted.message_id}".strip()
    _fill(message, client, draft)
    for file in files(draft.words):
        message.add_attachment(file.content, "application", "pdf", filename=file.name)
    return message


def _message_id(draft: Draft) -> str:
    """The same draft has the same id each time."""
    said = repr((draft.author, draft.at, draft.words, draft.answers, draft.to, draft.subject))
    return f"<{sha256(said.encode()).hexdigest()[:24]}@{parseaddr(draft.author)[1].partition('@')[2]}>"


def _fill(message: EmailMessage, client: Client, draft: Draft) -> None:
    rich = "" if client.parts == "text" else page(client, draft)
    if client.parts != "html":
        message.set_content(plain(client, draft) + "\n")
        if client.text.flowed:
            message.set_param("format", "flowed")
    if not rich:
        return
    if client.parts == "both":
        message.add_alternative(rich, subtype="html")
    else:
        message.set_content(rich, subtype="html")
    taken = draft.quoted.pictures if draft.quoted and client.takes_pictures else ()
    own = (picture for words in (draft.words, *(answer.words for answer in draft.answers)) for picture in pictures(words))
    shown = [picture for picture in (*own, *taken) if f"cid:{picture.cid}" in rich]
    holder = message.get_body(("html",))
    for picture in shown:
        assert isinstance(holder, EmailMessage)
        holder.add_related(picture.content, "image", "png", cid=f"<{picture.cid}>", filename=picture.name, disposition="inline")


def _subject(draft: Draft) -> str:
    assert draft.quoted is not None
    prefixes = phrases.REPLY_PREFIXES if draft.deed is Deed.REPLY else phrases.FORWARD_PREFIXES
    prefix = prefixes.get(draft.language, "Re:" if draft.deed is Deed.REPLY else "Fwd:")
    known = draft.quoted.subject.lower().startswith(("re:", prefix.lower()))
    return draft.quoted.subject if known and draft.deed is Deed.REPLY else f"{prefix} {draft.quoted.subject}"


def page(client: Client, draft: Draft) -> str:
    """The HTML part."""
    parts = {"own": own_html(draft.words, client.hand), "signature": _signature_html(client, draft.signature), "quote": ""}
    if draft.quoted is not None and draft.shows_quote:
        parts["quote"] = _quote_html(client, draft, draft.quoted)
        return client.page.format(**parts, letter_body=draft.quoted.body)
    return client.page.format(**parts, letter_body="<body>")


def _signature_html(client: Client, signature: str) -> str:
    lines = signature.split("\n") if signature else []
    if not lines:
        return ""
    joined = ("\n" if "<pre" in client.signature and "{lines}</pre>" in client.signature else "<br>").join(map(escape, lines))
    return client.signature.format(lines=joined, paragraphs="".join(client.hand.line.format(escape(line)) for line in lines))


def _quote_html(client: Client, draft: Draft, quoted: Quoted) -> str:
    body = client.rewrite(pierced(quoted.html, [answer.below for answer in draft.answers]))
    if draft.deed is Deed.FORWARD:
        intro, head = header_html(client.forward_head, draft, quoted), client.forward_head
        return client.forward.format(intro=intro, quote=body, separator=escape(separator(head, draft, quoted)))
    intro = _link_addresses(_attribution(client, draft, quoted)) if client.says else header_html(client.head, draft, quoted)
    html = client.quote.format(intro=intro, quote="\ue002", separator=escape(separator(client.head, draft, quoted)))
    answers = [_answer_html(client, answer) for answer in draft.answers]
    if client.split is None:
        return html.replace("\ue002", HOLE.sub(lambda found: answers[int(found[1])], body))
    closing, opening = client.split
    first, *others = cut(body)
    joined = first + "".join(f"{closing}{answer}{opening}{piece}" for answer, piece in zip(answers, others, strict=True))
    return html.replace("\ue002", joined)


def _answer_html(client: Client, answer: Answer) -> str:
    lines = "<br>".join(escape(line) for line in own_text(answer.words, client.hand).split("\n"))
    return client.answer.format(own=own_html(answer.words, client.hand), lines=lines)


def _attribution(client: Client, draft: Draft, quoted: Quoted) -> str:
    return phrases.attribution(client.says, draft.language, quoted.name, quoted.address, quoted.at)


def _link_addresses(line: str) -> str:
    """An attribution in HTML: its address is a link."""
    before, _, rest = line.partition("<")
    address, bracket, after = rest.partition(">")
    if not bracket:
        return escape(line)
    return f'{escape(before)}&lt;<a href="mailto:{address}">{address}</a>&gt;{escape(after)}'


def separator(head: Head, draft: Draft, quoted: Quoted) -> str:
    line = head.separator if isinstance(head.separator, str) else head.separator[draft.language]
    return line.format(n=quoted.name, e=quoted.address)


def header_rows(head: Head, draft: Draft, quoted: Quoted) -> list[tuple[str, str]]:
    """Labels and values of a header block."""
    language = "en" if head.english else draft.language
    sender, sent, to, cc, subject = phrases.OUTLOOK[language]
    sender = phrases.OUTLOOK[draft.language][0] if head.translates_from else sender
    at = phrases.OUTLOOK_DATES[language].format(t=quoted.at)
    rows = {
        "from": (sender, f"{quoted.name} <{quoted.address}>"),
        "sent": (sent, at),
        "date": (phrases.DATE_LABELS[language], at),
        "to": (to, quoted.to),
        "cc": (cc, quoted.cc),
        "subject": (subject, quoted.subject),
    }
    return [rows[field] for field in head.order.split() if rows[field][1]]


def header_html(head: Head, draft: Draft, quoted: Quoted) -> str:
    rows = "".join(head.row.format(label=label, value=escape(value)) for label, value in header_rows(head, draft, quoted))
    above = escape(separator(head, draft, quoted)) + "<br>" if head.translates_from else ""
    return above + rows


def plain(client: Client, draft: Draft) -> str:
    """The text part."""
    shape = client.text
    signature = f"-- \n{draft.signature}" if draft.signature and shape.dashes else draft.signature
    intro, quote = ("", "") if draft.quoted is None or not draft.shows_quote else _quote_text(client, draft, draft.quoted)
    own = "\n".join(shape.own_mark + line for line in own_text(draft.words, client.hand).split("\n")) if draft.words else ""
    values = {"own": own, "signature": signature, "intro": intro, "quote": quote}
    layout = shape.layout if draft.deed is Deed.REPLY else "{own}\n\n{signature}\n\n{intro}\n\n{quote}"
    return _without_gaps(layout, values)


def _without_gaps(layout: str, values: Mapping[str, str]) -> str:
    """The layout without the fields that are empty and the lines around them."""
    fields = [(piece.partition("}")[0], piece.partition("}")[2]) for piece in layout.split("{")[1:]]
    done = layout.partition("{")[0]
    for name, gap in fields:
        if values[name]:
            done += values[name] + gap
    return done.rstrip("\n")


def _quote_text(client: Client, draft: Draft, quoted: Quoted) -> tuple[str, str]:
    """Introduction and quote of the text part, both with their marks."""
    shape = client.text
    forward = draft.deed is Deed.FORWARD
    if client.says and not forward:
        lines = [shape.indent + line for line in wrapped(_attribution(client, draft, quoted), shape.width).split("\n")]
    else:
        head = client.forward_head if forward else client.head
        rule = separator(head, draft, quoted) or shape.rule
        if forward and not isinstance(head.separator, str) and "--------" in client.forward:
            rule = f"-------- {rule} --------"
        lines = ([rule] if rule else []) + [f"{label} {value}" for label, value in header_rows(head, draft, quoted)]
    marked = shape.mark if not forward or shape.intro_marked else ""
    intro = "\n".join(lines if not shape.intro_marked else [f"> {line}" for line in lines] + [">"])
    return intro, _mark(client, draft, _quoted_text(client, draft, quoted), marked)


def _quoted_text(client: Client, draft: Draft, quoted: Quoted) -> str:
    """The plain text of the letter as this client has it, with a hole for each answer on a line of its own."""
    below = [answer.below for answer in draft.answers]
    if client.text.source == "text" and quoted.text:
        return "\n".join(wrapped(line, client.text.width) for line in pierced_text(quoted.text, below).split("\n"))
    html = HOLE.sub(lambda found: f"<div>{found[0]}</div>", pierced(quoted.html or lines_as_html(quoted.text), below))
    text = as_text(client.rewrite(html), bold=client.text.bold, width=client.text.width, cell=client.text.cell)
    return text.replace("\n", "\n\n").replace("\n\n\n\n", "\n\n") if client.text.spaced else text


def _mark(client: Client, draft: Draft, text: str, mark: str) -> str:
    done = []
    for line in text.split("\n"):
        found = HOLE.fullmatch(line.strip())
        if found is None:
            done.append(f"{mark}{line}".rstrip() if mark.strip() or line else line)
        else:
            done += ["", *own_text(draft.answers[int(found[1])].words, client.hand).split("\n"), ""]
    return "\n".join(done)


def answered_all(draft_author: str, quoted: Quoted) -> str:
    """Whom a reply to all also goes to: everybody in To and Cc but its author and whom the letter asks to answer."""
    left_out = {parseaddr(draft_author)[1].lower(), parseaddr(quoted.reply_to)[1].lower()}
    people = getaddresses([quoted.to, quoted.cc])
    return ", ".join(address for _, address in people if address and address.lower() not in left_out)
