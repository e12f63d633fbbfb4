"""`helpdesk status`: does the desk work? For people, and for a monitor, which looks at the exit code alone."""

import os
from pathlib import Path

import click

from helpdesk.config.control import control_place
from helpdesk.config.load import load
from helpdesk.config.problems import ConfigurationProblems
from helpdesk.gateway.beginning import WrongSchema, check_schema
from helpdesk.gateway.cli.options import config_option
from helpdesk.gateway.cli.store import as_json
from helpdesk.gateway.clock import clock_for
from helpdesk.gateway.findings import desk_findings
from helpdesk.gateway.node.control import has_node
from helpdesk.gateway.terminal import echo
from helpdesk.store.backfills import backfills_in
from helpdesk.store.database import COMMAND, Database, DatabaseAway
from helpdesk.store.migrate import UnknownSchema, check_revision
from helpdesk.threading.reporting.condition import Condition, StatusLevel, StatusLine, lines_of


@click.command("status")
@click.option("as_object", "--json", is_flag=True, help="Print one JSON object.")
@config_option
def status_command(as_object: bool, config: Path) -> None:
    """Say whether the desk works: what waits and for how long, its nodes, its disk. The worst line comes first.

    The exit code is that of monitoring plugins, and not of sysexits: 0 all is well, 1 warning, 2 critical, 3 unknown. Nothing is changed.
    """
    condition, findings = _look(config)
    level = max(finding.level for finding in findings)
    if as_object:
        lines = [{"level": finding.level.name.lower(), "subject": finding.subject, "text": finding.text} for finding in findings]
        echo(as_json({"status": level.name.lower(), "code": int(level), "findings": lines, "condition": condition}))
    else:
        for finding in findings:
            echo(f"{finding.level.name:<9} {finding.subject}: {finding.text}")
    raise click.exceptions.Exit(int(level))


def _look(config: Path) -> tuple[Condition | None, list[StatusLine]]:
    try:
        loaded = load(config, os.environ, with_secret=False)
    except ConfigurationProblems as problems:
        found = [StatusLine(StatusLevel.UNKNOWN, "configuration", str(problem)) for problem in problems.problems]
        if has_node(control_place(config, os.environ)):
            text = "one runs on this machine, with the configuration from before this fault; correct the file, then run helpdesk reload"
            found.append(StatusLine(StatusLevel.OK, "nodes", text))
        return None, found
    settings = loaded.settings.database
    database = Database(settings.url, role=COMMAND)
    try:
        clock = clock_for(database)
        clock.tick()
        try:
            check_revision(database)
        except UnknownSchema as fault:
            return None, [StatusLine(StatusLevel.CRITICAL, "database", str(fault)), *lines_of(backfills_in(database), clock())]
        check_schema(database)
        names = [target.name for target in loaded.settings.webhook]
        return desk_findings(database, settings, loaded.policy, clock(), names)
    except WrongSchema as fault:
        return None, [StatusLine(StatusLevel.CRITICAL, "database", str(fault))]
    except DatabaseAway as fault:
        return None, [StatusLine(StatusLevel.CRITICAL, "database", f"it does not answer: {fault}")]
    finally:
        database.close()
