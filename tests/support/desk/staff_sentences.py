"""Every sentence of letters to staff that the code can make, found in its source."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from helpdesk.config.triage import DEFAULT_CATEGORIES

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("threading", "templates")
MAKERS = {"sentence": 0, "_say": 3, "_with_part": 2}  # functions, and the place of the template among their arguments
LETTER = re.compile(r"[^\W\d_]")
PLACEHOLDER = re.compile(r"\{[a-z_]+\}")


def sentences_in_code() -> dict[str, str]:
    """The templates of all sentences, each with the file where it is first. Those without words of their own are left out."""
    found: dict[str, str] = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for template in _templates(ast.parse(path.read_text("utf-8"))):
                if says_something(template):
                    found.setdefault(template, str(path.relative_to(ROOT)))
    for name in shipped_facts():
        found.setdefault(name, "config/triage.py")
    return found


def unresolved() -> dict[str, list[str]]:
    """The expressions, by file, that make a sentence from a template which the source does not show. A value that is a sentence
    already, and the template of another function's caller, are among them.
    """
    found: dict[str, list[str]] = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if name == "threading/model/sentence.py":
                continue
            module = ast.parse(path.read_text("utf-8"))
            names = _constants(module)
            for node in ast.walk(module):
                match node:
                    case ast.Call(func=ast.Name(id="sentence"), args=[template, *_]) if not list(_texts(template, names)):
                        found.setdefault(name, []).append(ast.unparse(template))
    return found


def shipped_facts() -> Iterator[str]:
    """The names of the facts that a desk without own words looks for."""
    return (name for category in DEFAULT_CATEGORIES.values() for name in category.missing)


def says_something(template: str) -> bool:
    """Whether a template has words of its own beside its values and commands."""
    return bool(LETTER.search(re.sub(r"#\w+", "", PLACEHOLDER.sub("", template))))


def _constants(module: ast.Module) -> dict[str, ast.expr]:
    return {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }


def _templates(module: ast.Module) -> Iterator[str]:
    names = _constants(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
            place = MAKERS[node.func.id]
            if len(node.args) > place:
                yield from _texts(node.args[place], names)


def _texts(node: ast.expr, names: dict[str, ast.expr]) -> Iterator[str]:
    """The texts that an expression may be: a literal, a constant of the module, a value of its tables."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Name(id=name) if name in names:
            yield from _texts(names[name], {})
        case ast.IfExp():
            yield from _texts(node.body, names)
            yield from _texts(node.orelse, names)
        case ast.Subscript():
            yield from _texts(node.value, names)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get")):
            for part in (names.get(name), *node.args[1:]):
                if part is not None:
                    yield from _texts(part, names)
        case ast.Dict():
            for value in node.values:
                yield from _texts(value, names)
