"""Decision tables: rows in the order in which they are asked. The first row that applies decides.

The last row of a table applies to everything, so a table always decides. A row may hand over to another table.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.lifecycle.decision import Decision

A = TypeVar("A", bound=Arrival)


@dataclass(frozen=True, slots=True)
class Row(Generic[A]):
    """One row of a decision table: its condition, and how it decides.

    `name` says in a few words which messages the row is for. It appears in `helpdesk why`, and is unique among all tables.
    """

    name: str
    applies: Callable[[A], bool]
    decide: Callable[[A], Decision]


def decide_by(rows: Iterable[Row[A]], arrival: A) -> Decision:
    """Decide by the first row that applies. The decision's grounds name the row."""
    row = next(row for row in rows if row.applies(arrival))
    return row.decide(replace(arrival, row=row.name))


def always(_: Arrival) -> bool:
    """The condition of a last row."""
    return True


def rows_as_markdown(names: Iterable[str]) -> str:
    """The names of a table's rows in their order, as the documentation prints them."""
    lines = [f"| {place} | {name} |" for place, name in enumerate(names, 1)]
    return "\n".join(("| | the first that applies |", "| --- | --- |", *lines)) + "\n"
