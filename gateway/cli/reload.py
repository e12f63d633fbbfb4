"""`helpdesk reload`: have the running node take its configuration anew, and say what came of it."""

import os
from dataclasses import asdict
from pathlib import Path

import click

from helpdesk.config.control import control_place
from helpdesk.gateway.cli.options import config_option
from helpdesk.gateway.node.control import NoNode, ask_node
from helpdesk.gateway.node.outcome import ReloadOutcome
from helpdesk.gateway.terminal import echo, json_text

LONGEST = 600.0  # seconds that a node may take


@click.command("reload")
@click.option("as_object", "--json", is_flag=True, help="Print one JSON object.")
@config_option
def reload_command(as_object: bool, config: Path) -> None:
    """Have the running node take its policy, people, templates, ready answers, keys and certificates anew.

    No door shuts and no session ends. The node takes all of it or, where anything is wrong, nothing: then it goes on with what it has, and
    the exit code is 78. What needs a restart is named.
    """
    place = control_place(config, os.environ)
    try:
        outcome = ask_node(place, {"do": "reload", "config": str(config.absolute())}, LONGEST)
    except NoNode as fault:
        reason = f"no node answers at {place} ({fault}); is `helpdesk serve` running with this file? SIGHUP reloads a node too"
        if as_object:
            echo(json_text(asdict(ReloadOutcome(os.EX_UNAVAILABLE, problems=(reason,)))))
        else:
            echo(f"helpdesk: {reason}", err=True)
        raise click.exceptions.Exit(os.EX_UNAVAILABLE) from None
    if as_object:
        echo(json_text(outcome))
    elif outcome["code"]:
        for problem in outcome["problems"]:
            echo(problem, err=True)
        echo("helpdesk: refused; the node goes on with the configuration that it has", err=True)
    else:
        _say(outcome["changed"], outcome["restart"], outcome["policy"])
    raise click.exceptions.Exit(int(outcome["code"]))


def _say(changed: list[str], restart: list[str], policy: str) -> None:
    for line in changed:
        echo(f"changed: {line}")
    for line in restart:
        echo(f"needs a restart: {line}")
    if not changed and not restart:
        echo("nothing has changed")
    echo(f"the node decides by policy {policy[:8]}")
