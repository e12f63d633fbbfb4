"""What clients do to the HTML and to the words of a mail that they quote.

Each function takes and gives what stands in a page's body. The guide to each is the behaviour of a kind of client; no markup is anybody's.
"""

import re
from collections.abc import Callable
from html import escape, unescape
from textwrap import wrap
from urllib.parse import quote

Rewrite = Callable[[str], str]

NAMES = re.compile(r'\b(class|id)="([^"]*)"')
LINK = re.compile(r'(<a\b[^>]*\bhref=")(https?://[^"]*)("[^>]*>)(.*?)(</a>)', re.DOTALL)
TAG = re.compile(r"<[^>]*>")


def renamed(prefix: str) -> Rewrite:
    """Webmailers put a prefix before each class and id, so that the styles of the mail are not those of their page."""

    def rewrite(html: str) -> str:
        html = re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)
        return NAMES.sub(lambda found: f'{found[1]}="{" ".join(prefix + name for name in found[2].split())}"', html)

    return rewrite


def word(html: str) -> str:
    """Word drops classes, ids and data attributes, and makes its own paragraphs and tables."""
    html = re.sub(r' (?:class|id|lang|dir|role|data-[a-z-]+)="[^"]*"', "", html)
    html = re.sub(r"<p\b[^>]*>", '<p class="MsoNormal">', html).replace("</p>", "<o:p></o:p></p>")
    return re.sub(r"<table\b", '<table class="MsoNormalTable"', html)


def flat(html: str) -> str:
    """Small telephones make blocks of the cells of tables."""
    html = re.sub(r"<(table|tbody|thead|tr|td|th)\b[^>]*>", "<div>", html)
    return re.sub(r"</(table|tbody|thead|tr|td|th)>", "</div>", html)


def bare(html: str) -> str:
    """Sanitisers of some webmailers leave no attributes but the addresses of links and pictures."""
    return re.sub(r"<(\w+)\b[^>]*?((?: (?:href|src)=\"[^\"]*\")?)(?: [^>]*)?>", r"<\1\2>", html)


def hard_spaces(html: str) -> str:
    """Every third space between words becomes one that cannot break."""
    count = 0

    def harden(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return "&nbsp;" if count % 3 == 0 else found[0]

    return "".join(part if part[:1] == "<" else re.sub(r"(?<=\w) (?=\w)", harden, part) for part in re.split(r"(<[^>]*>)", html))


def curly(html: str) -> str:
    """Straight quotation marks and apostrophes of the text become curly ones."""

    def curl(text: str) -> str:
        text = re.sub(r"(?<!\w)(?:&quot;|\")(?=\w)", "“", text).replace("&quot;", "”").replace('"', "”")
        return text.replace("&#39;", "’").replace("'", "’")

    return "".join(part if part[:1] == "<" else curl(part) for part in re.split(r"(<[^>]*>)", html))


def safe_links(html: str) -> str:
    """A filter sends each link through its own address; the address that is shown is replaced too where it is the link's own."""

    def shield(found: re.Match[str]) -> str:
        address = unescape(found[2])
        shielded = f"https://eur05.safelinks.protection.outlook.com/?url={quote(address, safe='')}&data=05%7C02%7C&sdata=k0%3D&reserved=0"
        shown = escape(shielded) if unescape(found[4]).strip() == address else found[4]
        return f"{found[1]}{escape(shielded)}{found[3]}{shown}{found[5]}"

    return LINK.sub(shield, html)


def by_hand(html: str) -> str:
    """The quote as paragraphs that begin with a mark, in the container that Outlook makes for it; holes for answers stay."""
    lines = as_text(re.sub("\ue000\\d+\ue001", lambda found: f"<div>{found[0]}</div>", html)).split("\n")
    return "".join(line if line[:1] == "\ue000" else f"<p>&gt; {escape(line)}</p>" for line in lines)


def each(*rewrites: Rewrite) -> Rewrite:
    def rewrite(html: str) -> str:
        for step in rewrites:
            html = step(html)
        return html

    return rewrite


BREAKS = re.compile(r"</?(?:p|div|table|tbody|tr|ul|ol|li|h[1-6]|blockquote|pre|hr|dl|dt|dd)\b[^>]*>|<br\s*/?>")
PARAGRAPHS = re.compile(r"</?(?:p|table|ul|ol|h[1-6]|blockquote)\b[^>]*>")


def as_text(html: str, *, bold: bool = False, links: bool = True, width: int = 0, cell: str = "\n") -> str:
    """The plain text that a client makes of quoted HTML: links beside their words, bold words between stars, cells as lines or tabs."""
    html = re.sub(r"<(style|title|script).*?</\1>", "", html, flags=re.DOTALL)
    html = " ".join(html.split())
    if links:
        html = LINK.sub(lambda found: f"{found[4]} {escape(f'<{unescape(found[2])}>')}", html)
    if bold:
        html = re.sub(r"</?(?:b|strong)\b[^>]*>", "*", html)
    html = re.sub(r"</(?:td|th)> ?<(?:td|th)\b[^>]*>", cell, html)
    html = re.sub(r"<li\b[^>]*>", "\n   - ", html)
    html = PARAGRAPHS.sub("\n\n", html)
    html = BREAKS.sub("\n", html)
    text = unescape(TAG.sub("", html))
    lines = [" ".join(line.split(" ")).strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(wrapped(line, width) for line in lines)).strip("\n")


def wrapped(line: str, width: int) -> str:
    if not width or len(line) <= width:
        return line
    return "\n".join(wrap(line, width, break_long_words=False, break_on_hyphens=False))
