"""Whatever fails behind a door, a stranger reads a fixed sentence: no class, no path, no statement, no name of a machine."""

import re

import pytest
from support.servers.dialog import Client
from support.servers.smtp_door import ListStore, running_door

from helpdesk.gateway.doors import replies
from helpdesk.gateway.doors.replies import Reply

INSIDE = re.compile(
    r"error\)|exception|traceback|\.py\b|helpdesk|sqlite|postgres|psycopg|sqlalchemy|select |insert |password|secret|\b10\.\d|"
    r"[a-z]+error|/(?:var|usr|home|tmp)\b|<class|0x[0-9a-f]{6}|\bNone\b",
    re.IGNORECASE,
)
TABLE = {name: value for name, value in vars(replies).items() if isinstance(value, Reply)}


@pytest.mark.parametrize("name", TABLE)
def test_no_reply_of_the_table_tells_of_the_inside(name: str) -> None:
    assert not INSIDE.search(TABLE[name].text), TABLE[name].text


def test_the_expression_sees_what_a_fault_would_say() -> None:
    for leaked in (
        "500 Error: (RuntimeError) db password=secret at 10.0.0.5",
        "KeyError: 'x'",
        "File /usr/lib/x.py",
        "psycopg: gone",
    ):
        assert INSIDE.search(leaked)


def test_a_store_and_a_directory_that_fail_are_heard_of_as_a_fixed_sentence() -> None:
    def faulty(address: str) -> bool:
        if address.startswith("fault"):
            raise RuntimeError("psycopg: password=secret at 10.0.0.5")
        return True

    with running_door(store=ListStore(failure=lambda raw: True), ours=faulty) as door, Client(door.port) as client:
        heard = [
            client.mail(),
            client.says("MAIL FROM:<anna@acme.test>"),
            client.says("RCPT TO:<fault@desk.test>"),
            client.says("\0"),
        ]
    assert not [line for line in heard if INSIDE.search(line)]
    assert [line[:9] for line in heard[::2]] == ["451 4.3.0"] * 2
