"""Figures on the mails of tests/messages, for where the public corpora are absent: few, and read by whoever wrote the rules."""

import email
import email.policy
import json
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compare import foreign_packages
from compare.foreign_packages import ADAPTERS, Child, Fault, Hang

MESSAGES = Path(__file__).parents[1] / "messages"


@dataclass(frozen=True)
class Item:
    """One mail with what is expected of it."""

    path: Path
    expected: dict[str, Any]
    found: dict[str, Any]  # by this gateway

    def bodies(self) -> tuple[str, str | None]:
        message = email.message_from_bytes(self.path.read_bytes(), policy=email.policy.default)
        plain, html = message.get_body(("plain",)), message.get_body(("html",))
        return str(plain.get_content()) if plain else "", str(html.get_content()) if html else None


def items(helpdesk: str) -> list[Item]:
    paths = sorted(MESSAGES.rglob("*.eml"))
    done = subprocess.run([helpdesk, "parse", "--json", *map(str, paths)], capture_output=True, text=True, check=True)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return [
        Item(path, tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8")), one)
        for path, one in zip(paths, found, strict=True)
    ]


def rows(task: str, helpdesk: str) -> Iterator[tuple[str, int, int]]:
    """Name, right answers, items: this gateway first."""
    asked = [item for item in items(helpdesk) if _is_asked(task, item)]
    yield "helpdesk parse", sum(_is_right(task, item, _own(task, item)) for item in asked), len(asked)
    for package in foreign_packages.TASKS[task]:
        child = Child(package)
        try:
            child.started()
            yield package, sum(_is_right(task, item, _foreign(task, child, item)) for item in asked), len(asked)
        except (foreign_packages.Missing, Hang, Fault) as fault:
            yield f"{package}: {fault}", 0, 0
        finally:
            child.stop()


def _is_asked(task: str, item: Item) -> bool:
    return task != "reply" or "reply_text" in item.expected


def _own(task: str, item: Item) -> Any:
    if task == "reply":
        return item.found["reply_text"]
    return {"bounce": item.found["delivery_report"] is not None, "forwarded": item.found["forward"] is not None}


def _foreign(task: str, child: Child, item: Item) -> Any:
    text, html = item.bodies()
    raw, subject = item.path.read_bytes(), item.found["subject"]
    asks: dict[str, tuple[Any, ...]] = {
        "reply": (text, html, raw, None, False),
        "bounce": (raw,),
        "forward": (text, html, raw, subject),
    }
    try:
        return ADAPTERS[task](child, *asks[task])
    except (Hang, Fault):
        return "" if task == "reply" else {}


def _is_right(task: str, item: Item, found: Any) -> bool:
    if task == "reply":
        return bool(str(found).split() == str(item.expected["reply_text"]).split())
    field, expected = ("bounce", "delivery_report") if task == "bounce" else ("forwarded", "forward")
    return bool(found.get(field)) == bool(item.expected.get(expected))
