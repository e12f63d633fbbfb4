"""What is tied to a mail that another worker has taken over is not decided before it."""

from dataclasses import dataclass

import pytest

from helpdesk.gateway.work.settle import part_behind

Keys = tuple[tuple[str, object], ...]
ANNA, CARL, ONE, TWO = ("sender", "anna"), ("sender", "carl"), ("ticket", 1), ("ticket", 2)


@dataclass(frozen=True)
class Tied:
    name: str
    keys: Keys


@pytest.mark.parametrize(
    ("lost", "waiting", "goes_on"),
    [
        ([], [(ANNA,), (CARL,)], [0, 1]),
        ([(ANNA,)], [(ANNA,), (CARL,)], [1]),
        ([(ANNA, ONE)], [(CARL, ONE), (CARL,)], []),
        ([(ANNA, ONE)], [(CARL,), (CARL, ONE), (CARL, TWO)], [0]),
        ([(ANNA,)], [(), (ONE,)], [0, 1]),
    ],
    ids=["nothing lost", "its sender", "by way of another", "those before it go", "no ties"],
)
def test_only_what_is_not_tied_to_a_lost_item_goes_on(lost: list[Keys], waiting: list[Keys], goes_on: list[int]) -> None:
    items = [Tied(str(place), keys) for place, keys in enumerate(waiting)]
    going, behind = part_behind(items, [Tied("lost", keys) for keys in lost])
    assert going == [items[place] for place in goes_on]
    assert behind == [item for item in items if item not in going]
