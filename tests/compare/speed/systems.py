"""The systems that are compared, each behind one interface: conversations begin, then mails are taken, and where each mail went is known."""

import json
import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpdesk.gateway.bench.client import send
from helpdesk.gateway.bench.folder import Folder
from helpdesk.gateway.bench.parts import measure_end_to_end, wait_until_settled
from helpdesk.gateway.bench.server import Server, node
from helpdesk.gateway.bench.workload import NEW, SUPPORT, Mail, OpenConversation, Workload
from helpdesk.store.schema import inbound

HERE = Path(__file__).parent
ENVIRONMENT = HERE.parents[2] / ".speed"
SEED, CUSTOMERS = 7, 75
PEOPLE = [f"cust{number}@example.net" for number in range(CUSTOMERS)]


class Unusable(Exception):
    """A system cannot be measured here. The text says why, in one line."""


@dataclass(frozen=True)
class Run:
    """What a system did with one round of mails, and the state of its store afterwards."""

    mails: Sequence[Mail]
    seconds: float
    cpu_seconds: float
    letters: int
    tickets: int
    where: dict[str, int]  # ticket of each mail in the store, by Message-ID

    @property
    def rate(self) -> float:
        """Mails a second."""
        return len(self.mails) / self.seconds

    @property
    def cpu_milliseconds(self) -> float:
        """CPU time of one mail."""
        return 1000 * self.cpu_seconds / len(self.mails)


class ComparedSystem(ABC):
    """A ticket system with a store of its own. All draw the same mails; only the addresses and marks that lead a reply to its ticket differ.

    A reply to a letter quotes ours in the mails of this gateway, and its author's request in those of the others.
    """

    name: str

    def __init__(self) -> None:
        self.workload = Workload(SEED, CUSTOMERS)
        self.conversations: Sequence[OpenConversation] = ()
        self.given: list[Mail] = []

    def begin(self, mails: int) -> None:
        """Start, and open the tickets that will be answered. Raise Unusable."""
        requests = self._begin(mails)
        self.given += requests

    def take(self, mails: int) -> Run:
        """Let the system take so many new requests and replies."""
        batch = self.workload.mixed_mails(mails, self.conversations)
        self.given += batch
        return self._take(batch)

    @abstractmethod
    def _begin(self, mails: int) -> list[Mail]: ...

    @abstractmethod
    def _take(self, batch: list[Mail]) -> Run: ...

    @abstractmethod
    def close(self) -> None: ...


class Gateway(ComparedSystem):
    """This gateway: a node that takes the mails over SMTP, until the last letter is sent."""

    name = "this gateway"

    def __init__(self, folder: Path, server: str) -> None:
        super().__init__()
        self._desk = Folder(folder, server)
        self._running = ExitStack()
        self._server = Server(0, 0)

    def _begin(self, mails: int) -> list[Mail]:
        requests = self.workload.requests(round(mails * NEW))
        server = self._running.enter_context(node(self._desk.config))
        send(server.port, requests)
        wait_until_settled(self._desk)
        self._server, self.conversations = server, self._desk.conversations(requests)
        return requests

    def _take(self, batch: list[Mail]) -> Run:
        """Like the others, the node keeps running while they are measured. It costs them the few milliseconds a second of an idle node."""
        letters = self._desk.letters()
        whole = measure_end_to_end(self._desk, [self._server], batch).sent
        with self._desk.database.reading() as connection:
            where = {
                row.message_id: row.ticket_id
                for row in connection.execute(inbound.select().where(inbound.c.ticket_id.is_not(None)))
            }
        return Run(batch, whole.seconds, whole.cpu_seconds, self._desk.letters() - letters, self._desk.tickets(), where)

    def close(self) -> None:
        self._running.close()
        self._desk.close()


class ForeignSystem(ComparedSystem):
    """A system in a process of the environment `.speed`, which reads the mails of a folder."""

    def __init__(self, name: str, program: str, mark: str, folder: Path, database: str) -> None:
        super().__init__()
        self.name, self._mark, self._folder = name, mark, folder
        self._command = [str(ENVIRONMENT / "bin" / "python"), str(HERE / program), str(folder), database]
        self._process: subprocess.Popen[str] | None = None

    def _begin(self, mails: int) -> list[Mail]:
        if not (ENVIRONMENT / "bin" / "python").exists():
            raise Unusable("its environment is missing; make compare-speed makes it")
        self._folder.mkdir(parents=True)
        with (self._folder / "log").open("w") as log:
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
        self._ask(PEOPLE)
        requests = self.workload.requests(round(mails * NEW))
        where = self._take(requests).where
        self.conversations = [
            OpenConversation(
                request,
                SUPPORT,
                f"letter.{request.message_id}",
                f"Re: {self._mark.format(where.get(request.message_id, 0))} {request.subject}",
            )
            for request in requests
        ]
        return requests

    def _take(self, batch: list[Mail]) -> Run:
        folder = self._folder / "mails"
        folder.mkdir()
        for number, mail in enumerate(batch):
            (folder / f"{number:06}.eml").write_bytes(mail.content)
        taken = self._ask({"folder": str(folder)})
        shutil.rmtree(folder)
        return Run(batch, taken["seconds"], taken["cpu_seconds"], taken["letters"], taken["tickets"], taken["where"])

    def _ask(self, question: object) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            last = (self._folder / "log").read_text(errors="replace").strip().splitlines() or ["it ended"]
            raise Unusable(last[-1])
        found: dict[str, Any] = json.loads(answer)
        return found

    def close(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.communicate()
