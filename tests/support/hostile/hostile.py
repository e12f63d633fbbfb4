"""Purpose-made input of any size, and every scanner that strangers' text or octets reach: the two tables of the rig for linear time."""

import functools
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape as escaped
from pathlib import Path
from tempfile import NamedTemporaryFile

from helpdesk.config.domain_names import u_labels
from helpdesk.config.lexicon import Lexicon, words_of
from helpdesk.config.opening_hours import Calendar
from helpdesk.config.reply_addresses import ReplyAddresses
from helpdesk.config.rules import SortingRule
from helpdesk.gateway.delivery.reply import one_line
from helpdesk.gateway.delivery.smtp_connection import in_a_labels, on_the_wire, utf8_xtext, with_crlf, xtext
from helpdesk.gateway.doors import archive, mbox, sasl, trace
from helpdesk.gateway.doors.data import DataCollector
from helpdesk.gateway.doors.paths import forward_path, reverse_path
from helpdesk.gateway.terminal import escape, in_one_line
from helpdesk.store.turns import sender_of
from helpdesk.templates.words import as_html, many_lines
from helpdesk.threading.commands import grammar as commands
from helpdesk.threading.commands.digest_rows import rows_text
from helpdesk.threading.commands.moments import end_named, moment_named
from helpdesk.threading.commands.words import Word
from helpdesk.threading.incidents import likeness
from helpdesk.threading.lifecycle.firewall import is_text_corrected, leak_in, why_not_for_customers
from helpdesk.threading.lifecycle.own_letters import holds_boundary, holds_context_block
from helpdesk.threading.lifecycle.ping_pong import reference_in, shingles
from helpdesk.threading.matching.compared_words import phrases_in, words_of_line
from helpdesk.threading.matching.known import GuardedNote
from helpdesk.threading.matching.said import said_by_staff, said_first, said_in_reply
from helpdesk.threading.matching.sent_words import SentWords, documents_of, packed
from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.model.mail import Envelope, RawMessage
from helpdesk.threading.parsing.degraded import read_degraded, scanned_message_id
from helpdesk.threading.reading import calendar, html, limits, rtf, secrets, smime, tnef
from helpdesk.threading.reading.addresses import link_address
from helpdesk.threading.reading.charsets import decode
from helpdesk.threading.reading.encodings import from_base64, undo_encoding
from helpdesk.threading.reading.encryption import encryption_of
from helpdesk.threading.reading.fields import Header, split_header
from helpdesk.threading.reading.filenames import DistinctNames, name_of_mail, safe_filename
from helpdesk.threading.reading.fingerprint import fingerprint
from helpdesk.threading.reading.flowed import unflow
from helpdesk.threading.reading.forwards import find_forward, printed_mailboxes
from helpdesk.threading.reading.glued import break_before_labels, unglued
from helpdesk.threading.reading.head import read_head
from helpdesk.threading.reading.html_limits import too_complex
from helpdesk.threading.reading.kept_shapes import document_kept, kept_shapes
from helpdesk.threading.reading.labels import Label, LabelledLines
from helpdesk.threading.reading.language import language_of
from helpdesk.threading.reading.language_tags import language_tag
from helpdesk.threading.reading.limits import REPLY_CHARACTERS
from helpdesk.threading.reading.mailboxes import is_one_plain_mailbox, mailboxes
from helpdesk.threading.reading.markup import markup_of
from helpdesk.threading.reading.message_ids import message_id
from helpdesk.threading.reading.mime import leaves_as_mixed, structure
from helpdesk.threading.reading.outline import outline_of
from helpdesk.threading.reading.parameters import parameters
from helpdesk.threading.reading.parsed import Kind
from helpdesk.threading.reading.pictures import pictures_shown
from helpdesk.threading.reading.quote_words import LABELS, STARTS, VERBS
from helpdesk.threading.reading.reply_text import Forwarded, plain_lines, split_reply
from helpdesk.threading.reading.shaping import pictures_in, shaped, without_pictures
from helpdesk.threading.reading.shaping import text_of as text_of_document
from helpdesk.threading.reading.subjects import base_subject, has_prefix
from helpdesk.threading.reading.tags import is_only_text, without_tags
from helpdesk.threading.reading.two_texts import is_stub, other_text
from helpdesk.threading.reading.uuencoded import taken_out
from helpdesk.threading.reading.words import readable
from helpdesk.threading.rules.index import RuleIndex, SortedMail
from helpdesk.threading.rules.wishes import sort_by_rules
from helpdesk.threading.sorting.answers import is_answered
from helpdesk.threading.sorting.complaints import complaint
from helpdesk.threading.sorting.evidence import MailEvidence
from helpdesk.threading.sorting.gratitude import is_only_thanks, says_trouble
from helpdesk.threading.sorting.kinds import kind_of
from helpdesk.threading.sorting.notifications import notified_original_id
from helpdesk.threading.sorting.out_of_office import out_of_office
from helpdesk.threading.sorting.report_fields import recipients_in_part
from helpdesk.threading.sorting.report_text import recipients_in_text
from helpdesk.threading.sorting.reports import delivery_report
from helpdesk.threading.trust.addresses import canonical, is_robot_address, rate_key, reachable
from helpdesk.threading.trust.authentication_results import LONGEST_FIELD, sealed_results, trusted_results
from helpdesk.threading.trust.lookalikes import KnownNames, looks_like, shows_another
from helpdesk.threading.trust.signature_fields import arc_chain, signature_claims, strict_fields
from helpdesk.threading.trust.tokens import Keyring, Purpose, Token, verify
from helpdesk.threading.trust.written_tokens import tokens_in, tokens_written

FORWARD = "---------- Forwarded message ---------\nFrom: A <a@b.org>\nDate: 1 May 2024\nSubject: s\nTo: c@d.org\n\n"
REPORT = "Final-Recipient: rfc822; a@b.org\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such user\n\n"
BLOCKS = "\n\n".join(
    "\n".join(f"{labels[at % len(labels)]}: anna@example.org 1 May 2024" for role, labels in LABELS.items() if role != "other")
    for at in range(25)
)

# What is repeated until the size is reached. Nearly each of them was slow for some reader of mail once.
PATTERNS: dict[str, str] = {
    "quote marks": ">", "marked lines": "> old\n", "deep marks": "> > > > > > > >\n", "spaces": " ", "tabs and ends": "\t\n", "line ends": "\n", "carriage returns": "\r",
    "underscores": "_", "dashes": "-", "rules": "_____\n", "separators": "-- \n", "original": "-----Original Message-----\n", "forward": FORWARD,
    "on": "On ", "on lines": "On 1 \n", "wrote": "wrote:", "wrote lines": "wrote:\n", "attributions": "On 3 May 2024 at 10:12, Anna <a@b.org> wrote:\n",
    "broken attributions": "On 3 May 2024 at\n10:12, <a@b.org>\n", "starts": "".join(start for starts in STARTS.values() for start in starts[:1]), "verbs": " ".join(verb for verbs in VERBS.values() for verb in verbs[:1]) + "\n",
    "header blocks": BLOCKS + "\n\n", "labels": "From: a\n", "addresses": "a@b.org ", "at signs": "@", "local parts": "a" * 63 + ".", "initials": "A> x\nAB> y\n",
    "footers": "Sent from my iPhone\n", "sign-offs": "Best regards\nAnna\n", "cards": "Anna Weber\n+49 30 1234567\nanna@example.org\n\n", "disclaimers": "This e-mail is confidential\n\n",
    "digits": "1", "dates": "1.1.1.1 ", "slashes": "1/", "times": "12:", "card numbers": "4111 1111 1111 1111 ", "bare cards": "4111", "spaced digits": "4 ", "passwords": "password: hunter2!\n",
    "password labels": "password ", "password words": "pwd=x", "tokens": "ghp_", "web tokens": "eyJhbGci.", "bearer": "bearer ", "keys": "-----BEGIN PRIVATE KEY-----\n", "key ends": "-----END PRIVATE KEY-----\n",
    "encoded words": "=?utf-8?q?a?= ", "open encoded words": "=?a?q?", "question marks": "=?", "quotes": '"', "backslashes": '"\\', "parentheses": "(", "angles": "<", "commas": ",", "semicolons": ";", "colons": ":",
    "parameters": ";a*0*=x''%41", "same parameters": "; a=b", "ids": "<a@b> ", "base64": "SGVsbG8g", "padding": "====", "percent": "%41", "soft breaks": "=\n", "quoted octets": "=3D",
    "entities": "&amp;", "bare ampersands": "&", "numeric entities": "&#65;", "div": "<div>", "empty elements": "<br>", "closed elements": "<p>a</p>", "formatting": "<b id=1><p>", "fonts": "<font color=red>a",
    "blockquotes": "<blockquote type=cite>", "closed blockquotes": "<blockquote type=cite>a</blockquote>", "tables": "<table><tr><td>", "closed cells": "<table><tr><td>a</td></tr></table>", "comments": "<!--", "closed comments": "<!-- a -->",
    "attributes": "<a x=1 ", "attribute list": " x=1", "styles": '<p style="border-top:solid #e1e1e1 1.0pt">a</p>', "hidden": "<span style='display:none'>a</span>", "images": "<img src=cid:a>", "links": '<a href="http://a.org/b">c</a>', "scripts": "<script>", "closed tags": "</div>", "cdata": "<![CDATA[", "declarations": "<!DOCTYPE",
    "report blocks": REPORT, "recipients": "Final-Recipient: rfc822; a@b.org\n", "refusals": "<a@b.org>: 550 5.1.1 user unknown\n", "codes": "550 ", "enhanced codes": "5.1.1 ", "smtp": "rcpt to:<a@b.org>\n",
    "absences": "I am out of the office until 1 May. ", "months": "May ", "thanks": "thank you ", "rtf groups": "{", "rtf words": "\\par ", "rtf octets": "\\'e4", "calendar": "BEGIN:VEVENT\n", "folded": "a\n b",
    "delimiters": "--b\n", "lookalikes": "--\n", "parts": "--b\nContent-Type: text/plain\n\nx\n", "nested parts": "Content-Type: multipart/mixed; boundary=b\n\n--b\n", "fields": "X-Field: a\n", "folded fields": "X:\n a\n",
    "json": '{"notificationType":[', "wide letters": "漢字", "capital dotted i": "İ", "invisible": "\u200b", "non-breaking": "\u00a0", "combining": "e\u0301", "surrogates": "\udc80", "bom": "\ufeff", "nul": "\x00", "escapes": "\x1b$B", "shift": "\x1b(J~",
    "glued fields": "From: a@b.org Sent: 1 May 2024 To: c@d.org Subject: s ", "glued answers": "It works. On 3 May 2024 at 10:12, <a@b.org> wrote:\n> a\n",
    "long lines": "word " * 1000 + "\n", "prose": "I cannot log in since the update of yesterday.\n", "urls": "https://example.org/", "prefixes": "Re: ", "mentions": "x" * 40 + "\n",
    "marks": "!" * 41 + "\n", "commands": "#resolve\n", "unknown commands": "#resolved!\n", "commands in prose": "Hello\n#note she\n", "rows": "1 note a / 2 take\n", "parted by blanks": "1 " + " " * 40 + "/",
}  # fmt: skip


def repeated(pattern: str, size: int) -> str:
    """A pattern as often as it fits into `size` characters."""
    return PATTERNS[pattern] * max(size // len(PATTERNS[pattern]), 1)


def evidence(text: str) -> MailEvidence:
    """Seen as a mail that sorting must look at in full."""
    headers = (("return-path", "<>"), ("auto-submitted", "auto-replied"), ("x-failed-recipients", text[:8000]))
    return MailEvidence(headers, f"Undeliverable: {text[:1000]}", "mailer-daemon@example.org", "", text, (), "")


def octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def text_of(content: bytes) -> str:
    """What the reader makes of octets before it looks at them."""
    return decode(content)[0].replace("\r\n", "\n").replace("\r", "\n")


def _field(name: bytes, value: bytes) -> Header:
    return split_header(name + b": " + value.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n\n")


def _outline(content: bytes) -> object:
    whole = b"Content-Type: multipart/mixed; boundary=b\n\n" + content
    return outline_of(split_header(whole), whole)


def _structure(content: bytes) -> object:
    whole = b"Content-Type: multipart/mixed; boundary=b\n\n" + content
    outline = outline_of(split_header(whole), whole)
    return None if outline.breach else leaves_as_mixed(outline, structure(outline))


def _report(content: bytes) -> object:
    nested = MailEvidence(
        (),
        "",
        "mailer-daemon@a.org",
        "",
        "",
        (("message/delivery-status", content), ("message/rfc822", content)),
        "delivery-status",
    )
    return delivery_report(nested)


def _encoded(name: bytes, content: bytes) -> bytes:
    return undo_encoding(_field(b"Content-Transfer-Encoding", name), content)


def _absence(text: str) -> object:
    return out_of_office(evidence(text), Kind.OUT_OF_OFFICE, datetime(2024, 5, 1, tzinfo=UTC))


def _forward(text: str) -> object:
    return find_forward(plain_lines(text), "Fwd: question")


def _asked_of_the_store(text: str) -> object:
    """What commands ask for, as it is found before anybody's authority is known."""
    asked = [commands.asks_for(text, word) for word in (Word.STATUS, Word.UNDO, Word.INCIDENT, Word.BROADCAST, Word.RESOLVE)]
    return asked, commands.value_of(text, (Word.NEW,)), list(commands.values_of(text, (Word.CC, Word.MERGE)))


def _staff_words(text: str) -> object:
    whole = commands.staff_blocks(text)
    return (
        whole,
        commands.staff_text(text),
        commands.refusals_within(commands.lines_of(text)),
        commands.refusals_below(text, text),
        commands.commands_at_end(text),
        [commands.ends_with_command(line) for line in commands.lines_of(text)],
    )


def _from_service(text: str) -> object:
    """Seen as the mail of a service, from addresses and with headers that leave each question about it open."""
    said = text[: len(text) // 4]
    mails = [
        MailEvidence(headers, subject, author, name, said, (), "")
        for headers in ((), (("auto-submitted", "auto-replied"),))
        for subject in ("Undeliverable mail", said[:1000])
        for author, name in (("postmaster@example.org", ""), ("anna@example.org", ""), ("mailer-daemon@example.org", "Mail"))
    ]
    complained = (complaint(mail, Kind.COMPLAINT) for mail in mails[:1])
    return [(delivery_report(mail), kind_of(mail, None)) for mail in mails], notified_original_id(mails[0]), list(complained)


def _sent(content: bytes) -> object:
    """What a letter and its envelope are on the way to a relay."""
    text = text_of(content)[:MOST_OF_AN_ADDRESS]
    return on_the_wire(with_crlf(content)), in_a_labels(f"a@{text}"), xtext(text), utf8_xtext(text)


KNOWN = ("omar@desk.example", "help@support.example.com", "acme.example")
REPLY_ADDRESSES = ReplyAddresses("{local}+{token}@{domain}", "support.example.com")
KEYRING = Keyring((("a", b"\x5e" * 32),))
LEXICON = Lexicon({"high": {"en": ("not urgent", "a b", "rechnung*", "version #", "on on on on on on on a")}})


def _identities(text: str) -> object:
    """An address as everything that is asked of one sees it."""
    token = REPLY_ADDRESSES.token_in(text), REPLY_ADDRESSES.local_in(text), verify(text, KEYRING)
    return canonical(text), reachable(text), rate_key(text), is_robot_address(text), token


def _names(text: str) -> object:
    """A display name and an address, as a reader may take them."""
    return (
        KnownNames(KNOWN).like(text),
        looks_like(text, KNOWN),
        looks_like(f"a@{text}", KNOWN),
        shows_another(text, "a@b.org"),
        u_labels(text),
    )


def _guarded(text: str) -> object:
    """What an answer and its file say, looked at for staff."""
    file = Attachment(text[:100], "text/plain", len(text), "0" * 64, None, False, words=text)
    note = GuardedNote("omar@desk.example", text[:5000], unasked=True)
    return why_not_for_customers(text, (file,), (note,), "omar@desk.example", (text,))


def _request(text: str) -> object:
    """What a new request says: in the words of the desk's tables, and in those that others have reported."""
    return LEXICON.found_in(words_of(text[:50_000])), likeness.features(likeness.words_of(text, text))


def _traced(content: bytes) -> object:
    raw = RawMessage("smtp", Envelope("a@b.org", ("c@d.org",)), content, datetime(2024, 5, 1, tzinfo=UTC), "192.0.2.1")
    return trace.has_too_many_hops(content), trace.with_trace(raw, "mx.example.org", 1)


def _turn(content: bytes) -> object:
    return sender_of(RawMessage("imap", None, content, datetime(2024, 5, 1, tzinfo=UTC), ""))


def _archived(content: bytes) -> object:
    with NamedTemporaryFile(suffix=".mbox") as file:
        file.write(b"From a\n" + content.replace(b"\n", b"\n\n"))
        file.flush()
        found = list(mbox.mails_in(Path(file.name)))
        with Path(file.name).open("rb") as archive_file:
            return [mbox.mail_at(archive_file, place.offset, place.length) for place in found], [mbox.filed_at(text_of(content))]


def _collected(content: bytes) -> object:
    collector = DataCollector(len(content) * 2)
    for at in range(0, len(content), 64):
        collector.feed(content[at : at + 64])
    return collector.feed(b"\r\n.\r\n")


def _signed(content: bytes) -> object:
    fields = strict_fields(b"DKIM-Signature: " + content.replace(b"\n", b"\r\n ") + b"\r\n\r\n") or strict_fields(content) or ()
    return signature_claims(fields), arc_chain(fields)


def _judged(content: bytes) -> object:
    """What stands in Authentication-Results: a field as long as one may be, and as many of others as there is room for."""
    text = text_of(content).replace("\n", " ")
    own = f"mx.example.org; {text[: LONGEST_FIELD - 20]}"
    others = [f"mx.example.net {text[at : at + 100]}" for at in range(0, len(text), 100)]
    fields = tuple(("authentication-results", value) for value in (own, *others))
    return trusted_results(fields, ("mx.example.org",)), sealed_results(own[:1000])


def _label(text: str) -> LabelledLines:
    """A text of which all looks quoted, with answers now and then.

    Its last word is in no letter: a quote that a letter has in one piece is known at once, and only small ones fit into a letter, so that
    without this word the small size would be the quick way and the large one the long way.
    """
    lines = plain_lines(f"{text}\nunheard\n")
    return LabelledLines.of(lines, [Label.KEPT if at % 7 == 6 else Label.ELIDED for at in range(len(lines))])


def _said(text: str) -> object:
    """A mail that quotes a letter which has the same hostile words."""
    labelled = _label(text)
    letter = SentWords(1, True, packed(text[:5000], text))
    return said_first(labelled), said_in_reply(labelled, documents_of((letter,))), phrases_in(words_of_line(text), ("a b",))


def _said_by_staff(text: str) -> object:
    """The same by staff, about a message."""
    return said_by_staff(_label(text), tuple(documents_of((SentWords(2, True, b"", text, text),))))


def _command_line(content: bytes) -> object:
    """What a client may write behind MAIL, RCPT and AUTH."""
    arguments = (b"FROM:<%s>", b"TO:<%s>", b"FROM:<a@b.org> %s", b"FROM:<a@b.org> AUTH=%s")
    line = content.replace(b"\n", b" ")[:LONGEST_COMMAND]
    return [read(argument % line) for argument in arguments for read in (reverse_path, forward_path)], sasl.decode_response(line)


def _document(text: str) -> object:
    """A text in each place of a page, read and written again."""
    said = escaped(text[: len(text) // 8], quote=True)
    value = said[:300]  # more in one tag is beyond the limits, and such a page is read without its tags
    marked = f'<p class="{value}" id="{value}" style="border:{value};font-weight:{value};mso-list:{value}"><a href="https://{value}">{said}</a></p>'
    page = f'<table><tr><th>{said}</th><td colspan=2>{marked}</td></tr></table><ol><li>{said}</li></ol><img src="cid:{value}" alt="{value}">'
    return markup_of(html.readable_lines(f'{page}<div class="helpdesk-boundary">{said}</div><blockquote>{said}</blockquote>'))


def _shape(text: str) -> object:
    lines = shaped(text[:REPLY_CHARACTERS], html.readable_lines(f"<ul><li>{escaped(text)}</li></ul>"))
    kept = document_kept(kept_shapes(text_of_document(lines), lines), len(text))
    return kept, text_of_document(lines), pictures_in(lines), without_pictures(lines, ("f00d",))


# Scanners of text, of octets, and of the octets of a header (at most as many as a header may have).
# Rules with phrases of every form, so that each place of a hostile text may begin one.
RULES = RuleIndex(
    [
        SortingRule.model_validate({"name": "one", "words": ["a a a b", "a* a* b", "## ## x"], "subject": "a b", "tag": "t"}),
        SortingRule.model_validate({"name": "two", "header": {"X-Shop": ["a a b", "1 2"]}, "tag": "t"}),
        SortingRule.model_validate({"name": "all", "fields": {"order": ["a #", "## ###", "#"]}}),
    ]
)
OF_TEXT: dict[str, Callable[[str], object]] = {
    "rules": lambda text: sort_by_rules(SortedMail((), (), text, text, (("x-shop", text),)), RULES),
    "answers": lambda text: is_answered(text, ("the number", text[:200])),
    "glued lines": lambda text: unglued(plain_lines(text)),
    "fields on one line": lambda text: break_before_labels(text[:3000]),
    "html.lines": html.readable_lines,
    "html.too_complex": too_complex,
    "document as HTML": _document,
    "shape of a text": _shape,
    "text as HTML": lambda text: markup_of(plain_lines(text)),
    "a link's address": link_address,
    "html.pictures": lambda text: pictures_shown(text, forwarded=Forwarded.ABSENT, answers=True),
    "tags": lambda text: (without_tags(text), is_only_text(text)),
    "reply": lambda text: split_reply(plain_lines(text)),
    "reply of a forward": lambda text: split_reply(plain_lines(text), forwarded=Forwarded.STAYS, answers=False),
    "quoted from us": _said,
    "quoted by staff": _said_by_staff,
    "quoted reply": lambda text: split_reply([line._replace(quoted=at % 2 > 0) for at, line in enumerate(plain_lines(text))]),
    "forward": _forward,
    "forwarded addresses": printed_mailboxes,
    "language": language_of,
    "masked": secrets.mask,
    "secrets": secrets.kinds_in,
    "flowed": functools.partial(unflow, delsp=True),
    "base subject": base_subject,
    "prefix of a subject": has_prefix,
    "files of a command": commands.files_named,
    "calendar": calendar.summary,
    "thanks": is_only_thanks,
    "encrypted": lambda text: encryption_of((), text),
    "kind": lambda text: kind_of(evidence(text), None),
    "delivery report": lambda text: delivery_report(evidence(text)),
    "recipients in text": lambda text: recipients_in_text(evidence(text)),
    "absence": _absence,
    "mail of a service": _from_service,
    "two texts": lambda text: (other_text(text, plain_lines(text)), is_stub(text[:400], plain_lines(text))),
    "trouble": says_trouble,
    "asked of the store": _asked_of_the_store,
    "staff words": _staff_words,
    "digest rows": lambda text: rows_text(text, range(1, 51)),
    "firewall": lambda text: leak_in(text, (text[:5000], text), (text,)),
    "a corrected text": lambda text: is_text_corrected(text, text[:5000]),
    "firewall of a file": _guarded,
    "a letter of ours": lambda text: (holds_boundary(text), holds_context_block(text)),
    "tokens of ours": lambda text: tokens_in(text, tokens_written((text,), KEYRING) | {"x" * 40: Token(Purpose.NOTE, 1)}),
    "on a terminal": lambda text: (escape(text), in_one_line(text)),
    "shingles": shingles,
    "their reference": lambda text: reference_in(text, "ACZ-K7Q2M9"),
    "new request": _request,
    "a promised time": lambda text: end_named(text, datetime(2024, 5, 1, tzinfo=UTC), Calendar()),
    "a time": lambda text: moment_named(text, datetime(2024, 5, 1, tzinfo=UTC), Calendar()),
    "words of a relay": one_line,
    "words in a letter": lambda text: as_html(many_lines(text, len(text))),
}
OF_OCTETS: dict[str, Callable[[bytes], object]] = {
    "header": split_header,
    "outline": _outline,
    "structure": _structure,
    "charset": decode,
    "uuencoded files in a text": taken_out,
    "Japanese charset": lambda content: decode(content, "iso-2022-jp"),
    "unknown charset": lambda content: decode(content, "x-nonsense"),
    "Chinese charset": lambda content: decode(content, "gb2312"),
    "base64": from_base64,
    "quoted-printable": lambda content: _encoded(b"quoted-printable", content),
    "uuencode": lambda content: _encoded(b"x-uuencode", content),
    "fingerprint": lambda content: fingerprint(split_header(content), content),
    "RTF": rtf.plain_text,
    "compressed RTF": lambda content: rtf.decompress(b"\0" * 4 + b"\xff\xff\xff\x7f" + b"LZFu" + b"\0" * 4 + content),
    "TNEF": lambda content: tnef.read_tnef(b"\x78\x9f\x3e\x22\0\0" + content),
    "S/MIME": lambda content: (smime.signed_entity(content), smime.content_kind(content)),
    "report part": lambda content: recipients_in_part(content, ""),
    "delivery status": _report,
    "trace": _traced,
    "turn": _turn,
    "archive": _archived,
    "SMTP data": _collected,
    "letter": _sent,
    "signatures": _signed,
    "message id of a poison": scanned_message_id,
}
OF_HEADERS: dict[str, Callable[[bytes], object]] = {
    "head": lambda content: read_head(split_header(content)),
    "parameters": parameters,
    "mailboxes": mailboxes,
    "one mailbox": is_one_plain_mailbox,
    "message ids": message_id,
    "shown value": readable,
    "file name": lambda content: DistinctNames().take(safe_filename(name_of_mail(text_of(content)))),
    "From": lambda content: read_head(_field(b"From", content)),
    "Subject": lambda content: read_head(_field(b"Subject", content)),
    "References": lambda content: read_head(_field(b"References", content)),
    "Date": lambda content: read_head(_field(b"Date", content)),
    "language tag": lambda content: language_tag(text_of(content)),
    "identities": lambda content: _identities(text_of(content)),
    "names": lambda content: _names(text_of(content)),
    "Authentication-Results": _judged,
    "SMTP commands": _command_line,
    "date of an archived mail": lambda content: archive.sent_at(content, None, datetime(2024, 5, 1, tzinfo=UTC)),
}
WHOLE: dict[str, Callable[[bytes], object]] = {"degraded": read_degraded}
LARGEST_HEADER = limits.HEADER_OCTETS - 1000
LONGEST_COMMAND = 16 * 1024
MOST_OF_AN_ADDRESS = 1000


def prepared(scanner: str, pattern: str, size: int) -> Callable[[], object]:
    """One scan of `size` characters or octets, ready to run; what reading did before that is done already."""
    content = octets(repeated(pattern, size))
    if scanner in OF_TEXT:
        return functools.partial(OF_TEXT[scanner], text_of(content))
    if scanner in OF_HEADERS:
        return functools.partial(OF_HEADERS[scanner], content[:LARGEST_HEADER])
    return functools.partial((OF_OCTETS | WHOLE)[scanner], content)


SCANNERS = (*OF_TEXT, *OF_OCTETS, *OF_HEADERS, *WHOLE)
