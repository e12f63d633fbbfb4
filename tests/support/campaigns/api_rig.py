"""Strangers with keys at the HTTP API: requests as its document describes them, requests as it does not, and chains of them.

Two keys of two accounts take turns. The rows of each account carry a word that no answer to the other key may hold, and the keys' own checks
ask for each found thing with the other key too. No answer is a fault of the gateway, and each is one that the document names.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select, text
from support.desk.story import StoryDesk, configured, direct_desk
from support.servers.api import Api, api_of

from helpdesk.gateway.http.app import document
from helpdesk.gateway.reader import Reader
from helpdesk.gateway.work.reply import FAULT_OF_OURS
from helpdesk.store.schema import platform_reply
from helpdesk.threading.model.notice import Notice

CANARIES = {"acme": "KanarienvogelAcme", "globex": "KanarienvogelGlobex"}
CONTACTS = {"acme": "anna@acme.example", "globex": "carla@globex.example"}
LONGEST = 1000  # characters of a failure that is told
IN_A_ROUND = 2000  # calls after which the desk works on what has come, and a fresh seed begins
# What the checks cannot know: the state of the desk decides whether a request that is sound in itself is taken.
OFF = ("positive_data_acceptance",)
REFUSED_IN_STATE = ["400", "401", "403", "404", "409", "412", "413", "422", "428"]


@dataclass
class Watch:
    """What the keys have heard. `told` are canaries that a key has written itself, which it may then read."""

    keys: dict[str, str]
    calls: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    told: set[tuple[str, str]] = field(default_factory=set)

    def look(self, response: Any) -> None:
        """Raises AssertionError where an answer holds what is another account's."""
        self.calls += 1
        self.statuses[response.status_code] += 1
        asked = response.request
        owner = self.keys.get(asked.headers.get("Authorization", "").removeprefix("Bearer "))
        sent = f"{asked.url} {asked.headers} {asked.body!r}"
        for account, canary in CANARIES.items():
            if canary in sent and owner is not None:
                self.told.add((owner, canary))
            foreign = owner != account and (owner, canary) not in self.told
            assert not (foreign and canary.encode() in response.content), (
                f"{owner} hears what is {account}'s: {asked.method} {asked.url}"
            )


@contextmanager
def served_desk(folder: Path) -> Iterator[tuple[StoryDesk, Api]]:
    """A desk with a conversation of each account, behind its API."""
    with Reader() as reader, direct_desk(configured(folder), reader) as desk:
        with desk.database.writing() as connection:
            for table in ("account", "contact"):
                connection.execute(text(f"UPDATE {table} SET source = 'api'"))
        omar = desk.person("omar@desk.example")
        for account, contact in CONTACTS.items():
            desk.person(contact).writes(f"Printer of {CANARIES[account]}", f"It jams, says {CANARIES[account]}.")
            omar.replies(Notice.NEW_TICKET, f"Cleaned, {CANARIES[account]}.")
            desk.writes_in_platform(account, contact, f"The {CANARIES[account]}.", None, {"a.txt": CANARIES[account].encode()})
        desk.inbox()
        with api_of(desk) as api:
            yield desk, api


def run(seed: int, count: int) -> str:
    """Raises AssertionError with the first failures."""
    with tempfile.TemporaryDirectory(prefix="desk-api-") as folder, served_desk(Path(folder)) as (desk, api):
        watch = Watch({api.key(account): account for account in CANARIES})
        people = Path(folder) / "people.yaml"
        people.write_text(_people(watch))
        round_of_calls = 0
        while watch.calls < count:
            _one_round(api, watch, people, seed + round_of_calls, min(IN_A_ROUND, count - watch.calls))
            desk.settle()
            desk.inbox()
            _no_reply_failed(desk)
            round_of_calls += 1
        assert not [status for status in watch.statuses if status >= 500], watch.statuses
        answers = ", ".join(f"{status}: {number}" for status, number in sorted(watch.statuses.items()))
        return f"{watch.calls} calls; {answers}; {len(desk.tickets())} requests"


def _one_round(api: Api, watch: Watch, people: Path, seed: int, calls: int) -> None:
    import schemathesis  # costs half a second, and the other campaigns do not need it
    from schemathesis import checks, engine

    schemathesis.check(_watching(watch))
    made = document()
    operations = sum(len(methods) for methods in made["paths"].values())
    config = schemathesis.Config.from_dict(_configuration(api, people, seed, max(1, calls // (3 * operations)), calls))
    schema = schemathesis.openapi.from_dict(made, config=config)
    try:
        failures = [told for event in engine.from_schema(schema).execute() for told in _failures(event)]
    finally:
        checks.CHECKS.unregister("watches")
    assert not failures, "\n\n".join(failures[:5])


def _configuration(api: Api, people: Path, seed: int, examples: int, calls: int) -> dict[str, Any]:
    return {
        "base-url": f"http://127.0.0.1:{api.port}",
        "cache": {"enabled": False},  # a run is what its seed makes it
        "seed": seed,
        "auth": {"wfc": {"path": str(people), "peers": [*CANARIES]}},
        "generation": {"max-examples": examples, "no-shrink": True, "database": "none"},
        "phases": {"examples": {"enabled": False}, "coverage": {"enabled": calls >= IN_A_ROUND}},
        "checks": {
            **{name: {"enabled": False} for name in OFF},
            "negative_data_rejection": {"expected-statuses": REFUSED_IN_STATE},
            "missing_required_header": {"expected-statuses": REFUSED_IN_STATE},
            "object_level_authorization": {"enabled": True},
        },
    }


def _people(watch: Watch) -> str:
    entries = [
        f'  - name: {account}\n    fixedHeaders:\n      - name: Authorization\n        value: "Bearer {key}"\n'
        for key, account in watch.keys.items()
    ]
    return "auth:\n" + "".join(entries)


def _watching(watch: Watch) -> Any:
    def watches(context: Any, response: Any, case: Any) -> None:
        watch.look(response)

    return watches


def _failures(event: Any) -> Iterator[str]:
    recorder: Any = getattr(event, "recorder", None)
    for nodes in recorder.checks.values() if recorder is not None else ():
        for node in nodes:
            if node.failure_info is not None:
                told = f"{recorder.label}: {node.name}: {node.failure_info.failure.message}\n{node.failure_info.code_sample}"
                yield told[:LONGEST]
    if type(event).__name__ in ("FatalError", "NonFatalError"):
        yield str(getattr(event, "exception", None) or getattr(event, "value", event))


def _no_reply_failed(desk: StoryDesk) -> None:
    with desk.database.reading() as connection:
        failed = connection.execute(select(platform_reply.c.id).where(platform_reply.c.error == FAULT_OF_OURS)).scalars().all()
    assert failed == []
