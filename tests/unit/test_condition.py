"""What `helpdesk status` makes of the rows: it judges by age, and the worst comes first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.threading.reporting.condition import (
    Condition,
    Filling,
    Heartbeat,
    Queue,
    StatusLevel,
    findings_of,
    policies_differ_for,
    span,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NOTHING = Queue(0, None)
ONE = Heartbeat("one:7", "one", "1.0", "aa" * 32, NOW - timedelta(hours=2), NOW - timedelta(seconds=9))
TWO = replace(ONE, node="two:8", host="two")
CALM = Condition(NOW, (ONE, TWO), NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, 0, "", ())


FILLING = Filling("0007", "message", 2000, 9000, NOW - timedelta(hours=1), NOW)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def waits(**since: float) -> Queue:
    return Queue(3, ago(**since))


def test_of_a_calm_desk_every_line_is_good() -> None:
    findings = findings_of(CALM)
    assert {finding.level for finding in findings} == {StatusLevel.OK}
    assert [finding.subject for finding in findings] == [
        "nodes",
        "mail",
        "platform replies",
        "timers",
        "mailboxes",
        "letters",
        "quarantine",
    ]


@pytest.mark.parametrize(
    ("condition", "level", "said"),
    [
        (replace(CALM, mails=waits(seconds=30)), StatusLevel.OK, ""),
        (replace(CALM, mails=waits(minutes=3)), StatusLevel.WARNING, "mail: 3 to be decided, the oldest for 3 min"),
        (replace(CALM, mails=waits(minutes=9)), StatusLevel.CRITICAL, "mail: 3 to be decided, the oldest for 9 min"),
        (replace(CALM, replies=waits(minutes=9)), StatusLevel.CRITICAL, "platform replies: 3 to be taken, the oldest for 9 min"),
        (replace(CALM, timers=waits(minutes=9)), StatusLevel.WARNING, "timers: 3 to be done, the oldest for 9 min"),
        (replace(CALM, letters=waits(minutes=20)), StatusLevel.CRITICAL, "letters: 3 to be sent, the oldest for 20 min"),
        (replace(CALM, unfetched=waits(hours=3)), StatusLevel.WARNING, "mailboxes: 3 to be fetched or filed, the oldest for 3 h"),
        (replace(CALM, mails=Queue(1, NOW + timedelta(seconds=1))), StatusLevel.OK, ""),
        (replace(CALM, fillings=(replace(FILLING, moved_at=ago(seconds=90)),)), StatusLevel.OK, ""),
        (
            replace(CALM, fillings=(replace(FILLING, moved_at=ago(minutes=7)),)),
            StatusLevel.WARNING,
            (
                "migration: 0007 has filled 2000 of about 9000 rows of message and was interrupted 7 min ago; run helpdesk migrate, "
                "which goes on from there"
            ),
        ),
        (
            replace(CALM, quarantined=2),
            StatusLevel.WARNING,
            "quarantine: 2 mails could not be worked on; see helpdesk quarantine list",
        ),
        (
            replace(CALM, letters=waits(hours=5), held_reason="a backup was restored"),
            StatusLevel.CRITICAL,
            "letters: no letter is sent: a backup was restored; to release them: helpdesk outbox release",
        ),
        (replace(CALM, nodes=()), StatusLevel.CRITICAL, "nodes: no node is running; start one with `helpdesk serve`"),
        (
            replace(CALM, nodes=(ONE, replace(TWO, beat_at=ago(minutes=4)))),
            StatusLevel.WARNING,
            "nodes: two:8 has given no sign of life for 4 min, and it was not stopped",
        ),
        (
            replace(CALM, nodes=(replace(ONE, beat_at=ago(minutes=4)),)),
            StatusLevel.CRITICAL,
            "nodes: one:7 has given no sign of life for 4 min, and it was not stopped",
        ),
        (
            replace(CALM, nodes=(ONE, replace(TWO, policy="bb" * 32))),
            StatusLevel.CRITICAL,
            (
                "policy: nodes decide by different policies: one:7 (aaaaaaaa), two:8 (bbbbbbbb); give all of them the same files, "
                "then run helpdesk reload on each"
            ),
        ),
        (replace(CALM, nodes=(ONE, replace(TWO, policy="bb" * 32, started_at=ago(minutes=4)))), StatusLevel.OK, ""),
        (replace(CALM, nodes=(ONE, replace(TWO, policy="bb" * 32, policy_since=ago(minutes=9)))), StatusLevel.OK, ""),
        (
            replace(CALM, nodes=(ONE, replace(TWO, refusal="desk.name: write a name", refused_at=ago(minutes=5)))),
            StatusLevel.WARNING,
            (
                "configuration: two:8 has refused its files for 5 min and keeps the earlier ones: desk.name: write a name; correct them, "
                "then run helpdesk reload"
            ),
        ),
        (
            replace(CALM, nodes=(replace(ONE, keys="b:22 a:11"), replace(TWO, keys="a:11"))),
            StatusLevel.CRITICAL,
            (
                "keys: one:7 signs letters with key b, which two:8 does not know: it takes replies to them for mail of strangers; give it "
                "the same secret file, then run helpdesk reload there"
            ),
        ),
        (
            replace(CALM, nodes=(replace(ONE, keys="b:22"), replace(TWO, keys="b:33"))),
            StatusLevel.CRITICAL,
            (
                "keys: one:7 signs letters with key b, which two:8 does not know: it takes replies to them for mail of strangers; give it "
                "the same secret file, then run helpdesk reload there"
            ),
        ),
        (replace(CALM, nodes=(replace(ONE, keys="b:22 a:11"), replace(TWO, keys="a:11 b:22"))), StatusLevel.OK, ""),
    ],
)
def test_what_is_wrong_stands_in_the_first_line(condition: Condition, level: StatusLevel, said: str) -> None:
    worst = findings_of(condition)[0]
    assert worst.level is level
    assert level is StatusLevel.OK or f"{worst.subject}: {worst.text}" == said


def test_different_policies_are_named_at_once() -> None:
    differ = replace(CALM, nodes=(ONE, replace(TWO, policy="bb" * 32, policy_since=ago(minutes=4))))
    assert policies_differ_for(CALM) is None
    assert policies_differ_for(differ) == timedelta(minutes=4)
    [named] = [finding for finding in findings_of(differ) if finding.subject == "policy"]
    assert (named.level, "one:7 (aaaaaaaa), two:8 (bbbbbbbb)" in named.text) == (StatusLevel.OK, True)


@pytest.mark.parametrize(
    ("duration", "said"),
    [
        (timedelta(), "0 s"),
        (timedelta(seconds=119), "119 s"),
        (timedelta(seconds=120), "2 min"),
        (timedelta(minutes=119, seconds=59), "119 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=2), "2 d"),
    ],
)
def test_a_duration_is_told_in_its_largest_unit_of_which_there_are_two(duration: timedelta, said: str) -> None:
    assert span(duration) == said
