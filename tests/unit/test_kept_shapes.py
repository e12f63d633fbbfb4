"""Shapes that are kept beside a text give the same document again."""

import json

import pytest

from helpdesk.threading.reading.html import readable_lines
from helpdesk.threading.reading.kept_shapes import MOST_KEPT, document_kept, kept_shapes
from helpdesk.threading.reading.lines import Line
from helpdesk.threading.reading.markup import markup_of
from helpdesk.threading.reading.shaping import shaped, text_of

PAGES = {
    "table": "<p>Prices:</p><table><tr><th>Plate</th><th>Old</th></tr><tr><td>P-7</td><td></td></tr></table>",
    "lists": "<ol start=3><li>Weigh<ul><li>the left one</li></ul></li><li>Pack</li></ol>",
    "styles": "<h2>Order</h2><p><b>Not</b> <i>now</i>, <s>12</s> 14, see <a href='https://plates.example/a?b=1'>the list</a></p>",
    "code": "<pre>for x in y:\n    print(x)</pre><p>fails</p>",
    "quotation": "<p>They say:</p><blockquote><p>Send it <b>back</b></p></blockquote><p>Shall I?</p>",
    "right to left": "<p>\u05e9\u05dc\u05d5\u05dd</p><ul><li>\u05d0\u05d7\u05d3</li></ul>",
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_kept_shapes_give_the_same_markup(page: str) -> None:
    document = readable_lines(page)
    text = text_of(shaped(text_of(document), document))
    kept = kept_shapes(text, document)
    again = document_kept(json.loads(json.dumps(kept)), len(text))
    assert kept
    assert markup_of(shaped(text, again)) == markup_of(shaped(text, document))


def test_plain_words_keep_nothing() -> None:
    assert kept_shapes("Hello\nthere", [Line("Hello"), Line("there")]) == ()


def test_no_more_is_kept_or_read_than_a_letter_shows() -> None:
    document = readable_lines("<ul>" + "<li>one more plate</li>" * 4000 + "</ul>")
    kept = kept_shapes(text_of(document), document)
    assert MOST_KEPT / 20 < len(kept) < MOST_KEPT / 10
    assert len(document_kept(kept, 300)) < 20
