"""Which alarms an operator gets, and when: each kind of trouble begins and ends at known times, and a look is taken every 15 seconds."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from helpdesk.config.settings import MailboxSettings
from helpdesk.gateway.monitor.signs import Facts, signs_of
from helpdesk.store.canary import CanaryRound
from helpdesk.store.watched import DeskFigures, WatchedFolder
from helpdesk.store.webhooks import WebhookFigures, WebhookState
from helpdesk.threading.reporting.alarms import (
    AFTERMATH,
    CALM,
    RULES,
    AlarmStage,
    AlarmWatch,
    OpenAlarm,
    Sign,
    Telling,
    TroubleKind,
    forget_untold,
    look_at,
    note_told,
    remembering,
)
from helpdesk.threading.reporting.condition import Condition, Heartbeat, Queue

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
LOOK = timedelta(seconds=15)
S, M, H, D = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))
NOTHING = Queue(0, None)
SUPPORT = MailboxSettings(name="support", url="imaps://help@support.example.com@mail.example.com:993", password_variable="X")


def figures(at: datetime, **changes: Any) -> DeskFigures:
    """A desk where nothing waits."""
    nodes = tuple(Heartbeat(f"{host}:1", host, "1.0", "aa" * 32, NOON - H, at) for host in ("one", "two"))
    values = dict.fromkeys(("mails", "replies", "timers", "letters", "unfetched"), NOTHING)
    condition = Condition(at, nodes, **values, quarantined=0, held_reason="", fillings=())
    folder = WatchedFolder("support", "INBOX", NOON - H, at, 0)
    canary = CanaryRound(NOON - H, at, M)
    found = DeskFigures(condition, {}, 0, 0, (folder,), canary, (), (portal(WebhookState.ON),))
    of_condition = {name: value for name, value in changes.items() if hasattr(condition, name)}
    others = {name: value for name, value in changes.items() if name not in of_condition}
    return replace(found, condition=replace(condition, **of_condition), **others)


def facts(at: datetime, desk: Mapping[str, Any] | None = None, **changes: Any) -> Facts:
    """What a look finds where all is well, but for some changes."""
    values: dict[str, Any] = {
        "figures": figures(at, **(desk or {})),
        "doors": {"smtp": ""},
        "certificates": {"smtp": NOON + 60 * D},
        "mailboxes": (SUPPORT,),
        "canary_late_after": H,
        "webhooks": ("portal",),
    }
    return Facts(at, NOON - H, **{**values, **changes})


def since(at: datetime, count: int = 3) -> Queue:
    return Queue(count, at)


def other_policy(at: datetime) -> tuple[Heartbeat, ...]:
    one, two = figures(at).condition.nodes
    return one, replace(two, policy="bb" * 32)


def portal(state: WebhookState) -> WebhookFigures:
    return WebhookFigures("portal", state, NOON, 7, 0, 0, 0, None, None, "answered 500")


def lost_node(at: datetime) -> tuple[Heartbeat, ...]:
    one, two = figures(at).condition.nodes
    return one, replace(two, beat_at=NOON)


Found = Callable[[datetime], Facts]
# For each kind: what a look finds while the trouble lasts, after how long it is told, and a word of what is told.
TROUBLES: dict[TroubleKind, tuple[Found, timedelta, str]] = {
    TroubleKind.DATABASE: (lambda at: facts(at, figures=None, database="The database said: refused."), M, "refused"),
    TroubleKind.DISK: (lambda at: facts(at, disk="The disk is full."), 0 * M, "The disk is full."),
    TroubleKind.DOOR: (lambda at: facts(at, doors={"smtp": "cannot be reached."}), M, "The smtp door cannot be reached."),
    TroubleKind.PROCESS: (lambda at: facts(at, silent=("worker 1",)), M, "worker 1"),
    TroubleKind.RELAY: (lambda at: facts(at, relay="No letter has gone out."), 5 * M, "No letter"),
    TroubleKind.MAILBOX: (
        lambda at: facts(at, {"folders": (WatchedFolder("support", "INBOX", NOON, NOON, 0),)}),
        15 * M + 45 * S,
        "Mailbox support, folder INBOX: it has not been read since 2026-11-30 12:00 UTC.",
    ),
    TroubleKind.MAIL: (lambda at: facts(at, {"mails": since(NOON)}), 5 * M + 45 * S, "3 mails are not decided, the oldest for 5 min"),
    TroubleKind.LETTERS: (lambda at: facts(at, {"letters": since(NOON)}), 15 * M + 45 * S, "3 letters have not left"),
    TroubleKind.TIMERS: (lambda at: facts(at, {"timers": since(NOON)}), 15 * M + 45 * S, "3 timers have not been done"),
    TroubleKind.NODE: (lambda at: facts(at, {"nodes": lost_node(at)}), 90 * S + 45 * S, "two:1 has given no sign of life"),
    TroubleKind.CANARY: (lambda at: facts(at, {"canary": CanaryRound(NOON, NOON, M)}), 60 * M + 45 * S, "came back 60 min ago"),
    TroubleKind.POLICY: (lambda at: facts(at, {"nodes": other_policy(at)}), 10 * M, "one:1 (aaaaaaaa), two:1 (bbbbbbbb)"),
    TroubleKind.CERTIFICATE: (lambda at: facts(at, certificates={"smtp": NOON + 13 * D}), 0 * M, "The certificate of the smtp door ends on 2026-12-13 12:00 UTC, in 13 d."),
    TroubleKind.WEBHOOK: (lambda at: facts(at, {"webhooks": (portal(WebhookState.PAUSED),)}), 0 * M, "Webhook portal is paused"),
    TroubleKind.CLOCK: (lambda at: facts(at, clock_ahead=-5 * S), M, "5 seconds behind the clock of the database"),
}  # fmt: skip


def told(found: Found, until: timedelta, watch: AlarmWatch | None = None) -> tuple[AlarmWatch, list[tuple[timedelta, Telling]]]:
    """Take looks from noon on, and return what was told at which times."""
    watch, moment, tellings = watch or AlarmWatch("one"), timedelta(), []
    while moment <= until:
        watch, news = look_at(watch, signs_of(found(NOON + moment)), NOON + moment)
        for telling in news:
            watch = note_told(watch, telling)
            tellings.append((moment, telling))
        watch = forget_untold(watch, NOON + moment)
        moment += LOOK
    return watch, tellings


def test_every_kind_has_a_row() -> None:
    assert set(TROUBLES) == set(TroubleKind) == set(RULES)


@pytest.mark.parametrize("kind", TroubleKind)
def test_a_trouble_is_told_after_its_time_and_its_end_a_minute_later(kind: TroubleKind) -> None:
    found, after, words = TROUBLES[kind]
    ends = after + 20 * M
    _, tellings = told(lambda at: found(at) if at < NOON + ends else facts(at), ends + 20 * M)
    assert [(moment, telling.alarm.kind, telling.stage) for moment, telling in tellings] == [
        (after, kind, AlarmStage.BEGAN),
        (ends + CALM, kind, AlarmStage.OVER),
    ]
    began, over = (telling for _, telling in tellings)
    assert words in began.alarm.text and began.subject == RULES[kind].title and RULES[kind].do in began.lines
    assert over.subject.startswith(RULES[kind].title_over) and over.lasted <= ends and over.at == NOON + ends
    assert (
        over.lines[1].endswith(f"to 2026-11-30 {NOON + ends:%H:%M} UTC, {(ends - (over.alarm.since - NOON)) // M} min.")
        or ends < 2 * M
    )


@pytest.mark.parametrize("kind", TroubleKind)
def test_a_trouble_that_is_over_before_its_time_is_not_told(kind: TroubleKind) -> None:
    found, after, _ = TROUBLES[kind]
    watch, tellings = told(lambda at: found(at) if at < NOON + after else facts(at), after + 5 * M)
    assert tellings == [] and watch.troubles == {}


def test_there_is_one_reminder_a_day() -> None:
    found, _, _ = TROUBLES[TroubleKind.DISK]
    _, tellings = told(found, 2 * D + M)
    assert [(moment, telling.stage) for moment, telling in tellings] == [
        (0 * M, AlarmStage.BEGAN),
        (D, AlarmStage.LASTS),
        (2 * D, AlarmStage.LASTS),
    ]
    assert tellings[1][1].subject == "The disk takes no mail, for 24 h now" and "reminder" in tellings[1][1].lines[-1]


def everything(at: datetime) -> Facts:
    """All that follows from something else is in trouble."""
    desk = {name: since(NOON - H) for name in ("mails", "letters", "timers")}
    old = (WatchedFolder("support", "INBOX", NOON, NOON - H, 0),)
    return facts(
        at, {**desk, "folders": old, "canary": CanaryRound(NOON, NOON - H, M), "nodes": other_policy(at)}, clock_ahead=9 * S
    )


def test_one_cause_is_one_alarm_and_what_followed_from_it_has_time_to_end() -> None:
    """The database is away for half an hour; then everything is late for five minutes."""

    def found(at: datetime) -> Facts:
        if at < NOON + 30 * M:
            return replace(everything(at), figures=None, database="The database said: refused.")
        return everything(at) if at < NOON + 35 * M else facts(at)

    _, tellings = told(found, H)
    assert [(moment, telling.alarm.kind, telling.stage) for moment, telling in tellings] == [
        (M, TroubleKind.DATABASE, AlarmStage.BEGAN),
        (31 * M, TroubleKind.DATABASE, AlarmStage.OVER),
    ]


def test_what_lasts_after_the_end_of_its_cause_is_told() -> None:
    def found(at: datetime) -> Facts:
        return replace(facts(at, {"letters": since(NOON - H)}), relay="away" if at < NOON + 30 * M else "")

    _, tellings = told(found, H)
    assert [(moment, telling.alarm.kind, telling.stage) for moment, telling in tellings] == [
        (5 * M, TroubleKind.RELAY, AlarmStage.BEGAN),
        (31 * M, TroubleKind.RELAY, AlarmStage.OVER),
        (30 * M - LOOK + AFTERMATH, TroubleKind.LETTERS, AlarmStage.BEGAN),
    ]


def test_troubles_of_different_things_are_told_apart() -> None:
    _, tellings = told(lambda at: facts(at, doors={"smtp": "hangs up.", "lmtp": "hangs up."}), 2 * M)
    assert [telling.alarm.name for _, telling in tellings] == ["door/smtp@one", "door/lmtp@one"]


def test_letters_that_are_held_are_an_alarm_without_an_age() -> None:
    _, tellings = told(lambda at: facts(at, {"held_reason": "the database went back"}), M)
    assert [(moment, telling.alarm.kind) for moment, telling in tellings] == [(30 * S, TroubleKind.LETTERS)]


def test_what_nothing_is_known_of_stays_as_it_is() -> None:
    """A mailbox was in trouble when the database went away: that trouble is neither over nor told again."""
    found, after, _ = TROUBLES[TroubleKind.MAILBOX]
    watch, first = told(found, after)
    away, _, _ = TROUBLES[TroubleKind.DATABASE]
    watch, tellings = told(away, H, watch)
    assert [telling.alarm.kind for _, telling in first] == [TroubleKind.MAILBOX]
    assert [telling.alarm.kind for _, telling in tellings] == [TroubleKind.DATABASE]
    assert "mailbox/support/INBOX" in watch.troubles


def test_a_node_that_starts_knows_the_alarms_of_all_and_its_own() -> None:
    alarms = [
        OpenAlarm("mail", TroubleKind.MAIL, "old", NOON - H, NOON - H),
        OpenAlarm("door/smtp@one", TroubleKind.DOOR, "old", NOON - H, NOON - H),
        OpenAlarm("door/smtp@two", TroubleKind.DOOR, "old", NOON - H, NOON - H),
    ]
    _, tellings = told(facts, 2 * M, remembering("one", alarms))
    assert [(telling.alarm.name, telling.stage) for _, telling in tellings] == [
        ("mail", AlarmStage.OVER),
        ("door/smtp@one", AlarmStage.OVER),
    ]


def test_what_can_wait_for_a_day_does_not_stop_the_heartbeat() -> None:
    waits, _ = told(TROUBLES[TroubleKind.CERTIFICATE][0], M)
    does_not, _ = told(TROUBLES[TroubleKind.DISK][0], M)
    assert waits.is_well and not does_not.is_well


def test_a_sign_without_trouble_of_something_unknown_changes_nothing() -> None:
    watch, tellings = look_at(AlarmWatch("one"), [Sign(TroubleKind.DOOR, "", "smtp")], NOON)
    assert watch.troubles == {} and tellings == []


def test_a_mailbox_that_hands_a_mail_over_to_nobody_is_told_although_it_is_read() -> None:
    read = WatchedFolder("support", "INBOX", NOON, NOON, 2, withheld=2)
    signs = [sign.trouble for sign in signs_of(facts(NOON, {"folders": (read,)})) if sign.kind is TroubleKind.MAILBOX]
    assert [text for text in signs if text] == [
        "Mailbox support, folder INBOX: the server lists 2 mails and does not hand them over."
    ]
