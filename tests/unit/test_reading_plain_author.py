"""A From field in which two readers could see different people is noticed, because identity depends on it."""

import pytest

from helpdesk.threading.reading.mailboxes import is_one_plain_mailbox

PLAIN = [
    "anna@acme.example",
    "<anna@acme.example>",
    "Anna Berg <anna@acme.example>",
    '"Berg, Anna" <anna@acme.example>',
    '"Anna \\"the\\" Berg" (never mind)'.replace(" (never mind)", " <anna@acme.example>"),
    "=?utf-8?q?M=C3=BCller=2C_Anna?= <anna@acme.example>",
    "Mr. A. Berg <anna@acme.example>",
    "Anna\r\n Berg\r\n <anna@acme.example>",
    '"anna@evil.example" <anna@acme.example>',
]
AMBIGUOUS = [
    "",
    "anna",
    "anna@acme.example, omar@desk.example",
    "Berg, Anna <anna@acme.example>",
    "anna(x)@acme.example",
    "(x) anna@acme.example",
    "anna@acme.example (Anna)",
    '"anna"@acme.example',
    "staff: anna@acme.example;",
    "<@route:anna@acme.example>",
    "<anna@acme.example> <omar@desk.example>",
    "omar@desk.example <anna@acme.example>",
    "Anna <anna@acme.example>b",
    "Anna <anna@acme.example",
    "=?utf-8?q?anna=40acme.example?=",
    "anna@acme.example@desk.example",
    "an na@acme.example",
    "Anna <anna@acme.example>" + " " * 999,
]


@pytest.mark.parametrize("value", PLAIN)
def test_plain(value: str) -> None:
    assert is_one_plain_mailbox(value.encode())


@pytest.mark.parametrize("value", AMBIGUOUS)
def test_ambiguous(value: str) -> None:
    assert not is_one_plain_mailbox(value.encode())
