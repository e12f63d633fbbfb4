"""A desk with many messages: how long `#find` takes there beside the bare query of the index, and what the index costs a message."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median, quantiles
from typing import Any

from helpdesk.gateway.bench.folder import Folder
from helpdesk.gateway.bench.occasion import Occasion
from helpdesk.gateway.bench.report import Extra
from helpdesk.store.database import Database
from helpdesk.store.schema import message, participant, search_words, ticket
from helpdesk.store.search import bare_search, find_requests, search_row
from helpdesk.store.tickets import ticket_row
from helpdesk.templates.samples import sample_order
from helpdesk.threading.matching.search_words import sought_words
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Participant, Role
from helpdesk.threading.model.status import Status, WaitingOn
from helpdesk.threading.model.ticket import Ticket

CLOSED = {"status": Status.CLOSED, "waiting_on": WaitingOn.NOBODY}
MESSAGES_A_TICKET = 4
AT_ONCE = 5_000  # messages of one transaction
WORDS_A_MESSAGE = 90
VOCABULARY = 50_000  # words; the word of rank n is n times as rare as the first
REPEATED = 5  # times that each search is measured
LETTERS = "bcdfghjklmnprstv"
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
# The ranks of the words of each search: rare, usual and common words alone, and together.
SEARCHES: tuple[tuple[int, ...], ...] = (
    (40_000,), (5_000,), (500,), (50,), (5,), (1,), (30_000, 1), (500, 700), (50, 60, 70), (2, 3), (1, 2, 3, 4), (100, 45_000),
)  # fmt: skip


@dataclass(slots=True)
class IndexCost:
    """CPU seconds of this process for the words of messages: to find them in the text, and to write them."""

    messages: int = 0
    reading: float = 0.0
    writing: float = 0.0


@dataclass(frozen=True, slots=True)
class SearchTimes:
    """Milliseconds of searches, and of the bare query of the index for the same words."""

    found: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return median(self.found) / median(self.bare)


def measure_search(occasion: Occasion) -> Extra:
    """Measure searches among as many messages as the largest desk has tickets."""
    with closing(Folder(occasion.folder / "search", occasion.plan.server)) as folder:
        occasion.tell(f"search: loading {occasion.growth_to:,} messages")
        cost = fill(folder.database, occasion.growth_to, occasion.plan.seed)
        occasion.tell("search: searching")
        times = timed_searches(folder.database)
    read, write = (1e6 * spent / cost.messages for spent in (cost.reading, cost.writing))
    ninetieth = quantiles(times.found, n=10)[-1]
    values: dict[str, Any] = {
        "messages": cost.messages,
        "found_ms": round(median(times.found), 2),
        "found_ms_90": round(ninetieth, 2),
        "bare_ms": round(median(times.bare), 2),
        "ratio": round(times.ratio, 2),
        "words_us_a_message": round(read, 1),
        "written_us_a_message": round(write, 1),
    }
    lines = (
        f"{cost.messages:,} messages: #find median {median(times.found):.1f} ms, 90 of 100 below {ninetieth:.1f} ms",
        f"the bare query of the index: median {median(times.bare):.1f} ms; ratio {times.ratio:.2f}",
        f"CPU a message for its words: {read:.0f} µs to find them, {write:.0f} µs in this process to write them",
    )
    return Extra("search", lines, values)


def fill(database: Database, count: int, seed: int) -> IndexCost:
    """Write so many messages with their words, and say what the words have cost."""
    rng, cost = random.Random(seed), IndexCost()
    for start in range(0, count, AT_ONCE):
        _write(database, start, min(AT_ONCE, count - start), rng, cost)
    if not database.is_sqlite:
        with database.writing() as connection:
            connection.exec_driver_sql("ANALYZE")
    return cost


def timed_searches(database: Database) -> SearchTimes:
    """Time each search, and each bare query, `REPEATED` times, in turns."""
    times = SearchTimes()
    with database.reading() as connection:

        def milliseconds(search: Callable[[], object]) -> float:
            began = time.perf_counter()
            search()
            return 1000 * (time.perf_counter() - began)

        for _ in range(REPEATED):
            for ranks in SEARCHES:
                sought = sought_words(" ".join(word_of_rank(rank) for rank in ranks))
                times.bare.append(milliseconds(partial(bare_search, connection, sought)))
                times.found.append(milliseconds(partial(find_requests, connection, sought, lambda _: True)))
    return times


def _write(database: Database, start: int, count: int, rng: random.Random, cost: IndexCost) -> None:
    tickets = [_ticket(number, rng) for number in range(start, start + count, MESSAGES_A_TICKET)]
    messages = list(_messages(start, count, tickets, rng))
    began = time.process_time()
    words = [
        search_row(row["id"], tickets[place // MESSAGES_A_TICKET], row["author"], row["text"], (), row["subject"])
        for place, row in enumerate(messages)
    ]
    cost.messages += count
    cost.reading += time.process_time() - began
    with database.writing() as connection:
        connection.execute(ticket.insert(), [ticket_row(made) | CLOSED for made in tickets])
        connection.execute(participant.insert(), [_requester(made) for made in tickets])
        connection.execute(message.insert(), messages)
        began = time.process_time()
        connection.execute(search_words.insert(), words)
    cost.writing += time.process_time() - began


def word_of_rank(rank: int) -> str:
    """A made-up word, different for each rank."""
    letters = "".join(LETTERS[(rank >> shift) & 15] + "aeiou"[(rank >> shift) % 5] for shift in (12, 8, 4, 0))
    return f"{letters}x"


def _text(rng: random.Random) -> str:
    return " ".join(word_of_rank(int(VOCABULARY ** rng.random())) for _ in range(WORDS_A_MESSAGE))


def _messages(start: int, count: int, tickets: Sequence[Ticket], rng: random.Random) -> Iterator[dict[str, Any]]:
    for place in range(count):
        opened = tickets[place // MESSAGES_A_TICKET]
        number = start + place + 1
        yield {
            "id": number,
            "ticket_id": opened.id,
            "direction": "customer",
            "author": opened.participants[0].address,
            "assurance": Assurance.AUTHENTICATED,
            "text": _text(rng),
            "elided_text": "",
            "attachments": [],
            "message_id": f"m{number}@example.net",
            "at": opened.created_at + timedelta(minutes=place),
            "cause": f"mail:{number}",
            "version": 1,
            "subject": opened.subject,
        }


def _requester(opened: Ticket) -> dict[str, Any]:
    person = opened.participants[0]
    kept = {name: getattr(person, name) for name in ("number", "role", "address", "name", "state")}
    return kept | {"ticket_id": opened.id}


def _ticket(number: int, rng: random.Random) -> Ticket:
    person = Participant(1, Role.CUSTOMER, f"person{number % 5000}@mail{number % 400}.example.net", f"Person {number % 5000}")
    example = sample_order(Notice.ANSWER, "en").ticket
    assert example is not None
    return replace(
        example,
        requester=1,
        account=None,
        id=number + 1,
        reference=f"MEA-{number}",
        subject=" ".join(word_of_rank(int(VOCABULARY ** rng.random())) for _ in range(4)),
        thread_key=f"{number:032x}",
        created_at=BEGUN + timedelta(seconds=10 * number),
        participants=(person,),
    )
