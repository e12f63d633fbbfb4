"""No expression works longer on hostile text than on any other of its size, and none is forgotten.

Time is compared with that of a plain walk over as many letters in the same run, and with itself at a quarter of the size: neither says
more on a slow machine than on a fast one.
"""

import functools
import re

import pytest
from support.hostile.hostile_expressions import (
    BUILDERS,
    EXPRESSIONS,
    Pumped,
    Reach,
    asked,
    compiled,
    inline,
    methods_used,
    pumped,
    seconds,
    sources,
)

from helpdesk.threading.commands.words import WORDS

SIZE = 16 * 1024  # characters
MOST_WALKS = 20  # an expression may cost as much as so many plain walks; what tries again at each letter costs hundreds
MOST_GROWTH = 8  # four times the text: linear work grows fourfold, quadratic work sixteenfold
ROUNDS = 5
FAST = 0.02  # seconds, of which a growth says nothing


def test_every_expression_is_in_the_table_and_no_other() -> None:
    assert set(compiled()) == set(EXPRESSIONS)


def test_no_expression_hides_in_a_function() -> None:
    """It would be in no table; and what is not compiled once is compiled again and again."""
    found = {name: inline(tree) for name, tree in sources().items() if name not in BUILDERS}
    assert {name: calls for name, calls in found.items() if calls} == {}


def test_the_table_knows_how_each_is_asked() -> None:
    wrong = {
        name: methods_used(name) for name, reach in EXPRESSIONS.items() if not methods_used(name) <= set(reach.methods.split())
    }
    assert wrong == {}


def walk() -> float:
    """Seconds for one plain walk over `SIZE` letters."""
    letters = "a1 -" * (SIZE // 4)
    return min(seconds(lambda: [letter.isalnum() for letter in letters]) for _ in range(ROUNDS))


def slowest(pattern: "re.Pattern[str]", reach: Reach) -> tuple[float, Pumped, str]:
    """Of all hostile texts the one that takes longest: in plain walks, with the method that asks."""
    size = min(SIZE, reach.most)
    found = [(seconds(asked(pattern, how, one.of(size))), one, how) for one in pumped(pattern) for how in reach.methods.split()]
    taken, one, how = max(found, key=lambda measured: measured[0])
    unit = walk()
    for _ in range(ROUNDS):  # other work on the machine must not be blamed
        if taken <= unit * MOST_WALKS:
            break
        taken, unit = min(taken, seconds(asked(pattern, how, one.of(size)))), max(unit, walk())
    return taken / unit, one, how


def grown(pattern: "re.Pattern[str]", how: str, one: Pumped, size: int) -> float:
    small, large = asked(pattern, how, one.of(size)), asked(pattern, how, one.of(size * 4))
    few, many = seconds(small), seconds(large)
    for _ in range(ROUNDS):
        if many < FAST or many < few * MOST_GROWTH:
            break
        few, many = max(few, seconds(small)), min(many, seconds(large))
    return 0.0 if many < FAST else many / few


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_hostile_text_costs_no_more_than_a_few_plain_walks(name: str) -> None:
    pattern, reach = compiled()[name], EXPRESSIONS[name]
    walks, one, how = slowest(pattern, reach)
    assert walks <= MOST_WALKS, (how, one)
    if reach.most >= SIZE * 4:
        assert grown(pattern, how, one, SIZE) < MOST_GROWTH, (how, one)


# Expressions that the gateway had once, or that others had, each with the text that it was asked of.
SLOW = {
    "a mark among marks": Reach("match", 4000),
    "an hour, then a year": Reach("fullmatch", 4000),
    "a slash between blanks": Reach("split", 4000),
    "nested repetition": Reach("search", 2000),
    "a line that ends with a colon": Reach("search", 4000),
}
THEIRS = {
    "a mark among marks": rf"(?:[^\w>|]|_){{0,20}}[#!](?:\W|_){{0,20}}(?:{'|'.join(WORDS)})(?![^\W_])",
    "an hour, then a year": r"From (?:\S*\s*|\S.*\d\d?:\d\d(?::\d\d)?\b.*\b(?:19|20)\d\d\b.*)\r?\n",
    "a slash between blanks": r"\s+/\s+(?=#?\d)",
    "nested repetition": r"(?:[a-z]+)*:",
    "a line that ends with a colon": r"\s*wrote\s*:\s*$",
}


@pytest.mark.parametrize("name", SLOW)
def test_an_expression_that_tries_again_and_again_is_noticed(name: str) -> None:
    pattern = re.compile(THEIRS[name])
    if name == "nested repetition":  # for ever: a few letters are enough
        few, many = seconds(functools.partial(pattern.search, "a" * 16)), seconds(functools.partial(pattern.search, "a" * 22))
        assert many > few * 8
        return
    walks, _, _ = slowest(pattern, SLOW[name])
    assert walks > MOST_WALKS / 4, "at a quarter of the size"
