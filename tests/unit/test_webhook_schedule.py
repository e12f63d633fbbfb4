"""When a webhook is tried again, which addresses it may reach, and what its secrets may be."""

import base64
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.gateway.webhooks.reach import permits_of
from helpdesk.gateway.webhooks.schedule import JITTER, LONGEST_REST, WAITS, WebhookAnswer, judge, rest_of
from helpdesk.gateway.webhooks.signing import UnusableSecret, read_secrets
from helpdesk.store.webhooks import EventEnd, WebhookState

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
S, M, H = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours"))
LAST = len(WAITS) + 1
ON, PAUSED, OFF = WebhookState
TAKEN, LATER, GIVEN_UP = EventEnd.TAKEN, EventEnd.LATER, EventEnd.GIVEN_UP


@pytest.mark.parametrize(
    ("status", "retry_after", "attempts", "took", "end", "wait", "rest", "state"),
    [
        (200, "", 1, False, TAKEN, 0 * S, None, ON),
        (204, "", LAST, False, TAKEN, 0 * S, None, ON),
        (299, "60", 1, False, TAKEN, 0 * S, None, ON),
        (500, "", 1, False, LATER, 5 * S, None, ON),
        (302, "", 1, False, LATER, 5 * S, None, ON),
        (304, "", 2, False, LATER, 5 * M, None, ON),
        (400, "", 9, False, LATER, 24 * H, None, ON),
        (429, "90", 1, False, LATER, 90 * S, 90 * S, ON),
        (429, "1", 2, False, LATER, 5 * M, 1 * S, ON),
        (503, "999999", 1, False, LATER, 24 * H, 24 * H, ON),
        (503, "soon", 1, False, LATER, 5 * S, None, ON),
        (None, "", 1, False, LATER, 5 * S, 5 * S, ON),
        (None, "", 3, False, LATER, 30 * M, 1 * M, ON),
        (410, "", 1, True, LATER, 0 * S, None, OFF),
        (500, "", LAST, False, GIVEN_UP, 0 * S, None, PAUSED),
        (None, "", LAST, False, GIVEN_UP, 0 * S, None, PAUSED),
        (500, "", LAST, True, GIVEN_UP, 0 * S, None, ON),
    ],
)
def test_what_follows_from_an_answer(
    status: int | None,
    retry_after: str,
    attempts: int,
    took: bool,
    end: EventEnd,
    wait: timedelta,
    rest: timedelta | None,
    state: WebhookState,
) -> None:
    verdict = judge(WebhookAnswer(status, retry_after), attempts, took, NOW, lambda: 0.5)
    assert (verdict.end, verdict.wait, verdict.rest, verdict.state) == (end, wait, rest, state)


@given(st.integers(1, len(WAITS)), st.floats(0, 1))
def test_waits_differ_by_a_fifth_at_most(attempts: int, chance: float) -> None:
    wait = judge(WebhookAnswer(500), attempts, False, NOW, lambda: chance).wait
    assert (1 - JITTER) * WAITS[attempts - 1] <= wait <= (1 + JITTER) * WAITS[attempts - 1]


@given(st.text(max_size=40))
def test_no_wish_to_be_left_alone_is_honoured_for_ever(wish: str) -> None:
    rest = rest_of(wish, NOW)
    assert rest is None or timedelta() <= rest <= LONGEST_REST


@pytest.mark.parametrize(
    ("moment", "rest"), [(NOW + 90 * S, 90 * S), (NOW - H, 0 * S), (NOW + 300 * H, LONGEST_REST)], ids=["soon", "past", "far"]
)
def test_a_wish_may_be_a_date(moment: datetime, rest: timedelta) -> None:
    assert rest_of(format_datetime(moment, usegmt=True), NOW) == rest


@pytest.mark.parametrize(
    ("host", "address", "may"),
    [
        ("app.example.com", "192.0.2.7", True),
        ("app.internal", "10.1.2.3", True),
        ("app", "127.0.0.1", True),
        ("app", "fd00::7", True),
        ("app.example.com", "169.254.169.254", False),
        ("app.example.com", "169.254.7.7", False),
        ("app.example.com", "fe80::1", False),
        ("app.example.com", "::ffff:169.254.169.254", False),
        ("app.example.com", "64:ff9b::a9fe:a9fe", False),
        ("app.example.com", "2002:a9fe:a9fe::1", False),
        ("app.example.com", "100.100.100.200", False),
        ("app.example.com", "168.63.129.16", False),
        ("app.example.com", "fd00:ec2::254", False),
        ("app.example.com", "0.0.0.0", False),
        ("app.example.com", "::", False),
        ("169.254.7.7", "169.254.7.7", True),
        ("::ffff:169.254.7.7", "169.254.7.7", True),
        ("169.254.7.7", "169.254.169.254", False),
        ("fe80::1%eth0", "fe80::1", True),
    ],
)
def test_which_addresses_a_webhook_reaches(host: str, address: str, may: bool) -> None:
    assert permits_of(host)(ip_address(address)) is may


def secret_of(octets: int) -> str:
    return "whsec_" + base64.b64encode(bytes(range(octets))).decode()


@pytest.mark.parametrize(("lines", "count"), [([secret_of(24)], 1), ([secret_of(64), "", secret_of(32)], 2)])
def test_a_file_has_one_secret_or_two(tmp_path: Path, lines: list[str], count: int) -> None:
    (tmp_path / "secret").write_text("\n".join(lines) + "\n")
    assert len(read_secrets(tmp_path / "secret")) == count


@pytest.mark.parametrize(
    "text",
    ["", "hunter2", secret_of(23), secret_of(65), "whsec_%%%", "whsec_", f"{secret_of(32)}\n" * 3, "whsec_ä" * 9],
    ids=["empty", "a word", "short", "long", "no base64", "nothing", "three", "not ASCII"],
)
def test_another_file_is_refused_with_its_place_and_without_its_content(tmp_path: Path, text: str) -> None:
    (tmp_path / "secret").write_text(text)
    with pytest.raises(UnusableSecret) as refused:
        read_secrets(tmp_path / "secret")
    assert str(tmp_path / "secret") in str(refused.value)
    assert text not in str(refused.value) or text in ("", "whsec_")
