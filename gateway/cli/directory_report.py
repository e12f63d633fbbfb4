"""What a change of the directory did, or would do, as a diff for people and as JSON lines."""

import os
import time
from collections.abc import Iterator, Mapping
from typing import Any

import click

from helpdesk.gateway.cli.store import as_json
from helpdesk.gateway.terminal import echo, echo_again, is_terminal
from helpdesk.store.directory.change import ChangeWord, DirectoryChange, DirectoryDiff, DirectoryOutcome, RefusedRow
from helpdesk.store.directory.prepared import Tell

CHANGES_AHEAD = 2  # exit code of a dry run that would change something, as that of diff
MOST_LINES = 200  # of a diff, for people
PROGRESS_EVERY = 2.0  # seconds between two lines about progress
MOVES = "These belong to another account from now on, and may read its requests instead:"


def tell_progress() -> Tell:
    started = told = time.monotonic()
    on_terminal = is_terminal(err=True)

    def tell(done: int, total: int) -> None:
        nonlocal told
        now = time.monotonic()
        if (now - told < PROGRESS_EVERY and not (done == total and told > started)) or total == 0:
            return
        told = now
        line = f"{done} of {total} differences written"
        if on_terminal:
            echo_again(line, err=True, last=done == total)
        else:
            echo(line, err=True)

    return tell


def report_change(
    outcome: DirectoryOutcome, *, dry_run: bool = False, json_lines: bool = False, lines: int | None = None
) -> None:
    """Print the diff and what became of it, and exit."""
    diff = outcome.diff
    summary = {
        "change": outcome.number,
        "dry_run": dry_run,
        "refused": outcome.refused,
        "lines": lines,
        "unchanged": diff.unchanged,
        "faulty": len(diff.refusals),
        "counts": diff.counts,
    }
    if json_lines:
        for row in (*map(_change_object, diff.changes), *map(_refusal_object, diff.refusals), summary):
            echo(as_json(row))
    else:
        for line in _describe(diff):
            echo(line)
        echo(_conclusion(outcome, dry_run=dry_run), err=bool(outcome.refused))
    if outcome.refused:
        raise click.exceptions.Exit(os.EX_DATAERR)
    raise click.exceptions.Exit(CHANGES_AHEAD if dry_run and diff.changes else os.EX_OK)


def _change_object(change: DirectoryChange) -> dict[str, Any]:
    differences = change.differences
    return {
        "kind": change.kind,
        "key": change.key,
        "what": change.word,
        "before": None if change.before is None else {name: before for name, (before, _) in differences.items()},
        "after": None if change.after is None else {name: after for name, (_, after) in differences.items()},
    }


def _refusal_object(refusal: RefusedRow) -> Mapping[str, str]:
    return {"place": refusal.place, "reason": refusal.reason}


def _describe(diff: DirectoryDiff) -> Iterator[str]:
    """The lines of a diff for people. Moves come last, apart from the others."""
    moves = [change for change in diff.changes if change.word is ChangeWord.MOVED]
    others = [change for change in diff.changes if change.word is not ChangeWord.MOVED]
    yield from map(_line, others[:MOST_LINES])
    if len(others) > MOST_LINES:
        yield f"… and {len(others) - MOST_LINES} more; --json shows all"
    if moves:
        yield MOVES
        yield from (f"  {_line(change)}" for change in moves)
    for refusal in diff.refusals:
        yield f"{refusal.place}: {refusal.reason}" if refusal.place else refusal.reason


def _line(change: DirectoryChange) -> str:
    head = f"{change.word} {change.kind} {change.key}"
    if change.before is None or change.after is None:
        return head
    return f"{head}: " + ", ".join(
        f"{name} {_value_words(before)} → {_value_words(after)}" for name, (before, after) in change.differences.items()
    )


def _value_words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value) if value not in (None, "") else "-"


def _conclusion(outcome: DirectoryOutcome, *, dry_run: bool) -> str:
    diff = outcome.diff
    counted = ", ".join(f"{count} {word}" for word, count in diff.counts.items())
    left_out = f", {len(diff.refusals)} left out" if diff.refusals else ""
    if outcome.refused:
        return outcome.refused
    if not diff.changes:
        return f"nothing to change: {diff.unchanged} rows are as they should be{left_out}"
    if dry_run:
        return f"dry run, nothing was changed: {counted}, {diff.unchanged} unchanged{left_out}"
    return f"change {outcome.number}: {counted}, {diff.unchanged} unchanged{left_out}"
