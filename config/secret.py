"""The keys that sign reply tokens: one a line, the newest first, each with a name of one letter."""

import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from helpdesk.config.overlay import ENVIRONMENT
from helpdesk.config.private_files import exposure_of
from helpdesk.config.problems import Problem

VARIABLE = "HELPDESK_SECRET"
SHORTEST_KEY = 32  # octets; RFC 2104 §3 discourages keys shorter than the hash
NAME = re.compile(r"[a-z0-9]")
KEY = re.compile(r"(?:[0-9a-fA-F]{2})+")
WRITE = "write one key a line: a name of one letter, a space, and at least 64 hexadecimal digits"


class Secret(tuple[tuple[str, bytes], ...]):
    """Names and keys, newest first. Never shows a key when it is printed."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Secret({', '.join(name for name, _ in self)})"

    __str__ = __repr__


def read_secret(file: Path, environment: Mapping[str, str]) -> tuple[Secret, list[Problem], list[str]]:
    """Read the keys from HELPDESK_SECRET (one a line, or between commas), else from the file. Gives them with problems and warnings."""
    if VARIABLE in environment:
        secret, problems = _keys(environment[VARIABLE].replace(",", "\n"), ENVIRONMENT, VARIABLE)
        return secret, problems, []
    try:
        text = file.read_text("ascii")
    except FileNotFoundError:
        reason = f"no such file; `helpdesk init DIR` makes one, or set {VARIABLE}"
        return Secret(), [Problem(str(file), "", reason)], []
    except (OSError, UnicodeDecodeError) as fault:
        return Secret(), [Problem(str(file), "", getattr(fault, "strerror", None) or WRITE)], []
    secret, problems = _keys(text, str(file), "")
    return secret, problems, loose_permissions(file)


def prints_of(secret: Secret) -> tuple[tuple[str, str], ...]:
    """The name of each key with a short print of it, by which nodes compare their keys. A print says nothing about its key."""
    return tuple((name, sha256(b"helpdesk print of a key " + key).hexdigest()[:8]) for name, key in secret)


def with_new_key(text: str, line: str) -> str:
    """The text of a secret file with one more key, which verifies and does not sign: it stands last."""
    return f"{text.rstrip()}\n{line}" if text.strip() else line


def with_first_key(text: str, name: str) -> str:
    """The text with this key above all others, so that it signs."""
    lines = text.splitlines(keepends=True)
    return "".join(
        [*(_end_line(line) for line in lines if _is_key(line, name)), *(line for line in lines if not _is_key(line, name))]
    )


def without_key(text: str, name: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not _is_key(line, name))


def _is_key(line: str, name: str) -> bool:
    return line.split()[:1] == [name]


def _end_line(line: str) -> str:
    return line.rstrip("\r\n") + "\n"


def loose_permissions(file: Path) -> list[str]:
    """A warning where others than its owner can read a file that holds a secret."""
    fault = exposure_of(file, "others can read this secret")
    return [f"{file}: {fault}"] if fault else []


def _keys(text: str, file: str, key: str) -> tuple[Secret, list[Problem]]:
    lines = [
        (number, line.split()) for number, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith("#")
    ]
    problems = [Problem(file, key or f"line {number}", reason) for number, line in lines if (reason := _reason(line))]
    names = [line[0] for _, line in lines if not _reason(line)]
    problems += [Problem(file, key, f'two keys are named "{name}"') for name in sorted(set(names)) if names.count(name) > 1]
    if not lines:
        problems.append(Problem(file, key, f"no key; {WRITE}"))
    return (Secret() if problems else Secret((name, bytes.fromhex(value)) for _, (name, value) in lines)), problems


def _reason(line: list[str]) -> str:
    """What is wrong with one line of the secret, without showing it; "" for a sound line."""
    if len(line) != 2 or not NAME.fullmatch(line[0]) or not KEY.fullmatch(line[1]):
        return WRITE
    octets = len(line[1]) // 2
    return f"the key is too short: {octets} octets, at least {SHORTEST_KEY}" if octets < SHORTEST_KEY else ""
