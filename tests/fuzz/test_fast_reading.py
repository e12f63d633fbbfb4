"""The fast ways of reading give what the plain walks give, on whatever text."""

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.oracles.slow_reading import marks_in_tree, normal_body, pieces_outside_quotes, runs_of_letters, words_of

from helpdesk.threading.reading import encodings, fields, file_words, fingerprint, mailboxes, mime, parameters, strict, two_texts
from helpdesk.threading.reading.attribution import MOST_LINES, NEVER_LAST, Attributions, _may_end
from helpdesk.threading.reading.fields import Header, split_header
from helpdesk.threading.reading.outline import _Scan, outline_of
from helpdesk.threading.reading.strict import header_doubt

NAMES = st.sampled_from(
    [
        b"From",
        b"To",
        b"Content-Type",
        b"X",
        b"a b",
        b"",
        b" ",
        b"\t",
        b"N=",
        b">From",
        b"From ",
        b"<x",
        b"x" * 76,
        b"x" * 79,
        b"x" * 80,
    ]
)
VALUES = st.sampled_from([b"", b" ", b"a", b" text/plain;", b"name=x:y", b"\xe4", b"\0", b"a\rb", b": ", b" b ", b"\t"])
ENDS = st.sampled_from([b"\r\n"] * 12 + [b"\n", b"\r", b"\r\n ", b"\r\n\t", b"\r\n\r\n"])
LINES = st.builds(lambda *pieces: b"".join(pieces), NAMES, st.sampled_from([b":"] * 6 + [b"", b" :"]), VALUES, ENDS)
PLAIN_LINES = st.builds(
    lambda name, value, end: name + b":" + value + end,
    st.sampled_from([b"From", b"x-y", b"Content-Type", b"!"]),
    st.sampled_from([b"", b" a", b"a;\r\n\tname=x:y", b" a\r\n \r\n b", b"\xe4\x80"]),
    st.just(b"\r\n"),
)
HEADERS = st.lists(PLAIN_LINES, max_size=4).flatmap(
    lambda plain: st.lists(LINES, max_size=3).map(lambda others: b"".join((*plain, *others)))
)
BODIES = st.sampled_from([b"", b"\r\n", b"\r\nbody", b"\n", b"body", b"\r\n\r\n--x"])


def _plainly(content: bytes, *, first: bool = True) -> Header:
    return fields._any_header(content, 0, None, first=first)


@settings(max_examples=160)
@given(HEADERS, BODIES, st.booleans())
@example(b"Content-Type: text/plain;\r\nname=x:y\r\n", b"\r\nbody", True)
def test_a_plain_header_is_split_as_any_other(header: bytes, body: bytes, first: bool) -> None:
    content = header + body
    assert split_header(content, first=first) == _plainly(content, first=first)
    assert [field.raw for field in split_header(content).fields] == [field.raw for field in _plainly(content).fields]


@settings(max_examples=160)
@given(HEADERS, BODIES)
def test_a_plain_header_leaves_the_doubt_that_the_strict_reading_leaves(header: bytes, body: bytes) -> None:
    content = header + body
    assert header_doubt(content, split_header(content)) == header_doubt(content, _plainly(content))
    plain = fields.plain_header(content)
    assert plain is None or plain == strict._split_strictly(content)


def test_a_mail_whose_lines_end_in_a_bare_cr_is_in_doubt() -> None:
    content = b"From: a@example.org\rTo: b@example.org\r\rbody\r"
    assert header_doubt(content, split_header(fields.with_lines(content))) == header_doubt(content) != ""


def test_a_header_at_the_limits_is_split_as_any_other() -> None:
    for count in (999, 1000, 1001, 1002):
        content = b"a:b\r\n" * count + b"\r\nbody"
        assert split_header(content) == _plainly(content)
        assert header_doubt(content, split_header(content)) == header_doubt(content, _plainly(content))
    for octets in range(100 * 1024 - 8, 100 * 1024 + 8):
        content = b"a: " + b"x" * octets + b"\r\n\r\nbody"
        assert split_header(content) == _plainly(content)
        assert header_doubt(content, split_header(content)) == header_doubt(content, _plainly(content))
    for end in range(8, 30):
        content = b"a: bcd\r\nb: cde\r\n\r\nbody body body"
        assert split_header(content, 0, end) == fields._any_header(content, 0, end, first=True)


@settings(max_examples=160)
@given(st.lists(st.sampled_from([b'"', b";", b"\\", b"a", b"=", b" ", b"\xe4"]), max_size=14).map(b"".join))
def test_a_value_with_closed_quotes_is_split_as_any_other(value: bytes) -> None:
    assert parameters._split_at_semicolons(value) == pieces_outside_quotes(value)
    assert parameters.parameters(value) == parameters._parameters(value)


@settings(max_examples=160)
@given(
    st.lists(
        st.sampled_from(["a", "@", "b.c", ",", '"', "(", ")", "<", ">", " ", "x:", "…", "'", "\\", "=?utf-8?q?=C3?=", "\n", "ä"]),
        max_size=10,
    ).map("".join)
)
@example("<…>")
@example("x:<a@b.example>")
def test_one_plain_mailbox_is_read_as_in_a_list(text: str) -> None:
    value = text.encode()
    walked = tuple(mailbox for item in mailboxes._items(text) for mailbox in mailboxes._mailboxes_of(item))
    assert mailboxes.mailboxes(value) == walked


@settings(max_examples=160)
@given(
    st.lists(
        st.sampled_from(["a", "Ä", "ß", "_", "-", " ", "\u00a0", "https://x.y/z", "mailto:", "<", ">", "1", "\u0345", "İ"]),
        max_size=20,
    ).map("".join)
)
def test_words_of_two_texts_are_found_as_by_a_plain_search(text: str) -> None:
    assert two_texts._words(text) == words_of(text)


@settings(max_examples=80)
@given(st.lists(st.sampled_from([b"abcdefgh", b"i", b"\0", b"\xff", b"\t\r\n", b"x" * 11, b"y" * 12]), max_size=20).map(b"".join))
def test_runs_of_letters_are_found_as_by_a_plain_walk(octets: bytes) -> None:
    assert list(file_words._runs_of_letters(octets)) == runs_of_letters(octets)


@given(st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\r\n", b"\x0b", b"\x85", b"\x1c"]), max_size=20).map(b"".join))
def test_a_body_gets_the_same_normal_ends_in_both_ways(body: bytes) -> None:
    assert fingerprint._with_normal_ends(body).rstrip(b"\n") == normal_body(body)


@settings(max_examples=80)
@given(st.lists(st.sampled_from([b"QUJD", b"Q", b"QU", b"=", b"==", b"\r\n", b"-", b"\xff", b" "]), max_size=8).map(b"".join))
def test_base64_is_decoded_as_with_foreign_octets_taken_out_first(content: bytes) -> None:
    body, _, rest = content.partition(b"=")
    if not rest.translate(None, encodings.PADDING):
        assert encodings.from_base64(content) == encodings._quads(body.translate(None, encodings.NOT_BASE64))


BOUNDARY = st.sampled_from(["a", "b", "a--", "a-", "=_x y", "b1", "ä", 'q"', "x" * 80])
CONTAINER = st.sampled_from(["mixed", "alternative", "related", "signed", "digest"])


def _container(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda kind, boundary, parts, closed: (
            f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'
            + "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
            + (f"--{boundary}--\r\n" if closed else "")
        ),
        CONTAINER,
        BOUNDARY,
        st.lists(children, max_size=3),
        st.booleans(),
    )


TREES = st.recursive(st.sampled_from(["\r\nhello", "Content-Type: text/html\r\n\r\n<p>", "x"]), _container, max_leaves=8)


@settings(max_examples=80)
@given(TREES)
def test_positions_are_those_that_the_standard_library_finds_in_the_outline(tree: str) -> None:
    content = f"From: a@example.org\r\n{tree}".encode()
    outline = outline_of(split_header(content), content)
    if outline.breach:
        return
    for skeleton in (outline.skeleton, outline.skeleton_as_mixed):
        positions = mime._positions(skeleton)
        assert [(position.number, position.group, position.related) for position in positions] == marks_in_tree(skeleton)
        assert mime._positions(skeleton) == mime._positions_in(skeleton)
        assert all(position.number < len(outline.parts) for position in positions)


@settings(max_examples=80)
@given(TREES)
@example(
    'Content-Type: multipart/mixed; boundary="a"\r\n\r\n--a\r\nContent-Type: multipart/mixed; boundary="a"\r\n\r\n--a\r\n\r\nx\r\n--a--'
)
def test_names_of_boundaries_in_the_outline_keep_the_tree_that_the_written_boundaries_make(tree: str) -> None:
    content = f"From: a@example.org\r\n{tree}".encode()
    scan = _Scan(content)
    outline = scan.run(split_header(content))
    if outline.breach or any(not re.fullmatch(rb"[a-z0-9_= ]+", boundary) for boundary in scan.names):
        return  # a parser of headers reads some letters of a boundary differently, and "a--" as the end of "a"
    written = {name: boundary for boundary, name in scan.names.items()}
    skeleton = re.sub(rb'(?<=^--)b\d+|(?<=boundary=")b\d+', lambda name: written[name[0]], outline.skeleton, flags=re.MULTILINE)
    assert marks_in_tree(skeleton) == marks_in_tree(outline.skeleton)


@settings(max_examples=80)
@given(
    st.lists(st.sampled_from(["wrote:", "On 3 May 2024", "Hi", "", "a b", "schrieb", "> x:", "geschrieben", "é:"]), max_size=20),
    st.data(),
)
def test_an_attribution_ends_soon_where_one_of_the_next_lines_may_end_it(texts: list[str], data: st.DataObject) -> None:
    attributions = Attributions(texts, [False] * len(texts))
    asked = sorted(data.draw(st.sets(st.integers(0, max(len(texts) - 1, 0)))))
    for at in asked:
        near = texts[at : at + MOST_LINES]
        assert attributions._ends_soon(at) == any(text[-1:].lower() not in NEVER_LAST and _may_end(text) for text in near)
