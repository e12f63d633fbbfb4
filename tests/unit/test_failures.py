"""Enhanced status codes in plain words; spellings of one mailbox; references of other systems; likeness."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.threading.decisions.machines.failures import FAILURES, UNKNOWN, Lasts, failure_of
from helpdesk.threading.lifecycle.ping_pong import likeness, reference_in, shingles
from helpdesk.threading.trust.addresses import canonical, rate_key


@pytest.mark.parametrize(
    ("status", "words", "lasts"),
    [
        ("5.1.1", "there is no mailbox of this address", Lasts.LONG),
        ("5.1.99", "the address is wrong", Lasts.LONG),
        ("5.2.2", "the mailbox is full", Lasts.SHORT),
        ("5.7.26", "the recipient's mail system refused it by its own rules", Lasts.NOT),
        ("5.0.0", "the recipient's mail system refused it for good", Lasts.SHORT),
        ("4.4.7", "it was tried again and again, and given up", Lasts.NOT),
        ("", UNKNOWN.words, Lasts.NOT),
        ("9.9.9", UNKNOWN.words, Lasts.NOT),
    ],
)
def test_a_status_in_words(status: str, words: str, lasts: Lasts) -> None:
    assert (failure_of(status).words, failure_of(status).lasts) == (words, lasts)


@given(st.text(max_size=20))
def test_every_text_has_a_failure(status: str) -> None:
    assert failure_of(status) in (*FAILURES.values(), UNKNOWN)


def test_nothing_that_may_pass_suppresses() -> None:
    assert all(one.lasts is Lasts.NOT for status, one in FAILURES.items() if status.startswith("4"))


@pytest.mark.parametrize(
    "spelling",
    ["a.nna@acme.example", "ANNA@Acme.Example", "anna+x@acme.example", "anna+@acme.example", "(hi)anna@acme.example", '"anna"@acme.example',
     "anna@acme.example.", " an.na+7.8@acme.example"],
)  # fmt: skip
def test_spellings_of_one_mailbox(spelling: str) -> None:
    assert rate_key(spelling) == "anna@acme.example"


@given(st.from_regex(r"[a-z]{1,10}(\.[a-z]{1,10})?(\+[a-z]{1,5})?@[a-z]{1,10}\.example", fullmatch=True))
def test_a_spelling_of_a_spelling_is_the_same(address: str) -> None:
    assert rate_key(rate_key(address)) == rate_key(address) == rate_key(address.upper())
    assert canonical(rate_key(address)) == rate_key(address)


@given(st.text(max_size=60))
def test_every_text_has_a_spelling(text: str) -> None:
    assert rate_key(text)


@pytest.mark.parametrize(
    ("subject", "reference"),
    [
        ("[#123] Printer", "[#123]"),
        ("Re: [Ticket#2026-0815] Printer", "[Ticket#2026-0815]"),
        ("(Case 00012345) Printer", "(Case 00012345)"),
        ("Printer [ABC-123]", "[ABC-123]"),
        ("Printer ref:_00D1x.500x:ref", ""),
        ("Printer ref:_00D1x_500x:ref", "ref:_00D1x_500x:ref"),
        ("Your request #456789 was received", "#456789"),
        ("[ACZ-K7Q2M9] Printer", ""),
        ("[EXTERNAL] Printer", ""),
        ("Printer (urgent)", ""),
        ("Printer [2026]", ""),
        ("Room 12 is cold", ""),
        ("", ""),
    ],
)
def test_the_reference_of_another_system(subject: str, reference: str) -> None:
    assert reference_in(subject, "ACZ-K7Q2M9") == reference


@given(st.text(max_size=400))
def test_a_reference_stands_in_its_subject(subject: str) -> None:
    assert reference_in(subject, "ACZ-K7Q2M9") in subject


@given(st.text(max_size=200), st.text(max_size=200))
def test_likeness_is_a_share(one: str, other: str) -> None:
    assert 0 <= likeness(shingles(one), shingles(other)) == likeness(shingles(other), shingles(one)) <= 1
    assert likeness(shingles(one), shingles(one)) == 1


def test_alike_but_for_its_numbers() -> None:
    one = shingles("Thank you for your mail. Your case has the number 4711.")
    assert likeness(one, shingles("Thank you for your mail. Your case has the number 4712!")) == 1
    assert likeness(one, shingles("The printer on the second floor jams.")) == 0
