"""Each row of the lifecycle as it happens to a customer who writes in English and to one who writes in German.

Everything happens by mail and by time passing, with one exception that no mail brings about: a request is triaged in the transaction in
which it is opened, so one that is still submitted is made in the store.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import select, update
from support.desk.story import Person, StoryDesk, configured, direct_desk
from support.mails.reports import letters_to, returns
from support.slices import some_of

from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.database import AnyRow
from helpdesk.store.schema import outbox, ticket
from helpdesk.threading.lifecycle.table import LIFECYCLE, Rule
from helpdesk.threading.model.notice import Notice as N
from helpdesk.threading.model.status import Status as S
from helpdesk.threading.model.status import Trigger as T

NORA = "nora@desk.example"
MORE = """
[[staff]]
name = "Nora Lind"
address = "nora@desk.example"
queues = ["billing"]
[plans.free]
answers = "self_service"
self_service = "https://www.example.com/help"
[plans.starter]
[plans.business]
first_response = "4h"
next_response = "4h"
resolution = "16h"
"""
ASKS = {
    "en": "Hello, the printer on the second floor jams with every page since this morning. Could you please help me with it?",
    "de": "Guten Tag, der Drucker im zweiten Stock zieht seit heute Morgen kein Papier mehr ein. Können Sie mir bitte helfen?",
}
STILL = {"en": "It jams again. What shall I do now?", "de": "Es klemmt schon wieder. Was soll ich jetzt tun?"}
THANKS = {"en": "Thank you very much!", "de": "Vielen Dank!"}
# What the customer reads, for each letter that the lifecycle sends.
SAID = {
    N.SELF_SERVICE: {"en": "no person answers requests", "de": "nicht von einer Person beantwortet"},
    N.CONFIRMATION: {"en": "Thank you for writing to us", "de": "vielen Dank für Ihre Nachricht"},
    N.ANSWER: {"en": "Open flap B.", "de": "Open flap B."},
    N.INFORMATION_REQUEST: {"en": "We have a question about your request", "de": "eine Rückfrage zu Ihrer Anfrage"},
    N.ESCALATION: {"en": "There is nothing you need to do.", "de": "Sie müssen nichts weiter tun."},
    N.RESOLUTION: {"en": "If it isn’t solved, just reply", "de": "Falls noch etwas offen ist, antworten Sie einfach"},
    N.REOPENED: {"en": "We have reopened your request", "de": "wir haben Ihre Anfrage wieder geöffnet"},
    N.PERMISSION_REQUEST: {
        "en": "May we make this change to your data?",
        "de": "dürfen wir diese Änderung an Ihren Daten vornehmen?",
    },
    N.REMINDER: {
        "en": "We’re still waiting for your answer to this question:",
        "de": "auf diese Frage fehlt uns noch Ihre Antwort:",
    },
    N.CLOSING: {"en": " closed", "de": " geschlossen"},
}


@dataclass(frozen=True)
class Case:
    """One desk, one request on it, and who is at work."""

    desk: StoryDesk
    anna: Person
    omar: Person
    language: str

    def staff(self, text: str) -> None:
        self.omar.replies(N.NEW_TICKET, text)

    def letters(self) -> list[AnyRow]:
        with self.desk.database.reading() as connection:
            return list(connection.execute(select(outbox).order_by(outbox.c.id)).all())

    def customer(self, words: dict[str, str]) -> None:
        self.anna.replies(N.CONFIRMATION, words[self.language])

    def waits_for(self, trigger: T, times: int = 1) -> None:
        """Time passes, in steps, since what is put off is due at a moment in between."""
        for _ in range(4 * 40):
            self.desk.passes(hours=6)
            if sum(event.kind == trigger for event in self.desk.history().events) == times:
                return
        raise AssertionError(f"{trigger} has not happened {times} times")


Step = Callable[[Case], None]


def says(*texts: str) -> Step:
    def happens(case: Case) -> None:
        for text in texts:
            case.staff(text)

    return happens


def waits_for(trigger: T) -> Step:
    return lambda case: case.waits_for(trigger)


def submitted(case: Case) -> None:
    with case.desk.database.writing() as connection:
        connection.execute(update(ticket).values(status=S.SUBMITTED))


def asks(case: Case) -> None:
    case.anna.writes("Printer", ASKS[case.language])


def asks_again(case: Case) -> None:
    case.anna.replies(N.SELF_SERVICE, STILL[case.language])


def another(case: Case) -> None:
    case.anna.writes("Scanner", ASKS[case.language])


def reminded_twice(case: Case) -> None:
    if case.desk.ticket().status is not S.RESOLVED:
        case.staff(ASK)
        case.waits_for(T.REMINDED, times=2)


def split(case: Case) -> None:
    case.desk.person(case.desk.ticket().assignee or NORA).replies(N.CUSTOMER_REPLY, "#split")


def asks_after_answer(case: Case) -> None:
    case.staff("Open flap B.")
    case.customer(STILL)


def merged(case: Case) -> None:
    case.staff(f"#merge {case.desk.ticket().reference}")
    case.omar.replies(N.HELD, "#send")


def permission_repeated(case: Case) -> None:
    case.staff(PERMISSION)
    case.desk.passes(days=8)


def permits(case: Case) -> None:
    case.anna.replies(N.PERMISSION_REQUEST, {"en": "Yes", "de": "Ja"}[case.language])


def came_back(case: Case) -> None:
    (letter,) = letters_to(case.desk, case.anna, N.CLOSING)
    returns(case.desk, letter)


ASK = "#ask\nWhich model is it?"
PERMISSION = "#permission\nDelete the empty orders."
RESOLVE = "#resolve\nA new one is on its way."
REACHED: dict[S, Step] = {
    S.SUBMITTED: submitted,
    S.IN_REVIEW: says(),
    S.IN_PROGRESS: says("#working\nOpen flap A."),
    S.ESCALATED: says("#escalate"),
    S.RESOLVED: says(RESOLVE),
    S.CLOSED: says("#close"),
}
PREPARED: dict[T, Step] = {
    T.REMINDED: says(ASK),
    T.SILENCE_ELAPSED: reminded_twice,
    T.PERMISSION_ANSWERED: says(PERMISSION),
    T.PERMISSION_EXPIRED: permission_repeated,
    T.SETTLED: says("Open flap B."),
    T.WOKEN: says("#snooze 2d"),
    T.MERGED: another,
    T.SPLIT: lambda case: case.customer(STILL),
    T.MESSAGE_MOVED: asks_after_answer,
}
HAPPENS: dict[T, Step] = {
    T.CUSTOMER_WROTE: lambda case: case.customer(STILL),
    T.CUSTOMER_CONFIRMED: lambda case: case.customer(THANKS),
    T.STAFF_ANSWERED: says("Open flap B."),
    T.PROGRESS_REPORTED: says("#working by friday\nOpen flap B."),
    T.SETTLED: waits_for(T.SETTLED),
    T.INFORMATION_REQUESTED: says(ASK),
    T.NOTE_ADDED: says("#note\nHe has the old model."),
    T.ASSIGNED: says("#assign bela@desk.example"),
    T.ESCALATED: says("#escalate"),
    T.TARGET_MISSED: waits_for(T.TARGET_MISSED),
    T.RESOLVED: says(RESOLVE),
    T.REOPENED: says("#reopen"),
    T.REMINDED: waits_for(T.REMINDED),
    T.SILENCE_ELAPSED: waits_for(T.SILENCE_ELAPSED),
    T.CLOSED: says("#close"),
    T.SPAM: says("#spam"),
    T.SNOOZED: says("#snooze 2d"),
    T.WOKEN: waits_for(T.WOKEN),
    T.SPLIT: split,
    T.MESSAGE_MOVED: split,
    T.MERGED: merged,
    T.PERMISSION_ASKED: says(PERMISSION),
    T.PERMISSION_ANSWERED: permits,
    T.PERMISSION_EXPIRED: waits_for(T.PERMISSION_EXPIRED),
    T.CLOSING_FAILED: came_back,
}
AS_IT_OPENS = {(None, T.CUSTOMER_WROTE), (S.SUBMITTED, T.TRIAGED)}
# On a plan of which no person answers.
LEFT_ALONE: dict[tuple[S | None, T], tuple[Step, ...]] = {
    (S.SUBMITTED, T.SELF_SERVED): (asks,),
    (S.SUBMITTED, T.SILENCE_ELAPSED): (asks, waits_for(T.SILENCE_ELAPSED)),
    (S.CLOSED, T.SELF_SERVED): (asks, waits_for(T.SILENCE_ELAPSED), asks_again),
}


@pytest.fixture
def case(language: str, tmp_path: Path, reader: MailReader) -> Iterator[Case]:
    with direct_desk(configured(tmp_path / "rows", more=MORE), reader) as desk:
        yield Case(desk, desk.person("anna@acme.example", "Anna Petrova"), desk.person("omar@desk.example"), language)


def goes_through(case: Case, rule: Rule) -> int:
    """Whatever leads to a row, and then what it is about; how many letters there were before that."""
    row = (rule.source, rule.trigger)
    if row in LEFT_ALONE:
        *earlier, last = LEFT_ALONE[row]
        for step in earlier:
            step(case)
        before = len(case.letters())
        last(case)
        return before
    if (rule.source, rule.trigger) in AS_IT_OPENS:
        case.anna.writes("Printer", ASKS[case.language])
        return 0
    case.anna.writes("Printer", ASKS[case.language])
    case.staff(f"#assign {NORA}")  # who is told of what Omar does
    REACHED[rule.source or S.IN_REVIEW](case)
    PREPARED.get(rule.trigger, says())(case)
    before = len(case.letters())
    HAPPENS[rule.trigger](case)
    return before


def rows() -> Iterator[tuple[Rule, str]]:
    """Every row, and once more in German those that the customer reads of."""
    for rule in LIFECYCLE:
        yield rule, "en"
        if rule.to_customer or (rule.source, rule.trigger) in AS_IT_OPENS:
            yield rule, "de"


@pytest.mark.parametrize(
    ("rule", "language"), some_of(rows(), 3), ids=[f"{language}-{rule.name}" for rule, language in some_of(rows(), 3)]
)
def test_a_row(case: Case, rule: Rule) -> None:
    if (rule.source, rule.trigger) in LEFT_ALONE:
        case = replace(case, anna=case.desk.person("lea@nowhere.example", "Lea Horn"))
    before = goes_through(case, rule)
    new = case.letters()[before:]
    opening = (rule.source, rule.trigger) in AS_IT_OPENS
    place = 2 if rule.trigger is T.SPLIT else 1
    event = [one for one in case.desk.history(place).events if one.kind == (rule.trigger if rule.source else "opened")][-1]
    assert (event.from_status, event.to_status) == (rule.source, rule.target)
    assert rule.waiting_on in (None, case.desk.ticket(place).waiting_on)
    to_team = [N(one.notice) for one in new if one.recipient != case.anna.address]
    assert rule.to_team is None or rule.to_team in to_team
    to_customer = [N(one.notice) for one in new if one.recipient == case.anna.address]
    assert to_customer == ([N.CONFIRMATION] if opening else [one for one in (rule.to_customer,) if one])
    for notice in to_customer:
        letter = case.anna.letter(notice)
        assert SAID[notice][case.language] in letter.text
        assert f'<html lang="{case.language}"' in letter.html
