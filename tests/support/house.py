"""The house in figures: `make house`. Rooms and who imports whom, circles, floors, wide values, and names that say too little.

python -m support.house [FOLDER]     another checkout of the project, to compare with
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TOP = ("config", "gateway", "store", "templates", "threading")
PARTICIPLE = re.compile(r"_?[a-z]+(?:ed|en|ld|wn|ought|ept|eft|ade)")
VERBS = frozenset(
    "accept succeed upgrade downgrade unfold fold flatten shorten reopen open hold feed need send broaden fasten".split()
)
NOUNS = frozenset("child children token field when seen_ids hidden".split())
ONE = re.compile(r"\bfor one in\b")
WIDE, MANY = 20, 6  # fields of a value, parameters of a function


@dataclass(frozen=True, slots=True)
class Module:
    """One file of the program; `name` is dotted, without `helpdesk.`; `imports` are names of other modules of the program."""

    name: str
    path: Path
    tree: ast.Module
    lines: int
    imports: frozenset[str]

    @property
    def room(self) -> str:
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]


def modules_of(root: Path) -> dict[str, Module]:
    """Every module of the program by its name; migrations are left out, since nothing imports them."""
    files = [path for top in TOP for path in sorted((root / top).rglob("*.py")) if "versions" not in path.parts]
    names = {_name(path, root) for path in files}
    return {_name(path, root): _module(path, root, names) for path in files}


def circles(edges: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Groups of parts that import each other in a circle (strongly connected components of more than one part)."""
    reach = {part: _reachable(part, edges) for part in edges}
    groups = {tuple(sorted({part, *(other for other in reach[part] if part in reach.get(other, ()))})) for part in edges}
    return [list(group) for group in sorted(groups) if len(group) > 1]


def floors(names: Iterable[str], modules: Mapping[str, Module]) -> int:
    """How many modules of one room stand above each other: the longest chain of imports inside it."""
    inside = frozenset(names)

    @cache
    def height(name: str) -> int:
        return 1 + max((height(below) for below in modules[name].imports & inside if below != name), default=0)

    return max(map(height, inside), default=0)


def report(root: Path) -> Iterator[str]:
    """The figures, line by line."""
    modules = modules_of(root)
    rooms: dict[str, list[Module]] = defaultdict(list)
    for module in modules.values():
        rooms[module.room].append(module)
    edges: dict[str, set[str]] = defaultdict(set)
    for module in modules.values():
        edges[module.room] |= {modules[name].room for name in module.imports} - {module.room}
    found = circles(_between_parts(modules))
    total = sum(module.lines for module in modules.values())
    yield f"{'room':36} files  lines share floors  imports"
    for room in sorted(rooms):
        inside = rooms[room]
        lines = sum(module.lines for module in inside)
        below = ", ".join(sorted(edges[room]))
        height = floors((module.name for module in inside), modules)
        yield f"{room:36} {len(inside):5} {lines:6} {lines / total:5.0%} {height:6}  {below}"
    yield ""
    yield f"lines of the program            {total}"
    yield f"lines of tests                  {sum(len(path.read_text().splitlines()) for path in (root / 'tests').rglob('*.py'))}"
    yield f"biggest room                    {max(sum(module.lines for module in inside) for inside in rooms.values()) / total:.0%}"
    yield f"circles                         {len(found)}" + "".join(f"\n    {' <-> '.join(group)}" for group in found)
    yield from _names(modules)
    texts = [path.read_text() for path in root.rglob("*.py") if not {".venv", "build"} & set(path.relative_to(root).parts)]
    yield f"loops over `one`, tests too     {sum(len(ONE.findall(text)) for text in texts)}"
    yield f"`fmt: skip`, tests too          {sum(text.count('# fmt: skip') for text in texts)}"
    yield f"lines of README.md              {len((root / 'README.md').read_text().splitlines())}"


def _between_parts(modules: Mapping[str, Module]) -> dict[str, set[str]]:
    """Which part of the house imports which. A part is a room, or a file that stands beside rooms (`gateway/node.py`)."""
    rooms = {module.room for module in modules.values()}
    with_rooms = {room for room in rooms if any(other.startswith(f"{room}.") for other in rooms)}
    parts = {name: name if module.room in with_rooms else module.room for name, module in modules.items()}
    edges: dict[str, set[str]] = defaultdict(set)
    for name, module in modules.items():
        edges[parts[name]] |= {parts[below] for below in module.imports} - {parts[name]}
    return edges


def _names(modules: Mapping[str, Module]) -> Iterator[str]:
    classes: dict[str, list[str]] = defaultdict(list)
    wide: list[tuple[int, str]] = []
    many: list[tuple[int, str]] = []
    participles: list[str] = []
    loops = 0
    for module in modules.values():
        loops += len(ONE.findall(module.path.read_text()))
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                classes[node.name].append(module.name)
                fields = sum(isinstance(line, ast.AnnAssign) for line in node.body)
                wide += [(fields, node.name)] if fields >= WIDE else []
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                many += [(_parameters(node), f"{module.name}.{node.name}")] if _parameters(node) >= MANY else []
                participles += (
                    [node.name] if PARTICIPLE.fullmatch(node.name) and node.name.lstrip("_") not in VERBS | NOUNS else []
                )
    twice = {name: places for name, places in classes.items() if len(places) > 1}
    yield f"class names that stand twice    {len(twice)}: {', '.join(sorted(twice))}"
    yield f"values of {WIDE} fields and more    {', '.join(f'{name} {count}' for count, name in sorted(wide, reverse=True))}"
    yield f"functions of {MANY} parameters       {len(many)}"
    yield f"functions named by a participle {len(participles)}"
    yield f"loops over `one`, program       {loops}"


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return len([argument for argument in arguments if argument.arg not in ("self", "cls")])


def _name(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def _module(path: Path, root: Path, names: set[str]) -> Module:
    text = path.read_text()
    tree = ast.parse(text)
    found = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("helpdesk.")
        for name in (node.module.removeprefix("helpdesk."), *(f"{node.module}.{alias.name}"[9:] for alias in node.names))
    }
    return Module(_name(path, root), path, tree, len(text.splitlines()), frozenset(found & names) - {_name(path, root)})


def _reachable(room: str, edges: Mapping[str, Iterable[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [room]
    while waiting:
        following = set(edges.get(waiting.pop(), ())) - found
        found |= following
        waiting += following
    return found


if __name__ == "__main__":
    print("\n".join(report(Path(sys.argv[1] if len(sys.argv) > 1 else "."))))
