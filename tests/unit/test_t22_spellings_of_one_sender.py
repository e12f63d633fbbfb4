"""A thousand spellings of one mailbox are counted as one, and only a plain spelling is anybody."""

import random

from helpdesk.threading.trust.addresses import canonical, rate_key

DICE = random.Random(22)


def spelling() -> str:
    """`anna.weber@acme.example` with comments, dots, subaddresses and other case."""
    letters = [letter + DICE.choice(("", "", "", ".", "(c)")) for letter in "annaweber"]
    local_part = "".join(DICE.choice((str.upper, str.lower))(one) for one in letters).strip(".")
    more = DICE.choice(("", "", "+x", f"+{DICE.randrange(10**6)}", "+(comment)y"))
    return f"{local_part}{more}@{DICE.choice(('acme.example', 'ACME.example', 'Acme.Example.', 'acme.(c)example'))}"


def test_a_thousand_spellings_have_one_key() -> None:
    assert {rate_key(spelling()) for _ in range(1000)} == {"annaweber@acme.example"}


def test_what_hides_another_address_in_a_comment_is_nobody() -> None:
    for written in (
        "eve(&email=anna@acme.example)@evil.example",
        "anna@acme.example(@evil.example)",
        "(anna@acme.example)eve@evil.example",
    ):
        assert canonical(written) == ""
