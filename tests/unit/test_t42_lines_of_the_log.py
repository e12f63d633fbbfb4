"""One event is one line of the log, whatever strangers have put into it: no line of their own, and nothing that a terminal obeys."""

import json
import logging

import pytest

from helpdesk.gateway.observe import KEYS, JsonLines, TextLines

HOSTILE = [
    "x\r\n12:00:00 mail.opened ticket=ACZ-FORGED", "x\n{\"event\": \"forged\"}", "\x1b[2J\x1b]0;owned\x07", "\x9b31m", "\x00", "x\x85y", "a\tb", "\x7f",
    "x\u2028y", "x\u2029y", "x\u202egpj.exe", '" ticket="ACZ-FORGED', "=1+1", "%s%n", "{0}",
]  # fmt: skip


def record(value: str) -> logging.LogRecord:
    made = logging.makeLogRecord({"msg": "mail.opened", "levelno": logging.INFO, "levelname": "INFO"})
    setattr(made, KEYS, {"subject": value, "from": value})
    return made


@pytest.mark.parametrize("value", HOSTILE)
def test_text_is_one_line_without_controls(value: str) -> None:
    line = TextLines().format(record(value))
    assert len(line.splitlines()) == 1
    assert not [one for one in line if ord(one) < 32 or 127 <= ord(one) < 160 or one == "\u202e"]
    assert line[21:].startswith("mail.opened subject=")


@pytest.mark.parametrize("value", HOSTILE)
def test_json_is_one_line_and_gives_the_value_back(value: str) -> None:
    line = JsonLines().format(record(value))
    assert line.isascii() and len(line.splitlines()) == 1 and "\x1b" not in line
    assert json.loads(line)["subject"] == value
