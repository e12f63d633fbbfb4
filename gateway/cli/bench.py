"""`helpdesk bench`: the speed of this gateway on this machine, beside the limits of the machine itself."""

import tempfile
from pathlib import Path

import click

from helpdesk.gateway.bench.client import Unexpected
from helpdesk.gateway.bench.parts import Stuck
from helpdesk.gateway.bench.run import run
from helpdesk.gateway.bench.server import DidNotStart
from helpdesk.gateway.cli.options import unused_config_option
from helpdesk.gateway.terminal import echo, json_text


@click.command("bench")
@click.option("--mails", default=600, show_default=True, type=click.IntRange(10), help="Mails in each part of the run.")
@click.option("--seed", default=7, show_default=True, help="Seed of the generator that writes the mails.")
@click.option("as_object", "--json", is_flag=True, help="Print one JSON object.")
@unused_config_option
def bench_command(mails: int, seed: int, as_object: bool) -> None:
    """Measure this gateway with generated mails in a temporary folder (TMPDIR). Only ratios can be compared between
    machines.
    """
    with tempfile.TemporaryDirectory(prefix="helpdesk-bench-") as folder:
        try:
            report = run(mails, seed, Path(folder), lambda doing: echo(f"… {doing}", err=True))
        except (DidNotStart, Stuck, Unexpected, OSError) as fault:
            raise click.ClickException(f"the benchmark was aborted: {fault}") from fault
        except ExceptionGroup as faults:
            raise click.ClickException(f"the benchmark was aborted: {faults.exceptions[0]}") from faults
    if as_object:
        echo(json_text(report.values(), indent=2))
        return
    for line in report.lines():
        echo(line)
