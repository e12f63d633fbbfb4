"""The words that the author wrote now, without quoted text and signature.

Each line goes to exactly one of three parts, so nothing is lost. Evidence, strongest first: the boundary of our own letters, containers of
HTML quotes, separator lines, header blocks, attribution lines, `>` marks. Each line is looked at a bounded number of times.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.threading.reading.attribution import (
    DIGIT,
    Attributions,
    comparable,
    is_attribution,
    is_bare_attribution,
    is_groupwise_line,
)
from helpdesk.threading.reading.banners import banner_above, banner_below
from helpdesk.threading.reading.glued import unglued
from helpdesk.threading.reading.header_block import block_at, forward_block_at, is_lone_author
from helpdesk.threading.reading.labels import ANSWERED, CANDIDATES, Label, LabelledLines
from helpdesk.threading.reading.limits import REPLY_CHARACTERS, REPLY_LINES
from helpdesk.threading.reading.lines import Line
from helpdesk.threading.reading.quote_words import FORWARD_ENDS, FORWARDED, FORWARDED_FROM, ORIGINAL, REPLY_MARKERS
from helpdesk.threading.reading.signatures import signature_lines
from helpdesk.threading.reading.wrapped import quote_broken_attributions, quote_wrapped_ends

RULE = "-–—_*=~ \t>:<#+"
ORIGINALS = frozenset(words.replace("\u0307", "") for words in ORIGINAL)
FORWARDS = frozenset(words.replace("\u0307", "") for words in FORWARDED)
RULES_BEGIN = frozenset("-–—_=")
RULES_END = frozenset("-_*=")
LONGEST_SEPARATOR = 120
LONGEST_LINK = 1000
FULL_LINE = 60  # characters from which on a program may have broken a line
KEPT = {Label.QUOTE: Label.KEPT, Label.INTRODUCTION: Label.KEPT_INTRODUCTION}
LINES_TO_HEADER = 6  # from the separator of a forward to its header block


@dataclass(frozen=True, slots=True)
class ReplyParts:
    """The parts of a body. `own` is the reply without quotes of our letter between the answers, for readers who never got that letter."""

    reply: str
    elided: str
    signature: str
    own: str
    labelled: LabelledLines


def plain_lines(text: str) -> list[Line]:
    """The lines of a text with normal line ends. All text beyond `REPLY_LINES` lines is one last entry."""
    return [Line(line) for line in text.split("\n", REPLY_LINES)]


class Forwarded(StrEnum):
    """What happens to the text of a forwarded mail."""

    ABSENT = "absent"
    STAYS = "stays"
    GOES = "goes"


def split_reply(
    lines: Sequence[Line],
    *,
    keep_signature: bool = False,
    forwarded: Forwarded = Forwarded.ABSENT,
    answers: bool = True,
    banners: Sequence[str] = (),
) -> ReplyParts:
    """Split the lines of a body into reply, elided text and signature. `answers` says that the mail is a reply.

    A mail that answers nothing and forwards nothing, as far as its fields and a line "Original Message" show, is whole: what looks quoted in it is part of the reply, and has its label all the same.
    A forwarded text that stays is part of the reply, unless the client marked it as a quote below words of the author. The same holds for the
    text below a header block at the beginning of a mail that is no reply: web forms write such mail. `banners` are those of `reading.banners`.
    """
    lines = unglued(lines)
    head = list(lines[: lines_searched(lines)])
    labels = _labels(head, forwarded=forwarded, answers=answers, banners=banners)
    rest = Label.ELIDED if labels and labels[-1] is Label.ELIDED else Label.REPLY
    labels += [rest] * (len(lines) - len(head))
    if keep_signature:
        labels = [Label.REPLY if label is Label.SIGNATURE else label for label in labels]
    answers = answers or any(
        label is Label.INTRODUCTION and is_original_line(line.text) for line, label in zip(head, labels, strict=False)
    )
    return _join_parts(lines, labels, whole=not answers and forwarded == Forwarded.ABSENT)


def lines_searched(lines: Sequence[Line]) -> int:
    """How many of the lines are searched for quotes: at most `REPLY_LINES`, with `REPLY_CHARACTERS` characters."""
    if len(lines) <= REPLY_LINES and sum(len(line.text) for line in lines) + len(lines) <= REPLY_CHARACTERS:
        return len(lines)
    total = 0
    for count, line in enumerate(lines[:REPLY_LINES]):
        total += len(line.text) + 1
        if total > REPLY_CHARACTERS:
            return count
    return min(len(lines), REPLY_LINES)


def _join_parts(lines: Sequence[Line], labels: list[Label], *, whole: bool) -> ReplyParts:
    labelled = LabelledLines.of(lines, labels)
    present = set(labels)
    shown = frozenset(Label) - {Label.SIGNATURE, Label.BOUNDARY, Label.BANNER} if whole else {Label.REPLY} | ANSWERED
    own = labelled.text_of({Label.REPLY, Label.KEPT, Label.KEPT_INTRODUCTION})
    reply = labelled.text_of(shown) if whole or Label.CONTEXT in present else own
    return ReplyParts(
        reply, labelled.text_of((CANDIDATES | {Label.BANNER}) - shown), labelled.text_of({Label.SIGNATURE}), own, labelled
    )


def _labels(lines: list[Line], *, forwarded: Forwarded, answers: bool, banners: Sequence[str]) -> list[Label]:
    texts = [line.text for line in lines]
    whole = "\n".join(texts)
    initials = _initials(texts) if ">" in whole else frozenset()
    if ">" in whole or "&gt;" in whole:
        quoted = [line.quoted or _is_marked(line.text, initials) for line in lines]
        quote_wrapped_ends(texts, quoted)
        quote_broken_attributions(texts, quoted)
    else:
        quoted = [line.quoted for line in lines]
    follows = _quote_follows(texts, [mark or line.indented for mark, line in zip(quoted, lines, strict=True)])
    labels = [Label.QUOTE if mark else Label.REPLY for mark in quoted]
    for at in banner_above(texts, [label is Label.REPLY for label in labels], banners):
        labels[at] = Label.BANNER
    _rejoin_links(texts, labels)
    _rejoin_cut_words(texts, labels)
    is_forward = forwarded != Forwarded.ABSENT
    boundaries = letters_begin(lines, whole)
    cut = _find_cut(lines, labels, follows, boundaries, is_forward=is_forward)
    authored = any(label is Label.REPLY and text.strip() for label, text in zip(labels[: cut.at], texts, strict=False))
    stays = forwarded == Forwarded.STAYS or (cut.certain and not answers and not is_forward and not authored)
    ours = min(boundaries, default=len(lines))
    marked = ours < len(lines) and labels[ours] == Label.QUOTE
    if stays and not authored:
        _below_header(texts, labels, cut.at)
    elif stays:
        _mark_signatures(lines, labels, cut.at, answers=answers, banners=banners)
        _introduce_marked(texts, labels, cut.at, follows)
    elif cut.certain or authored or ours < len(lines):
        labels[cut.at :] = [Label.ELIDED] * (len(labels) - cut.at)
    else:
        _below_attribution(texts, labels, cut.at)
    if marked:
        _rejoin_broken(texts, labels, ours)
    else:
        labels[ours:] = [Label.ELIDED] * (len(labels) - ours)
    if not stays:
        _mark_signatures(lines, labels, len(lines), answers=answers, banners=banners)
    _settle_quotes(texts, labels, ours if marked else -1)
    _drop_rules(texts, labels)
    _mark_introductions(texts, labels, follows, boundaries)
    return labels


def letters_begin(lines: Sequence[Line], whole: str) -> frozenset[int]:
    """The indexes of the lines at which our own letters begin. `whole` is the text of all lines."""
    lowered = whole.lower()
    markers = [marker for marker in REPLY_MARKERS if marker in lowered]
    if not markers:
        return frozenset(at for at, line in enumerate(lines) if line.boundary)
    return frozenset(
        at for at, line in enumerate(lines) if line.boundary or any(marker in line.text.lower() for marker in markers)
    )


def _header_end(texts: list[str], at: int) -> int:
    """The first line below the separator and header block of a forward that begins at `at`; `at` without a block."""
    for start in range(at, min(at + LINES_TO_HEADER, len(texts))):
        block = forward_block_at(texts, start)
        if block is not None:
            return block.end
    return at


def _below_header(texts: list[str], labels: list[Label], at: int) -> None:
    """Label a forward without words above it: its text is the reply, its separator and header block are elided."""
    end = _header_end(texts, at)
    labels[at:end] = [Label.ELIDED] * (end - at)
    labels[end:] = [Label.REPLY] * (len(labels) - end)


def _introduce_marked(texts: list[str], labels: list[Label], at: int, follows: list[bool]) -> None:
    """Label separator and header block as the introduction of a forwarded text that is marked as a quote."""
    end = _header_end(texts, at) if labels[at : at + 1] == [Label.REPLY] else at
    end = end if end > at else at + 1
    if end <= len(labels) and follows[end - 1]:
        labels[at:end] = [Label.INTRODUCTION] * (end - at)


def _rejoin_links(texts: list[str], labels: list[Label]) -> None:
    """Label a line between quoted lines as a quote, if it is the rest of a link that a mail program broke."""
    if Label.QUOTE not in labels:
        return
    for at in range(1, len(texts) - 1):
        if (
            labels[at] == Label.REPLY
            and labels[at - 1] == labels[at + 1] == Label.QUOTE
            and _is_rest_of_link(texts[at - 1], texts[at])
        ):
            labels[at] = Label.QUOTE


def _rejoin_cut_words(texts: list[str], labels: list[Label]) -> None:
    """Label the ends of quoted lines that a relay cut at one width, within words and without a new mark, as quotes."""
    widths = [len(text) for text, label in zip(texts, labels, strict=True) if label is Label.QUOTE]
    width = max(widths, default=0)
    if width < FULL_LINE:
        return
    for at in range(1, len(texts)):
        text, above = texts[at], texts[at - 1]
        if (
            labels[at] is not Label.REPLY
            or labels[at - 1] is not Label.QUOTE
            or not text[:1].islower()
            or not above[-1:].isalnum()
        ):
            continue
        goes_on = at + 1 == len(texts) or not texts[at + 1].strip() or labels[at + 1] is Label.QUOTE
        if goes_on and len(above) >= width - len(text.split()[0]) - 2:
            labels[at] = Label.QUOTE


def _rejoin_broken(texts: list[str], labels: list[Label], ours: int) -> None:
    """Label the ends of long quoted lines, which were broken without a new quote mark, as quotes. `ours` is where our letter begins.

    Such an end stands right below the line and right above the next mark. At the end of the mail it counts only if words of the author stand
    above the quote; otherwise it may be their answer.
    """
    authored = any(label is Label.REPLY and text.strip() for label, text in zip(labels[:ours], texts, strict=False))
    last = max((at for at, text in enumerate(texts) if text.strip()), default=-1)
    for at in range(ours + 1, len(labels)):
        if labels[at] != Label.REPLY or not texts[at].strip() or labels[at - 1] != Label.QUOTE or len(texts[at - 1]) < FULL_LINE:
            continue
        if labels[at + 1 : at + 2] == [Label.QUOTE] or (authored and at == last):
            labels[at] = Label.QUOTE


def _is_rest_of_link(above: str, text: str) -> bool:
    line = text.strip()
    if not line or len(line) > LONGEST_LINK or len(above) > LONGEST_LINK:
        return False
    if line.startswith(("(http", "<http", "[http")) and " " not in line.rstrip("> "):
        return True
    opened = above.rfind("(") > above.rfind(")") or above.rfind("<") > above.rfind(">")
    return opened and "://" in above and " " not in line and line.endswith((")", ">"))


def _below_attribution(texts: list[str], labels: list[Label], at: int) -> None:
    """Elide the attribution alone: nothing stands above it, and nothing below is marked, so the author's words are below."""
    while at < len(labels) and texts[at].strip():
        labels[at] = Label.ELIDED
        at += 1


def _initials(texts: list[str]) -> frozenset[str]:
    """The initials in front of quote marks (`AW> `) that stand on more than one line."""
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
    if stripped[:3] == ">>>" and is_groupwise_line(text):
        return False
    if initials and ">" in stripped and stripped.partition(">")[0] in initials:
        return True
    return stripped[:1] == ">" or stripped[:4] == "&gt;"


def _quote_follows(texts: list[str], quoted: list[bool]) -> list[bool]:
    """For each line, whether the next line that is not blank is quoted."""
    follows = [False] * len(texts)
    if True not in quoted:
        return follows
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
    """Where the old text begins. `certain` is False if only an attribution says so, below which an answer may stand."""

    at: int
    certain: bool = True


def _find_cut(
    lines: list[Line], labels: list[Label], follows: list[bool], boundaries: frozenset[int], *, is_forward: bool
) -> _Cut:
    """Where everything to the end of the mail is old. Labels attributions above marked quotes on the way."""
    texts = [line.text for line in lines]
    attributions = Attributions(texts, follows)
    at = 0
    while at < len(lines):
        if labels[at] != Label.REPLY or not texts[at] or texts[at].isspace():
            at += 1
            continue
        if at in boundaries:
            return _Cut(at)
        if may_part(texts[at]) and (begins_old_text(texts, at) or _begins_forward(texts[at], is_forward=is_forward)):
            return _Cut(at)
        count = attributions.at(at) or int(follows[at] and is_bare_attribution(texts[at]))
        if count and not follows[at + count - 1]:
            return _Cut(at, certain=False)
        labels[at : at + count] = [Label.INTRODUCTION] * count
        at += count or 1
        while count and at < len(lines) and labels[at] == Label.REPLY and (lines[at].indented or not texts[at].strip()):
            labels[at] = Label.QUOTE if lines[at].indented else Label.REPLY
            at += 1
    return _Cut(len(lines))


def _begins_forward(text: str, *, is_forward: bool) -> bool:
    return is_forwarded_line(text) and (is_forward or text.strip("* \t")[:2] == "--")


def may_part(text: str) -> bool:
    """Whether a line may be a separator or begin a header block: it has a colon, or a rule at one of its ends. Most lines have neither."""
    if ":" in text or "：" in text or text.lstrip("> \t*")[:1] in RULES_BEGIN:
        return True
    return text.rstrip()[-1:] in RULES_END or (text.rstrip()[-1:] == ">" and "@" in text)  # the author in a header of Notes


def begins_old_text(texts: list[str], at: int) -> bool:
    """Whether old text begins at a line: a separator line, or a header block."""
    if is_original_line(texts[at]) or is_groupwise_line(texts[at]) or (_is_separator(texts[at]) and _block_soon(texts, at)):
        return True
    return block_at(texts, at) is not None or is_lone_author(texts, at)


def is_original_line(text: str) -> bool:
    """Whether a line is `-----Original Message-----` in one of the languages of the table. The dashes are required."""
    return (
        len(text) <= LONGEST_SEPARATOR
        and text.lstrip("> \t*")[:2] in ("--", "__", "==", "- ")
        and _between_rules(text) in ORIGINALS
    )


def is_forwarded_line(text: str) -> bool:
    """Whether a line is `---------- Forwarded message ---------` in one of the languages of the table."""
    if len(text) > LONGEST_SEPARATOR * 20:
        return False
    between = _between_rules(text[:LONGEST_SEPARATOR])
    if between in FORWARDS:
        return text.strip().endswith((":", "：", "-", "_", "*", "=")) and len(text) <= LONGEST_SEPARATOR
    marked = text.lstrip("> \t*")
    if not marked.startswith("----"):
        return False
    inner = marked.lstrip("-").partition("--")[0]
    return _between_rules(inner) in FORWARDS or inner.strip().lower().startswith(FORWARDED_FROM)


def ends_forward(text: str) -> bool:
    """Whether a line is `----- End forwarded message -----` in one of the languages of the table."""
    return len(text) <= LONGEST_SEPARATOR and text.lstrip("> \t*")[:2] == "--" and _between_rules(text) in FORWARD_ENDS


def _between_rules(text: str) -> str:
    """The words of a separator line in the form for comparisons. Lower case of the capital İ has a combining dot, which is removed."""
    return " ".join(text.strip(RULE + "：").lower().replace("\u0307", "").split())


def _is_separator(text: str) -> bool:
    """Whether a line begins and ends with dashes or underscores, with or without words between."""
    stripped = text.strip("* \t")
    return len(stripped) >= 5 and stripped[0] in "_-–—" and stripped[-1] in "_-–—" and len(stripped) <= LONGEST_SEPARATOR


def _block_soon(texts: list[str], at: int) -> bool:
    return any(block_at(texts, index) is not None for index in range(at + 1, min(at + 4, len(texts))) if texts[index].strip())


def _mark_signatures(lines: list[Line], labels: list[Label], end: int, *, answers: bool, banners: Sequence[str]) -> None:
    for at in banner_below([line.text for line in lines[:end]], [label is Label.REPLY for label in labels[:end]], banners):
        labels[at] = Label.BANNER
    for at in signature_lines(lines[:end], [label is Label.REPLY for label in labels[:end]], answers=answers):
        labels[at] = Label.SIGNATURE


def _settle_quotes(texts: list[str], labels: list[Label], ours: int) -> None:
    """Decide what happens to quotes. Answers between several quotes keep them, and so does an answer to a quote without introduction.

    A quote that is only above or below the answer is elided. `ours` is where a quoted letter of ours begins, -1 without one.
    """
    if Label.QUOTE not in labels and Label.INTRODUCTION not in labels:
        return
    _keep_own_quotations(texts, labels)
    authored = [at for at, label in enumerate(labels) if label is Label.REPLY and texts[at].strip()]
    last = authored[-1] if authored else -1
    introduced = Label.INTRODUCTION in labels or _opens_with_attribution(texts, labels)
    keep = _regions(texts, labels, last) >= 2 or not introduced
    if not authored and not introduced and Label.ELIDED not in labels:
        last = len(labels)
    for at, label in enumerate(labels):
        if label in (Label.QUOTE, Label.INTRODUCTION):
            kept = KEPT[label] if ours < 0 else Label.CONTEXT
            labels[at] = kept if keep and ours < at < last else Label.ELIDED


def _keep_own_quotations(texts: list[str], labels: list[Label]) -> None:
    """What the author quotes below words of theirs, above the line that introduces the quote of the client, is their own."""
    if Label.INTRODUCTION not in labels:
        return
    authored = False
    for at in range(labels.index(Label.INTRODUCTION)):
        authored = authored or (labels[at] is Label.REPLY and bool(texts[at].strip()))
        if authored and labels[at] is Label.QUOTE:
            labels[at] = Label.REPLY


def _opens_with_attribution(texts: list[str], labels: list[Label]) -> bool:
    """Whether the first quoted line is an attribution, as some clients quote it too."""
    first = next(
        (comparable(text) for text, label in zip(texts, labels, strict=True) if label is Label.QUOTE and text.strip("> \t")), ""
    )
    return bool(first) and is_attribution(first, begins=True, quote_follows=True)


def _regions(texts: list[str], labels: list[Label], last: int) -> int:
    """How many quoted regions stand above the author's last line. Blank lines do not end a region."""
    count, inside = 0, False
    for at in range(max(last, 0)):
        if labels[at] in (Label.QUOTE, Label.INTRODUCTION):
            count += not inside
            inside = True
        elif texts[at].strip():
            inside = False
    return count


def _drop_rules(texts: list[str], labels: list[Label]) -> None:
    """Elide lines of dashes or stars at the end of the reply, which separated it from elided text."""
    for at in range(len(labels) - 1, -1, -1):
        if labels[at] != Label.REPLY or not texts[at].strip():
            continue
        if texts[at].strip(RULE + "\u200b\ufeffᐧ"):
            return
        labels[at] = Label.ELIDED


def _mark_introductions(texts: list[str], labels: list[Label], follows: list[bool], boundaries: frozenset[int]) -> None:
    """Among the lines that look old, mark those that a client wrote above a quote, and those that begin our own letters."""
    if Label.ELIDED not in labels:
        return
    attributions = Attributions(texts, follows)
    at = 0
    while at < len(texts):
        count = _introduction_at(texts, attributions, at) if labels[at] is Label.ELIDED and texts[at].strip() else 0
        for index in range(at, min(at + count, len(labels))):
            labels[index] = Label.INTRODUCTION if labels[index] is Label.ELIDED else labels[index]
        at += max(count, 1)
    for index in boundaries:
        labels[index] = labels[index] if labels[index] in (Label.REPLY, Label.SIGNATURE) else Label.BOUNDARY


def _introduction_at(texts: list[str], attributions: Attributions, at: int) -> int:
    """How many lines from `at` introduce a quote: a separator, a header block or an attribution; 0 where none does."""
    if may_part(texts[at]):
        if is_original_line(texts[at]) or is_forwarded_line(texts[at]) or _is_separator(texts[at]):
            return 1
        block = block_at(texts, at)
        if block is not None:
            return max(block.end - at, 1)
    near = " ".join(text[:LONGEST_SEPARATOR] for text in texts[at : at + 3])
    return attributions.at(at) if "@" in near or DIGIT.search(near) else 0
