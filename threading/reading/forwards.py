"""A forwarded mail inside the text: its author, date and subject, and the comment that the forwarding person wrote above it.

Evidence is a separator line of the mail client with a header block below. If the subject says that the mail is a forward, a header block or
an attribution line is enough.
"""

from collections.abc import Sequence

from helpdesk.threading.reading.attribution import Attributions
from helpdesk.threading.reading.glued import break_before_labels
from helpdesk.threading.reading.header_block import Block, block_at, forward_block_at
from helpdesk.threading.reading.lines import Line
from helpdesk.threading.reading.mailboxes import mailboxes
from helpdesk.threading.reading.parsed import Forward, Mailbox
from helpdesk.threading.reading.quote_words import LABELS, ON_BEHALF
from helpdesk.threading.reading.reply_text import (
    begins_old_text,
    ends_forward,
    is_forwarded_line,
    is_original_line,
    letters_begin,
    lines_searched,
    may_part,
)
from helpdesk.threading.reading.subjects import LONGEST, base_subject, without_filter_marks

FORWARD_PREFIXES = frozenset(
    "fw fwd wg wtrlt tr rv перенапр пересылка tov předané přesměrováno redirectionat fwd. videresendt enc i inc doorst vb vs vl videresend vid pd podaj dalej tov továbbítás ilt i̇lt ilet yönlendirilmiş 转发 轉寄 转寄 転送 전달 "
    "пер пересл fs trs redirecționat redir fyi πρθ הועבר إعادة bls terusan prosl preposlané předáno vidarebefordrat välitetty přeposláno enc. ha на".split()
)
FINNISH = ("lähettäjä:", "lähetetty:", "vastaanottaja:", "aihe:")
HEADER_SOON = 5  # lines between the separator and the block
LONGEST_INLINE = 3000
SUBJECT_LABELS = tuple(label.capitalize() for label in LABELS["subject"])


def subject_says_forward(subject: str) -> bool:
    """Whether a subject begins with `Fwd:` in one of the languages of mail clients."""
    begin = without_filter_marks(subject[:LONGEST])[:20]
    at = min((found for colon in (":", "：") if (found := begin.find(colon)) > 0), default=0)
    return bool(at) and begin[:at].strip().lower().rstrip("0123456789[]().") in FORWARD_PREFIXES


def _is_finnish_answer(subject: str, texts: Sequence[str]) -> bool:
    """Whether `VS:` means an answer, as in Finnish. In Danish, and in Norwegian, it means a forward."""
    return subject[:3].lower() == "vs:" and any(text.lower().startswith(FINNISH) for text in texts)


def find_forward(lines: Sequence[Line], subject: str) -> Forward | None:
    """The outermost forward in the lines of a body, None without one. Nested forwards are part of its text.

    A forward in the history that a reply quotes is none of the mail.
    """
    end = lines_searched(lines)
    unrolled = _unroll(lines[:end])
    texts = [line.text for line in unrolled]
    tail = [line.text for line in lines[end:]]
    announced = subject_says_forward(subject) and not _is_finnish_answer(subject, texts)
    follows = _quote_follows(unrolled) if announced else []
    attributions = Attributions(texts, follows) if announced else None
    for at, text in enumerate(texts):
        if not text.strip():
            continue
        parts = may_part(text)
        if parts and is_forwarded_line(text):
            return None if _is_in_history(unrolled, at) else _below_separator(texts, at, tail)
        if attributions is None:
            if parts and begins_old_text(texts, at):
                return None
            continue
        block = block_at(texts, at) if parts else None
        if block is not None:
            return _from_block(texts, _above(texts, at), block, tail)
        count = attributions.at(at)
        if count:
            marked = follows[at + count - 1] or not _stands_alone(texts, at, count)
            return None if marked else _from_attribution(texts, at, count, subject, tail)
    return None


def _is_in_history(lines: list[Line], at: int) -> bool:
    """Whether a separator stands in what a reply quotes: one of our letters begins above it, or a client introduced a quote there."""
    texts = [line.text for line in lines]
    if letters_begin(lines[:at], "\n".join(texts[:at])):
        return True
    attributions = Attributions(texts, _quote_follows(lines))
    return any(text.strip() and attributions.at(index) for index, text in enumerate(texts[:at]))


def _below_separator(texts: list[str], at: int, tail: list[str]) -> Forward | None:
    for index in range(at + 1, min(at + 1 + HEADER_SOON, len(texts))):
        if not texts[index].strip("> \t"):
            continue
        block = forward_block_at(texts, index)
        return _from_block(texts, at, block, tail) if block is not None else None
    return None


def _above(texts: list[str], at: int) -> int:
    """Where the comment above a header block ends, which is above its separator lines."""
    while at > 0 and (not texts[at - 1].strip("_-–—=* \t") or is_original_line(texts[at - 1])):
        at -= 1
    return at


def _from_block(texts: list[str], comment_end: int, block: Block, tail: list[str]) -> Forward:
    authors = printed_mailboxes(block.values.get("from", ""))
    return Forward(
        author=authors[0] if authors else None,
        date=block.values.get("date", ""),
        subject=block.values.get("subject", ""),
        to=printed_mailboxes(block.values.get("to", "")),
        cc=printed_mailboxes(block.values.get("cc", "")),
        comment="\n".join(texts[:comment_end]).strip(),
        text=_without_quote_marks(_text_below(texts, block, tail)),
    )


def _text_below(texts: list[str], block: Block, tail: list[str]) -> list[str]:
    """The text below a header block. If the block is marked as a quote, the text ends with the last marked line."""
    below = [*texts[block.end :], *tail]
    if not _has_mark(texts[block.end - 1]):
        return below
    last = max((at for at, text in enumerate(below) if _has_mark(text)), default=-1)
    return [_without_mark(text) for text in below[: last + 1]] or below


def _has_mark(text: str) -> bool:
    return text.lstrip()[:1] == ">"


def _without_mark(text: str) -> str:
    return text.lstrip()[1:].removeprefix(" ") if _has_mark(text) else text


def _from_attribution(texts: list[str], at: int, count: int, subject: str, tail: list[str]) -> Forward | None:
    line = " ".join(text.strip("\ufeff> \t") for text in texts[at : at + count])
    author = _author_in(line)
    if author is None:
        return None
    text = _without_quote_marks([*texts[at + count :], *tail])
    return Forward(author, "", base_subject(subject), (), (), "\n".join(texts[:at]).strip(), text)


def _author_in(line: str) -> Mailbox | None:
    before, bracket, after = line.partition("<")
    if not bracket:
        return None
    address = after.partition(">")[0].strip().removeprefix("mailto:")
    words = before.replace("(", " ").strip().split('"')
    name = words[1] if len(words) > 2 else " ".join(_trailing_name(before))
    return Mailbox(name.strip(), address) if "@" in address else None


def _trailing_name(before: str) -> list[str]:
    """The words after the last one that has a digit or ends with a comma."""
    words = before.strip(" (").split()
    first = max(
        (at + 1 for at, word in enumerate(words) if any(letter.isdecimal() for letter in word) or word.endswith((",", ":"))),
        default=0,
    )
    return [word for word in words[first:] if word[:1].isupper() or not word.isalpha() or len(words) - first <= 2]


def printed_mailboxes(value: str) -> tuple[Mailbox, ...]:
    """The mailboxes of an address list as clients print it: unquoted commas in names, `[mailto:…]`, semicolons, links behind addresses."""
    plain = (
        _sender_of(_without_links(value)).replace("[mailto:", "<").replace("]", ">").replace("<mailto:", "<").replace("><", "> <")
    )
    found: list[Mailbox] = []
    waiting: list[str] = []
    for mailbox in mailboxes(plain.encode("utf-8", "replace")):
        if mailbox.address:
            name = ", ".join([*waiting, mailbox.name]) if waiting else mailbox.name
            found.append(Mailbox("" if name == mailbox.address else name, mailbox.address))
            waiting = []
        elif mailbox.name:
            waiting.append(mailbox.name)
    return (*found, *(Mailbox(name, "") for name in waiting)) if found or waiting else ()


def _sender_of(value: str) -> str:
    """The part of an author line that has the address, where one person wrote on behalf of another."""
    lowered = value.lower()
    for words in ON_BEHALF:
        at = lowered.find(words)
        if at > 0:
            first, second = value[:at], value[at + len(words) :]
            return first if "@" in first else second if "@" in second else value
    return value


def _without_links(value: str) -> str:
    """`<anna@example.org<mailto:anna@example.org>>` → `<anna@example.org>`, as HTML is turned into text."""
    first, *others = value.split("<mailto:")
    kept = [first]
    for other in others:
        address, _, rest = other.partition(">")
        kept.append(rest if kept[-1].rstrip().lower().endswith(address.strip().lower()) else f"<mailto:{other}")
    return "".join(kept)


def _without_quote_marks(texts: list[str]) -> str:
    """The text as one string, without one level of `>` marks if nine of ten lines carry it."""
    while texts and not texts[0].strip("> \t\ufeff\u200b"):
        texts = texts[1:]
    last = next((at for at in range(len(texts) - 1, -1, -1) if texts[at].strip("> \t")), -1)
    if last >= 0 and ends_forward(texts[last]):
        texts = texts[:last]
    filled = [text for text in texts if text.strip()]
    if filled and sum(_has_mark(text) for text in filled) * 10 >= len(filled) * 9:
        texts = [_without_mark(text) for text in texts]
    return "\n".join(texts).strip("\n\ufeff ").rstrip()


def _stands_alone(texts: list[str], at: int, count: int) -> bool:
    """Whether an attribution belongs to a forward: nothing stands above it, or all text below it is indented."""
    if not any(text.strip("\ufeff \t") for text in texts[:at]):
        return True
    return all(text.startswith("    ") for text in texts[at + count :] if text.strip())


def _unroll(lines: Sequence[Line]) -> list[Line]:
    """The lines, with a separator and header block on one line, as Yahoo writes them, broken before each label."""
    unrolled: list[Line] = []
    for line in lines:
        text = line.text
        if (
            "----" in text
            and len(text) < LONGEST_INLINE
            and text.lstrip("> \t").startswith("----")
            and is_forwarded_line(text)
            and ":" in text
        ):
            unrolled.extend(Line(piece, line.quoted) for piece in _break_before_labels(text))
        else:
            unrolled.append(line)
    return unrolled


def _break_before_labels(text: str) -> list[str]:
    marked = text.strip()
    end = marked.find("--", len(marked) - len(marked.lstrip("- ")) + 1)
    if end < 0:
        return [text]
    rest = marked[end:].lstrip("-").strip()
    pieces = [marked[: len(marked) - len(rest)].strip()]
    *others, last = break_before_labels(rest)
    return [*pieces, *others, *_last_label(last)]


def _last_label(piece: str) -> list[str]:
    """Yahoo leaves the colon out behind some translations of "Subject": `… 09:26:50 CETAssunto Invoice`."""
    words = piece.split(" ")
    for at, word in enumerate(words):
        label = next((label for label in SUBJECT_LABELS if word.endswith(label)), "")
        before = word[: len(word) - len(label)]
        if at and label and (not before or not before[-1:].islower()):
            return [" ".join([*words[:at], before]).strip(), f"{label}: {' '.join(words[at + 1 :])}"]
    return [piece]


def _quote_follows(lines: list[Line]) -> list[bool]:
    """For each line, whether the next one that is not blank is quoted."""
    follows = [False] * len(lines)
    after = False
    for at in range(len(lines) - 1, -1, -1):
        follows[at] = after
        if lines[at].text.strip():
            after = lines[at].quoted or lines[at].indented or lines[at].text.lstrip()[:1] == ">"
    return follows
