"""`helpdesk bench`: the speed of this gateway on this machine, beside the limits of the machine itself."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from helpdesk.gateway.bench.client import Unexpected
from helpdesk.gateway.bench.extras import EXTRAS, Occasion
from helpdesk.gateway.bench.parts import Stuck
from helpdesk.gateway.bench.report import BenchReport
from helpdesk.gateway.bench.run import BenchPlan, TellProgress, run
from helpdesk.gateway.bench.server import DidNotStart
from helpdesk.gateway.cli.options import unused_config_option
from helpdesk.gateway.terminal import echo, json_text
from helpdesk.store.database import DatabaseAway


@click.command("bench")
@click.option("--mails", default=600, show_default=True, type=click.IntRange(10), help="Mails in each part of a round.")
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1), help="Rounds; the report has medians and ranges.")
@click.option("--seed", default=7, show_default=True, help="Seed of the generator that writes the mails.")
@click.option("--database", default="", metavar="URL", help="A PostgreSQL database; without it SQLite files are used.")
@click.option(
    "--also",
    multiple=True,
    type=click.Choice([*EXTRAS, "all"]),
    help="A further measurement; may be repeated. " + " ".join(f"{name}: {extra.about}." for name, extra in EXTRAS.items()),
)
@click.option(
    "--growth-to",
    default=100_000,
    show_default=True,
    type=click.IntRange(1000),
    help="Tickets and accounts of the largest desk that `--also growth` fills.",
)
@click.option("as_object", "--json", is_flag=True, help="Print one JSON object.")
@unused_config_option
def bench_command(
    mails: int, rounds: int, seed: int, database: str, also: tuple[str, ...], growth_to: int, as_object: bool
) -> None:
    """Measure this gateway with generated mails in a temporary folder (TMPDIR). Only ratios can be compared between
    machines.

    In the database of --database, each desk gets a schema of its own, which is dropped at the end.
    """
    plan = BenchPlan(mails, seed, rounds, database)
    wanted = list(EXTRAS) if "all" in also else [name for name in EXTRAS if name in also]

    def tell(doing: str) -> None:
        echo(f"… {doing}", err=True)

    with tempfile.TemporaryDirectory(prefix="helpdesk-bench-") as folder:
        try:
            report = _measured(plan, Path(folder), wanted, growth_to, tell)
        except (DidNotStart, Stuck, Unexpected, DatabaseAway, OSError) as fault:
            raise click.ClickException(f"the benchmark was aborted: {fault}") from fault
        except ExceptionGroup as faults:
            raise click.ClickException(f"the benchmark was aborted: {faults.exceptions[0]}") from faults
    if as_object:
        echo(json_text(report.values(), indent=2))
        return
    for line in report.lines():
        echo(line)


def _measured(plan: BenchPlan, folder: Path, wanted: Sequence[str], growth_to: int, tell: TellProgress) -> BenchReport:
    report = run(plan, folder / "rounds", tell)
    occasion = Occasion(plan, folder, report, growth_to, tell)
    return replace(report, extras=[EXTRAS[name].measure(occasion) for name in wanted])
