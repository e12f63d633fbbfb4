"""HTML of mails: made safe to show, and made readable as lines. The only module that knows the HTML libraries.

Both libraries are quadratic in nesting, and unclosed formatting multiplies elements: HTML beyond the limits is read by a plain
tag stripper instead, and has no safe form.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

from helpdesk.threading.reading.charsets import clean
from helpdesk.threading.reading.limits import HTML_CHARACTERS, HTML_DEPTH
from helpdesk.threading.reading.tags import without_tags

MOST_TAGS = 100_000
MOST_COPIES = 500_000  # open formatting elements × blocks: what a parser may have to reconstruct
MOST_COPIED = 5_000_000_000  # characters
MOST_ATTRIBUTES = 2_000  # in one tag
BOUNDARY_CLASS = "helpdesk-boundary"

TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})([^<>]*)")
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
UNREAD = set(
    "head style script title template noscript object svg math iframe textarea select button -comment -doctype".split()
) - {"textarea"}
SCHEMES = {"http", "https", "mailto", "cid"}


class Line(NamedTuple):
    """One readable line; `quoted` says that it stands in a container of quoted matter, `boundary` that our letter begins at it."""

    text: str
    quoted: bool = False
    boundary: bool = False
    signature: bool = False
    indented: bool = False  # in a blockquote that may be a quote or the author's own formatting


def too_complex(source: str) -> bool:
    """Whether a tree of this would be too deep, too broad or too costly to build."""
    if len(source) > HTML_CHARACTERS:
        return True
    if source.count("<") <= HTML_DEPTH and source.count("=") <= MOST_ATTRIBUTES and source.count(" ") <= MOST_ATTRIBUTES * 2:
        return False  # too small for any of the limits below
    depth = deepest = tags = formatting = blocks = most_formatting = 0
    for tag in TAG.finditer(source):
        tags += 1
        if tags > MOST_TAGS:
            return True
        name = tag[2].lower()
        if len(tag[3]) > MOST_ATTRIBUTES and (tag[3].count("=") > MOST_ATTRIBUTES or tag[3].count(" ") > MOST_ATTRIBUTES * 2):
            return True
        blocks += name in BLOCKS
        if name in CLOSED_BY_THEMSELVES:
            continue
        step = -1 if tag[1] else 1
        depth = max(0, depth + step)
        if name in FORMATTING:
            formatting = max(0, formatting + step)
        deepest, most_formatting = max(deepest, depth), max(most_formatting, formatting)
    return deepest > HTML_DEPTH or most_formatting * blocks > MOST_COPIES


def safe(source: str) -> str | None:
    """The HTML without scripts, styles, forms and remote images; None beyond the limits. Images of the mail itself (cid:) stay."""
    if too_complex(source) or _too_many_references(source):
        return None
    return clean(nh3.clean(source, url_schemes=SCHEMES, attribute_filter=_local_images, link_rel="noopener noreferrer nofollow"))


def _too_many_references(source: str) -> bool:
    """Whether the sanitiser would take long: it copies the rest of a run of text at each ampersand in it."""
    if source.count("&") * len(source) <= MOST_COPIED:
        return False
    return sum(run.count("&") * len(run) for run in source.split("<")) > MOST_COPIED


def _local_images(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src":
        return value if value.strip().lower().startswith("cid:") else None
    return None if attribute in ("srcset", "background", "cite") else value


def lines(source: str) -> list[Line]:
    """The readable lines of an HTML body. Hidden elements are not readable."""
    if too_complex(source):
        return [Line(text) for text in without_tags(source[:HTML_CHARACTERS]).split("\n")]
    return _Page().read(source)


class _Page:
    """Renders a tree without recursion. Quoted containers raise `quote`, so that nested ones need no second look."""

    def __init__(self) -> None:
        self.done: list[Line] = []
        self.current: list[str] = []
        self.quote = 0
        self.signature = 0
        self.indent = 0
        self.pre = 0
        self.boundary = False
        self.rest_quoted = False
        self.gmail = 0  # containers that Gmail puts around attribution and quote
        self.opened: list[tuple[bool, bool, bool, bool]] = []  # what each open element added to indent, quote, signature, gmail

    def read(self, source: str) -> list[Line]:
        root = LexborHTMLParser(source).root
        for node, opening in _walk(root) if root is not None else ():
            if opening:
                self._open(node)
            else:
                self._close(node)
        self._break()
        return self.done

    def _open(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag == "-text":
            self._text(node.text_content or "")
            return
        if tag == "br":
            self._break(always=True)
            return
        if tag in BLOCKS:
            self._break()
            if tag in SPACED:
                self._blank()
        self._mark(node, tag)
        self.pre += tag in ("pre", "textarea")
        if tag in ("td", "th") and self.current:
            self.current.append(" ")

    def _close(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag in BLOCKS:
            self._break()
            if tag in SPACED:
                self._blank()
        self._unmark(tag)
        self.pre -= tag in ("pre", "textarea")

    def _mark(self, node: LexborNode, tag: str) -> None:
        """Count the containers that an element opens; `_unmark` takes the same counts back."""
        if tag[:1] == "-" or tag == "br":
            return
        attributes = node.attributes
        classes = (attributes.get("class") or "")[:500].split()
        identity = (attributes.get("id") or "")[:200]
        if BOUNDARY_CLASS in classes:
            self._break()
            self.boundary = True
        if _ends_the_reply(identity, attributes.get("style") or ""):
            self._break()
            self.rest_quoted = True
        quote = _holds_a_quote(tag, classes, identity, attributes, in_gmail=self.gmail > 0)
        signature = identity in SIGNATURE_IDS or not SIGNATURE_CLASSES.isdisjoint(classes)
        self._count((tag == "blockquote", quote, signature, tag != "blockquote" and "gmail_quote" in classes), 1)

    def _count(self, opened: tuple[bool, bool, bool, bool], step: int) -> None:
        indent, quote, signature, gmail = opened
        if quote or signature:
            self._break()
        self.indent += step * indent
        self.quote += step * quote
        self.signature += step * signature
        self.gmail += step * gmail
        if step > 0:
            self.opened.append(opened)

    def _unmark(self, tag: str) -> None:
        if tag[:1] != "-" and tag != "br":
            self._count(self.opened.pop(), -1)

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
        joined = "".join(self.current)
        text = joined.rstrip() if self.pre else " ".join(joined.replace("\u00a0", " ").split())
        if text or always:
            self._add(clean(text))
            self.boundary = False
        self.current = []

    def _blank(self) -> None:
        if self.done and self.done[-1].text:
            self._add("")

    def _add(self, text: str) -> None:
        quoted = self.quote > 0 or self.rest_quoted
        self.done.append(Line(text, quoted, self.boundary and bool(text), self.signature > 0, self.indent > 0))


def _walk(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Every node twice, on the way down and on the way up; unread elements once."""
    node: LexborNode | None = root
    while node is not None:
        yield node, True
        child = node.child if _is_read(node) else None
        if child is not None:
            node = child
            continue
        while node is not None:
            yield node, False
            if node.next is not None:
                node = node.next
                break
            node = node.parent


def _is_read(node: LexborNode) -> bool:
    tag = node.tag or ""
    if tag[:1] == "-" or tag in UNREAD:
        return False
    attributes = node.attributes
    if BOUNDARY_CLASS in (attributes.get("class") or "")[:500].split():
        return True
    style = (attributes.get("style") or "")[:1000].lower().replace(" ", "")
    return "display:none" not in style and "mso-hide:all" not in style


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
    """Outside Gmail's container, `blockquote.gmail_quote` is what its author made with the button for quotations."""
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


def _ends_the_reply(identity: str, style: str) -> bool:
    """Outlook puts no container around what it quotes: the rest of the document after these is old."""
    if identity in END_IDS:
        return True
    flat = style[:500].lower().replace(" ", "")
    return any(rule in flat for rule in OUTLOOK_RULES)
