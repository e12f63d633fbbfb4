"""`helpdesk`: one command for each thing that an operator does. A command's module is imported only when the command is
called.
"""

import os
import sys
from importlib import import_module
from pathlib import Path

import click

from helpdesk.config.private_files import OTHERS
from helpdesk.gateway.cli.faults import exit_code_of_run
from helpdesk.gateway.cli.options import config_option
from helpdesk.gateway.observe import escape_stray_faults

COMMANDS = {
    "init": "helpdesk.gateway.cli.init:init_command",
    "check": "helpdesk.gateway.cli.check:check_command",
    "status": "helpdesk.gateway.cli.status:status_command",
    "migrate": "helpdesk.gateway.cli.serve:migrate_command",
    "postfix": "helpdesk.gateway.cli.postfix:postfix_command",
    "backup": "helpdesk.gateway.cli.backup:backup_command",
    "restore": "helpdesk.gateway.cli.backup:restore_command",
    "serve": "helpdesk.gateway.cli.serve:serve_command",
    "reload": "helpdesk.gateway.cli.reload:reload_command",
    "tick": "helpdesk.gateway.cli.serve:tick_command",
    "demo": "helpdesk.gateway.cli.demo:demo_command",
    "deliver": "helpdesk.gateway.cli.deliver:deliver_command",
    "import": "helpdesk.gateway.cli.import_archive:import_command",
    "parse": "helpdesk.gateway.cli.parse:parse_command",
    "simulate": "helpdesk.gateway.cli.explain:simulate_command",
    "why": "helpdesk.gateway.cli.explain:why_command",
    "ticket": "helpdesk.gateway.cli.ticket:ticket_group",
    "search": "helpdesk.gateway.cli.search:search_group",
    "outbox": "helpdesk.gateway.cli.outbox:outbox_group",
    "quarantine": "helpdesk.gateway.cli.quarantine:quarantine_group",
    "replay": "helpdesk.gateway.cli.quarantine:replay_command",
    "mailbox": "helpdesk.gateway.cli.mailbox:mailbox_group",
    "sender": "helpdesk.gateway.cli.sender:sender_group",
    "suppress": "helpdesk.gateway.cli.suppress:suppress_group",
    "report": "helpdesk.gateway.cli.report:report_command",
    "staff": "helpdesk.gateway.cli.directory:staff_group",
    "account": "helpdesk.gateway.cli.directory:account_group",
    "contact": "helpdesk.gateway.cli.directory:contact_group",
    "template": "helpdesk.gateway.cli.template:template_group",
    "token": "helpdesk.gateway.cli.token:token_group",
    "key": "helpdesk.gateway.cli.key:key_group",
    "link": "helpdesk.gateway.cli.link:link_group",
    "webhook": "helpdesk.gateway.cli.webhook:webhook_group",
    "dkim": "helpdesk.gateway.cli.dkim:dkim_group",
    "export": "helpdesk.gateway.cli.export:export_command",
    "erase": "helpdesk.gateway.cli.erase:erase_command",
    "purge": "helpdesk.gateway.cli.retention:purge_command",
    "bench": "helpdesk.gateway.cli.bench:bench_command",
}


class Commands(click.Group):
    """A group whose commands are named in the table `COMMANDS`."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@config_option
@click.version_option(package_name="helpdesk-gateway")
@click.pass_context
def helpdesk(context: click.Context, debug: bool, config: Path) -> None:
    """An email-first helpdesk gateway."""
    context.meta["helpdesk.debug"] = debug


def main() -> None:
    """Run a command. Exit codes are those of sysexits. An error is one line; --debug shows its traceback."""
    os.umask(OTHERS)  # so that files that libraries write are private as well
    escape_stray_faults()
    # In this mode click returns the exit code of a command and does not exit.
    sys.exit(exit_code_of_run(lambda: helpdesk.main(standalone_mode=False, prog_name="helpdesk")))


if __name__ == "__main__":
    main()
