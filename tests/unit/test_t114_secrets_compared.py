"""Timing says nothing of a secret: one comparison decides about each, and it takes the same time for every wrong one.

No clock is read. With a comparison that agrees to everything, a wrong secret opens what the right one opens: so nothing else compares it,
neither before nor after. With the real one, it opens nothing.
"""

import binascii
import hmac
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from support.desk.outcomes import NOW

from helpdesk.gateway.doors.passwords import hash_password, verify_password
from helpdesk.gateway.http.cursors import Cursors
from helpdesk.gateway.http.problems import ApiRefusal
from helpdesk.gateway.private_pages import form_token, is_token_of
from helpdesk.store.api_keys import KeyKind, add_key, add_operator_key, find_key
from helpdesk.store.database import Database
from helpdesk.store.migrate import migrate
from helpdesk.store.page_sessions import PageVisitor, add_code, exchange_code
from helpdesk.threading.letters.file_links import FileLinks, read_file_token
from helpdesk.threading.trust.tokens import Keyring, Purpose, Token, mint, verify

SECRET, OTHER = b"s" * 32, b"o" * 32


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('secrets') / 'helpdesk.db'}")
    migrate(database)
    yield database
    database.close()


def opens_by_key(store: Database, kind: KeyKind) -> bool:
    """A key with the number of one that exists, and another secret."""
    with store.writing() as connection:
        if kind is KeyKind.OPERATOR:
            right, other = (add_operator_key(connection, "portal", NOW, None) for _ in range(2))
        else:
            right, other = (add_key(connection, "portal", ("inbox:read",), ("acme",), NOW, None) for _ in range(2))
        number, secret = right.split("_")[1], other.split("_")[2][:64]
        wrong = f"{kind}_{number}_{secret}{crc(number, secret)}"
        return find_key(connection, wrong, kind) is not None


def crc(number: str, secret: str) -> str:
    return f"{binascii.crc32(f'{number}_{secret}'.encode()):08x}"


def opens_by_cursor(store: Database) -> bool:
    try:
        return Cursors(SECRET).read(Cursors(OTHER).write(7, "events"), "events") == 7
    except ApiRefusal:
        return False


def opens_by_link(store: Database) -> bool:
    link = FileLinks("https://a.example", OTHER, timedelta(days=1)).link(1, 1, "anna@acme.example", NOW)
    token = read_file_token(link.rpartition("/")[2])
    assert token is not None
    return token.is_sealed(SECRET, "anna@acme.example")


def opens_by_address(store: Database) -> bool:
    token = Token(Purpose.REPLY, 4711, 1, 0)
    text = mint(token, Keyring((("a", OTHER),)))
    return verify(text, Keyring((("a", SECRET),))) == token


def opens_by_frame(store: Database) -> bool:
    """A code that has begun a session, repeated by a browser with another secret."""
    with store.writing() as connection:
        key = add_key(connection, "portal", ("sessions:open",), ("acme",), NOW, None).split("_")[1]
        code = add_code(connection, PageVisitor("acme", "anna@acme.example", "", key), NOW)
        assert exchange_code(connection, code, "", NOW)
        return exchange_code(connection, code, "another", NOW) is not None


CASES: dict[str, Callable[[Database], bool]] = {
    "a key of the API": lambda store: opens_by_key(store, KeyKind.PLATFORM),
    "a key of an operator": lambda store: opens_by_key(store, KeyKind.OPERATOR),
    "a cursor": opens_by_cursor,
    "the token of a form": lambda store: is_token_of("secret", form_token("other")),
    "a link to a file": opens_by_link,
    "a reply address": opens_by_address,
    "a password of the submission port": lambda store: verify_password("wrong", hash_password("right")),
    "a session that is begun again": opens_by_frame,
}


@pytest.mark.parametrize("case", CASES)
def test_one_comparison_of_constant_time_decides(store: Database, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    assert CASES[case](store) is False
    monkeypatch.setattr(hmac, "compare_digest", lambda one, other: True)
    assert CASES[case](store) is True
