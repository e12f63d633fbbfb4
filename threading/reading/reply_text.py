"""What the author wrote now, apart from what is quoted and from the signature.

Every line goes to exactly one of three parts, so nothing is lost. Evidence, strongest first: our own boundary, containers of HTML
quotes, separator lines, header blocks, attribution lines, `>` marks. Each line is looked at a bounded number of times.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.threading.reading.attribution import Attributions, comparable, is_attribution
from helpdesk.threading.reading.header_block import block_at, forward_block_at, is_lone_author
from helpdesk.threading.reading.html import Line
from helpdesk.threading.reading.limits import REPLY_CHARACTERS, REPLY_LINES
from helpdesk.threading.reading.quote_words import FORWARDED, ORIGINAL, REPLY_MARKERS
from helpdesk.threading.reading.signatures import signature_lines

RULE = "-–—_*=~ \t>:<#+"
ORIGINALS = frozenset(words.replace("\u0307", "") for words in ORIGINAL)
FORWARDS = frozenset(words.replace("\u0307", "") for words in FORWARDED)
RULES_BEGIN = frozenset("-–—_=")
RULES_END = frozenset("-_*=")
LONGEST_SEPARATOR = 120
LONGEST_LINK = 1000
FULL_LINE = 60  # characters of a line that a program may have had to break
LINES_TO_HEADER = 6  # below the separator of a forward

REPLY, QUOTE, INTRODUCTION, ELIDED, SIGNATURE = "reply", "quote", "introduction", "elided", "signature"
CONTEXT = "context"  # of our own letter, between the answers to it


@dataclass(frozen=True, slots=True)
class ReplyParts:
    """`own` is the reply without what it quotes of our letter between answers: words that may go to somebody who never had that letter."""

    reply: str
    elided: str
    signature: str
    own: str


def plain_lines(text: str) -> list[Line]:
    """The lines of a text with normal line ends. What lies beyond the lines that are searched is one last entry."""
    return [Line(line) for line in text.split("\n", REPLY_LINES)]


class Forwarded(StrEnum):
    """What becomes of the text of a forwarded mail."""

    ABSENT = "absent"
    STAYS = "stays"
    GOES = "goes"


def split_reply(
    lines: Sequence[Line], *, keep_signature: bool = False, forwarded: Forwarded = Forwarded.ABSENT, answers: bool = True
) -> ReplyParts:
    """Part the lines of a body; `answers` says that the mail is a reply.

    A forwarded text that stays is part of the reply, unless its client marked it as a quote below words of the author. So is the
    text below a header block that opens a mail which answers none, as the forms of web pages make them.
    """
    head = list(lines[: lines_searched(lines)])
    labels = _labels(head, forwarded=forwarded, answers=answers)
    rest = ELIDED if labels and labels[-1] == ELIDED else REPLY
    labels += [rest] * (len(lines) - len(head))
    if keep_signature:
        labels = [REPLY if label == SIGNATURE else label for label in labels]
    return ReplyParts(
        reply=_join(lines, labels, REPLY, CONTEXT),
        elided=_join(lines, labels, ELIDED),
        signature=_join(lines, labels, SIGNATURE),
        own=_join(lines, labels, REPLY),
    )


def lines_searched(lines: Sequence[Line]) -> int:
    """How many of the lines are searched."""
    total = 0
    for count, line in enumerate(lines[:REPLY_LINES]):
        total += len(line.text) + 1
        if total > REPLY_CHARACTERS:
            return count
    return min(len(lines), REPLY_LINES)


def _join(lines: Sequence[Line], labels: list[str], *wanted: str) -> str:
    return "\n".join(line.text for line, label in zip(lines, labels, strict=True) if label in wanted).strip("\n").rstrip()


def _labels(lines: list[Line], *, forwarded: Forwarded, answers: bool) -> list[str]:
    texts = [line.text for line in lines]
    initials = _initials(texts)
    quoted = [line.quoted or _is_marked(line.text, initials) for line in lines]
    follows = _quote_follows(texts, [mark or line.indented for mark, line in zip(quoted, lines, strict=True)])
    labels = [QUOTE if mark else REPLY for mark in quoted]
    _rejoin_links(texts, labels)
    is_forward = forwarded != Forwarded.ABSENT
    boundaries = _boundaries(lines, texts)
    cut = _find_cut(lines, labels, follows, boundaries, is_forward=is_forward)
    authored = any(label == REPLY and text.strip() for label, text in zip(labels[: cut.at], texts, strict=False))
    stays = forwarded == Forwarded.STAYS or (cut.certain and not answers and not is_forward and not authored)
    ours = min(boundaries, default=len(lines))
    marked = ours < len(lines) and labels[ours] == QUOTE
    if stays and not authored:
        _below_header(texts, labels, cut.at)
    elif stays:
        _mark_signatures(lines, labels, cut.at)
        _introduce_marked(texts, labels, cut.at, follows)
    elif cut.certain or authored or ours < len(lines):
        labels[cut.at :] = [ELIDED] * (len(labels) - cut.at)
    else:
        _below_attribution(texts, labels, cut.at)
    if marked:
        _rejoin_broken(texts, labels, ours)
    else:
        labels[ours:] = [ELIDED] * (len(labels) - ours)
    if not stays:
        _mark_signatures(lines, labels, len(lines))
    _settle_quotes(texts, labels, ours if marked else -1)
    _drop_rules(texts, labels)
    return labels


def _boundaries(lines: list[Line], texts: list[str]) -> frozenset[int]:
    """The lines at which letters of ours begin."""
    whole = "\n".join(texts).lower()
    there = [one for one in REPLY_MARKERS if one in whole]
    return frozenset(at for at, line in enumerate(lines) if line.boundary or any(one in line.text.lower() for one in there))


def _header_end(texts: list[str], at: int) -> int:
    """The first line below the separator and the header block of a forward that begins at a line."""
    for start in range(at, min(at + LINES_TO_HEADER, len(texts))):
        block = forward_block_at(texts, start)
        if block is not None:
            return block.end
    return at


def _below_header(texts: list[str], labels: list[str], at: int) -> None:
    """Nothing stands above a forward: its text is what its author sends, without the separator and the header block."""
    end = _header_end(texts, at)
    labels[at:end] = [ELIDED] * (end - at)
    labels[end:] = [REPLY] * (len(labels) - end)


def _introduce_marked(texts: list[str], labels: list[str], at: int, follows: list[bool]) -> None:
    """Separator and header block introduce a forwarded text that is marked as a quote."""
    end = _header_end(texts, at) if labels[at : at + 1] == [REPLY] else at
    end = end if end > at else at + 1
    if end <= len(labels) and follows[end - 1]:
        labels[at:end] = [INTRODUCTION] * (end - at)


def _rejoin_links(texts: list[str], labels: list[str]) -> None:
    """A line between quoted ones that is the rest of a link, which a mail program broke over the end of a quoted line."""
    if QUOTE not in labels:
        return
    for at in range(1, len(texts) - 1):
        if labels[at] == REPLY and labels[at - 1] == labels[at + 1] == QUOTE and _is_rest_of_link(texts[at - 1], texts[at]):
            labels[at] = QUOTE


def _rejoin_broken(texts: list[str], labels: list[str], ours: int) -> None:
    """Below a boundary that is marked as a quote, the end of a long line that was broken without a new mark.

    It stands right below the line and right above the next mark; at the end of the mail only where words of the author
    stand above the quote, else it may be his answer.
    """
    authored = any(label == REPLY and text.strip() for label, text in zip(labels[:ours], texts, strict=False))
    last = max((at for at, text in enumerate(texts) if text.strip()), default=-1)
    for at in range(ours + 1, len(labels)):
        if labels[at] != REPLY or not texts[at].strip() or labels[at - 1] != QUOTE or len(texts[at - 1]) < FULL_LINE:
            continue
        if labels[at + 1 : at + 2] == [QUOTE] or (authored and at == last):
            labels[at] = QUOTE


def _is_rest_of_link(above: str, text: str) -> bool:
    line = text.strip()
    if not line or len(line) > LONGEST_LINK or len(above) > LONGEST_LINK:
        return False
    if line.startswith(("(http", "<http", "[http")) and " " not in line.rstrip("> "):
        return True
    opened = above.rfind("(") > above.rfind(")") or above.rfind("<") > above.rfind(">")
    return opened and "://" in above and " " not in line and line.endswith((")", ">"))


def _below_attribution(texts: list[str], labels: list[str], at: int) -> None:
    """Nothing stands above the attribution, and nothing below it is marked: the author's words can only be there."""
    while at < len(labels) and texts[at].strip():
        labels[at] = ELIDED
        at += 1


def _initials(texts: list[str]) -> frozenset[str]:
    """Quote marks with initials in front (`AW> `), when they stand on more than one line."""
    counts: dict[str, int] = {}
    for text in texts:
        if ">" not in text:
            continue
        mark = text.strip().partition(">")[0]
        if 0 < len(mark) <= 10 and mark.isalpha():
            counts[mark] = counts.get(mark, 0) + 1
    return frozenset(mark for mark, count in counts.items() if count > 1)


def _is_marked(text: str, initials: frozenset[str] = frozenset()) -> bool:
    stripped = text.lstrip(" \t\u200b\ufeff")
    if initials and ">" in stripped and stripped.partition(">")[0] in initials:
        return True
    return stripped[:1] == ">" or stripped[:4] == "&gt;"


def _quote_follows(texts: list[str], quoted: list[bool]) -> list[bool]:
    """For each line, whether the next one that is not blank is quoted."""
    follows = [False] * len(texts)
    after = False
    for at in range(len(texts) - 1, -1, -1):
        follows[at] = after
        if quoted[at]:
            after = True
        elif texts[at].strip():
            after = False
    return follows


@dataclass(slots=True)
class _Cut:
    """Where the old text begins, and on what evidence."""

    at: int
    certain: bool = True  # an attribution alone may stand above an answer


def _find_cut(lines: list[Line], labels: list[str], follows: list[bool], boundaries: frozenset[int], *, is_forward: bool) -> _Cut:
    """The first line of which everything to the end is old; attribution lines above `>` quotes are marked on the way."""
    texts = [line.text for line in lines]
    attributions = Attributions(texts, follows)
    at = 0
    while at < len(lines):
        if labels[at] != REPLY or not texts[at] or texts[at].isspace():
            at += 1
            continue
        if at in boundaries:
            return _Cut(at)
        if may_part(texts[at]) and (begins_old_text(texts, at) or _begins_forward(texts[at], is_forward=is_forward)):
            return _Cut(at)
        count = attributions.at(at)
        if count and not follows[at + count - 1]:
            return _Cut(at, certain=False)
        labels[at : at + count] = [INTRODUCTION] * count
        at += count or 1
        while count and at < len(lines) and labels[at] == REPLY and (lines[at].indented or not texts[at].strip()):
            labels[at] = QUOTE if lines[at].indented else REPLY
            at += 1
    return _Cut(len(lines))


def _begins_forward(text: str, *, is_forward: bool) -> bool:
    return is_forwarded_line(text) and (is_forward or text.strip("* \t")[:2] == "--")


def may_part(text: str) -> bool:
    """Whether a line may be a separator or begin a header block: it has a colon, or a rule at its begin or end. Most lines have neither."""
    return ":" in text or "：" in text or text.lstrip("> \t*")[:1] in RULES_BEGIN or text.rstrip()[-1:] in RULES_END


def begins_old_text(texts: list[str], at: int) -> bool:
    """A separator line, or a block of header lines."""
    if is_original_line(texts[at]) or (_is_separator(texts[at]) and _block_soon(texts, at)):
        return True
    return block_at(texts, at) is not None or is_lone_author(texts, at)


def is_original_line(text: str) -> bool:
    """`-----Original Message-----` in the languages of the table; the marks around it are required."""
    return (
        len(text) <= LONGEST_SEPARATOR
        and text.lstrip("> \t*")[:2] in ("--", "__", "==", "- ")
        and _between_rules(text) in ORIGINALS
    )


def is_forwarded_line(text: str) -> bool:
    if len(text) > LONGEST_SEPARATOR * 20:
        return False
    between = _between_rules(text[:LONGEST_SEPARATOR])
    if between in FORWARDS:
        return text.strip().endswith((":", "：", "-", "_", "*", "=")) and len(text) <= LONGEST_SEPARATOR
    marked = text.lstrip("> \t*")
    if not marked.startswith("----"):
        return False
    inner = marked.lstrip("-").partition("--")[0]
    return _between_rules(inner) in FORWARDS or inner.strip().lower().startswith("forwarded by ")


def _between_rules(text: str) -> str:
    """The words of a separator line for comparing; the capital İ has a dot of its own when it is made small."""
    return " ".join(text.strip(RULE + "：").lower().replace("\u0307", "").split())


def _is_separator(text: str) -> bool:
    """A line of dashes or underscores, with or without words in it."""
    stripped = text.strip("* \t")
    return len(stripped) >= 5 and stripped[0] in "_-–—" and stripped[-1] in "_-–—" and len(stripped) <= LONGEST_SEPARATOR


def _block_soon(texts: list[str], at: int) -> bool:
    return any(block_at(texts, index) is not None for index in range(at + 1, min(at + 4, len(texts))) if texts[index].strip())


def _mark_signatures(lines: list[Line], labels: list[str], end: int) -> None:
    for at in signature_lines(lines[:end], [label == REPLY for label in labels[:end]]):
        labels[at] = SIGNATURE


def _settle_quotes(texts: list[str], labels: list[str], ours: int) -> None:
    """Answers between several quotes keep their context, and so does an answer to a quote that no client introduced.

    A quote that is merely above or below the answer goes. `ours` is the line at which a quoted letter of ours begins, -1 without one.
    """
    authored = [at for at, label in enumerate(labels) if label == REPLY and texts[at].strip()]
    last = authored[-1] if authored else -1
    introduced = INTRODUCTION in labels or _opens_with_attribution(texts, labels)
    keep = _regions(texts, labels, last) >= 2 or not introduced
    if not authored and not introduced and ELIDED not in labels:
        last = len(labels)
    for at, label in enumerate(labels):
        if label in (QUOTE, INTRODUCTION):
            kept = REPLY if ours < 0 else CONTEXT
            labels[at] = kept if keep and ours < at < last else ELIDED


def _opens_with_attribution(texts: list[str], labels: list[str]) -> bool:
    """Whether the first quoted line is itself an attribution: then a client quoted it."""
    first = next(
        (comparable(text) for text, label in zip(texts, labels, strict=True) if label == QUOTE and text.strip("> \t")), ""
    )
    return bool(first) and is_attribution(first, begins=True, quote_follows=True)


def _regions(texts: list[str], labels: list[str], last: int) -> int:
    """How many quoted regions stand before the last authored line. Blank lines do not end one."""
    count, inside = 0, False
    for at in range(max(last, 0)):
        if labels[at] in (QUOTE, INTRODUCTION):
            count += not inside
            inside = True
        elif texts[at].strip():
            inside = False
    return count


def _drop_rules(texts: list[str], labels: list[str]) -> None:
    """Lines of dashes or stars at the end of the reply separate it from something that is gone."""
    for at in range(len(labels) - 1, -1, -1):
        if labels[at] != REPLY or not texts[at].strip():
            continue
        if texts[at].strip(RULE + "\u200b\ufeffᐧ"):
            return
        labels[at] = ELIDED
