"""Shapes of single values: host and port, relays, databases, names, and addresses that belong to an account or a plan."""

import pytest

from helpdesk.config.people import Account, SupportAddress
from helpdesk.config.references import ConfigurationDraft, findings
from helpdesk.config.settings import DeskSettings
from helpdesk.config.shapes import database_url, endpoint, lmtp_listen, plain_name, relay_url, socket_mode
from helpdesk.config.triage import Category


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:2525", ("127.0.0.1", 2525)),
        ("[::1]:25", ("::1", 25)),
        ("mail.example.com:0", ("mail.example.com", 0)),
        ("0.0.0.0:65535", ("0.0.0.0", 65535)),
    ],
)
def test_host_and_port(text: str, expected: tuple[str, int]) -> None:
    assert endpoint(text) == expected


@pytest.mark.parametrize(
    "text", ["", "25", ":25", "[]:25", "::1:25", "[::1:25", "::1]:25", "a:", "a:x", "a:²", "a:-1", "a:65536", "a:000025", "a:1e1"]
)
def test_what_is_no_host_and_port(text: str) -> None:
    with pytest.raises(ValueError, match="write host and port"):
        endpoint(text)


@pytest.mark.parametrize("text", ["127.0.0.1:2424", "[::1]:24", "unix:/run/helpdesk/lmtp", "unix:lmtp", "a:0"])
def test_where_lmtp_is_spoken(text: str) -> None:
    assert lmtp_listen(text) == text


@pytest.mark.parametrize("text", ["127.0.0.1:25", "[::1]:025", "unix:", "unix:/run/", "unix:/" + "a" * 100, "/run/lmtp", "lmtp"])
def test_where_lmtp_is_not_spoken(text: str) -> None:
    """RFC 2033 §5: never on port 25."""
    with pytest.raises(ValueError, match="port 25|write a path|write host and port"):
        lmtp_listen(text)


@pytest.mark.parametrize("text", ["", "66", "668", "1660", "rw-", "0o660", "-660"])
def test_what_is_no_mode(text: str) -> None:
    assert socket_mode("660") == "660"
    with pytest.raises(ValueError, match="permissions in octal"):
        socket_mode(text)


@pytest.mark.parametrize(
    "text",
    [
        "smtp://[2001:db8::1]:25",
        "smtp://mail.example",
        "smtps://user%40x@mail.example:465",
        "smtp+starttls://u@mail.example/",
        "maildir:/x",
    ],
)
def test_relays(text: str) -> None:
    assert relay_url(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "smtp://a.example/path",
        "smtp://a.example?x=1",
        "smtp://a.example#x",
        "smtp://a.example:0",
        "smtp://[::1",
        "lmtp://a",
        "",
        "//a",
    ],
)
def test_what_is_no_relay(text: str) -> None:
    with pytest.raises(ValueError, match="allowed: maildir:FOLDER"):
        relay_url(text)


@pytest.mark.parametrize("text", ["sqlite://", "sqlite:///", "sqlite://var/x.db", "sqlite:///:memory:"])
def test_a_database_that_would_not_last(text: str) -> None:
    with pytest.raises(ValueError, match="a database in memory"):
        database_url(text)


@pytest.mark.parametrize(
    "text", ["postgresql://h/x", "postgresql+psycopg://u:p@h:5432/x?sslmode=require", "sqlite:////abs/x.db", "sqlite:///x.db"]
)
def test_databases(text: str) -> None:
    assert database_url(text) == text


def test_names() -> None:
    assert plain_name(" Zoë 漢字 ") == "Zoë 漢字"
    assert plain_name("x" * 200) == "x" * 200
    for text in ("", "  ", "x" * 201, "a\tb", "a\rb", "a\x00", "a\u2028b", "a\ud800"):
        with pytest.raises(ValueError, match=r"write a name|line break"):
            plain_name(text)


def test_what_fits_together_gives_no_finding() -> None:
    address = SupportAddress(address="h" * 18 + "@desk.example", queue="vip", plan="gold", account="acme")
    draft = ConfigurationDraft(
        desk=DeskSettings(name="D", domain="desk.example"),
        addresses={"address[0]": address},
        staff={},
        accounts={"account[0]": Account(id="acme", plan="gold")},
        categories={"x": Category(queue="vip"), "y": Category()},
        mailboxes={},
        defaults={"default_plan": "gold", "default_queue": "vip", "default_category": "x", "default_language": "en"},
        plan_names=frozenset({"gold"}),
        category_names=frozenset({"x", "y"}),
        account_ids=frozenset({"acme"}),
        queues=frozenset({"vip"}),
    )
    assert list(findings(draft)) == []
