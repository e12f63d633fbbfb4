"""The answer to a digest, line by line: everything that begins with a number is a row, or nothing of the mail is carried out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.threading.commands.digest_rows import NOT_HERE, rows_text
from helpdesk.threading.commands.grammar import KINDS_OF_LETTER, use_of
from helpdesk.threading.commands.words import USAGE, WORDS, Value, Word

NUMBERS = range(1, 13)
UNDERSTOOD = [
    ("1 take", {1: (["take"], "")}),
    ("1 take / 3 resolve fixed / 5 note ask Lena", {1: (["take"], ""), 3: (["resolve"], "fixed"), 5: (["note"], "ask Lena")}),
    ("1 take\r\n3 resolve fixed\r\n", {1: (["take"], ""), 3: (["resolve"], "fixed")}),
    ("12. #Take\n 2) !assign Ines Duarte", {12: (["take"], ""), 2: (["assign"], "")}),
    ("#4 übernehmen\n4 priorité high\n5: gelöst Läuft.", {4: (["take", "priority"], ""), 5: (["resolve"], "Läuft.")}),
    ("3 resolve\nIt works again.\n\nOmar\n4 take", {3: (["resolve"], "It works again.\n\nOmar"), 4: (["take"], "")}),
    ("3 resolve It works.\nTry it.\n3 priority low", {3: (["resolve", "priority"], "It works.\n\nTry it.")}),
    ("3 note either / or", {3: (["note"], "either / or")}),
    ("3 note\nsee pages 4 / 5", {3: (["note"], "see pages 4 / 5")}),
    ("3 note: she has 2 printers", {3: (["note"], "she has 2 printers")}),
    ("3 cc paul@acme.example\n3 cc eve@acme.example", {3: (["cc", "cc"], "")}),
    ("3 note\n> 4 take\nwas quoted", {3: (["note"], "> 4 take\nwas quoted")}),
]
REFUSED = [
    ("", "names no row"),
    ("  \n\n", "names no row"),
    ("Hello,\n1 take", '"Hello,"'),
    ("take", '"take"'),
    ("13 take", '"13 take": the list has rows 1 to 12'),
    ("0 take", '"0 take"'),
    ("1234 take", '"1234 take"'),
    ("1take", '"1take"'),
    ("1", '"1"'),
    ("1 ", '"1"'),
    ("-1 take", '"-1 take"'),
    ("- 1 take", '"- 1 take"'),
    ("*1* take", '"*1* take"'),
    ("1 frobnicate", '"1 frobnicate"'),
    ("1 take me home", '"1 take me home"'),
    ("1 assign", '"1 assign"'),
    ("3 resolve 7 / 8 of them are fixed", '"8 of them are fixed"'),
    ("1 take\n1 take", '"#take" appears twice'),
    ("1 note a\n1 resolve b", '"1 note a" and "1 resolve b"'),
    ("1 spam\n1 take", '"1 spam" goes alone'),
    ("1 take\nThanks!", '"Thanks!"'),
    ("3 resolve open these:\n1. the lid\n2. the tray", '"1. the lid"'),
    ("3 resolve\n2026-11-25 at the latest", '"2026-11-25 at the latest"'),
    ("3 resolve fixed\n#note she is difficult", '"#note she is difficult"'),
    ("3 resolve fixed\n#frobnicate", '"#frobnicate"'),
    ("3 resolve fixed\n*#note* she is difficult", '"*#note* she is difficult"'),
    ("#status", '"#status"'),
    *((f"3 {word}{' x' if USAGE[word].value is Value.NEEDED else ''}", f'"3 {word}') for word in NOT_HERE),
]
pieces = st.one_of(
    st.sampled_from(
        ["1", "2", "3 ", " / ", "\n", "\r\n", "#", "!", ".", ")", " ", "> ", "\u00a0", "\u2028", "\uff11", "\u0661", "²"]
    ),
    st.sampled_from(sorted(WORDS)),
    st.text(max_size=8),
)


@pytest.mark.parametrize(("text", "rows"), UNDERSTOOD)
def test_understood(text: str, rows: dict[int, tuple[list[str], str]]) -> None:
    found = rows_text(text, NUMBERS)
    assert found.refused == ()
    assert {number: ([command.word for command in row.commands], row.words) for number, row in found.rows} == rows
    assert [number for number, _ in found.rows] == list(rows)


@pytest.mark.parametrize(("text", "quoted"), REFUSED)
def test_refused_and_the_line_is_quoted(text: str, quoted: str) -> None:
    assert quoted in " ".join(rows_text(text, NUMBERS).refused)


def test_a_list_without_rows_takes_nothing() -> None:
    assert rows_text("1 take", ()).refused == ('"1 take": the list has no rows',)
    assert "row 1 alone" in rows_text("2 take", (1,)).refused[0]


@given(st.lists(pieces, max_size=30).map("".join))
def test_whatever_is_written_each_word_has_one_place(text: str) -> None:
    """It never raises; nothing without a row above it is taken; no text goes along with a row that does not say what it is for."""
    found = rows_text(text, NUMBERS)
    assert found.rows or found.refused
    if found.refused:
        return
    for number, row in found.rows:
        assert number in NUMBERS and row.commands and not row.refused
        plain = [line for line in row.body.splitlines() if line.strip() and use_of(line) is None]
        assert not plain or any(command.word in KINDS_OF_LETTER for command in row.commands)
        assert not any(line.strip()[:1].isdigit() for line in row.body.splitlines())
        assert not {command.word for command in row.commands} & set(NOT_HERE)


@given(
    st.lists(
        st.tuples(st.sampled_from(list(NUMBERS)), st.sampled_from(sorted(set(Word) - set(NOT_HERE))), st.sampled_from(["", "x y", "é z"])),
        min_size=1, max_size=9, unique_by=lambda one: one[0],
    ),
    st.sampled_from(["\n", "\r\n", " / ", "\n\n"]),
)  # fmt: skip
def test_what_is_written_by_the_rules_is_read_back(lines: list[tuple[int, Word, str]], between: str) -> None:
    wanted = [(number, word, fitting(USAGE[word].value, value)) for number, word, value in lines]
    found = rows_text(between.join(f"{number} {word} {value}".strip() for number, word, value in wanted), NUMBERS)
    assert found.refused == ()
    assert [(number, row.commands[0].word, row.commands[0].value) for number, row in found.rows] == wanted


def fitting(takes: Value, value: str) -> str:
    return "" if takes is Value.NONE else value or ("x" if takes is Value.NEEDED else "")
