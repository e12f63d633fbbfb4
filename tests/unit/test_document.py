"""A mail as a document: what clients write becomes lines with a shape, and the two writers make text and HTML of any of them."""

import pytest

from helpdesk.threading.reading.addresses import link_address
from helpdesk.threading.reading.html import readable_lines
from helpdesk.threading.reading.lines import Line, NamedPicture
from helpdesk.threading.reading.markup import markup_of
from helpdesk.threading.reading.reply_text import plain_lines

PICTURES = {"cid:shot@mail": NamedPicture("Screenshot.png", "f00d")}
WORD_ITEM = (
    '<p class="MsoListParagraph" style="text-indent:-.25in;mso-list:l0 level{level} lfo1"><![if !supportLists]><span style="font-family:Symbol">'
    '<span style="mso-list:Ignore">{mark}<span style="font:7.0pt">&nbsp;&nbsp; </span></span></span><![endif]>{text}<o:p></o:p></p>'
)
SENT_ON_ITEM = '<p class="MsoListParagraph"><span>{mark}</span><span>&nbsp;&nbsp;&nbsp;</span>{text}</p>'

# What a client writes, the text of its lines, and our markup of it without `dir` and `rel`.
SHAPES = {
    "a link": (
        'See <a href="https://acme.example/a?b=1">the page</a>.',
        "See the page <https://acme.example/a?b=1>.",
        '<p>See <a href="https://acme.example/a?b=1">the page</a>.</p>',
    ),
    "a link whose text is its address": (
        '<a href="https://www.acme.example/">acme.example</a>',
        "acme.example",
        '<p><a href="https://www.acme.example/">acme.example</a></p>',
    ),
    "a link whose text is another address": (
        '<a href="https://evil.example/">bank.example</a>',
        "bank.example <https://evil.example/>",
        '<p><a href="https://evil.example/">bank.example</a> &lt;https://evil.example/&gt;</p>',
    ),
    "an address of a person": (
        '<a href="mailto:anna@acme.example?body=x">Anna</a>, <a href="mailto:anna@acme.example">anna@acme.example</a>',
        "Anna <anna@acme.example>, anna@acme.example",
        '<p><a href="mailto:anna@acme.example">Anna</a>, <a href="mailto:anna@acme.example">anna@acme.example</a></p>',
    ),
    "a telephone number": (
        '<a href="tel:+33 1 23">call us</a>',
        "call us <+33123>",
        '<p><a href="tel:+33123">call us</a></p>',
    ),
    "emphasis": (
        "<b>Not</b> <i>urgent</i>, <span style='font-weight:700'>really</span>",
        "Not urgent, really",
        "<p><strong>Not</strong> <em>urgent</em>, <strong>really</strong></p>",
    ),
    "the bold that Google Docs takes back": ('<b style="font-weight:normal">calm</b>', "calm", "<p>calm</p>"),
    "struck text": (
        "Price <s>100</s> 120, <span style='text-decoration: line-through'>soon</span>",
        "Price ~~100~~ 120, ~~soon~~",
        "<p>Price <s>100</s> 120, <s>soon</s></p>",
    ),
    "a heading": ("<h1>Two <i>steps</i></h1>", "Two steps", "<h3>Two <em>steps</em></h3>"),
    "a numbered list": (
        "<ol start=3><li>Open</li><li><p>Press <b>Go</b></p></li></ol>",
        "3. Open\n4. Press Go",
        '<ol start="3"><li>Open</li><li>Press <strong>Go</strong></li></ol>',
    ),
    "letters for numbers": ("<ol type=a><li>x</li><li>y</li></ol>", "a. x\nb. y", '<ol type="a"><li>x</li><li>y</li></ol>'),
    "a list in a list": (
        "<ul><li>one<ol><li>a<br>b</li></ol></li><li>two</li></ul>",
        "- one\n  1. a\n    b\n- two",
        "<ul><li>one<ol><li>a<br>b</li></ol></li><li>two</li></ul>",
    ),
    "a list of Word": (
        WORD_ITEM.format(level=1, mark="·", text="one")
        + WORD_ITEM.format(level=2, mark="1.", text="<b>a</b>")
        + WORD_ITEM.format(level=1, mark="·", text="two"),
        "- one\n  1. a\n- two",
        "<ul><li>one<ol><li><strong>a</strong></li></ol></li><li>two</li></ul>",
    ),
    "a list of Word that another client has sent on": (
        SENT_ON_ITEM.format(mark="2)", text="one") + SENT_ON_ITEM.format(mark="·", text="two"),
        "2. one\n- two",
        '<ol start="2"><li>one</li></ol><ul><li>two</li></ul>',
    ),
    "an indented paragraph of Word": ('<p class="MsoListParagraph">no item</p>', "no item", "<p>no item</p>"),
    "a table with empty cells": (
        "<table border=1><tr><th>No</th><th>Old</th><th>New</th></tr><tr><td>1</td><td></td><td>9</td></tr><tr><td>2</td><td>8</td><td></td></tr></table>",
        "No | Old | New\n1 |  | 9\n2 | 8 |",
        ("<table><tr><td><strong>No</strong></td><td><strong>Old</strong></td><td><strong>New</strong></td></tr>"
        "<tr><td>1</td><td>&nbsp;</td><td>9</td></tr><tr><td>2</td><td>8</td><td>&nbsp;</td></tr></table>"),
    ),
    "a table of Word": (
        ("<table class=MsoTableGrid><tr><td><p class=MsoNormal>a<o:p></o:p></p></td><td><p class=MsoNormal>b</p><p class=MsoNormal>c</p></td></tr>"
        "<tr><td><p class=MsoNormal>d</p></td><td><p class=MsoNormal><b>e</b></p></td></tr></table>"),
        "a | b c\nd | e",
        "<table><tr><td>a</td><td>b<br>c</td></tr><tr><td>d</td><td><strong>e</strong></td></tr></table>",
    ),
    "one row": (
        "<table><tr><td>January</td><td></td><td>12</td></tr></table>",
        "January |  | 12",
        "<table><tr><td>January</td><td>&nbsp;</td><td>12</td></tr></table>",
    ),
    "cells over several columns": (
        "<table><tr><td colspan=2>x</td><td>y</td></tr><tr><td>1</td><td>2</td><td>3</td></tr></table>",
        "x |  | y\n1 | 2 | 3",
        "<table><tr><td>x</td><td>&nbsp;</td><td>y</td></tr><tr><td>1</td><td>2</td><td>3</td></tr></table>",
    ),
    "labels and values": (
        "<table><tr><th>Subject: </th><td>Hi</td></tr><tr><th>To: </th><td>Omar</td></tr></table>",
        "Subject: Hi\nTo: Omar",
        "<table><tr><td><strong>Subject:</strong></td><td>Hi</td></tr><tr><td><strong>To:</strong></td><td>Omar</td></tr></table>",
    ),
    "a table for layout": (
        '<table role="presentation"><tr><td>Reference</td><td>A-1</td></tr></table>',
        "Reference A-1",
        "<p>Reference A-1</p>",
    ),
    "columns of a page": (
        "<table><tr><td><p>one</p><p>two</p></td><td><p>three</p></td></tr></table>",
        "one\n\ntwo\n\nthree",
        "<p>one</p><p>two</p><p>three</p>",
    ),
    "a table in a table": (
        "<table><tr><td>logo</td><td><table><tr><td>a</td><td>b</td></tr></table></td></tr></table>",
        "logo\n\na | b",
        "<p>logo</p><table><tr><td>a</td><td>b</td></tr></table>",
    ),
    "code": (
        "Run <code>make &amp;&amp; go</code>:<pre>if x:\n    go\n\ndone</pre>",
        "Run make && go:\n\nif x:\n    go\n\ndone",
        "<p>Run <code>make &amp;&amp; go</code>:</p><pre>if x:\n    go\n\ndone</pre>",
    ),
    "a quotation of the author's own": (
        '<blockquote style="margin:0 0 0 40px">she said<br>so</blockquote>yes',
        "she said\nso\n\nyes",
        "<blockquote><p>she said<br>so</p></blockquote><p>yes</p>",
    ),
    "a picture": (
        'before<div><img src="cid:shot%40mail" alt="x"></div>after',
        "before\n[image: Screenshot.png]\nafter",
        '<p>before<br><img src="cid:1" alt="Screenshot.png"><br>after</p>',
    ),
    "a picture that is missing": ('<img src="cid:gone" alt="The page">', "[image: The page]", "<p>[image: The page]</p>"),
    "a picture of elsewhere": ('a<img src="https://track.example/p.gif" alt="x">b', "ab", "<p>ab</p>"),
    "a link with a picture of elsewhere": (
        '<a href="https://acme.example/go"><img src="https://acme.example/b.png" alt="Go on"></a>',
        "Go on <https://acme.example/go>",
        '<p><a href="https://acme.example/go">Go on</a></p>',
    ),
    "paragraphs of Outlook": (
        '<div class="WordSection1"><p class="MsoNormal">Hello<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">Bye</p></div>',
        "Hello\n\nBye",
        "<p>Hello</p><p>Bye</p>",
    ),
    "white space": ("a&nbsp; b\n <b> c </b>d", "a b c d", "<p>a b <strong>c</strong> d</p>"),
}  # fmt: skip


def plain_markup(lines: list[Line]) -> str:
    """Our markup of some lines, without what all elements have and without the line ends behind tags."""
    markup = markup_of(lines, pictures={"f00d": "cid:1"}).replace(">\n", ">")
    return markup.replace(' dir="auto"', "").replace(' rel="noopener noreferrer nofollow"', "")


@pytest.mark.parametrize("name", SHAPES)
def test_a_document_keeps_its_shape(name: str) -> None:
    source, text, markup = SHAPES[name]
    lines = readable_lines(source, PICTURES)
    assert "\n".join(line.text for line in lines).strip("\n") == text
    assert plain_markup(lines) == markup


@pytest.mark.parametrize("name", SHAPES)
def test_any_of_its_lines_are_a_document(name: str) -> None:
    lines = readable_lines(SHAPES[name][0], PICTURES)
    for kept in (lines[1:], lines[::2], lines[-1:]):
        markup = markup_of(kept)
        for element in ("ul", "ol", "li", "table", "blockquote", "p", "pre"):
            assert markup.count(f"<{element} ") + markup.count(f"<{element}>") == markup.count(f"</{element}>")


def test_plain_text_is_a_document_too() -> None:
    lines = plain_lines("Hello <you>,\n\nsee https://acme.example/a.\n  two  spaces\n> they said\n> > before\n>\nI say")
    assert plain_markup(list(lines)) == (
        '<p>Hello &lt;you&gt;,</p><p>see <a href="https://acme.example/a">https://acme.example/a</a>.<br>&nbsp; two&nbsp; spaces</p>'
        "<blockquote><p>they said</p><blockquote><p>before</p></blockquote></blockquote><p>I say</p>"
    )


ADDRESSES = {
    "https://acme.example/a b": "https://acme.example/a%20b",
    "HTTP://acme.example": "HTTP://acme.example",
    "ht\ntps://acme.example/": "https://acme.example/",
    'https://acme.example/"onclick=x': "https://acme.example/%22onclick=x",
    "mailto:a@b.example?cc=x@y.example&body=z": "mailto:a@b.example",
    "tel:+49 30 123": "tel:+4930123",
    "javascript:alert(1)": "",
    "java\tscript:alert(1)": "",
    "data:text/html,x": "",
    "vbscript:x": "",
    "//acme.example/": "",
    "/relative": "",
    "https://": "",
    "https://\u202eelpmaxe.evil": "",
    "file:///etc/passwd": "",
    "cid:x": "",
    "https://acme.example/" + "x" * 2_000: "",
}


@pytest.mark.parametrize("written", ADDRESSES)
def test_links_have_addresses_of_four_kinds(written: str) -> None:
    assert link_address(written) == ADDRESSES[written]
    assert link_address(ADDRESSES[written]) == ADDRESSES[written]


RENAMED = [
    '<div class="helpdesk-boundary">x</div>',
    '<div class="x_helpdesk-boundary">x</div>',
    '<div class="m_-4711helpdesk-boundary other">x</div>',
    '<div class="yiv0815helpdesk-boundary">x</div>',
    '<div class="ydp1a2b3chelpdesk-boundary" style="display:none">x</div>',
    '<div class="helpdesk-boundary_mr_css_attr">x</div>',
    '<div data-helpdesk="boundary">x</div>',
]


@pytest.mark.parametrize("source", RENAMED)
def test_the_boundary_of_our_letters_is_found_whatever_clients_rename(source: str) -> None:
    assert [line.text for line in readable_lines(f"Hi{source}") if line.boundary] == ["x"]


@pytest.mark.parametrize("name", ["gmail_quote", "x_gmail_quote", "m_123gmail_quote", "yiv4711gmail_quote"])
def test_renamed_containers_of_quotes_are_found(name: str) -> None:
    lines = readable_lines(f'Hi<div class="{name}"><blockquote class="{name}" style="margin:0">before</blockquote></div>')
    assert [line.text for line in lines if line.quoted and line.text] == ["before"]
