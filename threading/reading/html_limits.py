"""Whether HTML is too deep, too broad or too costly for a parser.

A parser takes quadratic time in the nesting of elements, and unclosed formatting elements multiply.
"""

import re
from collections import Counter

from helpdesk.threading.reading.limits import HTML_CHARACTERS, HTML_DEPTH

MOST_TAGS = 25_000  # make more lines than are searched for a quote
MOST_COPIES = 500_000  # open formatting elements × blocks: what a parser may have to reconstruct
MOST_ATTRIBUTES = 2_000  # in one tag

TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]{0,20}")
LONG_TAG = re.compile(rf"</?[a-zA-Z][^<>]{{{MOST_ATTRIBUTES},}}")
CLOSED_BY_THEMSELVES = set(
    "p li tr td th dt dd option thead tbody tfoot colgroup rt rp area base br col embed hr img input".split()
)
CLOSED_BY_THEMSELVES |= set("link meta param source track wbr head body html o".split())
FORMATTING = set("a b big code em font i nobr s small strike strong tt u".split())
BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 "
    "header hgroup hr html li main menu nav ol p pre section summary table tbody tfoot thead tr ul title".split()
)


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
