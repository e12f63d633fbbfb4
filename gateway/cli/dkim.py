"""`helpdesk dkim`: the keys that sign the desk's letters."""

from pathlib import Path

import click

from helpdesk.config.private_files import write_new
from helpdesk.gateway.cli.options import config_option, load_or_exit
from helpdesk.gateway.origin.keys import KINDS, new_key, zone_line
from helpdesk.gateway.terminal import echo


@click.group("dkim")
def dkim_group() -> None:
    """The keys that sign the desk's letters."""


@dkim_group.command("key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--selector", required=True, metavar="NAME", help="The name of the key in DNS, such as s2026.")
@click.option(
    "--type", "kind", type=click.Choice(sorted(KINDS)), default="rsa", help="Default: rsa, which every verifier supports."
)
@config_option
def key_command(file: Path, selector: str, kind: str, config: Path) -> None:
    """Write a new key to FILE, and print what to publish in DNS and what to write into the configuration."""
    domain = load_or_exit(config).settings.desk.domain
    key = new_key(kind)
    try:
        write_new(file, key.private.encode("ascii"), durably=True)
    except FileExistsError:
        raise click.ClickException(f"{file} exists, and its key may be in use; name another file") from None
    except OSError as fault:
        raise click.ClickException(f"{file} cannot be written: {fault.strerror}") from None
    echo(f"The key is in {file}. Publish this in DNS:\n\n{zone_line(selector, domain, key.record)}\n")
    echo(
        f'Then write into the configuration:\n\n[[dkim]]\nselector = "{selector}"\nkey_file = "{file.absolute()}"\n\n'
        "`helpdesk check` tells whether the key is in DNS."
    )
