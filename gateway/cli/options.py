"""Options and parameter types that commands share, and the loading of the configuration."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from helpdesk.config.load import Configuration, ConfigurationProblems, load
from helpdesk.config.section import duration
from helpdesk.gateway.terminal import echo, in_one_line

CHOSEN = "helpdesk.config"
DEFAULT = "helpdesk.toml"
LARGEST_NUMBER = 2**63 - 1


class WrongNumber(click.ClickException):
    """A word of the command line is not the number of a mail or a letter."""

    exit_code = os.EX_USAGE


class Number(click.ParamType[int]):
    """The number of a mail or a letter, small enough for a database column."""

    name = "number"

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> int:
        word = str(value)
        if word.isascii() and word.isdigit() and len(word) <= len(str(LARGEST_NUMBER)) and int(word) <= LARGEST_NUMBER:
            return int(word)
        raise WrongNumber(
            f"{in_one_line(word[:40])}: not the number of a mail or letter (1 to {LARGEST_NUMBER}); the `list` commands show them"
        )


class InstantParam(click.ParamType[datetime]):
    """A moment in ISO 8601; without a zone it is in UTC."""

    name = "time"

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> datetime:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a moment in ISO 8601; write one such as 2026-11-22T17:30:00Z", parameter, context)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class SinceParam(click.ParamType[datetime]):
    """A moment in the past, in ISO 8601 or as a span such as 7d."""

    name = "time"

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> datetime:
        try:
            return datetime.now(UTC) - duration(value)
        except ValueError:
            return InstantParam().convert(value, parameter, context)


class SpanParam(click.ParamType[timedelta]):
    """A span of time such as 30d."""

    name = "span"

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> timedelta:
        try:
            return duration(value)
        except ValueError as fault:
            self.fail(str(fault), parameter, context)


Command = TypeVar("Command", bound=Callable[..., Any])


def _choose_config(context: click.Context, parameter: click.Parameter, value: Path | None) -> Path:
    """The file named after the command, else the one named before it, else HELPDESK_CONFIG, else ./helpdesk.toml."""
    if value is not None:
        context.meta[CHOSEN] = value
    return Path(context.meta.get(CHOSEN) or os.environ.get("HELPDESK_CONFIG") or DEFAULT)


def config_option(command: Command) -> Command:
    """Give a command or group the option `--config FILE`, and the argument `config: Path`. A group and its commands share
    the option.
    """
    return _config_option(command, used=True)


def unused_config_option(command: Command) -> Command:
    """Let a command that needs no configuration accept `--config` too, so that all commands may be called with the same
    options.
    """
    return _config_option(command, used=False)


def _config_option(command: Command, *, used: bool) -> Command:
    return click.option(
        "--config",
        type=click.Path(path_type=Path),
        metavar="FILE",
        callback=_choose_config,
        expose_value=used,
        help=f"Configuration file; default: HELPDESK_CONFIG, else ./{DEFAULT}." if used else "Not used by this command.",
    )(command)


def load_or_exit(path: Path) -> Configuration:
    """The configuration. Where it has problems, print them, one a line, and exit with 78 (EX_CONFIG)."""
    try:
        return load(path, os.environ)
    except ConfigurationProblems as fault:
        echo(str(fault), err=True)
        raise click.exceptions.Exit(os.EX_CONFIG) from None
