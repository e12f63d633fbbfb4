"""No scanner's work may grow with the square of hostile input.

Calls are counted, which says the same on every machine. What one call does inside a library or an expression is seen by time alone:
there four times the input may take eight times as long, the best of several rounds counts, and what is fast anyway is not asked.
Time and ratio of every scanner at full size: tests/benchmarks/bench_linear.py.
"""

import sys
import time
from collections.abc import Callable

import pytest
from support.hostile.hostile import PATTERNS, SCANNERS, prepared
from support.slices import some_of

COUNTED = 4 << 10  # characters
CALLS_EACH = 250  # of Python and C functions for one character: quadratic work needs hundreds more
TIMED = 8 << 10  # the smaller size; the larger one is four times as much
MOST_GROWTH = 8  # linear work grows fourfold, quadratic work sixteenfold
FAST = 0.02  # seconds of the processor
ROUNDS = 4
# These run several scanners over a text, for which a smaller one says as much; of what staff quote they look at no text beyond bounds.
OTHER_SIZES = {
    "quoted from us": 2 << 10,
    "quoted reply": 4 << 10,
    "quoted by staff": 16 << 10,
    "reply": 4 << 10,
    "reply of a forward": 4 << 10,
    "rules": 4 << 10,
}


def calls(scan: Callable[[], object]) -> int:
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(note)
    try:
        scan()
    finally:
        sys.setprofile(None)
    return count


def seconds(scan: Callable[[], object]) -> float:
    start = time.process_time()
    scan()
    return time.process_time() - start


def growth_of_time(small: Callable[[], object], large: Callable[[], object]) -> float:
    """How many times as long the larger scan takes; measured again, and the best of both taken, while that is too long."""
    many = seconds(large)
    if many < FAST:
        return 0.0
    few = seconds(small)
    for _ in range(ROUNDS):
        if many < few * MOST_GROWTH:
            break
        few, many = min(few, seconds(small)), min(many, seconds(large))
    return many / few


@pytest.mark.parametrize("scanner", SCANNERS)
def test_calls_are_in_proportion_to_the_input(scanner: str) -> None:
    size = COUNTED // 2 if scanner in OTHER_SIZES else COUNTED
    for pattern in some_of(PATTERNS, 2):
        assert calls(prepared(scanner, pattern, size)) < size * CALLS_EACH, pattern


@pytest.mark.parametrize("scanner", SCANNERS)
def test_time_grows_no_faster_than_the_input(scanner: str) -> None:
    """Of every fifth pattern, for each scanner another fifth than for the one before it. `bench_linear.py` has them all."""
    size = OTHER_SIZES.get(scanner, TIMED)
    for pattern in list(PATTERNS)[list(SCANNERS).index(scanner) % 5 :: 5]:
        grown = growth_of_time(prepared(scanner, pattern, size), prepared(scanner, pattern, size * 4))
        assert grown < MOST_GROWTH, pattern


def quadratic(size: int) -> Callable[[], object]:
    return lambda: [str(number) for _ in range(size) for number in range(size)]


def test_quadratic_work_is_noticed() -> None:
    assert growth_of_time(quadratic(300), quadratic(1200)) > MOST_GROWTH
    assert calls(lambda: [part.strip() for _ in range(10) for part in "a " * 10]) > 100
