"""Mail on standard input: the exit code tells the mail system what to do with it."""

import os
from collections.abc import Sequence

import pytest
from support.servers.smtp_door import NOON, is_ours

from helpdesk.gateway.doors.pipe import deliver
from helpdesk.threading.model.mail import Envelope, RawMessage

MAIL = b"Subject: hello\n\nhello\n"


def delivered(content: bytes, *recipients: str, fails: bool = False) -> tuple[int, list[RawMessage]]:
    stored: list[RawMessage] = []

    def store(raws: Sequence[RawMessage]) -> list[int]:
        if fails:
            raise OSError("database away")
        stored.extend(raws)
        return [1]

    envelope = Envelope("anna@acme.test", recipients)
    return deliver(content, envelope, is_ours=is_ours, store=store, received_at=NOON, max_size=100_000), stored


def test_a_mail_is_stored_as_it_came_for_the_recipients_that_are_here() -> None:
    code, stored = delivered(MAIL, "help+x@desk.test", "nobody@desk.test")
    assert code == 0
    assert stored == [RawMessage("pipe", Envelope("anna@acme.test", ("help+x@desk.test",)), MAIL, NOON)]


def test_a_filter_that_names_no_recipient_is_trusted() -> None:
    assert delivered(MAIL)[0] == 0


@pytest.mark.parametrize(
    ("content", "recipient", "fails", "code"),
    [
        (MAIL, "nobody@desk.test", False, os.EX_NOUSER),
        (MAIL, "help@desk.test", True, os.EX_TEMPFAIL),
        (b"x" * 100_001, "help@desk.test", False, os.EX_DATAERR),
        (b"Received: x\n" * 101 + b"\n", "help@desk.test", False, os.EX_DATAERR),
    ],
)
def test_what_is_not_stored_says_why(content: bytes, recipient: str, fails: bool, code: int) -> None:
    assert delivered(content, recipient, fails=fails) == (code, [])


def test_a_fault_while_looking_up_a_recipient_is_tried_again() -> None:
    def fault(address: str) -> bool:
        raise RuntimeError(address)

    assert deliver(MAIL, Envelope("", ("a@b",)), is_ours=fault, store=list, received_at=NOON, max_size=100) == os.EX_TEMPFAIL
