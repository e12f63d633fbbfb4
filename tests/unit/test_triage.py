"""The machinery of triage: phrases, routes, priorities, the least loaded, what is missing; for any text and any team."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.desk.triage_desk import HELP, POLICY, of, said

from helpdesk.config.lexicon import Lexicon, in_language, words_of
from helpdesk.config.people import Account, Staff, SupportAddress
from helpdesk.config.policy import Policy
from helpdesk.config.triage import Category, Priorities, Route, Triage
from helpdesk.config.values import SEVERITIES
from helpdesk.threading.lifecycle.routing import SENIORITY, assignee_for, queue_for
from helpdesk.threading.model.attachment import Attachment, Use
from helpdesk.threading.model.people import StaffMember, StaffRole

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)


def phrases_in(text: str, *phrases: str) -> list[str]:
    return [one.phrase for one in Lexicon({"": {"": phrases}}).found_in(words_of(text))]


PHRASES = [
    ("an error occurred", ("error",), ["error"]),
    ("a terrorist in terror", ("error",), []),
    ("Two ERRORS.", ("error*",), ["error*"]),
    ("terrors", ("error*",), []),
    ("I can’t log-in", ("log in",), ["log in"]),
    ("the log. In time", ("log in",), ["log in"]),  # a stop ends no phrase
    ("login", ("log in",), []),
    ("Größe geändert", ("geandert",), ["geandert"]),
    ("geandert", ("geändert",), ["geändert"]),
    ("STRASSE", ("straße",), ["straße"]),
    ("not urgent at all", ("urgent", "not urgent"), ["not urgent"]),
    ("urgent, not urgent", ("urgent", "not urgent"), ["urgent", "not urgent"]),
    ("version 4.2", ("version #",), ["version #"]),
    ("version four", ("version #",), []),
    ("invoice 4711", ("####",), ["####"]),
    ("invoice 471", ("####",), []),
    ("RE-2026-0042", ("#### ####",), ["#### ####"]),
    ("urgent urgent urgent", ("urgent",), ["urgent"]),
    ("a b c d", ("a b c x", "b c"), ["b c"]),
    ("", ("a",), []),
]


@pytest.mark.parametrize(("text", "phrases", "found"), PHRASES)
def test_phrases(text: str, phrases: tuple[str, ...], found: list[str]) -> None:
    assert phrases_in(text, *phrases) == found


WORDS = st.sampled_from(["a", "b", "ab", "abc", "x1", "22"])


@given(st.lists(WORDS, max_size=12), st.lists(st.lists(WORDS, min_size=1, max_size=3), min_size=1, max_size=5))
def test_whole_phrases_are_found_where_they_stand_and_nowhere_else(text: list[str], phrases: list[list[str]]) -> None:
    """From left to right, the longest at each place, and what it covers is done with."""
    wanted, place = [], 0
    while place < len(text):
        here = [phrase for phrase in phrases if text[place : place + len(phrase)] == phrase]
        longest = max(here, key=len, default=[])
        wanted.append(" ".join(longest)) if longest else None
        place += max(len(longest), 1)
    assert phrases_in(" ".join(text), *(" ".join(phrase) for phrase in phrases)) == list(dict.fromkeys(wanted))


@settings(deadline=None)  # the first text is sorted while the words of all languages are read
@given(st.text(max_size=300))
def test_any_text_is_sorted(text: str) -> None:
    found = of(said(text, text))
    assert found.category in (*POLICY.categories, "other") and found.severity in SEVERITIES and found.priority in SEVERITIES


def test_words_of_the_mail_s_own_language_come_first() -> None:
    lexicon = Lexicon({"": {"en": ("charge",), "fr": ("facture",), "": ("sos",)}})
    both = lexicon.found_in(words_of("charge facture sos"))
    assert [one.phrase for one in in_language(both, "fr")] == ["facture", "sos"]
    assert [one.phrase for one in in_language(both, "")] == ["charge", "facture", "sos"]
    assert [one.phrase for one in in_language(lexicon.found_in(["charge"]), "fr")] == ["charge"]


def seconds(work: Callable[[], object]) -> float:
    spans = []
    for _ in range(3):
        begun = time.process_time()
        work()
        spans.append(time.process_time() - begun)
    return min(spans)


@pytest.mark.parametrize("piece", ["not ", "a.b@", "is down to ", "é" * 7 + " "])
def test_a_text_of_a_mebibyte_takes_no_longer_than_in_proportion(piece: str) -> None:
    """Only the beginning of a mail is read; and were all of it read, the time would grow with its length alone."""
    lexicon = POLICY.severities.lexicon
    small, large = piece * (2**16 // len(piece)), piece * (2**20 // len(piece))
    steps_small, steps_large = (
        seconds(lambda: lexicon.found_in(words_of(small))),
        seconds(lambda: lexicon.found_in(words_of(large))),
    )
    assert steps_large < 16 * 8 * steps_small + 1
    begun = time.process_time()
    of(said(large[:200], large))
    assert time.process_time() - begun < 5


PLACES = [
    ("billing@support.example.com", "Hello", "The chair wobbles.", "billing and plans"),
    ("help@support.example.com", "Error", "My invoice.", "technical issue"),
    ("help@support.example.com", "Invoice", "It shows an error.", "billing and plans"),
]


@pytest.mark.parametrize(("address", "subject", "text", "category"), PLACES)
def test_subject_and_support_address_count_more(address: str, subject: str, text: str, category: str) -> None:
    policy = POLICY.model_copy(update={"addresses": (SupportAddress(address=address),)})
    assert of(said(subject, text), policy).category == category


def test_of_equal_categories_the_first_wins_and_weight_decides_before() -> None:
    first = {"a": Category(words=("x",)), "b": Category(words=("y",))}  # type: ignore[arg-type]
    assert of(said("", "y x"), POLICY.model_copy(update={"categories": first})).category == "a"
    heavier = {**first, "b": Category(words=("y",), weight=3)}  # type: ignore[arg-type]
    assert of(said("", "x y"), POLICY.model_copy(update={"categories": heavier})).category == "b"


ROUTES = (
    Route(queue="vip", plan=("custom",)),
    Route(queue="night", category=("technical issue", "data concern"), severity=("high", "critical")),
    Route(queue="deutsch", language=("de",)),
    Route(queue="acme", account=("acme",)),
    Route(queue="money", address=("Billing@support.example.com",)),
    Route(queue="general"),
)
REQUESTS = [
    ({"plan": "custom", "language": "de"}, "vip"),
    ({"category": "technical issue", "severity": "high"}, "night"),
    ({"category": "technical issue", "severity": "normal", "language": "de"}, "deutsch"),
    ({"account": "acme"}, "acme"),
    ({"address": "billing@support.example.com"}, "money"),
    ({}, "general"),
]


@pytest.mark.parametrize(("request_", "queue"), REQUESTS)
def test_the_first_route_that_fits_names_the_queue(request_: dict[str, str], queue: str) -> None:
    whole = {
        "address": "help@support.example.com",
        "category": "x",
        "plan": "free",
        "account": "",
        "language": "en",
        "severity": "low",
    }
    found, reason = queue_for({**whole, **request_}, "elsewhere", POLICY.model_copy(update={"routes": ROUTES}))
    assert found == queue and reason.startswith("route ") and any(value in reason for value in (*request_.values(), "any"))


def test_without_routes_the_address_decides_and_on_the_default_queue_the_category() -> None:
    policy = POLICY.model_copy(update={"categories": {"x": Category(queue="x-queue")}})
    whole = {"address": HELP.address, "category": "x"}
    assert queue_for(whole, "general", policy)[0] == "x-queue"
    assert queue_for(whole, "billing", policy)[0] == "billing"
    assert queue_for({**whole, "category": "y"}, "general", policy)[0] == "general"


PRIORITIES = [
    ("low", "low", "low"), ("low", "normal", "low"), ("low", "high", "normal"),
    ("normal", "low", "low"), ("normal", "normal", "normal"), ("normal", "high", "high"),
    ("high", "low", "normal"), ("high", "normal", "high"), ("high", "high", "critical"),
    ("critical", "low", "high"), ("critical", "normal", "critical"), ("critical", "high", "critical"),
]  # fmt: skip


@pytest.mark.parametrize(("severity", "impact", "priority"), PRIORITIES)
def test_priority_is_severity_times_impact(severity: str, impact: str, priority: str) -> None:
    assert Priorities().of(severity, impact) == priority


def test_plan_words_and_account_make_the_priority_and_the_reasons_say_so() -> None:
    slow = said("Printer", "It jams for all users of ours.")
    found = of(slow, plan="starter")
    assert (found.severity, found.priority) == ("normal", "high")
    assert 'Priority high: severity normal, impact high ("all users" in the mail)' in found.reasons
    priorities = {plan: of(said("Printer", "It jams."), plan=plan).priority for plan in POLICY.plans}
    assert priorities == {"free": "low", "starter": "normal", "business": "high", "custom": "high"}
    floor = POLICY.model_copy(update={"accounts": (Account(id="acme", severity="high"),)})
    raised = of(said("Printer", "It jams. No hurry."), floor, account="acme")
    assert raised.severity == "high" and "Severity high: account acme has no lower one" in raised.reasons
    assert of(said("Printer", "It jams. No hurry."), floor, account="globex").severity == "low"
    assert of(said("GDPR", "No hurry."), plan="business").severity == "high"  # what the category says, words do not take away


# The least loaded

TEAM = tuple(Staff(name=f"M{place}", address=f"m{place}@desk.example") for place in range(5))
DESK = Policy(addresses=(HELP,), staff=TEAM)
MEMBERS = st.lists(
    st.builds(
        StaffMember,
        name=st.just("M"),
        address=st.just(""),
        role=st.sampled_from(sorted(SENIORITY)),
        queues=st.sampled_from([("general",), ("billing",), ("billing", "general"), ()]),
        open_tickets=st.integers(0, 3),
        newest_ticket=st.integers(0, 3),
        away_until=st.sampled_from([None, MONDAY - timedelta(hours=1), MONDAY, MONDAY + timedelta(hours=1)]),
    ),
    max_size=5,
).map(lambda members: tuple(replace(one, address=f"m{place}@desk.example") for place, one in enumerate(members)))


@given(MEMBERS, st.randoms())
def test_the_least_loaded_who_is_there_is_chosen_whatever_the_order_of_the_list(
    team: tuple[StaffMember, ...], shuffle: object
) -> None:
    listed = list(team)
    shuffle.shuffle(listed)  # type: ignore[attr-defined]
    chosen, reason = assignee_for("general", listed, DESK, MONDAY)
    there = [one for one in team if "general" in one.queues and (one.away_until is None or one.away_until <= MONDAY)]
    assert reason and (chosen is None) == (not there)
    if chosen is None:
        return
    best = min(SENIORITY[one.role] for one in there)
    peers = [one for one in there if SENIORITY[one.role] == best]
    least = min(peer.open_tickets for peer in peers)
    idle = min(peer.newest_ticket for peer in peers if peer.open_tickets == least)
    assert chosen == next(peer for peer in peers if (peer.open_tickets, peer.newest_ticket) == (least, idle))


def test_own_hours_count_and_a_closed_desk_looks_at_its_opening() -> None:
    late = DESK.model_copy(update={"staff": (TEAM[0].model_copy(update={"hours": "13:00-17:00"}), TEAM[1])})
    team = (
        StaffMember("M0", "m0@desk.example", StaffRole.AGENT, ("general",), 0),
        StaffMember("M1", "m1@desk.example", StaffRole.AGENT, ("general",), 5),
    )
    assert names(late, team, MONDAY) == "M1"
    assert names(late, team, MONDAY.replace(hour=13)) == "M0"
    assert names(late, team, NIGHT) == "M1"  # at nine the other one is not there yet
    away = (team[0], replace(team[1], away_until=NIGHT + timedelta(days=1)))
    assert names(late, away, NIGHT) is None
    assert names(DESK, away, NIGHT) == "M0"
    assert names(DESK.model_copy(update={"triage": Triage(assign=False)}), team, MONDAY) is None


def names(policy: Policy, team: tuple[StaffMember, ...], now: datetime) -> str | None:
    chosen, _ = assignee_for("general", team, policy, now)
    return chosen.name if chosen else None


# What is missing

NEEDED = [
    ("en", "Broken", "The export is broken.", ("what was done", "error text", "version")),
    ("en", "Broken", "When I click on export in Firefox, it says: quota exceeded, and fails.", ()),
    ("en", "Broken", "After I click on export it fails.", ("error text", "version")),
    ("de", "Export", "Der Export funktioniert nicht.", ("what was done", "error text", "version")),
    ("de", "Export", "Wenn ich in Chrome auf Export klicke, kommt die Fehlermeldung, es erscheint die Meldung Fehler 12.", ()),
    ("fr", "Export", "L'export ne marche pas.", ("what was done", "error text", "version")),
    ("es", "Exportar", "La exportación no funciona.", ("what was done", "error text", "version")),
    ("it", "Esporta", "L'esportazione non funziona.", ("what was done", "error text", "version")),
    ("pt", "Exportar", "A exportação não funciona.", ("what was done", "error text", "version")),
    ("nl", "Export", "De export werkt niet.", ("what was done", "error text", "version")),
    ("en", "Login", "My account is locked.", ("which account",)),
    ("en", "Login", "The account anna@acme.example is locked.", ()),
    ("en", "Invoice", "The last invoice is wrong.", ("invoice number",)),
    ("en", "Invoice", "Invoice 4711 is wrong.", ()),
    ("en", "Plan", "Please upgrade our subscription.", ()),
    ("de", "Rechnung", "Die Rechnung RE-2026-0042 ist falsch.", ()),
    ("de", "Rechnung", "Die Rechnung vom Mai ist falsch.", ("invoice number",)),
    ("nl", "Factuur", "Factuur 815 klopt niet.", ()),
    ("en", "Reports", "How do I add a page?", ()),
]


@pytest.mark.parametrize(("language", "subject", "text", "missing"), NEEDED)
def test_what_staff_need_and_the_mail_does_not_say(language: str, subject: str, text: str, missing: tuple[str, ...]) -> None:
    found = of(said(subject, text, language))
    assert found.missing == missing and bool(found.question) == bool(missing)


def test_the_question_is_in_the_customer_s_language_or_in_english() -> None:
    assert of(said("Export", "Der Export funktioniert nicht.", "de")).question.startswith("Damit wir Ihnen rasch helfen")
    assert of(said("Eksport", "Eksport: error", "pl")).question.startswith("To help you quickly")


def test_a_screenshot_shows_the_error_and_a_known_account_which_it_is() -> None:
    picture = Attachment("screen.png", "image/png", 9, "a" * 64, None, False)
    shown = replace(said("Broken", "The export is broken."), attachments=(picture,))
    assert of(shown).missing == ("what was done", "version")
    assert of(replace(shown, attachments=(replace(picture, use=Use.SIGNATURE),))).missing == (
        "what was done",
        "error text",
        "version",
    )
    assert of(said("Login", "My account is locked."), account="acme").missing == ()
