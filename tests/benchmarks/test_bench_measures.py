"""The further measurements count what they say they count."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from helpdesk.gateway.bench import growth
from helpdesk.gateway.bench.extras import EXTRAS
from helpdesk.gateway.bench.folder import Folder
from helpdesk.gateway.bench.growth import accounts_text, fill
from helpdesk.gateway.bench.latency import percentile
from helpdesk.gateway.bench.light import confirmation_waits
from helpdesk.gateway.bench.run import open_conversations
from helpdesk.gateway.bench.sink import answered_mail
from helpdesk.gateway.bench.stages import STEPS, Costs, measured_steps
from helpdesk.gateway.bench.workload import Workload
from helpdesk.store.schema import OPEN, metadata, ticket


def test_percentiles_are_values_that_were_measured() -> None:
    seconds = [0.001 * number for number in range(1, 101)]
    assert [percentile(seconds, percent) for percent in (50, 90, 99, 100)] == [50, 90, 99, 100]
    assert (percentile([0.2], 50), percentile([], 99)) == (200, 0)


def test_a_confirmation_is_the_first_letter_that_answers_a_mail() -> None:
    acknowledged = {"a@x": 1.0, "b@x": 2.0, "no-letter@x": 3.0}
    lines = ["2500000000 b@x", "1250000000 a@x", "1900000000 a@x", "9000000000 staff@x", "9000000000 "]
    assert confirmation_waits(acknowledged, lines) == [0.25, 0.5]


def test_the_sink_knows_which_mail_a_letter_answers() -> None:
    assert answered_mail(b"From: a@x\r\nIn-Reply-To: <one@x> <two@x>\r\n\r\nIn-Reply-To: <body@x>\r\n") == "one@x"
    assert answered_mail(b"In-Reply-To:\r\n <folded@x>\r\n\r\n") == "folded@x"
    assert answered_mail(b"From: a@x\r\n\r\nIn-Reply-To: <body@x>\r\n") == ""


def test_every_step_is_where_the_report_looks_for_it_and_is_put_back() -> None:
    plain = [getattr(step.owner, step.attribute) for step in STEPS]
    with measured_steps(Costs()):
        assert all(getattr(step.owner, step.attribute) is not before for step, before in zip(STEPS, plain, strict=True))
    assert [getattr(step.owner, step.attribute) for step in STEPS] == plain


def test_a_step_inside_another_is_counted_once() -> None:
    costs = Costs()
    inner = costs.timed("inner", lambda: sum(range(300_000)))
    outer = costs.timed("outer", lambda: (inner(), inner()))
    outer()
    assert costs.cpu["inner"] > costs.cpu["outer"] >= 0
    assert costs.total(["inner", "outer"]) == pytest.approx(sum(costs.cpu.values()))


def test_a_desk_is_filled_with_open_and_closed_tickets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "OPEN", 20)
    monkeypatch.setattr(growth, "LETTERS", 30)
    with closing(Folder(tmp_path / "desk", more=accounts_text(3))) as desk:
        open_conversations(desk, Workload(7, 20), 10)
        made, letters = desk.tickets(), desk.letters()
        fill(desk, 40, datetime.now(UTC))
        assert desk.tickets() == 40
        assert desk.letters() == 10 * letters
        with desk.database.reading() as connection:
            assert connection.execute(select(func.count()).select_from(ticket).where(OPEN)).scalar_one() == made + 20
            for name in growth.CHANGES:
                copied = connection.execute(select(func.count()).select_from(metadata.tables[name])).scalar_one()
                assert copied % 10 == 0, name
                assert copied, name
        # the node still works on it: new requests open tickets
        open_conversations(desk, Workload(8, 20), 10)
        assert desk.tickets() == 40 + made


def test_every_further_measurement_says_what_it_measures() -> None:
    assert all(extra.about for extra in EXTRAS.values())
