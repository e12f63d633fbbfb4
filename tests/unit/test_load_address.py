"""Addresses of the configuration: what is accepted is an identity, in the same form, for the rest of the program."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.config.address import address, domain
from helpdesk.config.references import LONGEST_TOKEN
from helpdesk.threading.trust import tokens
from helpdesk.threading.trust.addresses import canonical

PIECES = st.sampled_from([*'aZ09.-_+@ \t\n"<>(),:;\\é漢ß\u200b\u202e', "xn--", "=?", "example", ".com", "a" * 63, "b" * 64])


@given(st.lists(PIECES, max_size=12).map("".join))
def test_any_text_is_refused_with_words_or_is_the_identity_that_mail_is_compared_with(text: str) -> None:
    try:
        accepted = address(text)
    except ValueError as fault:
        assert str(fault)
    else:
        assert accepted == canonical(text)
        assert address(accepted) == accepted


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Anna@ACME.example", "anna@acme.example"),
        (" anna.b+c@acme.example ", "anna.b+c@acme.example"),
        ("anna@Bücher.example", "anna@xn--bcher-kva.example"),
        ("renée@acme.example", "renée@acme.example"),
        ("rene\u0301e@acme.example", "ren\u00e9e@acme.example"),
        ("root@localhost", "root@localhost"),
    ],
)
def test_accepted(text: str, form: str) -> None:
    assert address(text) == form


@pytest.mark.parametrize(
    "text",
    [
        "",
        "anna",
        "@acme.example",
        "anna@",
        ".anna@acme.example",
        "an..na@acme.example",
        "an na@acme.example",
        "anna@acme..example",
        "anna@-acme.example",
        "anna@[192.0.2.1]",
        '"anna"@acme.example',
        "Anna <anna@acme.example>",
        "a@b@acme.example",
        "anna\u202e@acme.example",
        "=?utf-8?q?x?=@acme.example",
        "a" * 65 + "@acme.example",
        "a@" + "b" * 64 + ".example",
        "a@" + "b." * 130 + "example",
        "anna@acme.example\nbcc",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write|too long|invisible"):
        address(text)


def test_domains() -> None:
    assert domain("Support.Example.COM") == "support.example.com"
    for text in ("", ".", "a_b.example", "a b", "example.com."):
        with pytest.raises(ValueError, match="write a domain name"):
            domain(text)


def test_room_is_left_for_the_longest_token() -> None:
    assert LONGEST_TOKEN == tokens.LONGEST_TOKEN
