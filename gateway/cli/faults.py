"""Runs a command, or a part of one in a process of its own, and turns its faults into one line and an exit code."""

import os
import sys
from collections.abc import Callable
from io import StringIO
from traceback import format_exception

import click

from helpdesk.gateway.terminal import echo, exit_code_of, fault_in_one_line, forget_output


def exit_code_of_run(run: Callable[[], int | None]) -> int:
    """Run something and return its exit code. A fault is told in one line; with --debug its traceback is shown."""
    debug = "--debug" in sys.argv
    try:
        return run() or os.EX_OK
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as fault:
        echo(_usage_text(fault), err=True, nl=False)
        return os.EX_USAGE if isinstance(fault, click.UsageError) else fault.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        forget_output()
        return os.EX_OK
    except Exception as fault:
        trace = "".join(format_exception(fault)).rstrip("\n")
        echo(trace if debug else f"helpdesk: {fault_in_one_line(fault)}; --debug shows the traceback", err=True)
        return exit_code_of(fault)


def _usage_text(fault: click.ClickException) -> str:
    """The text that click would write to standard error by itself."""
    written = StringIO()
    fault.show(written)
    return written.getvalue()
