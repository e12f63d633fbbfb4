"""A token says what it was made to say, in any case of letters, and nobody else can make one."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from helpdesk.config.reply_addresses import ReplyAddresses
from helpdesk.threading.trust.tokens import LONGEST_TOKEN, Keyring, Purpose, Token, mint, verify

OLD, NEW = ("a", b"o" * 32), ("b", b"n" * 32)
RING = Keyring((NEW, OLD))
TOKENS = st.builds(
    Token,
    st.sampled_from(Purpose),
    st.integers(0, 2**63 - 1),
    st.integers(0, 2**21 - 1),
    st.integers(0, 2**21 - 1),
)
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


@given(TOKENS, st.randoms())
def test_a_token_survives_whatever_happens_to_its_case(token: Token, random: Random) -> None:
    text = mint(token, RING)
    shaken = "".join(random.choice((letter.upper(), letter)) for letter in text)
    assert len(text) <= LONGEST_TOKEN
    assert verify(shaken, RING) == token


@given(TOKENS)
def test_an_old_key_verifies_until_it_is_removed(token: Token) -> None:
    text = mint(token, Keyring((OLD,)))
    assert verify(text, RING) == token
    assert verify(text, Keyring((NEW,))) is None
    assert verify(text, Keyring((("a", b"x" * 32),))) is None


@given(TOKENS, st.data())
def test_one_changed_letter_breaks_it(token: Token, data: st.DataObject) -> None:
    text = mint(token, RING)
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from(ALPHABET).filter(lambda one: one != text[place]))
    assert verify(text[:place] + letter + text[place + 1 :], RING) is None


@given(st.text(max_size=80))
def test_any_text_is_no_token(text: str) -> None:
    assert verify(text, RING) is None


def test_twenty_thousand_forged_tokens_never_hit() -> None:
    random = Random(7)
    for _ in range(20_000):
        text = random.choice("rnbsukc") + random.choice("ab") + "".join(random.choices(ALPHABET, k=random.choice((36, 37, 39))))
        assert verify(text, RING) is None


def test_an_address_with_a_token_fits_into_a_local_part() -> None:
    text = mint(Token(Purpose.REPLY, 2**62, 2**21 - 1, 2**21 - 1), RING)
    addresses = ReplyAddresses("{local}+{token}@{domain}", "support.example.com")
    address = addresses.address("a-support-address", text)
    assert len(address.partition("@")[0]) <= 64
    assert addresses.token_in(address.upper()) == text
    assert addresses.local_in(address) == "a-support-address"


def test_a_pattern_without_local_part_works_too() -> None:
    addresses = ReplyAddresses("{token}@reply.example.com", "support.example.com")
    assert addresses.address("help", "rabc") == "rabc@reply.example.com"
    assert addresses.token_in("RABC@reply.example.com") == "rabc"
    assert addresses.token_in("help@support.example.com") is None
    assert addresses.token_in("rabc@reply.example.com.evil.example") is None
