"""Passwords of staff: stored salted and slow, compared without telling more than yes or no."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.gateway.doors import passwords
from helpdesk.gateway.doors.passwords import hash_password, password_prover, verify_password


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "WORK", passwords.ScryptWork(2, 8, 1))


def test_the_stored_line_is_salted_and_names_its_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    one, two = hash_password("correct horse"), hash_password("correct horse")
    assert one != two
    assert one.split("$")[:4] == ["scrypt", "16384", "8", "5"]
    assert verify_password("correct horse", one)
    assert not verify_password("correct hors", one)


def test_a_known_vector() -> None:
    """RFC 7914 §12."""
    line = "scrypt$1024$8$16$TmFDbA==$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA=="
    assert verify_password("password", line)
    assert not verify_password("Password", line)


def test_one_password_however_its_letters_are_composed() -> None:
    assert verify_password("caf\u00e9", hash_password("cafe\u0301"))


PASSWORDS = st.text(st.characters(exclude_characters="\0"), max_size=30)


@pytest.mark.parametrize(("one", "other"), [("", "\0"), ("secret", "secret\0"), ("\0", "\0")])
def test_no_password_has_a_nul(one: str, other: str) -> None:
    assert not verify_password(other, passwords.hash_password(one))


@given(PASSWORDS, PASSWORDS)
def test_a_password_verifies_itself_alone(one: str, other: str) -> None:
    line = passwords.hash_password(one)
    assert verify_password(one, line)
    assert verify_password(other, line) is (unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other))


@given(st.one_of(st.text(), st.from_regex(r"\Ascrypt(\$[0-9]{0,2}){3}(\$[A-Za-z0-9+/]*={0,2}){2}\Z")))
def test_a_line_that_is_none_of_ours_verifies_nothing(line: str) -> None:
    assert not verify_password("password", line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "x",
        "scrypt$99999999$8$1$c2FsdA==$aGFzaA==",
        "scrypt$1024$999$999$c2FsdA==$aGFzaA==",
        "scrypt$2$8$1$c2Fsd$aGFzaA==",
        "plain",
    ],
)
def test_a_line_that_asks_too_much_or_nothing_verifies_nothing(line: str) -> None:
    assert not verify_password("password", line)


def test_a_line_that_asks_too_much_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def watched(*arguments: object) -> bytes:
        asked.append(arguments)
        return bytes(36)

    monkeypatch.setattr(passwords, "_scrypt", watched)
    assert not verify_password("password", "scrypt$1024$8$999$c2FsdA==$" + "aGFzaGhhc2ho" * 4)
    assert asked == []


def test_a_digest_that_could_be_hit_by_chance_is_none() -> None:
    *head, digest = hash_password("horse").split("$")
    assert verify_password("horse", "$".join([*head, digest]))
    assert not verify_password("horse", "$".join([*head, digest[:4]]))


def test_whoever_is_unknown_proves_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    prove = password_prover({"omar@desk.test": hash_password("horse")})
    assert prove is not None
    monkeypatch.setattr(passwords, "verify_password", lambda password, line: True)
    assert (prove("omar@desk.test", ""), prove("nobody@desk.test", "")) == ("omar@desk.test", None)


def test_login_proves_the_canonical_staff_address() -> None:
    prove = password_prover({"Omar@Desk.test": hash_password("horse"), "lea@desk.test": ""})
    assert prove is not None
    assert prove("OMAR@desk.test", "horse") == "omar@desk.test"
    assert prove("omar@desk.test", "wrong") is None
    assert prove("lea@desk.test", "") is None
    assert prove("", "") is None
    assert prove("omar", "horse") is None


def test_nobody_with_a_password_means_no_login() -> None:
    assert password_prover({}) is None
    assert password_prover({"lea@desk.test": ""}) is None


def test_an_unknown_name_costs_as_much_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    prove = password_prover({"omar@desk.test": hash_password("horse")})
    assert prove is not None
    asked: list[str] = []

    def watched(password: str, line: str) -> bool:
        asked.append(line)
        return False

    monkeypatch.setattr(passwords, "verify_password", watched)
    assert prove("omar@desk.test", "guess") is None
    assert prove("nobody@desk.test", "guess") is None
    assert [line.split("$")[:4] for line in asked] == [["scrypt", "2", "8", "1"]] * 2
