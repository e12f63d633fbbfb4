"""Which claimed mails may be decided while others are still being prepared."""

from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.desk.outcomes import NOW, raw_mail

from helpdesk.gateway.work.preparation import Key, Preparation, Preparations, in_order
from helpdesk.store.mail_claims import ClaimedMail

KEYS = st.frozensets(st.sampled_from([("sender", "a"), ("sender", "b"), ("ticket", 1), ("thread", "x")]), max_size=3)


@given(st.lists(st.tuples(KEYS, st.booleans()), max_size=12))
def test_a_mail_goes_when_no_earlier_one_that_is_tied_to_it_stays(mails: list[tuple[frozenset[Key], bool]]) -> None:
    goes = in_order(mails)
    for at, (keys, is_ready) in enumerate(mails):
        held_up = any(not goes[before] and not keys.isdisjoint(mails[before][0]) for before in range(at))
        assert goes[at] == (is_ready and not held_up)


def claim(number: int, *keys: Key, token: int = 7, turn: int = 0) -> ClaimedMail:
    sender = str(dict(keys).get("sender", ""))
    return ClaimedMail(number, token, 1, raw_mail(), keys=frozenset(keys), sender=sender, turn_at=NOW + timedelta(seconds=turn))


def preparation(mail: ClaimedMail, *, ready: bool = True) -> Preparation[int]:
    result: Future[int | None] = Future()
    if ready:
        result.set_result(mail.id)
    return Preparation(mail, result)


def test_a_slow_mail_holds_up_only_what_is_tied_to_it() -> None:
    woken: list[bool] = []
    preparations: Preparations[int] = Preparations(lambda: woken.append(True), patience=0)
    slow = preparation(claim(1, ("sender", "a")), ready=False)
    preparations.add([slow, preparation(claim(2, ("sender", "b"))), preparation(claim(3, ("sender", "a")))])
    assert preparations.take_ready() == ([2], [])
    assert not woken
    slow.result.set_result(1)
    assert woken
    assert preparations.take_ready() == ([1, 3], [])
    assert not preparations.wait_for_any()


def test_a_mail_that_was_put_back_leaves_no_item() -> None:
    preparations: Preparations[int] = Preparations(lambda: None)
    nothing: Future[int | None] = Future()
    nothing.set_result(None)
    preparations.add([Preparation(claim(1), nothing), preparation(claim(2))])
    assert preparations.take_ready() == ([2], [])
    assert len(preparations) == 0


def test_mails_behind_one_that_was_put_back_are_released() -> None:
    preparations: Preparations[int] = Preparations(lambda: None, patience=0)
    nothing: Future[int | None] = Future()
    nothing.set_result(None)
    anna, bert = ("sender", "a"), ("sender", "b")
    behind, slow, last, other = claim(2, anna), claim(3, anna, ("ticket", 1)), claim(4, ("ticket", 1)), claim(5, bert)
    late = preparation(slow, ready=False)
    preparations.add([Preparation(claim(1, anna), nothing), preparation(behind), late, preparation(last), preparation(other)])
    assert preparations.take_ready() == ([5], [behind])
    late.result.set_result(3)
    preparations.add([preparation(claim(6, bert))])
    assert preparations.take_ready() == ([6], [slow, last])
    assert len(preparations) == 0


def test_released_claims_are_forgotten() -> None:
    preparations: Preparations[int] = Preparations(lambda: None, patience=0)
    preparations.add([preparation(claim(1, token=7), ready=False), preparation(claim(2, token=8))])
    preparations.forget({7})
    assert preparations.take_ready() == ([2], [])
    assert len(preparations) == 0


def test_a_mail_that_is_claimed_anew_replaces_itself() -> None:
    preparations: Preparations[int] = Preparations(lambda: None, patience=0)
    preparations.add([preparation(claim(1, token=7), ready=False), preparation(claim(2, token=7), ready=False)])
    preparations.add([preparation(claim(1, token=8))])
    assert preparations.take_ready() == ([1], [])
    assert len(preparations) == 1


@pytest.mark.parametrize("again", [[1], [1, 2], [2], [3]], ids=str)
def test_mails_that_are_claimed_anew_stay_in_order(again: list[int]) -> None:
    """The lease of a claim has ended. The first mail had been decided or taken over, and was removed; the next claim has some of the mails."""
    preparations: Preparations[int] = Preparations(lambda: None, patience=0)
    mails = [
        claim(number, ("sender", "a"), turn=-number) for number in (3, 2, 1)
    ]  # their ids come from machines with different clocks
    first, *rest = mails
    preparations.add([preparation(first), *(preparation(mail, ready=False) for mail in rest)])
    assert preparations.take_ready() == ([3], [])
    preparations.add([preparation(replace(mail, lease_token=8)) for mail in mails if mail.id in again])
    waiting = [mail.id for mail in mails if mail.id in again or mail in rest]
    assert [held.mail.id for held in preparations._waiting] == waiting


def test_mails_behind_one_that_was_taken_over_are_released() -> None:
    preparations: Preparations[int] = Preparations(lambda: None, patience=0)
    anna, carl, one = ("sender", "a"), ("sender", "c"), ("ticket", 1)
    preparations.add([preparation(claim(1, carl, one)), preparation(claim(2, anna, one)), preparation(claim(3, carl))])
    preparations.add([preparation(claim(4, ("sender", "d")))])
    preparations.leave_behind([anna])
    items, released = preparations.take_ready()
    assert items == [1, 3, 4]
    assert [mail.id for mail in released] == [2]
