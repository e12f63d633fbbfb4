"""Long runs of what the test suite runs in short: `make campaign SEED=7 COUNT=1000`, or one of them with `--only NAME`.

A campaign is a function `run(seed, count)` or `run_WORD(seed, count)` in a module of `support.campaigns`. Its name is that of the module, with
the word behind it. It raises where a promise is broken, and may return a sentence about what it did.
"""

import argparse
import inspect
import logging
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

TESTS = Path(__file__).parent
Campaign = Callable[[int, int], str | None]


def campaigns() -> dict[str, Campaign]:
    """Every campaign by its name: `kill`, `fuzz_reading`, `smtp_sequences_lmtp` …"""
    found: dict[str, Campaign] = {}
    for path in sorted((TESTS / "support" / "campaigns").glob("*.py")):
        functions = inspect.getmembers(import_module(f"support.campaigns.{path.stem}"), inspect.isfunction)
        for name, function in functions:
            if list(inspect.signature(function).parameters) == ["seed", "count"] and name.partition("_")[0] == "run":
                found[path.stem.removesuffix("_rig") + name.removeprefix("run")] = function
    return found


def main() -> int:
    sys.path.insert(0, str(TESTS))
    known = campaigns()
    parser = argparse.ArgumentParser(description="Long runs with a seed.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1000, help="kills, mails or sequences of each campaign")
    parser.add_argument("--only", choices=sorted(known), action="append", help="this campaign alone; may be given again")
    options = parser.parse_args()
    logging.disable()  # many campaigns provoke faults on purpose
    broken = [name for name in options.only or known if not keeps_promise(name, known[name], options.seed, options.count)]
    print(f"broken: {', '.join(broken)}" if broken else "every promise held", flush=True)
    return 1 if broken else 0


def keeps_promise(name: str, campaign: Campaign, seed: int, count: int) -> bool:
    """Run a campaign and print how it ended."""
    print(f"{name}: seed {seed}, count {count}", flush=True)
    begin = time.monotonic()
    try:
        summary = campaign(seed, count)
    except Exception as fault:
        print(f"{name}: BROKEN after {time.monotonic() - begin:.0f} s: {type(fault).__name__}: {fault}", flush=True)
        return False
    print(f"{name}: held, {time.monotonic() - begin:.0f} s{f'; {summary}' if summary else ''}", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
