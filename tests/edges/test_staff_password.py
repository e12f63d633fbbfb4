"""A secret is given to a command by a question, a file or standard input: `ps` shows arguments to everybody on the machine."""

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from helpdesk.gateway.cli.directory import password_command
from helpdesk.gateway.doors.passwords import verify_password

PROGRAM = Path(sys.executable).with_name("helpdesk")
SECRET = "correct horse – battery"
# Values of other options: names of files, and an address out of a letter, which may also be given by standard input.
HARMLESS = {"password_file", "address_or_token"}


def run(*words: str, given: str | bytes = "") -> Result:
    return CliRunner().invoke(password_command, list(words), input=given)


def opens(output: str) -> bool:
    [line] = [line for line in output.splitlines() if line.startswith("password = ")]
    return verify_password(SECRET, line.removeprefix("password = ").strip('"'))


def test_the_question_is_asked_twice_and_shows_nothing() -> None:
    result = run(given=f"{SECRET}\n{SECRET}\n")
    assert result.exit_code == os.EX_OK and opens(result.output)
    assert SECRET not in result.output
    assert result.output.splitlines()[:2] == ["Password: ", "Repeat for confirmation: "]


def test_two_answers_that_differ_are_asked_for_again() -> None:
    assert opens(run(given=f"{SECRET}\nother\n{SECRET}\n{SECRET}\n").output)
    assert run(given=f"{SECRET}\nother\n").exit_code != os.EX_OK


@pytest.mark.parametrize("content", [f"{SECRET}\n", SECRET, f"{SECRET}\r\nsecond line\n"])
def test_the_first_line_of_a_file_or_of_standard_input_is_the_password(tmp_path: Path, content: str) -> None:
    file = tmp_path / "password"
    file.write_bytes(content.encode())
    for result in (run("--password-file", str(file)), run("--password-file", "-", given=content.encode())):
        assert result.exit_code == os.EX_OK and opens(result.output), result.output


@pytest.mark.parametrize("content", [b"", b"\nsecond", b"\xff\xfe\n"])
def test_a_file_without_a_password_is_one_line(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "password"
    file.write_bytes(content)
    result = run("--password-file", str(file))
    assert (result.exit_code, len(result.stderr.splitlines())) == (os.EX_NOINPUT, 1)
    assert str(file) in result.stderr


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    result = run("--password-file", str(tmp_path / "none"))
    assert (result.exit_code, result.stderr) == (
        os.EX_NOINPUT,
        f"Error: {tmp_path / 'none'} cannot be read: No such file or directory\n",
    )


def test_the_program_refuses_a_password_among_its_arguments() -> None:
    for words in (["--password", SECRET], [f"--password={SECRET}"], [SECRET]):
        done = subprocess.run([PROGRAM, "staff", "password", *words], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (os.EX_USAGE, "")


def test_no_command_takes_a_secret_as_an_argument() -> None:
    program = import_module("helpdesk.gateway.cli.main")
    waiting: list[click.Command] = [program.Commands("all").get_command(None, name) for name in program.COMMANDS]
    found = set()
    while waiting:
        command = waiting.pop()
        if isinstance(command, click.Group):
            waiting.extend(command.commands.values())
        for parameter in command.params:
            names = {parameter.name or "", *(option.lstrip("-").replace("-", "_") for option in parameter.opts)}
            takes_value = not getattr(parameter, "is_flag", False)
            found |= {name for name in names if takes_value and re.search("password|secret|token|credential|pin|key$", name)}
    assert found - HARMLESS - {"key"} == set()  # `why KEY` names a mail


def test_a_token_may_come_by_standard_input(tmp_path: Path) -> None:
    assert subprocess.run([PROGRAM, "init", tmp_path / "desk"], capture_output=True, check=False).returncode == os.EX_OK
    done = subprocess.run(
        [PROGRAM, "token", "show", "-", "--config", tmp_path / "desk" / "helpdesk.toml"],
        input="nothing@support.example.com\n", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "Error: not a token of this desk\n")
