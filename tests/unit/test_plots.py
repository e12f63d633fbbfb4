"""Pictures of a report: what a queue is called draws nothing but its name, and many queues make no endless picture."""

import struct

from support.desk.letter_orders import WEEKS

from helpdesk.templates.plots import MOST_ROWS, plots
from helpdesk.threading.reporting.report import GroupFigures, Report

QUEUE = WEEKS.last.queues[0]
TALLEST = 1600  # pixels


def drawn(*queues: GroupFigures) -> dict[str, bytes]:
    report: Report = WEEKS.last
    values = {name: getattr(report, name) for name in report.__slots__}
    return plots(Report(**{**values, "queues": queues, "plans": queues}))


def named(name: str) -> GroupFigures:
    values = {one: getattr(QUEUE, one) for one in QUEUE.__slots__}
    return GroupFigures(**{**values, "name": name})


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


NAMES = ["$", "$x^{$", r"$\frac$ and $", "{{7*7}} ${7*7}", "_nolegend_", "x" * 500, " ", "%d %s"]


def test_any_names_may_be_drawn() -> None:
    usual_width = size(drawn(QUEUE)["volumes.png"])[0]
    for content in drawn(*map(named, NAMES)).values():
        assert size(content)[0] == usual_width


def test_a_hundred_queues_are_no_tower() -> None:
    many = drawn(*(named(f"queue {number}") for number in range(100)))
    few = drawn(*(named(f"queue {number}") for number in range(MOST_ROWS)))
    assert {one: size(content) for one, content in many.items()} == {one: size(content) for one, content in few.items()}
    assert max(size(content)[1] for content in many.values()) <= TALLEST
