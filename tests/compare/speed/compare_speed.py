"""This gateway beside public ticket systems on the same mails in the same run: `make compare-speed`.

Rounds alternate: in each, every system takes the same new requests and replies, one system after another, and the order moves on with each
round. The others read mails from a folder or an mbox in one process of their own, as they come, and give their letters to a null relay. The
gateway takes the same mails over SMTP, and is done when its last letter is sent. A rate is printed only if every mail is on the right
ticket.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
from compare.speed.accepting import accept_rates
from compare.speed.counting import WorkMissing, check_work
from compare.speed.databases import fresh_databases
from compare.speed.plot import svg
from compare.speed.systems import ComparedSystem, ForeignSystem, Gateway, Run, Unusable

from helpdesk.gateway.bench.measure import spread_of

ROOT = Path(__file__).parents[3]
NOT_MEASURED = "Request Tracker cannot be installed from PyPI, so it is not measured here."


def compared(systems: Sequence[ComparedSystem], rounds: int, mails: int) -> tuple[dict[str, list[Run]], dict[str, str]]:
    """The runs of each system that did all its work, and why others have none."""
    runs: dict[str, list[Run]] = {}
    missing: dict[str, str] = {}
    for system in systems:
        try:
            _say(f"{system.name}: begins")
            system.begin(mails)
            runs[system.name] = []
        except Unusable as fault:
            missing[system.name] = str(fault)
    for number in range(rounds):
        for system in _moved(systems, number):
            if system.name in missing:
                continue
            _say(f"round {number + 1} of {rounds}: {system.name}")
            try:
                run = system.take(mails)
                check_work(system.given, run.tickets, run.letters, run.where, mails)
            except (Unusable, WorkMissing) as fault:
                missing[system.name] = str(fault)
                runs.pop(system.name)
                continue
            runs[system.name].append(run)
    return runs, missing


def _moved(systems: Sequence[ComparedSystem], number: int) -> list[ComparedSystem]:
    """The systems in another order for each round, so that none always comes after the same one."""
    first = number % len(systems)
    return [*systems[first:], *systems[:first]]


def ratios(runs: Mapping[str, Sequence[Run]], ours: str) -> dict[str, list[float]]:
    """Our rate divided by that of each other system, round by round."""
    if ours not in runs:
        return {}
    return {
        name: [mine.rate / theirs.rate for mine, theirs in zip(runs[ours], others, strict=True)]
        for name, others in runs.items()
        if name != ours
    }


def values(
    runs: Mapping[str, Sequence[Run]], missing: Mapping[str, str], accepts: Mapping[str, Sequence[float]]
) -> dict[str, Any]:
    """The results as plain values. A figure over all rounds is [median, smallest, largest]."""
    return {
        "machine": {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()},
        "systems": {
            name: {
                "mails_per_second": spread_of([run.rate for run in of_system]).rounded(1),
                "cpu_ms_a_mail": spread_of([run.cpu_milliseconds for run in of_system]).rounded(2),
                "letters_a_mail": round(sum(run.letters for run in of_system) / sum(len(run.mails) for run in of_system), 2),
                "rounds": [round(run.rate, 1) for run in of_system],
            }
            for name, of_system in runs.items()
        },
        "ratios": {name: spread_of(found).rounded(2) for name, found in ratios(runs, Gateway.name).items()},
        "accept": {name: spread_of(rates).rounded(0) for name, rates in accepts.items()},
        "not_measured": dict(missing),
    }


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The same as a table."""
    yield f"{'':24}{'mails/s':>22}{'CPU ms a mail':>24}{'letters a mail':>16}{'ours / theirs':>22}"
    for name, system in found["systems"].items():
        ratio = _range(found["ratios"].get(name), 1)
        yield (
            f"{name:24}{_range(system['mails_per_second'], 0):>22}{_range(system['cpu_ms_a_mail'], 1):>24}"
            f"{system['letters_a_mail']:>16.2f}{ratio:>22}"
        )
    for name, rates in found["accept"].items():
        yield f"{name:24}{_range(rates, 0):>22} accepted a second, not worked on"
    for name, why in found["not_measured"].items():
        yield f"{name:24}  not measured: {why}"
    yield NOT_MEASURED


def _range(spread: Sequence[float] | None, digits: int) -> str:
    if spread is None:
        return ""
    middle, low, high = (f"{value:.{digits}f}" for value in spread)
    return f"{middle} ({low}–{high})"


@contextmanager
def all_systems(folder: Path, database: str) -> Iterator[list[ComparedSystem]]:
    """Every system with an empty store, on SQLite or in databases of its own on the server of `database`."""
    with ExitStack() as closing_down:
        theirs = closing_down.enter_context(fresh_databases(database, ("django_helpdesk", "roundup")))
        systems: list[ComparedSystem] = [
            Gateway(folder / "gateway", database),
            ForeignSystem(
                "django-helpdesk", "django_helpdesk_child.py", "[desk-{}]", folder / "django", theirs["django_helpdesk"]
            ),
            ForeignSystem("Roundup", "roundup_child.py", "[issue{}]", folder / "roundup", theirs["roundup"]),
        ]
        for system in systems:
            closing_down.callback(system.close)
        yield systems


def _say(doing: str) -> None:
    print(f"… {doing}", file=sys.stderr, flush=True)


def main(arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="compare-speed-") as folder:
        with all_systems(Path(folder), arguments.database) as systems:
            runs, missing = compared(systems, arguments.rounds, arguments.mails)
        _say("accepting alone")
        accepts, unmeasured = accept_rates(Path(folder) / "accepting", arguments.rounds, arguments.mails)
    found = values(runs, missing | unmeasured, accepts)
    found["database"] = "PostgreSQL" if arguments.database else "SQLite"
    print(f"{arguments.mails} mails in each of {arguments.rounds} rounds; medians, smallest and largest; {found['database']}")
    for line in lines(found):
        print(line)
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    name = f"compare-speed-{found['database'].lower()}"
    (build / f"{name}.json").write_text(json.dumps(found, indent=2) + "\n")
    rates = {name: [run.rate for run in of_system] for name, of_system in runs.items()}
    ordered = dict(sorted(rates.items(), key=lambda entry: -median(entry[1])))
    title = f"Mails a second until the last letter is out, {found['database']}"
    (build / f"{name}.svg").write_text(svg(title, ordered, Gateway.name))
    print(f"\nbuild/{name}.json, build/{name}.svg")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--mails", type=int, default=300)
    options.add_argument("--database", default="", help="URL of a PostgreSQL database in which databases and schemas may be made")
    main(options.parse_args())
