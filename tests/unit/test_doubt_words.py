"""Whatever the reading says of a doubt about a mail, staff read it in their own language."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpdesk.templates.catalogue import LANGUAGES, Speech, sentences
from helpdesk.threading.reading.limits import HEADER_FIELDS, HEADER_OCTETS
from helpdesk.threading.trust.doubt_words import LIMIT, LOOSE, doubt_in_words

READING = Path(__file__).parents[2] / "threading" / "reading"
VALUES = {"HEADER_OCTETS": str(HEADER_OCTETS), "HEADER_FIELDS": str(HEADER_FIELDS)}


def clauses() -> Iterator[str]:
    """Every clause that the reading can say, with an example in place of a value."""
    for name in ("strict.py", "coverage.py"):
        for function in ast.walk(ast.parse((READING / name).read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef):
                yield from filter(None, map(text_of, said_in(function)))
    for defect in texts_of_defects("fields.py"):
        yield f"{LOOSE}{defect}"
    for limit in (f"headers larger than {HEADER_OCTETS} octets", f"more than {HEADER_FIELDS} header fields"):
        yield f"{LIMIT}{limit}"
    yield from ("several Subject fields", "malformed Date field name")


def said_in(function: ast.FunctionDef) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and ast.unparse(node.exc.func) == "_Doubt":
            yield node.exc.args[0]
        if (
            isinstance(node, ast.Return)
            and node.value is not None
            and function.returns
            and ast.unparse(function.returns) == "str"
        ):
            yield from (node.value.body, node.value.orelse) if isinstance(node.value, ast.IfExp) else (node.value,)


def texts_of_defects(name: str) -> Iterator[str]:
    for node in ast.walk(ast.parse((READING / name).read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "defects.append":
            parts = (node.args[0].body, node.args[0].orelse) if isinstance(node.args[0], ast.IfExp) else (node.args[0],)
            yield from map(text_of, parts)


def text_of(expression: ast.expr) -> str:
    """The text of a constant or an f-string; "" for another expression, which returns what another function says."""
    if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
        return expression.value
    if not isinstance(expression, ast.JoinedStr) or "tolerant" in ast.unparse(expression):
        return ""
    parts = [
        part.value if isinstance(part, ast.Constant) else VALUES.get(ast.unparse(part).strip("f'\"{}"), "X-Odd")
        for part in expression.values
    ]
    return "".join(map(str, parts))


def test_every_clause_of_the_reading_is_a_sentence() -> None:
    found = sorted(set(clauses()))
    assert len(found) > 25
    assert [text for text in found if doubt_in_words(text).template == "{text}"] == []


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_staff_read_no_clause_in_english(language: str) -> None:
    for text in clauses():
        template = doubt_in_words(text).template
        assert sentences(language)[template] != template
        assert Speech(language).line(doubt_in_words(text)) != text


def test_a_clause_that_nobody_knows_stays() -> None:
    assert doubt_in_words("its tone is odd") == "its tone is odd"
