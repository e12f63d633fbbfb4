"""How a command is given a secret: by a question, by a file or by standard input; never by an argument, which `ps` shows to everybody."""

import os
import sys
from pathlib import Path

import click

STANDARD_INPUT = "-"
LONGEST = 64 * 1024  # octets that are read


class NoSecret(click.ClickException):
    """A file without a usable first line."""

    exit_code = os.EX_NOINPUT


def asked_secret(prompt: str) -> str:
    """What is typed twice at the terminal, without being shown. Raises click's Abort at the end of the input."""
    answer: str = click.prompt(prompt, hide_input=True, confirmation_prompt=True)
    return answer


def secret_line(file: str) -> str:
    """The first line of a file, or of standard input for "-". Raises NoSecret."""
    where = "standard input" if file == STANDARD_INPUT else file
    try:
        content = sys.stdin.buffer.read(LONGEST) if file == STANDARD_INPUT else _beginning(Path(file))
        line = content.decode("utf-8").partition("\n")[0].removesuffix("\r")
    except OSError as fault:
        raise NoSecret(f"{where} cannot be read: {fault.strerror}") from None
    except UnicodeDecodeError:
        raise NoSecret(f"{where} is not UTF-8 text; write the secret into its first line") from None
    if not line:
        raise NoSecret(f"the first line of {where} is empty; write the secret there")
    return line


def _beginning(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(LONGEST)
