"""Commands stand on lines of their own at the top or the end of a staff member's text; all of them count, or none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.threading.commands.grammar import is_nearly_command, refusals_below, staff_text
from helpdesk.threading.commands.words import ALIASES, Word

UNDERSTOOD = [
    ("Just an answer.", [], "Just an answer."),
    ("#resolve\nUnlocked.\n\nOmar", [Word.RESOLVE], "Unlocked.\n\nOmar"),
    ("Unlocked.\n#resolve", [Word.RESOLVE], "Unlocked."),
    ("#take\n!ask\n\nWhich browser?", [Word.TAKE, Word.ASK], "Which browser?"),
    ("  #NOTE  \ninternal", [Word.NOTE], "internal"),
    ("#assign Ines Duarte\n#note\nplease look", [Word.ASSIGN, Word.NOTE], "please look"),
    ("#note restart at night", [Word.NOTE], "restart at night"),
    ("#resolve fixed", [Word.RESOLVE], "fixed"),
    ("#note\u00a0she is difficult", [Word.NOTE], "she is difficult"),
    ("#note " + "she is difficult " * 100, [Word.NOTE], ("she is difficult " * 100).strip()),
    ("See below.\n> #note among what is quoted\nYes.", [], "See below.\n> #note among what is quoted\nYes."),
    ("Notebook!\n#notebooks are sold out\nbye", [], "Notebook!\n#notebooks are sold out\nbye"),
    ("#escalate payments are down by 2026-11-25", [Word.ESCALATE], ""),
    ("#1 on your list is done", [], "#1 on your list is done"),
    ("# heading\ntext", [], "# heading\ntext"),
    ("see issue #take in the text", [], "see issue #take in the text"),
    ("", [], ""),
]
REFUSED = [
    ("#frobnicate\nhello", '"#frobnicate"'),
    ("#Urgent please", '"#Urgent please"'),
    ("#assign", '"#assign"'),
    ("#take me home", '"#take me home"'),
    ("#ask\n#resolve\ntext", '"#ask" and "#resolve"'),
    ("#note\n#note\ntext", '"#note" and "#note"'),
    ("Dear Anna,\n#note she is difficult\nregards", '"#note she is difficult"'),
    ("#take\n" * 21 + "text", "21 commands"),
    ("#note, she is difficult", '"#note, she is difficult"'),
    ("#note. She is difficult", '"#note. She is difficult"'),
    ("#note\u2014she is difficult", "she is difficult"),
    ("# note she is difficult", '"# note she is difficult"'),
    ("\uff03note she is difficult", "she is difficult"),
    ("\u200b#note she is difficult", "she is difficult"),
    ("*#note* she is difficult", '"*#note* she is difficult"'),
    ("__#Note__", '"__#Note__"'),
    ("##note she is difficult", '"##note she is difficult"'),
    ("Hello,\n- #resolve\nbye", '"- #resolve"'),
]


@pytest.mark.parametrize(("text", "words", "said"), UNDERSTOOD)
def test_understood(text: str, words: list[Word], said: str) -> None:
    found = staff_text(text)
    assert found.refused == ()
    assert [command.word for command in found.commands] == words
    assert found.words == said


@pytest.mark.parametrize(("text", "quoted"), REFUSED)
def test_refused_and_the_line_is_quoted(text: str, quoted: str) -> None:
    found = staff_text(text)
    assert len(found.refused) >= 1
    assert quoted in " ".join(found.refused)


@given(st.text(st.sampled_from("#!\n ntoeask:ü\t\r"), max_size=60))
def test_any_text_is_taken_apart_and_no_word_is_lost(text: str) -> None:
    found = staff_text(text)
    kept = "".join([command.line for command in found.commands] + [found.body] + list(found.refused))
    assert all(word in kept for word in text.split())


@given(
    st.text(st.sampled_from("*_ -\u200b\t[#!"), max_size=10),
    st.sampled_from("#!\uff03"),
    st.sampled_from(list(Word)),
    st.text(st.sampled_from(".,;:-* \t\u00a0\u2014)"), max_size=5),
)
def test_a_line_that_begins_with_a_command_is_never_a_line_for_the_customer(
    before: str, sign: str, word: Word, after: str
) -> None:
    line = f"{before}{sign}{word}{after}"
    for text in (line, f"{line}\ntext", f"text\n{line}\ntext", f"text\n{line}"):
        found = staff_text(text)
        assert found.refused or found.commands


@pytest.mark.parametrize(
    ("elided", "signature", "lines"),
    [
        ("", "Best regards\nOmar\n#note\nTel 4711", ["#note"]),
        ("> quoted", "-- \nOmar\n #take\n!Priorität high \nTel 4711", ["#take", "!Priorität high"]),
        ("> quoted\n#note", "", ["#note"]),
        ("#note\n> quoted", "", []),
        ("> quoted", "-- \nOmar #note\n#TeamAccoraze", []),
        ("", "", []),
    ],
)
def test_a_command_below_what_is_read_is_not_overlooked(elided: str, signature: str, lines: list[str]) -> None:
    assert [refusal.split('"')[1] for refusal in refusals_below(elided, signature)] == lines


def test_a_command_below_a_quoted_letter_of_any_length_is_not_overlooked() -> None:
    assert len(refusals_below("> old\n" * 100_000 + "#resolve\n", "")) == 1


@pytest.mark.parametrize(("signs", "nearly"), [(0, True), (20, True), (21, False), (2_000_000, False)])
def test_as_many_signs_may_stand_between_a_mark_and_its_word(signs: int, nearly: bool) -> None:
    assert is_nearly_command("#" + "-" * signs + "note") is nearly
    assert is_nearly_command("-" * signs + "#note") is nearly


def test_a_word_has_one_meaning_in_all_languages() -> None:
    words = [alias for aliases in ALIASES.values() for alias in aliases.split()] + [word.value for word in Word]
    assert sorted(words) == sorted(set(words))
