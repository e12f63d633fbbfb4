"""What this gateway reads beside what public packages read, on the same items in the same run: `make compare`.

The items are public corpora of real mail, with the results that the projects they come from assert themselves, scored by the scorers that
lie beside them. Where they are absent, the few mails of tests/messages stand in.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compare import own_mails
from compare.foreign_packages import TASKS, Child, Fault, Hang, Missing, adapter_name

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
OURS = "helpdesk parse"
TITLES = {"reply": "Reply text", "bounce": "Delivery reports", "forward": "Forwards"}
HEADS = {
    "reply": ("exact", "recall", "checks"),
    "bounce": ("found", "false alarms", "recipients", "status class"),
    "forward": ("found", "false alarms", "author", "text"),
}
COLUMNS = {"bounce": ("detect", "false+", "recip", "class"), "forward": ("detect", "false+", "from", "text")}
WIDTH = 28


@dataclass(frozen=True)
class Row:
    """One package: its figures, or why it has none."""

    name: str
    cells: tuple[str, ...] = ()
    misfortunes: str = ""
    missing: str = ""

    def line(self) -> str:
        if self.missing:
            return f"{self.name:{WIDTH}}  cannot be used: {self.missing}"
        return (f"{self.name:{WIDTH}}" + "".join(f"{cell:>20}" for cell in self.cells) + f"  {self.misfortunes}").rstrip()


@dataclass(frozen=True)
class Corpora:
    """The public corpora with their scorers."""

    folder: Path
    helpdesk: str
    split: str

    def rows(self, task: str) -> Iterator[Row]:
        there, missing = _present(TASKS[task])
        adapters = {OURS: f"adapter:{task}"} | {
            name: f"foreign_packages:{adapter_name(task, package)}" for package, name in there.items()
        }
        scores, faults = self._scored(task, list(adapters.values()))
        for name, adapter in adapters.items():
            yield Row(name, _cells(task, scores[adapter]), _misfortunes(faults, task, name))
        yield from missing

    def _scored(self, task: str, adapters: list[str]) -> tuple[dict[str, Any], list[list[str]]]:
        with tempfile.TemporaryDirectory() as folder:
            report, faults = Path(folder) / "report.json", Path(folder) / "faults"
            faults.touch()
            command = [
                sys.executable,
                str(self.folder / f"score_{task}.py"),
                "--corpora",
                str(self.folder),
                "--split",
                self.split,
            ]
            told = {"HELPDESK": self.helpdesk, "HELPDESK_COMPARE_FAULTS": str(faults), "PYTHONDONTWRITEBYTECODE": "1"}
            subprocess.run(
                [*command, "--json", str(report), *adapters],
                cwd=HERE,
                env={**os.environ, **told},
                stdout=subprocess.DEVNULL,
                check=True,
            )
            return json.loads(report.read_text()), [json.loads(line) for line in faults.read_text().splitlines()]


def _present(packages: Sequence[str]) -> tuple[dict[str, str], list[Row]]:
    """Packages that answer, with their versions; rows for those that do not."""
    there: dict[str, str] = {}
    missing: list[Row] = []
    for package in packages:
        child = Child(package)
        try:
            child.started()
            there[package] = f"{package} {child.version}"
        except (Missing, Hang, Fault) as fault:
            missing.append(Row(package, missing=str(fault)))
        finally:
            child.stop()
    return there, missing


def _cells(task: str, score: dict[str, Any]) -> tuple[str, ...]:
    if task == "reply":
        every = score["ALL"]
        return _share(every["exact"], every["n"]), f"{100 * every['r']:.1f} %", _share(every["checks"], every["n_checks"])
    every = score["sets"]["ALL"]
    return tuple(_share(*every[name]) if every.get(name, [0, 0])[1] else "-" for name in COLUMNS[task])


def _share(count: float, of: float) -> str:
    return f"{count:.0f}/{of:.0f} {100 * count / of:.1f} %"


def _misfortunes(faults: list[list[str]], task: str, name: str) -> str:
    kinds = Counter(kind for package, of, kind, _ in faults if of == task and name.partition(" ")[0] == package)
    return ", ".join(f"{count} {kind.lower()}{'s' if count > 1 else ''}" for kind, count in sorted(kinds.items()))


def _own_rows(task: str, helpdesk: str) -> Iterator[Row]:
    for name, right, count in own_mails.rows(task, helpdesk):
        yield Row(name, (_share(right, count),)) if count else Row(name.partition(":")[0], missing=name.partition(": ")[2])


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Reply text, delivery reports and forwards: this gateway beside public packages."
    )
    parser.add_argument("--corpora", type=Path, default=ROOT.parent / "shared" / "corpora")
    parser.add_argument("--split", default="dev", help="which half of the corpora")
    parser.add_argument("--helpdesk", default=str(ROOT / ".venv" / "bin" / "helpdesk"))
    options = parser.parse_args()
    whole = (options.corpora / "score_reply.py").is_file()
    if whole:
        print(f"public corpora of real mail, {options.split} half")
    else:
        print(f"the public corpora are not at {options.corpora}; these are the few mails of tests/messages")
    corpora = Corpora(options.corpora.absolute(), options.helpdesk, options.split)
    for task, title in TITLES.items():
        heads = HEADS[task] if whole else ("right",)
        print(f"\n{title:{WIDTH}}" + "".join(f"{head:>20}" for head in heads), flush=True)
        for row in corpora.rows(task) if whole else _own_rows(task, options.helpdesk):
            print(row.line(), flush=True)


if __name__ == "__main__":
    main()
