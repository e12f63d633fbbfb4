"""Mutated mails, our own and those of the public corpora: each gives a reading that keeps its promises. The campaign is `fuzz_reading`."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.campaigns import fuzz_reading
from support.campaigns.bad_mails import BAD, dies, hangs, raises
from support.campaigns.fuzz_reading import Check, Flock, shares
from support.mails.mails import mail
from support.mails.mutated_mails import CORPORA, check, corpus, mail_of

from helpdesk.threading.parsing.degraded import read_degraded
from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.parsed import Reading

SLICE = 4_000  # `make campaign` reads as many as it is asked for


def test_a_fixed_slice_of_mutated_mails_keeps_the_promises_of_a_reading() -> None:
    fuzz_reading.run(1, SLICE)


def test_a_seed_and_a_number_make_the_same_mail_again() -> None:
    assert mail_of(3, 11) == mail_of(3, 11)
    assert len({mail_of(seed, number) for seed in range(3) for number in range(50)}) > 140


def test_every_number_is_read_once() -> None:
    assert [number for numbers in shares(103, 4) for number in numbers] == list(range(103))


def test_a_reading_that_shows_nothing_breaks_a_promise() -> None:
    content = mail("Hello", subject="Hi")
    reading = read(content)
    hidden = replace(
        reading.message, subject="", author=None, authors=(), text="", reply_text="", elided_text="", signature="", defects=()
    )
    check(content, reading)
    with pytest.raises(AssertionError, match="nothing to see"):
        check(content, Reading(hidden, {}))


@pytest.mark.parametrize(
    ("check_one", "reason"), [(raises, "said by the check"), (dies, "exit code 3"), (hangs, "no end within")]
)
def test_a_bad_mail_is_found_and_written_down_and_the_others_are_still_read(
    check_one: Check, reason: str, tmp_path: Path
) -> None:
    flock = Flock(5, 40, check_one, processes=2, folder=tmp_path)
    with pytest.raises(AssertionError, match=reason):
        flock.run()
    assert [(failure.seed, failure.number) for failure in flock.failures] == [(5, BAD)]
    assert (tmp_path / "seed_5_mail_7.eml").read_bytes() == mail_of(5, BAD)


def test_the_public_corpora_keep_the_promises_of_a_reading() -> None:
    if not CORPORA.is_dir():
        pytest.skip(f"the public corpora are not at {CORPORA}")
    for content in corpus()[::4]:
        check(content, read(content))


@given(st.binary(max_size=2000))
@settings(max_examples=60, deadline=None)
def test_any_octets_give_a_reading(content: bytes) -> None:
    check(content, read(content))
    check(content, read_degraded(content))


@given(
    st.text(max_size=500),
    st.sampled_from(
        [
            "text/plain",
            "text/html",
            "multipart/mixed; boundary=x",
            "message/rfc822",
            "multipart/report; report-type=delivery-status; boundary=x",
        ]
    ),
)
@settings(max_examples=60, deadline=None)
def test_any_body_of_any_type_gives_a_reading(body: str, content_type: str) -> None:
    content = mail(body.encode("utf-8", "replace"), mime_version="1.0", content_type=content_type)
    check(content, read(content))
