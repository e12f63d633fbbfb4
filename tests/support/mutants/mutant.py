"""A mutant: the program with one of its guards removed. The tests named with it must fail, or nobody would notice that the guard is gone."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]


class Outdated(Exception):
    """The program has changed, and the table of mutants has not: the exception says which mutant to write anew."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """`text` stands exactly once in `file` and is replaced by `instead`. `tests` are ids of pytest, as few and as quick as possible.

    `guard` is the promise that the text keeps, and `removed` says what the replacement takes away.
    """

    guard: str
    removed: str
    file: str
    text: str
    instead: str
    tests: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.guard}: {self.removed} ({self.file})"

    def source(self, root: Path = ROOT) -> str:
        """The text of the file with the guard removed. Raises Outdated."""
        path = root / self.file
        if not path.exists():
            raise Outdated(f"{self}: there is no such file; name the one that has the guard now")
        before = path.read_text(encoding="utf-8")
        count = before.count(self.text)
        if count != 1:
            raise Outdated(f"{self}: its text stands {count} times in the file instead of once; write this mutant anew")
        return before.replace(self.text, self.instead)

    def missing_tests(self, root: Path = ROOT) -> list[str]:
        """Those of its tests that are not there any more."""
        return [test for test in self.tests if not _exists(test, root)]


def _exists(test: str, root: Path) -> bool:
    file, _, name = test.partition("::")
    path = root / file
    return path.exists() and (not name or f"def {name.partition('[')[0]}(" in path.read_text(encoding="utf-8"))
