"""`helpdesk webhook list|test|replay`: how far webhooks have been told, whether one answers, and going on after trouble."""

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

import click

from helpdesk.config.settings import WebhookSettings
from helpdesk.gateway.cli.options import Number, config_option, load_or_exit
from helpdesk.gateway.cli.store import open_store, print_rows
from helpdesk.gateway.terminal import echo
from helpdesk.gateway.webhooks.payload import body_of_test
from helpdesk.gateway.webhooks.ringer import post_signed
from helpdesk.gateway.webhooks.signing import UnusableSecret, read_secrets
from helpdesk.store.webhooks import replay_webhook, webhook_figures

LISTED = ("webhook", "state", "since", "position", "behind", "waiting", "given_up", "next_attempt_at", "taken_at", "answer")
NOT_CONFIGURED = "not configured"
NOT_BEGUN = "new"


@click.group("webhook")
def webhook_group() -> None:
    """The places that are told when something is new in the feed."""


@webhook_group.command("list")
@click.option("json_lines", "--json", is_flag=True, help="Print one JSON object a line.")
@config_option
def list_command(json_lines: bool, config: Path) -> None:
    """Show every webhook: its state, how far it has been told, what waits for another attempt, and its last answer that was no success."""
    configured = [target.name for target in load_or_exit(config).settings.webhook]
    with open_store(config) as database, database.reading() as connection:
        known = {figures.name: figures for figures in webhook_figures(connection)}
    rows: list[dict[str, object]] = [
        dict.fromkeys(LISTED) | {"webhook": name, "state": NOT_BEGUN} for name in configured if name not in known
    ]
    for name, figures in known.items():
        state = figures.state.value if name in configured else NOT_CONFIGURED
        shown = {key: getattr(figures, key) for key in LISTED[3:]}
        rows.append({"webhook": name, "state": state, "since": figures.state_at, **shown})
    print_rows(sorted(rows, key=lambda row: str(row["webhook"])), LISTED, json_lines=json_lines)


@webhook_group.command("test")
@click.argument("name")
@config_option
def test_command(name: str, config: Path) -> None:
    """Post a test to a webhook, signed as events are, and print the answer. Nothing is recorded. Exit code 69 where it is no success."""
    target, now = _target(config, name), datetime.now(UTC)
    keys = _secrets(target)
    answer = post_signed(target.url, keys, f"evt_test_{secrets.token_hex(8)}", now, body_of_test(name, now))
    echo(f"webhook {name}: {answer}")
    raise click.exceptions.Exit(os.EX_OK if answer.is_taken else os.EX_UNAVAILABLE)


@webhook_group.command("replay")
@click.argument("name")
@click.option(
    "--after",
    type=Number(),
    metavar="POSITION",
    help="Post all events of the feed beyond this position again; 0 for all that there are.",
)
@config_option
def replay_command(name: str, after: int | None, config: Path) -> None:
    """Switch a webhook on that is paused or off, and try at once what waits, what was given up too."""
    _target(config, name)
    with open_store(config) as database:
        replay_webhook(database, name, datetime.now(UTC), after)
    echo(
        f"webhook {name} is on"
        + (f", and gets every event beyond position {after}" if after is not None else ", and gets what it has missed")
    )


def _target(config: Path, name: str) -> WebhookSettings:
    targets = {target.name: target for target in load_or_exit(config).settings.webhook}
    if name not in targets:
        there = f"it has: {', '.join(targets)}" if targets else "it has none"
        raise click.ClickException(f"{name}: the configuration has no [[webhook]] of this name; {there}")
    return targets[name]


def _secrets(target: WebhookSettings) -> tuple[bytes, ...]:
    try:
        return read_secrets(Path(target.secret_file))
    except UnusableSecret as fault:
        raise click.ClickException(str(fault)) from None
