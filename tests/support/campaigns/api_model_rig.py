"""One conversation by three ways at once: mail, rows of the platform's tables, and the HTTP API. A plain list says what it should be.

The list knows no code of the desk: whoever speaks adds their words, support's notes add nothing, a repeated request adds nothing, and what
has been read stays read. After each step API, tables and list say the same, whole and in order.
"""

import re
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from support.campaigns.api_rig import CONTACTS, served_desk
from support.desk.story import Person, StoryDesk
from support.servers.api import Api

from helpdesk.threading.model.notice import Notice

IN_A_CONVERSATION = 40  # steps; a longer one would cost more for each step and show nothing else
OF_A_DESK = 10  # conversations; people look through all letters of a desk for each of theirs
TO_STAFF = {Notice.NEW_TICKET, Notice.CUSTOMER_REPLY}
SPOKEN = {None, Notice.ANSWER.value}  # of an inbox row: the customer's own words, and an answer of support
WORDS = ("printer", "paper", "tray", "toner", "cable", "driver", "invoice", "login", "screen", "update")


@dataclass
class Said:
    """An entry of the list."""

    direction: str
    text: str
    files: dict[str, bytes] = field(default_factory=dict)
    is_read: bool = False


@dataclass
class Conversation:
    """A conversation as it should be, and the people who have it."""

    desk: StoryDesk
    api: Api
    random: Random
    key: str
    thread: str = ""
    said: list[Said] = field(default_factory=list)
    steps: int = 0
    taken: Counter[str] = field(default_factory=Counter)

    @property
    def anna(self) -> Person:
        return self.desk.person(CONTACTS["acme"])

    @property
    def omar(self) -> Person:
        return self.desk.person("omar@desk.example")

    def words(self) -> str:
        self.steps += 1
        return f"Step {self.steps} of {id(self) % 9973}: {' and '.join(self.random.choices(WORDS, k=4))} need a look."

    def begin(self) -> None:
        text = self.words()
        known = {thread["id"] for thread in self.api.gets("/api/v1/threads?account=acme", self.key)["data"]}
        self.anna.writes(f"Request {self.words()}", text)
        self.desk.inbox()
        newest = self.api.gets("/api/v1/threads?account=acme", self.key)["data"][0]
        assert newest["id"] not in known
        self.thread = newest["id"]
        self.said.append(Said("customer", text))

    def customer_by_mail(self) -> None:
        text = self.words()
        self.anna.replies(self.random.choice([Notice.CONFIRMATION, *([Notice.ANSWER] if self._is_answered else [])]), text)
        self.said.append(Said("customer", text))

    def customer_by_row(self) -> None:
        text = self.words()
        files = {f"{self.steps}.txt": text.encode()} if self.random.random() < 0.3 else {}
        self.desk.writes_in_platform("acme", self.anna.address, text, self.thread.removeprefix("thr_"), files)
        self.said.append(Said("customer", text, files))

    def customer_by_api(self) -> None:
        """A reply over HTTP, now and then with a file, and now and then handed in twice."""
        text, name = self.words(), f"{self.thread} {self.steps}"
        files, ids = {}, []
        if self.random.random() < 0.3:
            files = {f"{self.steps}.txt": text.encode() * self.random.choice([1, 5000])}
            [(filename, content)] = files.items()
            path = f"/api/v1/attachments?account=acme&name={filename}"
            ids = [self.api.asks("POST", path, self.key, content, Idempotency_Key=name).json["id"]]
        reply = {"account": "acme", "contact": self.anna.address, "thread": self.thread, "text": text, "attachments": ids}
        self.desk.now = self.desk.now.replace(microsecond=self.steps)
        answers = [self.api.hands_in(self.key, name, **reply) for _ in range(self.random.choice([1, 1, 2]))]
        self.desk.passes(seconds=1)
        if self.random.random() < 0.3:
            answers.append(self.api.hands_in(self.key, name, **reply))
            self.desk.settle()
        assert {answer.status for answer in answers} == {202}
        assert len({answer.json["id"] for answer in answers}) == 1
        self.said.append(Said("customer", text, files))

    def answer(self) -> None:
        text = self.words()
        self.desk.passes(minutes=30)  # letters about what came in a row are gathered; an answer to an older one would be held
        self.omar.replies(self._newest_to_staff(), text)
        self.said.append(Said("support", text))

    def note(self) -> None:
        # Of other words than the rest: an answer with the words of a note would be held, and rightly.
        text = " ".join("".join(self.random.choices("bdfgklmnprst", k=8)) for _ in range(5))
        self.omar.replies(self._newest_to_staff(), f"#note\n{text}")
        assert text not in str(self._messages())

    def read(self) -> None:
        shown = self._messages()
        place = self.random.randrange(len(shown))
        self.api.asks("POST", f"/api/v1/threads/{self.thread}/read", self.key, {"up_to": shown[place]["id"]})
        spoken = [message for message in shown[: place + 1] if message["notice"] in SPOKEN]
        for entry in self.said[: len(spoken)]:
            entry.is_read = entry.is_read or entry.direction == "support"

    def somebody_else(self) -> None:
        """A key and a row of another account change nothing here."""
        foreign = self.api.key("globex")
        reply = {"account": "globex", "contact": CONTACTS["globex"], "thread": self.thread, "text": self.words()}
        assert self.api.hands_in(foreign, f"{self.thread} {self.steps}", **reply).status == 404
        self.desk.writes_in_platform("globex", CONTACTS["globex"], self.words(), self.thread.removeprefix("thr_"))

    def check(self) -> None:
        """Raises AssertionError where API, tables and list differ."""
        rows = [row for row in self.desk.inbox("acme", self.thread.removeprefix("thr_")) if row.notice in SPOKEN]
        shown = [message for message in self._messages() if message["notice"] in SPOKEN]
        wanted = [(entry.direction, [entry.text]) for entry in self.said]
        assert [(row.direction, STEP.findall(row.body_text)) for row in rows] == wanted
        assert [(message["direction"], STEP.findall(message["text"])) for message in shown] == wanted
        assert [message["read_at"] is not None for message in shown] == [entry.is_read for entry in self.said]
        for message, entry in zip(shown, self.said, strict=True):
            assert [file["filename"] for file in message["attachments"]] == [*entry.files]
        newest = shown[-1]
        for file, content in zip(newest["attachments"], self.said[-1].files.values(), strict=True):
            assert self.api.asks("GET", file["href"], self.key).body == content

    @property
    def _is_answered(self) -> bool:
        return any(entry.direction == "support" for entry in self.said)

    def _newest_to_staff(self) -> Notice:
        return next(notice for notice in reversed(self.desk.notices_to(self.omar)) if notice in TO_STAFF)

    def _messages(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        path, after = f"/api/v1/threads/{self.thread}/messages?limit={self.random.choice([7, 100])}", ""
        while page := self.api.gets(path + after, self.key):
            if not page["data"]:
                break
            found += page["data"]
            after = f"&after={page['next']}"
        return found


STEP = re.compile(r"Step .* look\.")
STEPS: list[tuple[int, Callable[[Conversation], None]]] = [
    (3, Conversation.customer_by_mail),
    (3, Conversation.customer_by_row),
    (4, Conversation.customer_by_api),
    (4, Conversation.answer),
    (1, Conversation.note),
    (2, Conversation.read),
    (1, Conversation.somebody_else),
]


def run(seed: int, count: int) -> str:
    """Raises AssertionError with the steps of the conversation that went wrong."""
    random = Random(seed)
    done: Counter[str] = Counter()
    while done.total() < count:
        with tempfile.TemporaryDirectory(prefix="desk-model-") as folder, served_desk(Path(folder)) as (desk, api):
            for _ in range(OF_A_DESK):
                if done.total() < count:
                    _one_conversation(Conversation(desk, api, random, api.key("acme")), count, done)
    return ", ".join(f"{name} {number}" for name, number in sorted(done.items()))


def _one_conversation(talk: Conversation, count: int, done: Counter[str]) -> None:
    weights, steps = [weight for weight, _ in STEPS], [step for _, step in STEPS]
    talk.begin()
    told: list[str] = []
    for step in talk.random.choices(steps, weights, k=min(IN_A_CONVERSATION, count - done.total())):
        told.append(step.__name__)
        done[step.__name__] += 1
        try:
            step(talk)
            talk.check()
        except AssertionError as fault:
            raise AssertionError(f"after {', '.join(told)}: {fault}") from fault
