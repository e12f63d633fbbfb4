"""All effects of a cause in one transaction, or none, and never twice."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select
from support.desk.outcomes import (
    ANNA,
    NOW,
    OMAR,
    blob_store,
    customer_message,
    events_up_to,
    internal_note,
    letter,
    mail_cause,
    new_ticket,
    opening,
    stored_and_claimed,
    without_effect,
)

from helpdesk.store.blobs import BlobStore
from helpdesk.store.cause import LostClaim, Outcome
from helpdesk.store.database import Database, StaleTicket, Unstorable
from helpdesk.store.inbound import find_inbound
from helpdesk.store.inbox_positions import give_positions
from helpdesk.store.platform import PlatformCause, list_inbox, waiting_replies
from helpdesk.store.record import EFFECTS, record, record_all
from helpdesk.store.schema import (
    event,
    inbound,
    known_id,
    message,
    metadata,
    outbox,
    platform_inbox,
    platform_reply,
    related,
    ticket,
    timer,
)
from helpdesk.store.schema import (
    internal_note as notes,
)
from helpdesk.store.tickets import tickets_by_id
from helpdesk.store.timers import TimerCause, timers_of
from helpdesk.threading.letters.order import CustomerFacts, LetterOrder, LetterWords
from helpdesk.threading.lifecycle.decision import Contribution, Decision, Grounds, TimerChanges
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Participant, ParticipantState, Role
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.model.timer import Timer, TimerKind


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return blob_store(tmp_path)


def counts(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }


def changed(one: Ticket, **changes: Any) -> Ticket:
    return replace(one, version=one.version + 1, event_count=one.event_count + 1, **changes)


def reply_to(one: Ticket, cause: Any, **changes: Any) -> Outcome:
    """A customer's reply to a ticket as it was read."""
    after = changed(one, **changes)
    decision = Decision(
        Disposition.THREADED,
        "the token names the ticket",
        Grounds(Assurance.AUTHENTICATED),
        ticket=after,
        expected_version=one.version,
        events=events_up_to(after.event_count, 1),
        adds=Contribution(message=customer_message("It works now.")),
    )
    return Outcome(cause, decision, (letter(after, Notice.CUSTOMER_REPLY, OMAR),), NOW, "node-1")


def opened(database: Database, blobs: BlobStore, **changes: Any) -> Ticket:
    one = new_ticket(**changes)
    [claimed] = stored_and_claimed(database, blobs)
    assert record_all(database, [opening(claimed, one)]) == []
    return one


def test_an_opening_mail_leaves_all_its_rows(database: Database, blobs: BlobStore) -> None:
    [claimed] = stored_and_claimed(database, blobs)
    other = opened(database, blobs)
    before = counts(database)
    outcome = opening(claimed, related=(other.id,), seen_ids=("seen@acme.example", "seen@acme.example"))
    assert record_all(database, [outcome]) == []
    after = counts(database)
    grown = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    # Ids: the mail's own, the one it mentioned, and those of two letters.
    assert grown == {
        "ticket": 1, "participant": 2, "message": 1, "search_words": 1, "event": 2, "known_id": 4, "related": 1, "outbox": 2, "platform_inbox": 2,
        "platform_thread": 1, "timer": 1,
    }  # fmt: skip
    one = outcome.decision.ticket
    assert one is not None
    with database.reading() as connection:
        assert tickets_by_id(connection, [one.id]) == {one.id: one}
        row = connection.execute(select(inbound).where(inbound.c.id == claimed.id)).one()
        assert (row.state, row.ticket_id, row.finished_at) == ("opened", one.id, NOW)
        assert (row.lease_until, row.lease_token) == (None, None)
        causes = connection.execute(select(message.c.cause).union(select(event.c.cause), select(outbox.c.cause))).scalars()
        assert f"mail:{claimed.id}" in set(causes)
        [due] = timers_of(connection, one.id)
        assert (due.kind, due.due_at, due.state) == (TimerKind.TARGET, NOW + timedelta(hours=8), "pending")


def test_each_effect_is_undone_with_the_others(database: Database, blobs: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The power fails behind each of the statements in turn: nothing stays behind, and then all of it can be recorded."""

    class PowerCut(Exception):
        pass

    def cut(outcome: Outcome) -> Any:
        raise PowerCut

    [claimed] = stored_and_claimed(database, blobs)
    outcome = opening(claimed, note=internal_note("careful"))
    before = counts(database)
    for place in range(len(EFFECTS) + 1):
        monkeypatch.setattr("helpdesk.store.record.EFFECTS", (*EFFECTS[:place], ({}, cut)))
        with pytest.raises(PowerCut):
            record_all(database, [outcome])
        assert counts(database) == before
    monkeypatch.undo()
    assert record_all(database, [outcome]) == []
    assert counts(database)["internal_note"] == 1


def test_a_ticket_that_changed_meanwhile_is_stale(database: Database, blobs: BlobStore) -> None:
    one = opened(database, blobs)
    first, second = stored_and_claimed(database, blobs, 2)
    assert record_all(database, [reply_to(one, mail_cause(first))]) == []
    before = counts(database)
    [lost] = record_all(database, [reply_to(one, mail_cause(second))])
    assert isinstance(lost.fault, StaleTicket)
    assert counts(database) == before
    assert record_all(database, [reply_to(changed(one), mail_cause(second))]) == []
    with database.reading() as connection:
        numbers = connection.execute(select(event.c.number).order_by(event.c.number)).scalars().all()
    assert numbers == [1, 2, 3, 4]


def test_in_a_batch_the_others_still_land(database: Database, blobs: BlobStore) -> None:
    one = opened(database, blobs)
    mails = stored_and_claimed(database, blobs, 5)
    good, stale, lost = opening(mails[0]), reply_to(replace(one, version=7), mail_cause(mails[1])), opening(mails[2])
    lost = replace(lost, cause=replace(mail_cause(mails[2]), lease_token=1))
    huge = opening(mails[3], new_ticket(escalation_level=2**70))
    last = reply_to(one, mail_cause(mails[4]))
    unrecorded = record_all(database, [good, stale, lost, huge, last])
    assert [entry.outcome for entry in unrecorded] == [stale, lost, huge]
    assert [type(entry.fault) for entry in unrecorded] == [StaleTicket, LostClaim, Unstorable]
    with database.reading() as connection:
        states = [find_inbound(connection, str(mail.id))[0].state for mail in mails]
    assert states == ["opened", "pending", "pending", "pending", "threaded"]


def test_a_batch_may_carry_a_ticket_through_several_versions(database: Database, blobs: BlobStore) -> None:
    one = opened(database, blobs)
    first, second = stored_and_claimed(database, blobs, 2)
    later = changed(one)
    assert record_all(database, [reply_to(one, mail_cause(first)), reply_to(later, mail_cause(second))]) == []
    with database.reading() as connection:
        assert tickets_by_id(connection, [one.id])[one.id].version == 3


def test_of_two_replies_in_a_batch_that_expect_one_version_the_second_is_stale(database: Database, blobs: BlobStore) -> None:
    one = opened(database, blobs)
    first, second = (reply_to(one, mail_cause(claimed)) for claimed in stored_and_claimed(database, blobs, 2))
    assert [entry.outcome for entry in record_all(database, [first, second])] == [second]


def test_a_mail_that_came_twice_opens_one_ticket(database: Database, blobs: BlobStore) -> None:
    first, second, third = stored_and_claimed(database, blobs, 3)
    outcomes = [opening(claimed, cause=mail_cause(claimed, "f" * 64)) for claimed in (first, second)]
    assert [type(entry.fault) for entry in record_all(database, outcomes)] == [StaleTicket]
    one = outcomes[0].decision.ticket
    assert one is not None
    # Nor does the same mail thread twice into one ticket; into another ticket it does.
    again = reply_to(one, mail_cause(third, "f" * 64))
    assert [type(entry.fault) for entry in record_all(database, [again])] == [StaleTicket]
    other = opened(database, blobs)
    assert record_all(database, [reply_to(other, mail_cause(third, "f" * 64))]) == []
    # And discarding the copy is no effect.
    dropped = without_effect(second, Disposition.DISCARDED)
    assert record_all(database, [replace(dropped, cause=mail_cause(second, "f" * 64))]) == []


@pytest.mark.parametrize("same_fingerprint", [True, False])
def test_nodes_that_race_have_one_effect(open_database: Callable[[], Database], blobs: BlobStore, same_fingerprint: bool) -> None:
    """Same mail by several doors, or several mails for one version of a ticket: one node wins, the others look again."""
    nodes = [open_database() for _ in range(4)]
    one = opened(nodes[0], blobs)
    claims = stored_and_claimed(nodes[0], blobs, len(nodes))
    together = threading.Barrier(len(nodes))

    def outcome(number: int) -> Outcome:
        if same_fingerprint:
            return opening(claims[number], cause=mail_cause(claims[number], "f" * 64))
        return reply_to(one, mail_cause(claims[number]))

    def work(number: int) -> list[Any]:
        together.wait()
        return [entry.fault for entry in record_all(nodes[number], [outcome(number)])]

    with ThreadPoolExecutor(len(nodes)) as pool:
        faults = [fault for found in pool.map(work, range(len(nodes))) for fault in found]
    assert [type(fault) for fault in faults] == [StaleTicket] * (len(nodes) - 1)
    assert counts(nodes[0])["message"] == 2


def test_nodes_that_lock_each_other_out_still_record_everything_once(
    open_database: Callable[[], Database], blobs: BlobStore
) -> None:
    """Two nodes hold the same mails in opposite order: whatever the database does about it, each is recorded once."""
    nodes = [open_database() for _ in range(2)]
    for round_number in range(10):
        claims = stored_and_claimed(nodes[0], blobs, 12)
        prints = [f"{round_number:032x}{number:032x}" for number in range(6)]
        halves = [
            [opening(claim, cause=mail_cause(claim, print_)) for claim, print_ in zip(claims[:6], prints, strict=True)],
            [opening(claim, cause=mail_cause(claim, print_)) for claim, print_ in zip(claims[6:], prints[::-1], strict=True)],
        ]
        together = threading.Barrier(2)

        def work(number: int, halves: Any = halves, together: Any = together) -> list[Any]:
            together.wait()
            return record_all(nodes[number], halves[number])

        with ThreadPoolExecutor(2) as pool:
            unrecorded = [entry for found in pool.map(work, range(2)) for entry in found]
        # Who lost by a deadlock alone looks again, and finds either the effect or a free place.
        for entry in unrecorded:
            assert isinstance(entry.fault, StaleTicket)
            record_all(nodes[0], [entry.outcome])
        assert counts(nodes[0])["ticket"] == 6 * (round_number + 1)


def test_one_cause_writes_one_letter_to_a_person_for_a_notice(database: Database, blobs: BlobStore) -> None:
    [claimed] = stored_and_claimed(database, blobs)
    one = new_ticket()
    for about in (one, None):
        twice = (letter(about), letter(about))
        [refused] = record_all(database, [opening(claimed, one, letters=twice)])
        assert isinstance(refused.fault, StaleTicket)
    assert record_all(database, [opening(claimed, one, letters=(letter(one), letter(one, Notice.ANSWER)))]) == []


def test_a_customer_without_an_address_has_the_inbox_alone(database: Database, blobs: BlobStore) -> None:
    [claimed] = stored_and_claimed(database, blobs)
    person = Participant(1, Role.CUSTOMER, "", "Anna")
    one = new_ticket(account="acme", participants=(person,))
    assert record_all(database, [opening(claimed, one, letters=(letter(one, to=""),))]) == []
    assert counts(database)["outbox"] == 0
    give_positions(database)
    with database.reading() as connection:
        rows = list_inbox(connection, account_id="acme")
    assert [(row.direction, row.contact_address) for row in rows] == [("customer", ""), ("support", "")]


def test_the_inbox_has_what_the_customer_wrote_and_got(database: Database, blobs: BlobStore) -> None:
    [claimed] = stored_and_claimed(database, blobs)
    attached = Attachment("guide.pdf", "application/pdf", 3, "a" * 64, None, False)
    one = new_ticket(account="acme", status=Status.IN_PROGRESS)
    answer = letter(one, Notice.ANSWER, body_text="See the guide.", body_html="<p>See the guide.</p>")
    order = LetterOrder(
        answer.id,
        Notice.ANSWER,
        one.participants[0],
        one,
        CustomerFacts(),
        automatic=False,
        words=LetterWords(attach=(attached,)),
    )
    held_back = letter(None, Notice.RECEIPT)
    outcome = opening(claimed, one, letters=(answer, letter(one, Notice.NEW_TICKET, OMAR), held_back))
    outcome = replace(outcome, decision=replace(outcome.decision, letters=(order,)))
    assert record_all(database, [outcome]) == []
    give_positions(database)
    with database.reading() as connection:
        written, got = list_inbox(connection, thread_key=one.thread_key)
        assert [row.id for row in list_inbox(connection, contact_address=ANNA)] == [written.id, got.id]
        assert list_inbox(connection, account_id="acme", after=written.position) == [got]
    assert (written.direction, written.notice, written.body_text) == ("customer", None, "The page says locked.")
    assert (got.direction, got.notice, got.body_text, got.body_html) == (
        "support", "answer", "See the guide.", "<p>See the guide.</p>",
    )  # fmt: skip
    assert [entry["filename"] for entry in got.attachments] == ["guide.pdf"]
    assert {row.status_after for row in (written, got)} == {"in_progress"}
    assert {(row.ticket, row.account_id, row.created_at) for row in (written, got)} == {(one.reference, "acme", NOW)}


@pytest.mark.parametrize("state", [None, ParticipantState.UNVERIFIED, ParticipantState.SEEN])
def test_a_stranger_who_wrote_into_a_conversation_does_not_find_it_in_his_own_inbox(
    database: Database, blobs: BlobStore, state: ParticipantState | None
) -> None:
    one = opened(database, blobs)
    [claimed] = stored_and_claimed(database, blobs)
    eve = "eve@elsewhere.example"
    people = one.participants if state is None else (*one.participants, Participant(3, Role.CUSTOMER, eve, "", state))
    outcome = reply_to(one, mail_cause(claimed), participants=people)
    words = customer_message("let me in", author=eve)
    outcome = replace(outcome, decision=replace(outcome.decision, adds=replace(outcome.decision.adds, message=words)))
    assert record_all(database, [outcome]) == []
    give_positions(database)
    with database.reading() as connection:
        assert list_inbox(connection, contact_address=eve) == []
        shown = [row.body_text for row in list_inbox(connection, contact_address=ANNA)]
    # Whom nobody has vouched for is read by staff alone: a reply address that leaked may be anybody's.
    assert ("let me in" in shown) is (state is not ParticipantState.UNVERIFIED)


def test_participants_come_in_and_change_but_keep_their_address(database: Database, blobs: BlobStore) -> None:
    one = opened(database, blobs)
    [claimed] = stored_and_claimed(database, blobs)
    people = (
        replace(one.participants[0], name="Anna B.", state=ParticipantState.UNVERIFIED),
        replace(one.participants[1], address="other@desk.example"),
        Participant(3, Role.CUSTOMER, "ben@acme.example", "Ben", ParticipantState.SEEN),
    )
    assert record_all(database, [reply_to(one, mail_cause(claimed), participants=people)]) == []
    with database.reading() as connection:
        found = tickets_by_id(connection, [one.id])[one.id].participants
    assert found == (people[0], one.participants[1], people[2])


def test_events_have_no_gap_and_versions_no_jump(database: Database, blobs: BlobStore) -> None:
    one = opened(database, blobs)
    [claimed] = stored_and_claimed(database, blobs)
    right = reply_to(one, mail_cause(claimed))
    after = right.decision.ticket
    assert after is not None
    wrong = {
        "gap before": replace(right.decision, ticket=replace(after, event_count=4), events=events_up_to(4, 1)),
        "not its last": replace(right.decision, events=events_up_to(4, 1)),
        "two for one": replace(right.decision, events=events_up_to(3, 1) * 2),
        "version jumps": replace(right.decision, ticket=replace(after, version=9)),
        "version stays": replace(right.decision, ticket=replace(after, version=one.version)),
        "new with a past": replace(right.decision, expected_version=None),
        "no ticket": replace(right.decision, ticket=None),
    }
    before = counts(database)
    for name, decision in wrong.items():
        [refused] = record_all(database, [replace(right, decision=decision)])
        assert isinstance(refused.fault, Unstorable if name != "gap before" else StaleTicket), name
        assert counts(database) == before
    assert record_all(database, [right]) == []


def test_a_decision_may_refer_to_a_ticket_and_leave_it_as_it_is(database: Database, blobs: BlobStore) -> None:
    one = opened(database, blobs)
    [claimed] = stored_and_claimed(database, blobs)
    seen = without_effect(claimed, Disposition.DISCARDED)
    seen = replace(seen, decision=replace(seen.decision, ticket=one, expected_version=one.version))
    assert record_all(database, [seen]) == []
    with database.reading() as connection:
        assert find_inbound(connection, str(claimed.id))[0].ticket == one.reference
        assert tickets_by_id(connection, [one.id])[one.id] == one


def waiting_reply(database: Database) -> int:
    with database.writing() as connection:
        connection.execute(insert(platform_reply).values(account_id="acme", body_text="hello", attachments=[]))
    return waiting_replies(database, NOW, 10)[-1].id


def test_a_platform_reply_is_taken_once_with_its_effect(database: Database) -> None:
    cause = PlatformCause(waiting_reply(database))
    one = new_ticket()
    decision = Decision(
        Disposition.OPENED,
        "",
        Grounds(Assurance.PLATFORM),
        ticket=one,
        events=events_up_to(2, 2),
        adds=Contribution(message=customer_message()),
    )
    outcome = Outcome(cause, decision, (), NOW, "node-1")
    with pytest.raises(LostClaim):
        record_twice(database, outcome)
    assert counts(database)["ticket"] == 0
    assert record_all(database, [outcome]) == []
    assert waiting_replies(database, NOW, 10) == []
    assert [type(entry.fault) for entry in record_all(database, [outcome])] == [LostClaim]
    with database.reading() as connection:
        row = connection.execute(select(platform_reply)).one()
        assert (row.taken_at, row.error) == (NOW, None)
        assert connection.execute(select(message.c.cause)).scalar() == f"platform:{cause.reply_id}"


def record_twice(database: Database, outcome: Outcome) -> None:
    with database.writing() as connection:
        record(connection, outcome)
        record(connection, outcome)


def test_a_refused_platform_reply_says_why_in_its_row(database: Database) -> None:
    cause = PlatformCause(waiting_reply(database))
    refusal = Decision(Disposition.REFUSED, "the ticket belongs to another account", Grounds(Assurance.PLATFORM))
    assert record_all(database, [Outcome(cause, refusal, (), NOW, "node-1")]) == []
    with database.reading() as connection:
        row = connection.execute(select(platform_reply)).one()
    assert (row.taken_at, row.error) == (None, "the ticket belongs to another account")
    assert waiting_replies(database, NOW, 10) == []


def test_a_timer_fires_once(database: Database, blobs: BlobStore) -> None:
    one = opened(database, blobs)
    cause = TimerCause(one.id, TimerKind.TARGET, 1)
    outcome = reply_to(one, cause)
    assert record_all(database, [outcome]) == []
    assert [type(entry.fault) for entry in record_all(database, [reply_to(changed(one), cause)])] == [LostClaim]
    with database.reading() as connection:
        assert [entry.state for entry in timers_of(connection, one.id)] == ["fired"]
        causes = connection.execute(select(event.c.cause).where(event.c.number == 3)).scalars().all()
    assert causes == [f"timer:{one.id}:target:1"]


def test_a_cancelled_timer_does_not_fire_and_a_new_one_can_be_set_with_it(database: Database, blobs: BlobStore) -> None:
    one, other = opened(database, blobs), opened(database, blobs)
    [claimed] = stored_and_claimed(database, blobs)
    outcome = reply_to(one, mail_cause(claimed))
    again = Timer(TimerKind.TARGET, 2, NOW)
    decision = replace(outcome.decision, timers=TimerChanges((again,), (TimerKind.TARGET,)))
    assert record_all(database, [replace(outcome, decision=decision)]) == []
    [lost] = record_all(database, [reply_to(changed(one), TimerCause(one.id, TimerKind.TARGET, 1))])
    assert isinstance(lost.fault, LostClaim)
    with database.reading() as connection:
        assert {entry.occurrence: entry.state for entry in timers_of(connection, one.id)} == {1: "cancelled", 2: "pending"}
        assert [entry.state for entry in timers_of(connection, other.id)] == ["pending"]


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(st.characters(codec=None), max_size=40), key=st.text(st.characters(codec=None), min_size=1, max_size=9))
@example(words="nul \0, high \ud800 and low \udfff", key="\0\ud800")
@example(words="nul \0 alone", key="k")
def test_any_text_is_stored_as_the_same_rows_on_both_databases(
    sqlite_url: str, postgresql_url: str, tmp_path: Path, words: str, key: str
) -> None:
    kept = []
    for url in (sqlite_url, postgresql_url):
        database = Database(url)
        [claimed] = stored_and_claimed(database, blob_store(tmp_path))
        one = new_ticket(subject=words, category=words)
        attachments: tuple[dict[str, object], ...] = ({"filename": words, key: [words, None, 3]},)
        said = replace(customer_message(words), attachments=attachments, message_id=words or None)
        note = internal_note(words)
        outcome = opening(claimed, one, message=said, note=note, reason=words, seen_ids=(words, words * 400))
        assert record_all(database, [outcome]) == []
        with database.reading() as connection:
            row = connection.execute(select(message).where(message.c.ticket_id == one.id)).one()
            [why] = find_inbound(connection, str(claimed.id))
            ids = select(known_id.c.message_id).where(known_id.c.ticket_id == one.id)
            mentioned = set(connection.execute(ids).scalars()) & {row.message_id, words}
            noted = connection.execute(select(notes.c.text).where(notes.c.ticket_id == one.id)).scalar()
            subject = connection.execute(select(ticket.c.subject).where(ticket.c.id == one.id)).scalar()
            kept.append((row.text, row.attachments, row.message_id, why.decision["reason"], mentioned, noted, subject))
        database.close()
    assert kept[0] == kept[1]
    assert kept[0][0] == "".join("\ufffd" if letter == "\0" or "\ud800" <= letter <= "\udfff" else letter for letter in words)


def test_a_very_long_message_id_is_kept_and_found_again(database: Database, blobs: BlobStore) -> None:
    [claimed] = stored_and_claimed(database, blobs)
    # Random letters: PostgreSQL would compress a repeated one until it fits into an index.
    long_id = "".join(chr(0x4E00 + (number * 7919) % 20000) for number in range(20_000)) + "@acme.example"
    cause = replace(mail_cause(claimed), message_id=long_id)
    assert record_all(database, [opening(claimed, cause=cause, seen_ids=(long_id + "x",))]) == []
    with database.reading() as connection:
        assert [found.id for found in find_inbound(connection, long_id)] == [claimed.id]


@pytest.mark.parametrize("disposition", list(Disposition)[1:])
def test_only_a_mail_with_an_effect_leads_to_its_ticket_by_its_id(
    database: Database, blobs: BlobStore, disposition: Disposition
) -> None:
    one = opened(database, blobs)
    [claimed] = stored_and_claimed(database, blobs)
    decision = replace(without_effect(claimed, disposition).decision, ticket=one, expected_version=one.version)
    assert record_all(database, [replace(without_effect(claimed), decision=decision)]) == []
    with database.reading() as connection:
        ids = connection.execute(select(known_id.c.message_id)).scalars().all()
    leads = disposition in ("opened", "threaded", "noted", "reported")
    assert (f"m{claimed.id}@acme.example" in ids) is leads


def test_links_between_tickets_are_kept_once(database: Database, blobs: BlobStore) -> None:
    one, other = opened(database, blobs), opened(database, blobs)
    for _ in range(2):
        [claimed] = stored_and_claimed(database, blobs)
        outcome = reply_to(one, mail_cause(claimed))
        assert (
            record_all(database, [replace(outcome, decision=replace(outcome.decision, adds=Contribution(related=(other.id,))))])
            == []
        )
        one = changed(one)
    assert counts(database)["related"] == 1
    with database.reading() as connection:
        assert connection.execute(select(related)).all() == [(one.id, other.id)]


def test_a_letter_waits_for_its_time(database: Database, blobs: BlobStore) -> None:
    [claimed] = stored_and_claimed(database, blobs)
    one = new_ticket()
    later = NOW + timedelta(seconds=30)
    letters = (letter(one, not_before=later), letter(one, Notice.NEW_TICKET, OMAR))
    assert record_all(database, [opening(claimed, one, letters=letters)]) == []
    with database.reading() as connection:
        rows = connection.execute(select(outbox.c.next_attempt_at, outbox.c.state).order_by(outbox.c.id)).all()
        assert rows == [(later, "queued"), (NOW, "queued")]
        assert connection.execute(select(func.count()).select_from(platform_inbox)).scalar() == 2
        assert connection.execute(select(func.count()).select_from(timer)).scalar() == 1
