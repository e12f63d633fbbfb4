"""An address is an identity only when no two readers could differ about it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.threading.trust.addresses import canonical, is_robot_address, reachable

SAME = [
    ("Anna@Acme.Example", "anna@acme.example"),
    (" anna@acme.example ", "anna@acme.example"),
    ("a'b+c@x.example", "a'b+c@x.example"),
    ("a@bücher.example", "a@xn--bcher-kva.example"),
    ("mu\u0308ller@x.example", "müller@x.example"),
]
NONE = [
    '"anna"@acme.example',
    "anna@acme.example)bob@evil.example",
    "anna(comment)@acme.example",
    "<anna@acme.example>",
    "@route:anna@acme.example",
    "=?utf-8?q?anna?=@acme.example",
    "anna@[127.0.0.1]",
    "anna@acme..example",
    "anna..b@acme.example",
    "anna.@acme.example",
    "an\u200bna@acme.example",
    "anna@acme.example\u202e",
    "anna@ac me.example",
    "anna",
    "@acme.example",
    "a" * 65 + "@acme.example",
    "anna@" + "a" * 250 + ".example",
    "",
]


@pytest.mark.parametrize(("written", "identity"), SAME)
def test_the_same_person(written: str, identity: str) -> None:
    assert canonical(written) == identity


@pytest.mark.parametrize("written", NONE)
def test_no_identity(written: str) -> None:
    assert canonical(written) == ""


@given(st.text(max_size=60))
def test_canonical_is_idempotent(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)


@pytest.mark.parametrize(
    ("written", "address"),
    [("a..b@x.example", "a..b@x.example"), ("A.@X.example", "a.@x.example"), ("a b@x.example", ""), ("..@x.example", "")],
)
def test_odd_addresses_of_real_providers_can_be_answered(written: str, address: str) -> None:
    assert reachable(written) == address
    assert canonical(written) == ""


@pytest.mark.parametrize(
    ("address", "robot"),
    [
        ("mailer-daemon@x.example", True),
        ("no-reply+abc@x.example", True),
        ("news-request@x.example", True),
        ("owner-list@x.example", True),
        ("anna@x.example", False),
        ("noreen@x.example", False),
    ],
)
def test_robots(address: str, robot: bool) -> None:
    assert is_robot_address(address) is robot
