"""Each mail under tests/messages is read as the .toml file beside it says. Fields that it does not name are not compared."""

import tomllib
from pathlib import Path

import pytest

from helpdesk.gateway.cli.parse import as_json_object
from helpdesk.threading.parsing.read import read

MESSAGES = Path(__file__).parents[1] / "messages"
MAILS = sorted(MESSAGES.rglob("*.eml"))


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: str(mail.relative_to(MESSAGES).with_suffix("")))
def test_a_mail_is_read_as_expected(mail: Path) -> None:
    expected = tomllib.loads(mail.with_suffix(".toml").read_text(encoding="utf-8"))
    assert expected
    found = as_json_object(read(mail.read_bytes()).message)
    assert chosen(found, expected) == expected


def chosen(found: object, expected: object) -> object:
    """The part of `found` that has the shape of `expected`; null reads as false, which TOML has no word for."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return {name: chosen(found[name], wanted) for name, wanted in expected.items()}
    if isinstance(expected, list) and isinstance(found, list) and len(found) == len(expected):
        return [chosen(one, wanted) for one, wanted in zip(found, expected, strict=True)]
    return False if found is None else found
