"""How a command is given a secret: by a prompt, a file or standard input; never by an argument, which `ps` shows to all
users.
"""

import os
import sys
from pathlib import Path

import click

STANDARD_INPUT = "-"
LONGEST = 64 * 1024  # octets read of a file


class NoSecret(click.ClickException):
    """The file has no usable first line."""

    exit_code = os.EX_NOINPUT


def ask_secret(prompt: str) -> str:
    """Ask for a secret twice at the terminal, without showing it. Raise click's Abort at the end of the input."""
    answer: str = click.prompt(prompt, hide_input=True, confirmation_prompt=True)
    return answer


def read_secret(file: str) -> str:
    """The first line of a file, or of standard input for "-". Raise NoSecret."""
    where = "standard input" if file == STANDARD_INPUT else file
    try:
        content = sys.stdin.buffer.read(LONGEST) if file == STANDARD_INPUT else _beginning(Path(file))
        line = content.decode("utf-8").partition("\n")[0].removesuffix("\r")
    except OSError as fault:
        raise NoSecret(f"{where} cannot be read: {fault.strerror}") from None
    except UnicodeDecodeError:
        raise NoSecret(f"{where} is not UTF-8 text; write the secret on its first line") from None
    if not line:
        raise NoSecret(f"the first line of {where} is empty; write the secret there")
    return line


def _beginning(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(LONGEST)
