import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.threading.reading.secrets import CARD, HIDDEN, KEY, LABELS, PASSWORD, SPACELESS, TOKEN, kinds_in, mask

KEY_TEXT = "Here:\n-----BEGIN RSA PRIVATE KEY-----\nMIIEow==\n-----END RSA PRIVATE KEY-----\nThanks"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("My card is 4111 1111 1111 1111.", f"My card is {HIDDEN}1111."),
        ("4111-1111-1111-1111", f"{HIDDEN}1111"),
        ("Amex 378282246310005", f"Amex {HIDDEN}0005"),
        ("Karte:5555555555554444", f"Karte:{HIDDEN}4444"),
    ],
)
def test_a_card_number_keeps_its_last_four_digits(text: str, shown: str) -> None:
    assert (mask(text), kinds_in(text)) == (shown, (CARD,))


@pytest.mark.parametrize(
    "text",
    [
        "Order 4111 1111 1111 1112",  # the check digit is wrong
        "Parcel 1234567812345670",  # no issuer
        "IBAN DE89370400440532013000",
        "call +4111111111111111",
        "id a4111111111111111",
        "4111111111111111-2",
        "0000 0000 0000 0000",
        "41111111111111111111111",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert (mask(text), kinds_in(text)) == (text, ())


@pytest.mark.parametrize(
    "text",
    [
        "Password: hunter2",
        "my password is hunter2!",
        "PWD=xY12z",
        "Passwort: geheim",
        "Mein Kennwort lautet Gehe1m",
        "Mot de passe : toto42",
        "Contraseña: abc123",
        "La contraseña es abc123",
        "Senha: segredo",
        "Wachtwoord: welkom01",
        "Hasło: tajne123",
        "пароль: qwerty12",
        "Lösenord: hemligt",
        "Adgangskode: hemmelig",
        "Salasana: salainen",
        "Heslo je tajne1",
        "Şifre: gizli123",
        "密码：abc123",
        "パスワードは abc123",
        "비밀번호: abc123",
        "https://example.org/?password=abc123",
        "> Password: hunter",
    ],
)
def test_a_password_behind_its_label_is_hidden(text: str) -> None:
    assert kinds_in(text) == (PASSWORD,)
    assert HIDDEN in mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "I forgot my password: please help me",
        "The password is wrong",
        "Das Passwort ist falsch.",
        "Password reset does not work",
        "Passwort: siehe https://example.org",
        "My passwords: all of them",
        "Le mot de passe est incorrect",
    ],
)
def test_talk_about_passwords_is_left_alone(text: str) -> None:
    assert (mask(text), kinds_in(text)) == (text, ())


def test_a_private_key_is_hidden_between_its_lines() -> None:
    assert mask(KEY_TEXT) == f"Here:\n-----BEGIN RSA PRIVATE KEY-----\n{HIDDEN}\n-----END RSA PRIVATE KEY-----\nThanks"
    assert kinds_in(KEY_TEXT) == (KEY,)


def test_a_private_key_that_is_cut_off_hides_the_rest() -> None:
    assert mask(KEY_TEXT.partition("-----END")[0]).endswith(f"KEY-----\n{HIDDEN}")


@pytest.mark.parametrize(
    "token",
    [
        "ghp_" + "a1" * 18,
        "AKIAIOSFODNN7EXAMPLE",
        "xoxb-1234567890-abcdef",
        "sk_live_" + "a" * 24,
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    ],
)
def test_an_access_token_is_hidden(token: str) -> None:
    assert mask(f"I use {token}, thanks") == f"I use {HIDDEN}, thanks"
    assert kinds_in(f"Authorization: Bearer {token}") == (TOKEN,)


def test_several_kinds_are_told_in_their_order() -> None:
    assert kinds_in("password: hunter2\n4111111111111111\npassword: other3") == (PASSWORD, CARD)


PIECES = st.sampled_from(["password: ", "hunter2", "4111 1111 1111 1111", "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "\n", " ", "İ", "a", "7"])  # fmt: skip


@given(st.lists(PIECES, max_size=12).map("".join))
def test_masking_is_stable_and_leaves_no_card(text: str) -> None:
    once = mask(text)
    assert mask(once) == once
    assert not set(kinds_in(text)) and once == text or HIDDEN in once


@given(st.text(max_size=300))
def test_any_text_can_be_masked(text: str) -> None:
    assert (mask(text) == text) == (not kinds_in(text))


@pytest.mark.parametrize("label", [*(label for line in LABELS if line for label in line.split("|")), *SPACELESS])
def test_a_password_behind_each_label_is_masked(label: str) -> None:
    assert mask(f"{label}: Winter2024!x") == f"{label}: {HIDDEN}"
