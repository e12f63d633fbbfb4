"""Group commit: one transaction for all that waits, and no mail pays for another one's fault."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.servers.smtp_door import NOON, ListStore

from helpdesk.gateway import intake as module
from helpdesk.gateway.intake import Intake, NotStored
from helpdesk.threading.model.mail import RawMessage


def mail(content: bytes = b"x") -> RawMessage:
    return RawMessage("smtp", None, content, NOON)


@asynccontextmanager
async def opened(store: Callable[[Sequence[RawMessage]], list[int]], **limits: Any) -> AsyncIterator[Intake]:
    intake = Intake(store, lambda: None, **limits)
    try:
        yield intake
    finally:
        if isinstance(store, ListStore):
            store.open.set()
        await asyncio.to_thread(intake.close)


async def begun(store: ListStore, intake: Intake, content: bytes = b"first") -> "asyncio.Task[int]":
    """A mail whose commit has begun and waits in the store."""
    store.entered.clear()
    task = asyncio.create_task(intake.accept(mail(content)))
    await asyncio.to_thread(store.entered.wait, 30)
    return task


def blocked(failure: Callable[[RawMessage], bool] = lambda raw: False) -> ListStore:
    store = ListStore(failure=failure)
    store.open.clear()
    return store


async def waiting(intake: Intake, contents: list[bytes]) -> "list[asyncio.Task[int]]":
    tasks = [asyncio.create_task(intake.accept(mail(content))) for content in contents]
    await asyncio.sleep(0)  # each has begun, and waits
    return tasks


def test_all_that_waits_is_one_transaction() -> None:
    async def story() -> None:
        store = blocked()
        async with opened(store) as intake:
            first = await begun(store, intake)
            others = await waiting(intake, [b"%d" % number for number in range(50)])
            store.open.set()
            assert await asyncio.gather(first, *others) == list(range(51))
        assert store.batches == [1, 50]
        assert [raw.content for raw in store.mails[1:]] == [b"%d" % number for number in range(50)]

    asyncio.run(story())


def test_a_batch_is_bounded_in_number_and_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_MAILS", 3)
    monkeypatch.setattr(module, "BATCH_BYTES", 100)

    async def story() -> None:
        store = blocked()
        async with opened(store) as intake:
            tasks = [await begun(store, intake)]
            tasks += await waiting(intake, [b"a", b"b", b"c", b"d", b"x" * 99, b"y", b"z" * 500, b"e"])
            store.open.set()
            await asyncio.gather(*tasks)
        assert store.batches == [1, 3, 2, 1, 1, 1]

    asyncio.run(story())


@given(st.lists(st.booleans(), min_size=1, max_size=8))
def test_one_bad_mail_refuses_itself_alone(bad: list[bool]) -> None:
    async def story() -> None:
        store = blocked(failure=lambda raw: raw.content.startswith(b"bad"))
        async with opened(store) as intake:
            first = await begun(store, intake)
            tasks = await waiting(intake, [b"bad" if one else b"%d" % number for number, one in enumerate(bad)])
            store.open.set()
            outcomes = await asyncio.gather(first, *tasks, return_exceptions=True)
        assert [isinstance(outcome, NotStored) for outcome in outcomes] == [False, *bad]
        assert len(store.mails) == 1 + bad.count(False)

    asyncio.run(story())


def test_a_store_that_is_away_is_not_asked_for_every_mail() -> None:
    asked: list[int] = []
    store = blocked()

    def away(raws: Sequence[RawMessage]) -> list[int]:
        store(raws)
        asked.append(len(raws))
        raise OSError("away")

    async def story() -> None:
        intake = Intake(away, lambda: None, monotonic=lambda: 10.0 * len(asked))  # each try takes ten seconds
        first = await begun(store, intake)
        tasks = await waiting(intake, [b"x"] * 20)
        store.open.set()
        outcomes = await asyncio.gather(first, *tasks, return_exceptions=True)
        assert all(isinstance(outcome, NotStored) for outcome in outcomes)
        await asyncio.to_thread(intake.close)
        assert asked == [1, 20, 1, 1]

    asyncio.run(story())


def test_more_than_may_wait_is_refused_at_once() -> None:
    async def story() -> None:
        store = blocked()
        async with opened(store, max_waiting=2, max_waiting_bytes=10) as intake:
            tasks = [await begun(store, intake)]
            tasks += await waiting(intake, [b"x" * 50])  # alone it may be of any size
            with pytest.raises(NotStored):
                await intake.accept(mail(b"y"))
            store.open.set()
            await asyncio.gather(*tasks)
            store.open.clear()
            tasks = [await begun(store, intake), *await waiting(intake, [b"1", b"2"])]
            with pytest.raises(NotStored):
                await intake.accept(mail(b"3"))
            store.open.set()
            await asyncio.gather(*tasks)
        assert len(store.mails) == 5

    asyncio.run(story())


def test_a_commit_goes_on_when_nobody_waits_for_it() -> None:
    async def story() -> None:
        store = blocked()
        async with opened(store) as intake:
            first = await begun(store, intake)
            second, third = await waiting(intake, [b"second", b"third"])
            first.cancel()
            second.cancel()
            store.open.set()
            assert await third == 2
            assert first.cancelled() or second.cancelled()
        assert [raw.content for raw in store.mails] == [b"first", b"second", b"third"]

    asyncio.run(story())


def test_closing_finishes_what_waits_and_refuses_what_comes() -> None:
    async def story() -> None:
        store = blocked()
        intake = Intake(store, lambda: None)
        first = await begun(store, intake)
        tasks = await waiting(intake, [b"second"])
        closing = asyncio.create_task(asyncio.to_thread(intake.close))
        while not intake._closing.is_set():
            await asyncio.sleep(0)
        with pytest.raises(NotStored):
            await intake.accept(mail())
        store.open.set()
        await closing
        assert await asyncio.gather(first, *tasks) == [0, 1]

    asyncio.run(story())


def test_whoever_works_on_new_mail_is_woken_after_each_commit_and_cannot_break_it() -> None:
    woken: list[int] = []

    async def story() -> None:
        store = ListStore()

        def wake() -> None:
            woken.append(len(store.mails))
            raise RuntimeError("asleep")

        intake = Intake(store, wake)
        assert await intake.accept(mail()) == 0
        assert await intake.accept(mail()) == 1
        await asyncio.to_thread(intake.close)

    asyncio.run(story())
    assert woken == [1, 2]


def test_a_loop_that_has_ended_does_not_stop_the_intake() -> None:
    store = blocked()
    intake = Intake(store, lambda: None)

    async def leave() -> None:
        await begun(store, intake)

    with pytest.raises(asyncio.CancelledError):
        loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete(leave())
            (left,) = asyncio.all_tasks(loop)
            left.cancel()
            loop.run_until_complete(left)
        finally:
            loop.close()
    store.open.set()

    async def later() -> int:
        return await intake.accept(mail(b"later"))

    assert asyncio.run(later()) == 1
    intake.close()


def test_a_large_mail_holds_up_no_small_one() -> None:
    may_go_on = threading.Event()
    stored: list[int] = []

    def store(raws: Sequence[RawMessage]) -> list[int]:
        if len(raws[0].content) > module.LARGE:
            assert may_go_on.wait(5)
        stored.extend(len(raw.content) for raw in raws)
        return list(range(len(raws)))

    async def story() -> None:
        async with opened(store) as intake:
            large = asyncio.create_task(intake.accept(mail(b"x" * (module.LARGE + 1))))
            await asyncio.sleep(0)
            await intake.accept(mail(b"small"))
            assert stored == [5] and not large.done()
            may_go_on.set()
            await large

    asyncio.run(story())


def test_mails_that_arrive_together_are_committed_together() -> None:
    """Even if the first commit could begin while the second mail is being taken."""

    async def story() -> None:
        store = ListStore()
        async with opened(store) as intake:
            first = asyncio.create_task(intake.accept(mail(b"first")))
            asyncio.get_running_loop().call_soon(store.entered.wait, 0.2)  # holds up the loop, but not the intake's thread
            second = asyncio.create_task(intake.accept(mail(b"second")))
            await asyncio.gather(first, second)
        assert store.batches == [2]

    asyncio.run(story())
