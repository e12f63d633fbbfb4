"""`helpdesk demo DIR`: a working gateway in one folder, with the embedded database, and printed suggestions for what to try."""

import os
from importlib.resources import files
from pathlib import Path

import click

from helpdesk.config.load import Configuration, load
from helpdesk.config.new_desk import CONFIGURATION, FIRST_KEY, SECRET, new_key
from helpdesk.config.private_files import make_folder, write_private
from helpdesk.gateway.cli.options import unused_config_option
from helpdesk.gateway.cli.serve import serve_node

PAGES = """
Open {pages} in a browser: everybody's mailbox, where you read and write as each of them.
"""
TRY = """
By commands, from another terminal:

  .venv/bin/helpdesk --config {config} ticket list
  .venv/bin/helpdesk --config {config} outbox list
  .venv/bin/helpdesk --config {config} outbox show ID

Mail comes in at {host}:{port}, and letters stay in {letters}; docs/tour.md is a tour. Each decision is logged below; Ctrl-C stops the gateway.
"""


@click.command("demo")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@unused_config_option
def demo_command(folder: Path) -> None:
    """Run a gateway to try out, with all its data in DIR."""
    config = folder / CONFIGURATION
    _write_missing_files(folder, config)
    configuration = load(config, os.environ, with_secret=False)
    smtp = configuration.settings.smtp
    host, _, port = (smtp.listen if smtp else "127.0.0.1:2525").rpartition(":")
    letters = configuration.settings.relay.url.removeprefix("maildir:")
    serve_node(config, _pages_of(configuration) + TRY.format(host=host, port=port, config=config, letters=letters))


def _pages_of(configuration: Configuration) -> str:
    """Begin to show the pages of the demo, and say where; "" for a desk that is more than one for trying out."""
    from helpdesk.gateway.demo.process import begin_pages, may_have_pages  # a real desk never imports them

    return PAGES.format(pages=begin_pages(configuration)) if may_have_pages(configuration) else ""


def _write_missing_files(folder: Path, config: Path) -> None:
    """Write the configuration and the secret where they are missing. Files that exist stay as they are."""
    make_folder(folder)
    if not config.exists():
        write_private(config, files("helpdesk.config").joinpath("demo.toml").read_bytes())
    secret = folder / SECRET
    if not secret.exists():
        write_private(secret, new_key(FIRST_KEY).encode("ascii"))
