"""Removes each guard in turn, in a copy of the tree, and runs the tests that must miss it: `make mutants`.

It prints a table in Markdown with the test that failed for each guard, and ends with 1 if a guard can be removed unnoticed. First all named
tests run once without a mutant, and must pass.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path

from support.mutants.guards import MUTANTS
from support.mutants.mutant import ROOT, Mutant, Outdated

ROOMS = ("config", "gateway", "store", "templates", "threading")
LEFT_OUT = (".*", "build", "__pycache__", "var")
FAILED, PASSED = 1, 0  # exit codes of pytest; any other one means that the tests did not run
PATIENCE = 600  # seconds for the tests of one mutant
A_TEST = 120  # seconds; a mutant may make a test wait for what never comes
FIRST_FAILURE = re.compile(r"^(?:FAILED|ERROR) (tests/\S+?::\w+(?:\[.*?\](?= |$))?)", re.MULTILINE)


class CannotRun(Exception):
    """The tests of a mutant did not run, so they say nothing about it."""


@dataclass(frozen=True, slots=True)
class Caught:
    """`by` is the test that failed with the mutant; "" if none did."""

    mutant: Mutant
    by: str


@contextmanager
def copied_tree(root: Path = ROOT) -> Iterator[Path]:
    """A copy of the tree in a temporary folder, with a tree of links from which `helpdesk` is imported."""
    with tempfile.TemporaryDirectory(prefix="desk-mutants-") as folder:
        copy = Path(folder) / "tree"
        shutil.copytree(root, copy, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
        links = copy / "build" / "links" / "helpdesk"
        links.mkdir(parents=True)
        for room in ROOMS:
            (links / room).symlink_to(copy / room)
        if (peers := root / "build" / "peers").exists():
            (copy / "build" / "peers").symlink_to(peers.absolute())
        yield copy


def environment_of(copy: Path) -> dict[str, str]:
    """Folders in PYTHONPATH are searched before the editable install, which leads to the tree that was copied. No test may be skipped."""
    return os.environ | {"PYTHONPATH": str(copy / "build" / "links"), "HELPDESK_REQUIRE_PEERS": "1"}


def run_tests(copy: Path, tests: Sequence[str]) -> tuple[int, str]:
    """Run tests in a copy until the first one fails. Return the exit code of pytest and what it printed."""
    options = ["-n0", "-x", "-q", "-p", "no:cacheprovider", f"--timeout={A_TEST}", "--tb=line"]
    command = [sys.executable, "-m", "pytest", *options, *tests]
    try:
        done = subprocess.run(
            command, check=False, cwd=copy, env=environment_of(copy), capture_output=True, text=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired as fault:
        raise CannotRun(f"{' '.join(tests)}: no end within {PATIENCE} s") from fault
    return done.returncode, done.stdout + done.stderr


def try_mutant(copy: Path, mutant: Mutant) -> Caught:
    """Remove the guard in the copy, run the tests, and put it back. Raises Outdated or CannotRun."""
    path, source = copy / mutant.file, mutant.source(copy)
    kept = path.read_text(encoding="utf-8")
    try:
        _write(path, source)
        code, said = run_tests(copy, mutant.tests)
    finally:
        _write(path, kept)
    if code not in (PASSED, FAILED):
        raise CannotRun(f"{mutant}: pytest ended with {code}\n{said}")
    failure = FIRST_FAILURE.search(said)
    return Caught(mutant, failure[1] if failure else "")


def _write(path: Path, source: str) -> None:
    """Write a module, and remove what Python compiled of it: it would take the old code for the new within the same second."""
    path.write_text(source, encoding="utf-8")
    Path(cache_from_source(str(path))).unlink(missing_ok=True)


def imported_from(copy: Path) -> Path:
    """Where the tests of a copy import the program from."""
    command = [sys.executable, "-c", "import helpdesk.store.database as module; print(module.__file__)"]
    done = subprocess.run(command, cwd=copy, env=environment_of(copy), check=True, capture_output=True, text=True)
    return Path(done.stdout.strip())


def as_markdown(caught: Sequence[Caught]) -> str:
    rows = [f"| {entry.mutant.guard} | {entry.mutant.removed} | {_name_of(entry.by)} |" for entry in caught]
    return "\n".join(["| guard | what is removed | the test that fails |", "| --- | --- | --- |", *rows])


def _name_of(test: str) -> str:
    return f"`{test.removeprefix('tests/')}`" if test else "**none**"


def main() -> int:
    parser = argparse.ArgumentParser(description="Remove the guards in turn, and see that a test fails.")
    parser.add_argument("--only", default="", help="mutants whose guard, file or description has this text")
    wanted = parser.parse_args().only
    mutants = [mutant for mutant in MUTANTS if wanted in str(mutant)]
    with copied_tree() as copy:
        if not imported_from(copy).is_relative_to(copy):
            print("the tests would not import the copy", file=sys.stderr)
            return 1
        code, said = run_tests(copy, sorted({test for mutant in mutants for test in mutant.tests}))
        if code != PASSED:
            print(f"without a mutant the tests fail:\n{said}", file=sys.stderr)
            return 1
        caught: list[Caught] = []
        faults: list[str] = []
        for mutant in mutants:
            try:
                caught.append(try_mutant(copy, mutant))
            except (Outdated, CannotRun) as fault:
                faults.append(str(fault))
                continue
            print(f"{mutant}: {caught[-1].by or 'NOT NOTICED'}", file=sys.stderr, flush=True)
    print(as_markdown(caught))
    survivors = [str(entry.mutant) for entry in caught if not entry.by]
    for line in [*faults, *(f"no test misses it: {survivor}" for survivor in survivors)]:
        print(line, file=sys.stderr)
    return 1 if faults or survivors else 0


if __name__ == "__main__":
    sys.exit(main())
