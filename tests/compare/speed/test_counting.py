"""No rate without the work: what a system did not do, or did in the wrong place, is noticed."""

from collections.abc import Sequence

import pytest
from compare.speed import systems
from compare.speed.compare_speed import lines, ratios, values
from compare.speed.counting import WorkMissing, check_work, root_of
from compare.speed.plot import svg
from compare.speed.systems import ForeignSystem, Gateway, Run

from helpdesk.gateway.bench.workload import SUPPORT, Mail, OpenConversation, Workload


def given() -> list[Mail]:
    workload = Workload(7, 20)
    requests = workload.requests(6)
    begun = [
        OpenConversation(request, SUPPORT, f"letter.{request.message_id}", f"Re: [desk-1] {request.subject}")
        for request in requests
    ]
    return [*requests, *workload.mixed_mails(20, begun)]


def as_it_should_be(mails: Sequence[Mail]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    return {mail.message_id: numbers.setdefault(root_of(mail), len(numbers) + 1) for mail in mails}


def test_the_root_of_a_reply_is_the_request_that_began_the_conversation() -> None:
    mails = given()
    requests = {mail.message_id for mail in mails if root_of(mail) == mail.message_id}
    assert len(requests) == 6 + 8
    assert {root_of(mail) for mail in mails} <= requests


def test_all_the_work_passes() -> None:
    mails = given()
    check_work(mails, 14, 20, as_it_should_be(mails), 20)


def test_a_mail_without_ticket_is_noticed() -> None:
    mails = given()
    where = as_it_should_be(mails)
    del where[mails[-1].message_id]
    with pytest.raises(WorkMissing, match="1 of 26 mails are on no ticket"):
        check_work(mails, 14, 20, where, 20)


def test_a_reply_on_a_wrong_ticket_is_noticed() -> None:
    mails = given()
    where = as_it_should_be(mails)
    reply = next(mail for mail in mails if root_of(mail) != mail.message_id)
    where[reply.message_id] = 99
    with pytest.raises(WorkMissing, match="1 replies are on another ticket"):
        check_work(mails, 14, 20, where, 20)


def test_two_requests_on_one_ticket_are_noticed() -> None:
    mails = given()
    with pytest.raises(WorkMissing, match="on one ticket"):
        check_work(mails, 14, 20, dict.fromkeys(as_it_should_be(mails), 1), 20)


@pytest.mark.parametrize(("tickets", "letters", "what"), [(15, 20, "15 tickets for 14"), (14, 5, "only 5 letters for 20")])
def test_other_numbers_of_tickets_or_letters_are_noticed(tickets: int, letters: int, what: str) -> None:
    mails = given()
    with pytest.raises(WorkMissing, match=what):
        check_work(mails, tickets, letters, as_it_should_be(mails), 20)


def run(seconds: float) -> Run:
    return Run(given()[:10], seconds, 0.1, 10, 6, {})


def test_ratios_are_taken_round_by_round() -> None:
    runs = {Gateway.name: [run(1.0), run(2.0)], "other": [run(4.0), run(4.0)]}
    assert ratios(runs, Gateway.name) == {"other": [4.0, 2.0]}
    assert ratios({"other": runs["other"]}, Gateway.name) == {}
    found = values(runs, {"third": "it is not installed"}, {"Postfix": [800.0, 900.0]})
    assert found["ratios"] == {"other": [3.0, 2.0, 4.0]}
    assert found["systems"]["other"]["cpu_ms_a_mail"] == [10, 10, 10]
    table = "\n".join(lines(found))
    assert "3.0 (2.0–4.0)" in table
    assert "not measured: it is not installed" in table


def test_the_plot_has_a_bar_for_each_system_and_a_point_for_each_round() -> None:
    plot = svg("Mails a second <now>", {"ours": [100.0, 120.0], "a & b": [10.0, 12.0]}, "ours")
    assert plot.count("<circle") == 4
    assert plot.count('class="bar') == 2
    assert "a &amp; b" in plot
    assert "&lt;now&gt;" in plot


def test_a_system_whose_environment_is_missing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systems, "ENVIRONMENT", systems.HERE / "no-such-environment")
    with pytest.raises(systems.Unusable, match="make compare-speed"):
        ForeignSystem("other", "child.py", "[{}]", systems.HERE / "nowhere", "").begin(10)
