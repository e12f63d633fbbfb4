"""Long runs of what the test suite runs in short: `make campaign SEED=7 COUNT=1000`, or one of them with `--only NAME`.

A campaign is a function `run(seed, count)` in a test file or in `tests/support`, named by its file, or `run_WORD(seed, count)`, named by
file and word. It raises where a promise is broken.
"""

import argparse
import ast
import importlib.util
import logging
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent
FOLDERS = ("support", "fuzz", "edges", "campaigns")


@dataclass(frozen=True, slots=True)
class Campaign:
    path: Path
    function: str

    def run(self, seed: int, count: int) -> Any:
        spec = importlib.util.spec_from_file_location(self.path.stem, self.path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[self.path.stem] = module
        spec.loader.exec_module(module)
        return getattr(module, self.function)(seed, count)


def campaigns() -> dict[str, Campaign]:
    """Every campaign by its name: `kill`, `fuzz_reading`, …"""
    files = [path for folder in FOLDERS for path in sorted((TESTS / folder).rglob("*.py"))]
    return {_name(path, function): Campaign(path, function) for path in files for function in _runs(path)}


def _runs(path: Path) -> list[str]:
    """The functions `run(seed, count)` and `run_…(seed, count)` of a file; told without importing it."""
    functions = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
    named = [node for node in functions if node.name == "run" or node.name.startswith("run_")]
    return [node.name for node in named if [one.arg for one in node.args.args] == ["seed", "count"]]


def _name(path: Path, function: str) -> str:
    return path.stem.removeprefix("test_").removesuffix("_rig") + function.removeprefix("run")


def main() -> int:
    known = campaigns()
    parser = argparse.ArgumentParser(description="Long runs with a seed.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1000, help="kills, mails or sequences of each campaign")
    parser.add_argument("--only", choices=sorted(known), action="append", help="this campaign alone; may be given again")
    options = parser.parse_args()
    sys.path.insert(0, str(TESTS))
    logging.disable()  # many campaigns provoke faults on purpose
    broken = [name for name in options.only or known if not _held(name, known[name], options.seed, options.count)]
    print(f"broken: {', '.join(broken)}" if broken else "every promise held", flush=True)
    return 1 if broken else 0


def _held(name: str, campaign: Campaign, seed: int, count: int) -> bool:
    print(f"{name}: seed {seed}, count {count}", flush=True)
    begin = time.monotonic()
    try:
        told = campaign.run(seed, count)
    except Exception as fault:
        print(f"{name}: BROKEN after {time.monotonic() - begin:.0f} s: {type(fault).__name__}: {fault}", flush=True)
        return False
    print(f"{name}: held, {time.monotonic() - begin:.0f} s{f'; {told}' if told else ''}", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
