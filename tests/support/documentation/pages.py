"""The pages of the documentation, as the tests read them."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FENCE = re.compile(r"^( *)(```+)([^\n`]*)\n(.*?)^\1\2 *$", re.MULTILINE | re.DOTALL)
FIRST_PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "tests/GUARDS.md",
    "tests/MUTANTS.md",
    "tests/README.md",
    "threading/README.md",
)


def pages() -> list[Path]:
    """Every page that a reader is sent to."""
    return [*(ROOT / name for name in FIRST_PAGES), *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: str, kind: str) -> list[str]:
    """The contents of the fenced blocks of one kind, such as `toml`, without the indent of the list that they stand in."""
    found = [(len(indent), content) for indent, _, words, content in FENCE.findall(page) if words.split()[:1] == [kind]]
    return ["".join(line[indent:] or "\n" for line in content.splitlines(keepends=True)) for indent, content in found]
