"""Many lexicons are looked for in one pass over a text, and each finds what it finds alone and what trying every phrase finds."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.oracles.plain_lexicon import Phrases, plain_found_in

from helpdesk.config import lexicon as module
from helpdesk.config.lexicon import LONGEST_KEPT, Lexicon, Lexicons, Meaning

words = st.sampled_from(["a", "b", "ab", "abc", "b1", "12", "1234", "a" * (LONGEST_KEPT + 1), ""])
patterns = st.sampled_from(["a", "b", "ab", "a*", "ab*", "#", "##", "a" * (LONGEST_KEPT + 1), "b*"])
phrases = st.lists(patterns, min_size=1, max_size=4).map(" ".join)
spoken = st.dictionaries(st.sampled_from(["", "en", "de"]), st.lists(phrases, max_size=4), max_size=3)
lexicons = st.lists(st.dictionaries(st.sampled_from(["high", "low"]), spoken, max_size=2), min_size=1, max_size=4)


def built(rows: Phrases) -> Lexicon:
    return Lexicon({key: {language: tuple(said) for language, said in languages.items()} for key, languages in rows.items()})


def rows_of(found: Sequence[Meaning]) -> list[tuple[str, str, str]]:
    return [(meaning.key, meaning.language, meaning.phrase) for meaning in found]


@given(written=lexicons, text=st.lists(words, max_size=12))
def test_each_lexicon_finds_what_trying_every_phrase_finds(written: list[Phrases], text: list[str]) -> None:
    alone = [built(rows) for rows in written]
    together = Lexicons(alone)
    for _ in range(2):  # the second time the words are known
        read = together.read(text)
        for lexicon, rows in zip(alone, written, strict=True):
            found = rows_of(read.found(lexicon))
            assert found == rows_of(lexicon.found_in(text))
            assert sorted(found) == sorted(plain_found_in(rows, text))
            assert len(set(found)) == len(found)


def test_a_text_of_known_words_is_looked_up_once_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    plain = Lexicon.beginning

    def count(self: Lexicon, word: str) -> module._Beginning | None:
        asked.append(word)
        return plain(self, word)

    monkeypatch.setattr(Lexicon, "beginning", count)
    together = Lexicons([Lexicon({"": {"": (f"w{number}",)}}) for number in range(20)])
    together.read(["w1", "w2", "w1"])
    assert len(asked) == 2 * 20
    together.read(["w2", "w1"] * 50)
    assert len(asked) == 2 * 20


def test_a_lexicon_that_was_not_read_is_no_empty_one() -> None:
    with pytest.raises(KeyError):
        Lexicons(()).read(["a"]).found(Lexicon({}))
