"""Which cases of long tables the continuous run has time for."""

import os
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


def some_of(cases: Iterable[T], every: int) -> list[T]:
    """The first of each so many cases. All of them where HELPDESK_LONG_TESTS is set."""
    return list(cases)[:: 1 if os.environ.get("HELPDESK_LONG_TESTS") else every]
