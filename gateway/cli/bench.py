"""`helpdesk bench`: how fast this gateway is on this machine, next to the machine's own limits."""

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
@click.option("--mails", default=600, show_default=True, type=click.IntRange(10), help="In each part of the run.")
@click.option("--seed", default=7, show_default=True, help="Draws the mails.")
@click.option("as_object", "--json", is_flag=True, help="One JSON object.")
@unused_config_option
def bench_command(mails: int, seed: int, as_object: bool) -> None:
    """Measure this gateway on mails of its own, in a temporary folder (TMPDIR). Only the ratios carry over to another machine."""
    with tempfile.TemporaryDirectory(prefix="helpdesk-bench-") as folder:
        try:
            report = run(mails, seed, Path(folder), lambda doing: echo(f"… {doing}", err=True))
        except (DidNotStart, Stuck, Unexpected, OSError) as fault:
            raise click.ClickException(f"the run was broken off: {fault}") from fault
        except ExceptionGroup as faults:
            raise click.ClickException(f"the run was broken off: {faults.exceptions[0]}") from faults
    if as_object:
        echo(json_text(report.values(), indent=2))
        return
    for line in report.lines():
        echo(line)
