"""`helpdesk key add|list|revoke`: the keys with which platforms use the HTTP API, and operators their page."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from helpdesk.gateway.cli.options import SpanParam, config_option
from helpdesk.gateway.cli.store import open_store, print_rows
from helpdesk.gateway.terminal import echo
from helpdesk.store.api_keys import ALL, ORDINARY, KeyKind, Scope, add_key, add_operator_key, list_keys, revoke_key

COLUMNS = ("key", "name", "scopes", "accounts", "created_at", "expires_at", "state")


@click.group("key")
def key_group() -> None:
    """Keys of platforms for the HTTP API, and of operators for their page."""


@key_group.command("add")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What it may do; default: everything but the directory.",
)
@click.option(
    "--account", "accounts", multiple=True, metavar="ID", help="Whose conversations it reaches; may be given several times."
)
@click.option("--all-accounts", is_flag=True, help="It reaches the conversations of all accounts.")
@click.option("--operator", "for_operator", is_flag=True, help="It opens the operator's page, and nothing of the API.")
@click.option("--for", "span", type=SpanParam(), help='For how long, such as "365d"; default: until it is revoked.')
@config_option
def add_command(
    name: str,
    scopes: tuple[str, ...],
    accounts: tuple[str, ...],
    all_accounts: bool,
    for_operator: bool,
    span: timedelta | None,
    config: Path,
) -> None:
    """Make a key and print it, this once. NAME tells you later whose it is."""
    if for_operator and (scopes or accounts or all_accounts):
        raise click.UsageError("--operator goes alone: such a key opens the operator's page and reaches no account by the API")
    if not for_operator and bool(accounts) == all_accounts:
        raise click.UsageError(
            "say whose conversations the key reaches: --account ID (several times if needed), or --all-accounts"
        )
    if ALL in accounts:
        raise click.UsageError("--account *: write --all-accounts")
    now = datetime.now(UTC)
    with open_store(config) as database, database.writing() as connection:
        expires_at = now + span if span else None
        wanted = scopes or tuple(scope.value for scope in ORDINARY)
        if for_operator:
            key = add_operator_key(connection, name, now, expires_at)
        else:
            key = add_key(connection, name, wanted, accounts or (ALL,), now, expires_at)
    echo(key)
    echo("keep it like a password: it is shown this once, and the desk has only its hash", err=True)


@key_group.command("list")
@click.option("json_lines", "--json", is_flag=True, help="Print one JSON object a line.")
@config_option
def list_command(json_lines: bool, config: Path) -> None:
    """Show all keys without their secret part, the oldest first."""
    now = datetime.now(UTC)
    with open_store(config) as database, database.reading() as connection:
        keys = list_keys(connection)
    rows = [
        {
            "key": key.id,
            "name": key.name,
            "scopes": sorted(key.scopes) if json_lines else " ".join(sorted(key.scopes)),
            "accounts": list(key.accounts) if json_lines else " ".join(key.accounts),
            "created_at": key.created_at,
            "expires_at": key.expires_at,
            "state": "revoked" if key.revoked_at else "valid" if key.is_valid(now) else "expired",
        }
        for key in keys
    ]
    print_rows(rows, COLUMNS, json_lines=json_lines)


@key_group.command("revoke")
@click.argument("key")
@config_option
def revoke_command(key: str, config: Path) -> None:
    """Let a key open nothing from now on. KEY is its id, as `helpdesk key list` shows it, or the whole key."""
    kind, _, rest = key.partition("_")
    number = rest.partition("_")[0] if kind in set(KeyKind) and "_" in rest else key
    with open_store(config) as database, database.writing() as connection:
        revoked = revoke_key(connection, number, datetime.now(UTC))
    if not revoked:
        raise click.ClickException(f"{number[:16]}: no such key, or it is revoked already; `helpdesk key list` shows all")
    echo(f"key {number} opens nothing from now on")
