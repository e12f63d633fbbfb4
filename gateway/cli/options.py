"""Options that every command has, and what every command does first."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from helpdesk.config.load import Configuration, ConfigurationProblems, load
from helpdesk.gateway.terminal import echo, in_one_line

CHOSEN = "helpdesk.config"
DEFAULT = "helpdesk.toml"
LARGEST_NUMBER = 2**63 - 1


class WrongNumber(click.ClickException):
    """What stands where one of our numbers belongs is none."""

    exit_code = os.EX_USAGE


class Number(click.ParamType[int]):
    """The number of a mail or a letter: it fits into a column of the database."""

    name = "number"

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> int:
        word = str(value)
        if word.isascii() and word.isdigit() and len(word) <= len(str(LARGEST_NUMBER)) and int(word) <= LARGEST_NUMBER:
            return int(word)
        raise WrongNumber(f"{in_one_line(word[:40])}: not a number of ours; the listings show them (1 to {LARGEST_NUMBER})")


class Instant(click.ParamType[datetime]):
    """A time as ISO 8601; without a zone it is UTC."""

    name = "time"

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> datetime:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a time; write one like 2026-11-22T17:30:00Z", parameter, context)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Command = TypeVar("Command", bound=Callable[..., Any])


def _chosen(context: click.Context, parameter: click.Parameter, value: Path | None) -> Path:
    """The command's own word, else the one before it, else HELPDESK_CONFIG, else ./helpdesk.toml."""
    if value is not None:
        context.meta[CHOSEN] = value
    return Path(context.meta.get(CHOSEN) or os.environ.get("HELPDESK_CONFIG") or DEFAULT)


def config_option(command: Command) -> Command:
    """Give a command or group `--config FILE`; it is called with `config: Path`. Groups and their commands share what was said."""
    return _config_option(command, told=True)


def unused_config_option(command: Command) -> Command:
    """The same for a command that needs no configuration: whoever gives every command the same words may give it to this one."""
    return _config_option(command, told=False)


def _config_option(command: Command, *, told: bool) -> Command:
    return click.option(
        "--config",
        type=click.Path(path_type=Path),
        metavar="FILE",
        callback=_chosen,
        expose_value=told,
        help=f"Configuration file; default: HELPDESK_CONFIG, else ./{DEFAULT}." if told else "Not needed here.",
    )(command)


def load_or_exit(path: Path) -> Configuration:
    """The configuration; with problems it prints them all, one a line, and leaves with 78 (EX_CONFIG)."""
    try:
        return load(path, os.environ)
    except ConfigurationProblems as fault:
        echo(str(fault), err=True)
        raise click.exceptions.Exit(os.EX_CONFIG) from None
