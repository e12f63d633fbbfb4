"""Rules of the operator: which fit a mail, whatever the mail, at the cost of the mail alone; and which are refused."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.desk.story import configured
from support.oracles.plain_rules import plain_fitting

from helpdesk.config.load import ConfigurationProblems, load
from helpdesk.config.people import SupportAddress
from helpdesk.config.policy import Policy
from helpdesk.config.rules import SortingRule
from helpdesk.threading.model.listed_sender import ListedSender, Listing
from helpdesk.threading.rules.index import RuleIndex, SortedMail, compiled_rules
from helpdesk.threading.rules.senders import entry_that_counts, names_to_look_up
from helpdesk.threading.rules.wishes import sort_by_rules

ADDRESSES = ["a@x.example", "b@x.example", "a@sub.x.example", "a@y.example", "a@xx.example"]
ENTRIES = [*ADDRESSES, "x.example", "sub.x.example", "example", "y.example"]
PHRASES = ["invoice", "invoice*", "not invoice", "late invoice", "late", "order ###", "##", "a b c", "b"]
TEXTS = st.lists(st.sampled_from("invoice invoices not late order 1 12 4711 a b c x".split()), max_size=8).map(" ".join)
NAMES = ["x-shop", "x-other"]


def rule(**keys: Any) -> SortingRule:
    """A rule as it is written in the file, where a list of one may be written as a text."""
    return SortingRule(**keys)


@st.composite
def rules(draw: st.DrawFn) -> SortingRule:
    conditions: dict[str, st.SearchStrategy[Any]] = {
        "sender": st.lists(st.sampled_from(ENTRIES), max_size=2),
        "recipient": st.lists(st.sampled_from(ENTRIES), max_size=2),
        "subject": st.lists(st.sampled_from(PHRASES), max_size=2),
        "words": st.lists(st.sampled_from(PHRASES), max_size=2),
        "header": st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(PHRASES), max_size=2), max_size=2),
    }
    chosen = draw(st.sets(st.sampled_from(sorted(conditions)), max_size=3))
    return rule(name="a", tag="t", **{name: draw(conditions[name]) for name in sorted(chosen)})


mails = st.builds(
    SortedMail,
    senders=st.lists(st.sampled_from(ADDRESSES), max_size=2),
    recipients=st.lists(st.sampled_from(ADDRESSES), max_size=3),
    subject=TEXTS,
    text=TEXTS,
    headers=st.lists(st.tuples(st.sampled_from([*NAMES, "x-third"]), TEXTS), max_size=3),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(rules(), max_size=12), mails)
def test_the_rules_that_fit_are_those_of_which_every_condition_holds(listed: list[SortingRule], mail: SortedMail) -> None:
    assert RuleIndex(listed).fitting(mail) == plain_fitting(listed, mail)


def many(count: int) -> list[SortingRule]:
    """Rules of every kind, each about something else."""
    return [
        rule(name=f"r{place}", tag="t", **(
            {"sender": f"s{place}.example"},
            {"recipient": f"r{place}@x.example", "words": "invoice"},
            {"subject": f"press{place}"},
            {"words": [f"word{place} order", f"begin{place}*"], "recipient": "help@support.example.com"},
            {"header": {"X-Shop": f"shop{place}"}},
        )[place % 5])
        for place in range(count)
    ]  # fmt: skip


MAIL = SortedMail(
    senders=("anna@acme.example",),
    recipients=("help@support.example.com",),
    subject="press7 and an invoice",
    text="invoice order word3 order " * 50,
    headers=(("x-shop", "shop4"), ("subject", "press7 and an invoice"), *((f"x-{place}", "value") for place in range(20))),
)


def calls_of(act: Callable[[], object]) -> int:
    """How many functions are called, built-in ones included."""
    count = 0

    def count_call(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count_call)
    try:
        act()
    finally:
        sys.setprofile(before)
    return count


def test_ten_thousand_rules_ask_no_more_of_a_mail_than_ten() -> None:
    few, all_of_them = RuleIndex(many(10)), RuleIndex(many(10_000))
    for index in (few, all_of_them):
        assert index.fitting(MAIL) == (3, 4, 7)  # and what is remembered of words is there
    assert calls_of(lambda: all_of_them.fitting(MAIL)) <= calls_of(lambda: few.fitting(MAIL)) * 1.05
    assert len(all_of_them.candidates({("recipient", "help@support.example.com"), ("words", "invoice")})) == 0


def test_the_rules_of_a_policy_are_compiled_once() -> None:
    policy = Policy(addresses=(SupportAddress(address="help@support.example.com"),), rules=tuple(many(10)))
    index = compiled_rules(policy)
    assert compiled_rules(policy) is index is compiled_rules(policy.with_accounts(()))


def test_rules_that_say_different_things_are_heard_in_their_order() -> None:
    first = rule(name="first", words="late", queue="q1", tag=("a", "b"), fields={"order": "order ###"})
    second = rule(name="second", queue="q2", severity="high", tag=("b", "c"), fields={"order": "##", "other": "##"})
    sorting = sort_by_rules(SortedMail(text="late: order 123, 45"), RuleIndex([first, second]))
    assert (sorting.queue and sorting.queue.rule, sorting.severity and sorting.severity.rule) == ("first", "second")
    assert [(tag.value, tag.rule) for tag in sorting.tags] == [("a", "first"), ("b", "first"), ("c", "second")]
    assert {name: (wish.value, wish.rule) for name, wish in sorting.fields.items()} == {
        "order": ("123", "first"), "other": ("123", "second"),
    }  # fmt: skip


def sender_entry(entry: str, listing: Listing, *, unproved_only: bool = False) -> ListedSender:
    return ListedSender(entry, listing, "op", datetime(2026, 11, 23, tzinfo=UTC), unproved_only=unproved_only)


ALLOW, BLOCK = Listing.ALLOW, Listing.BLOCK
ENTRIES_THAT_COUNT = [
    # entries, author, proved, other senders, which counts
    ([("x.example", BLOCK)], "a@x.example", True, [], "x.example"),
    ([("x.example", BLOCK)], "a@sub.x.example", False, [], "x.example"),
    ([("x.example", BLOCK)], "a@xx.example", True, [], None),
    ([("x.example", BLOCK), ("a@x.example", ALLOW)], "a@x.example", True, [], "a@x.example"),
    ([("x.example", BLOCK), ("a@x.example", ALLOW)], "a@x.example", False, [], "x.example"),
    ([("x.example", ALLOW), ("a@x.example", BLOCK)], "a@x.example", True, [], "a@x.example"),
    ([("x.example", ALLOW)], "a@x.example", False, [], None),
    ([("y.example", BLOCK)], "a@x.example", True, ["bounce@y.example"], "y.example"),
    ([("y.example", BLOCK), ("x.example", ALLOW)], "a@x.example", True, ["bounce@y.example"], "x.example"),
    ([("y.example", ALLOW)], "a@x.example", True, ["bounce@y.example"], None),
    ([("", BLOCK)], "", False, [""], None),
]


@pytest.mark.parametrize(("entries", "author", "proved", "others", "counts"), ENTRIES_THAT_COUNT)
def test_the_narrowest_entry_counts_and_only_a_proved_author_is_allowed(
    entries: list[tuple[str, Listing]], author: str, proved: bool, others: list[str], counts: str | None
) -> None:
    known = {entry: sender_entry(entry, listing) for entry, listing in entries}
    asked = {name: known[name] for name in names_to_look_up([author, *others]) if name in known}
    found = entry_that_counts(author, proved, [author, *others], asked)
    assert (found.entry if found else None) == counts


def test_what_staff_called_spam_stops_only_mail_that_proves_no_author() -> None:
    known = {"a@x.example": sender_entry("a@x.example", BLOCK, unproved_only=True)}
    assert entry_that_counts("a@x.example", False, ["a@x.example"], known) is not None
    assert entry_that_counts("a@x.example", True, ["a@x.example"], known) is None


REFUSED = [
    ('name = "a"\ntag = "t"\nwords = "!!"', "whole words"),
    ('name = "a"', "it does nothing"),
    ('name = "a"\nspam = true', "it would spam every mail"),
    ('name = "a"\nsender = "x.example"\nignore = true\nrefuse = true', "exclude each other"),
    ('name = "a"\nsender = "x.example"\nspam = true\nqueue = "general"', "opens no request"),
    ('name = "a"\nqueue = "nowhere"', 'nobody works in the queue "nowhere"'),
    ('name = "a"\ncategory = "nothing"', 'there is no category "nothing"'),
    ('name = "a"\nseverity = "worst"', "severity"),
    ('name = "a"\ntag = "t"\nsender = "not an address@"', "write an address such as"),
    ('name = "a"\ntag = "t"\nheader = { "X Shop" = "a" }', "no name of a header field"),
    ('name = "a"\nfields = { "order" = "ORD" }', "mark the value by #"),
    ('name = "a"\nsender = "omar@desk.example"\nrefuse = true', "is a member of staff"),
    ('name = "a"\ntag = "t"\n[[rule]]\nname = "a"\ntag = "u"', "is written in rule[0].name already"),
    ('name = "a"\ntag = "t"\nsubjekt = "x"', "subjekt"),
    ('name = "a"\ntag = "t"\nwords = "(a+)+$"', "whole words"),
]


@pytest.mark.parametrize(("rule", "reason"), REFUSED)
def test_a_rule_with_a_mistake_is_refused_in_one_line(tmp_path: Path, rule: str, reason: str) -> None:
    path = configured(tmp_path, more=f"[[rule]]\n{rule}\n")
    with pytest.raises(ConfigurationProblems) as caught:
        load(path, {})
    told = [str(problem) for problem in caught.value.problems]
    assert any(reason in line and "rule[" in line for line in told), told
    assert all("\n" not in line for line in told)
