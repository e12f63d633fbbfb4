"""HTML of mails, sanitised for display and rendered as lines of text. The only module that imports nh3 and selectolax.

Both libraries take quadratic time in the nesting of elements, and unclosed formatting elements multiply. HTML beyond the limits is read by a
plain tag stripper instead, and has no sanitised form.
"""

import re
from collections import Counter
from typing import NamedTuple

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

from helpdesk.threading.reading.charsets import without_controls
from helpdesk.threading.reading.limits import HTML_CHARACTERS, HTML_DEPTH
from helpdesk.threading.reading.lines import Line
from helpdesk.threading.reading.tags import without_tags

MOST_TAGS = 25_000  # make more lines than are searched for a quote
MOST_COPIES = 500_000  # open formatting elements × blocks: what a parser may have to reconstruct
MOST_COPIED = 3_000_000_000  # characters that the sanitiser copies
MOST_ATTRIBUTES = 2_000  # in one tag
MOST_PICTURES = 1_000  # of one body whose places are told
LONGEST_SOURCE = 2_000  # characters of a picture's address
BOUNDARY_CLASS = "helpdesk-boundary"

TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]{0,20}")
LONG_TAG = re.compile(rf"</?[a-zA-Z][^<>]{{{MOST_ATTRIBUTES},}}")
CLOSED_BY_THEMSELVES = set(
    "p li tr td th dt dd option thead tbody tfoot colgroup rt rp area base br col embed hr img input".split()
)
CLOSED_BY_THEMSELVES |= set("link meta param source track wbr head body html o".split())
FORMATTING = set("a b big code em font i nobr s small strike strong tt u".split())
BLOCKS = set(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 "
    "header hgroup hr html li main menu nav ol p pre section summary table tbody tfoot thead tr ul title".split()
)
SPACED = set("p ul ol dl table blockquote pre h1 h2 h3 h4 h5 h6".split())
CELLS = {"td", "th"}
MARKING = {"class", "id", "style", "data-marker"}  # attributes that may say what an element is
PREFORMATTED = {"pre", "textarea"}
SKIPPED = set(
    "head style script title template noscript object svg math iframe textarea select button -comment -doctype".split()
) - {"textarea"}
SCHEMES = {"http", "https", "mailto", "cid"}


def too_complex(source: str) -> bool:
    """Whether a tree of the source would be too deep, too broad or too costly to build."""
    if len(source) > HTML_CHARACTERS:
        return True
    few = source.count("=") <= MOST_ATTRIBUTES and source.count(" ") <= MOST_ATTRIBUTES * 2
    if few and source.count("<") <= HTML_DEPTH:
        return False  # too small for any of the limits below
    if not few and any(_is_overloaded(tag[0]) for tag in LONG_TAG.finditer(source)):
        return True
    if source.count("<") > MOST_TAGS * 2:
        return True
    counts = Counter(map(re.Match.group, TAG.finditer(source)))
    if counts.total() > MOST_TAGS:
        return True
    opened = {tag: count for tag, count in counts.items() if tag[1] != "/" and tag[1:].lower() not in CLOSED_BY_THEMSELVES}
    formatting = sum(count for tag, count in opened.items() if tag[1:].lower() in FORMATTING)
    blocks = sum(count for tag, count in counts.items() if tag.lstrip("</").lower() in BLOCKS)
    if sum(opened.values()) <= HTML_DEPTH and formatting * blocks <= MOST_COPIES:
        return False  # even if none of them were closed again
    deepest, most_formatting = _depths(source)
    return deepest > HTML_DEPTH or most_formatting * blocks > MOST_COPIES


def _is_overloaded(tag: str) -> bool:
    return tag.count("=") > MOST_ATTRIBUTES or tag.count(" ") > MOST_ATTRIBUTES * 2


def _depths(source: str) -> tuple[int, int]:
    """The greatest number of elements, and of formatting elements, that are open at once."""
    depth = deepest = formatting = most_formatting = 0
    for found in TAG.finditer(source):
        tag = found[0]
        closes = tag[1] == "/"
        name = tag[2:].lower() if closes else tag[1:].lower()
        if name in CLOSED_BY_THEMSELVES:
            continue
        depth = max(depth - 1, 0) if closes else depth + 1
        deepest = max(deepest, depth)
        if name in FORMATTING:
            formatting = max(formatting - 1, 0) if closes else formatting + 1
            most_formatting = max(most_formatting, formatting)
    return deepest, most_formatting


def sanitise(source: str) -> str | None:
    """The HTML without scripts, styles, forms and remote images; None beyond the limits. Images of the mail itself (cid:) stay."""
    if too_complex(source) or _too_many_references(source):
        return None
    return without_controls(SANITISER.clean(source))


def _too_many_references(source: str) -> bool:
    """Whether the sanitiser would take too long: at each character that it writes as a reference it copies the rest of the text."""
    if _references(source) * len(source) <= MOST_COPIED:
        return False
    return sum(_references(run) * len(run) for run in source.split("<")) > MOST_COPIED


def _references(run: str) -> int:
    return run.count("&") + run.count("\u00a0")


def _local_images(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src":
        return value if value.strip().lower().startswith("cid:") else None
    return None if attribute in ("srcset", "background", "cite") else value


SANITISER = nh3.Cleaner(url_schemes=SCHEMES, attribute_filter=_local_images, link_rel="noopener noreferrer nofollow")


class ShownPicture(NamedTuple):
    """A picture of a body. `source` is its address as written, and `line` the index of the line in which or below which it stands, or -1."""

    source: str
    line: int
    quoted: bool = False
    signature: bool = False


def readable_lines(source: str) -> list[Line]:
    """The lines that a person reads in an HTML body, without hidden elements."""
    if too_complex(source):
        return [Line(text) for text in without_controls(without_tags(source[:HTML_CHARACTERS])).split("\n")]
    return _Page().read(source)


def lines_with_pictures(source: str) -> tuple[list[Line], list[ShownPicture]]:
    """The readable lines of an HTML body, and its pictures in order; no pictures beyond the limits."""
    if too_complex(source):
        return readable_lines(source), []
    page = _Page()
    return page.read(source), page.pictures


class _Opened(NamedTuple):
    """What an element adds to the counters of a page while it is open."""

    indent: bool = False
    quote: bool = False
    signature: bool = False
    gmail: bool = False  # a container that Gmail puts around attribution and quote


PLAIN = _Opened()


class _Page:
    """Renders a tree as lines, without recursion. The counters say how many open elements are quotes, signatures and so on."""

    def __init__(self) -> None:
        self.done: list[Line] = []
        self.pictures: list[ShownPicture] = []
        self.waiting: list[ShownPicture] = []  # of the line that is not done yet
        self.current: list[str] = []
        self.quote = 0
        self.signature = 0
        self.indent = 0
        self.pre = 0
        self.boundary = False
        self.rest_quoted = False
        self.gmail = 0

    def read(self, source: str) -> list[Line]:
        """Render a source: each node on the way down, each element again on the way up. Children of hidden elements are skipped."""
        node = LexborHTMLParser(source).root
        above: list[tuple[LexborNode, str, _Opened]] = []
        while node is not None:
            tag = node.tag or ""
            if tag == "-text":
                self._text(node.text_content or "")
            elif tag == "br":
                self._break(always=True)
            elif tag[:1] != "-":
                opened, hidden = self._open(node, tag)
                child = None if hidden else node.child
                if child is not None:
                    above.append((node, tag, opened))
                    node = child
                    continue
                self._close(tag, opened)
            following = node.next
            while following is None and above:
                node, tag, opened = above.pop()
                self._close(tag, opened)
                following = node.next
            node = following
        self._break()
        return self.done

    def _open(self, node: LexborNode, tag: str) -> tuple[_Opened, bool]:
        """What the element adds to the counters, and whether its content is hidden."""
        if tag in BLOCKS:
            self._break()
            if tag in SPACED:
                self._blank()
        elif tag in CELLS and self.current:
            self.current.append(" ")
        attributes = node.attributes
        if tag == "img" and not _is_hidden(attributes):
            self._show(attributes.get("src") or "")
        opened, hidden = PLAIN, tag in SKIPPED
        if tag == "blockquote" or not MARKING.isdisjoint(attributes):
            opened = self._mark(tag, attributes)
            hidden = hidden or _is_hidden(attributes)
        if tag in PREFORMATTED:
            self.pre += 1
        return opened, hidden

    def _close(self, tag: str, opened: _Opened) -> None:
        if tag in BLOCKS:
            self._break()
            if tag in SPACED:
                self._blank()
        if opened is not PLAIN:
            self._count(opened, -1)
        if tag in PREFORMATTED:
            self.pre -= 1

    def _mark(self, tag: str, attributes: dict[str, str | None]) -> _Opened:
        """Count the containers that an element opens. `_close` subtracts the same counts."""
        classes = (attributes.get("class") or "")[:500].split()
        identity = (attributes.get("id") or "")[:200]
        if BOUNDARY_CLASS in classes:
            self._break()
            self.boundary = True
        if identity in END_IDS or _is_outlook_rule(attributes.get("style")):
            self._break()
            self.rest_quoted = True
        if tag != "blockquote" and not classes and not identity and "data-marker" not in attributes:
            return PLAIN
        quote = _holds_a_quote(tag, classes, identity, attributes, in_gmail=self.gmail > 0)
        signature = identity in SIGNATURE_IDS or not SIGNATURE_CLASSES.isdisjoint(classes)
        opened = _Opened(tag == "blockquote", quote, signature, tag != "blockquote" and "gmail_quote" in classes)
        if not any(opened):
            return PLAIN
        self._count(opened, 1)
        return opened

    def _count(self, opened: _Opened, step: int) -> None:
        if opened.quote or opened.signature:
            self._break()
        self.indent += step * opened.indent
        self.quote += step * opened.quote
        self.signature += step * opened.signature
        self.gmail += step * opened.gmail

    def _show(self, source: str) -> None:
        if len(self.pictures) + len(self.waiting) < MOST_PICTURES and len(source) <= LONGEST_SOURCE:
            quoted = self.quote > 0 or self.rest_quoted
            self.waiting.append(ShownPicture(source.strip(), -1, quoted, self.signature > 0))

    def _place_pictures(self, line: int) -> None:
        self.pictures += [picture._replace(line=line) for picture in self.waiting]
        self.waiting = []

    def _text(self, text: str) -> None:
        if self.pre:
            first, *others = text.replace("\r\n", "\n").split("\n")
            self.current.append(first)
            for other in others:
                self._break(always=True)
                self.current.append(other)
            return
        if not text.strip(" \t\r\n\f"):
            text = " " if self.current else ""
        if text:
            self.current.append(text)

    def _break(self, *, always: bool = False) -> None:
        if self.waiting:
            said = any(not piece.isspace() for piece in self.current)
            self._place_pictures(len(self.done) if said else len(self.done) - 1)
        if not self.current and not always:
            return
        joined = "".join(self.current)
        text = joined.rstrip() if self.pre else " ".join(joined.replace("\u00a0", " ").split())
        if text or always:
            self._add(without_controls(text))
            self.boundary = False
        self.current = []

    def _blank(self) -> None:
        if self.done and self.done[-1].text:
            self._add("")

    def _add(self, text: str) -> None:
        quoted = self.quote > 0 or self.rest_quoted
        self.done.append(Line(text, quoted, self.boundary and bool(text), self.signature > 0, self.indent > 0))


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    """Whether style hides an element. The boundary of our own letters is read although it is hidden."""
    style = attributes.get("style")
    if not style:
        return False
    flat = style[:1000].lower().replace(" ", "")
    hidden = "display:none" in flat or "mso-hide:all" in flat
    return hidden and BOUNDARY_CLASS not in (attributes.get("class") or "")[:500].split()


QUOTE_CLASSES = {
    "yahoo_quoted",
    "moz-cite-prefix",
    "protonmail_quote",
    "tutanota_quote",
    "zmail_extra",
    "zmail_extra_hr",
    "front-blockquote",
    "OutlookMessageHeader",
    "msg_outlook_quote",
    "x_moz-cite-prefix",
    "mb_quote",
    "ms-outlook-mobile-reference-message",
    "AppleOriginalContents",
    "mailcontent-quote",
    "nylas-quote",
    "gmail_attr",
    "helpscout_quote",
}
SIGNATURE_CLASSES = {"gmail_signature", "moz-signature", "protonmail_signature_block", "tutanota_signature"}
SIGNATURE_IDS = {"Signature", "signature", "ms-outlook-mobile-signature", "AppleMailSignature"}
QUOTE_IDS = {
    "reply-intro",
    "isForwardContent",
    "OLK_SRC_BODY_SECTION",
    "mail-editor-reference-message-container",
    "yahoo_quoted",
    "qt",
}
END_IDS = {"appendonsend", "divRplyFwdMsg", "x_divRplyFwdMsg", "x_appendonsend", "zwchr", "divtagdefaultwrapper_quote"}


OUTLOOK_RULES = (
    "border-top:solid#e1e1e11.0pt",
    "border-top:solid#b5c4df1.0pt",
    "border-top:solid#b5c4df1pt",
    "border-top:1ptsolid#b5c4df",
)


def _holds_a_quote(tag: str, classes: list[str], identity: str, attributes: dict[str, str | None], *, in_gmail: bool) -> bool:
    """Whether an element holds a quote. Outside Gmail's container, authors make `blockquote.gmail_quote` by the button for quotations."""
    if tag == "blockquote":
        if not attributes or (attributes.get("type") or "").lower() == "cite" or "cite" in attributes or "iosymail" in classes:
            return True
        if "gmail_quote" in classes:
            return in_gmail
    return (
        not QUOTE_CLASSES.isdisjoint(classes)
        or identity in QUOTE_IDS
        or identity.startswith("yahoo_quoted")
        or "data-marker" in attributes
        and attributes.get("data-marker") == "__QUOTED_TEXT__"
    )


def _is_outlook_rule(style: str | None) -> bool:
    """Whether a style is the rule that Outlook draws above a quote. All below it is old text, as it is behind `END_IDS`."""
    if not style or "border" not in style.lower():
        return False
    flat = style[:500].lower().replace(" ", "")
    return any(rule in flat for rule in OUTLOOK_RULES)
