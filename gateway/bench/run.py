"""One run: rounds in which the limits of this machine and the gateway are measured on the same mails, one after another."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from helpdesk.gateway.bench.client import send
from helpdesk.gateway.bench.folder import Folder
from helpdesk.gateway.bench.limits import measure_null_handler, measure_sqlite
from helpdesk.gateway.bench.parts import (
    WARM_UP,
    measure_accepting,
    measure_end_to_end,
    measure_processing,
    measure_steps,
    wait_until_settled,
)
from helpdesk.gateway.bench.reading import measure_reading
from helpdesk.gateway.bench.report import BenchReport, Part, Round
from helpdesk.gateway.bench.server import node, sink
from helpdesk.gateway.bench.workload import NEW, Mail, OpenConversation, Workload

FEWEST_CUSTOMERS = 20
TellProgress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BenchPlan:
    """What is measured: so many mails in each part, so many rounds, on SQLite or in the PostgreSQL database of `server`."""

    mails: int
    seed: int = 7
    rounds: int = 1
    server: str = ""

    def workload(self) -> Workload:
        return Workload(self.seed, max(FEWEST_CUSTOMERS, self.mails // 4))


def run(plan: BenchPlan, folder: Path, tell: TellProgress) -> BenchReport:
    """Measure everything in an empty folder. `tell` is called with the name of each part as it begins.

    Raise DidNotStart, Stuck, DatabaseAway, or what the client raises.
    """
    workload = plan.workload()
    with closing(Folder(folder, plan.server)) as desk:
        tell("a desk with conversations that can be answered")
        conversations = open_conversations(desk, workload, plan.mails)
        rounds, taken = [], 0
        for number in range(1, plan.rounds + 1):
            parts = [workload.mixed_mails(plan.mails, conversations) for _ in range(4)]
            taken += sum(map(len, parts))
            rounds.append(_round(desk, parts, lambda part, number=number: tell(f"round {number} of {plan.rounds}: {part}")))  # type: ignore[misc]  # mypy infers no type for a default in a lambda
        tell("reading alone")
        reading = tuple(measure_reading(parts[0]))
        sizes = tuple(len(mail.content) for mail in parts[0])
        letters = desk.letters() / sum(desk.dispositions().values())
        database = "PostgreSQL" if plan.server else "SQLite"
        return BenchReport(plan.seed, database, sizes, rounds, reading, desk.dispositions(), letters)


def open_conversations(desk: Folder, workload: Workload, mails: int) -> list[OpenConversation]:
    """Requests that a node has opened and confirmed, enough for a part of so many mails."""
    requests = workload.requests(round(mails * NEW))
    with node(desk.config) as server:
        send(server.port, requests)
        wait_until_settled(desk)
    return desk.conversations(requests)


def _round(desk: Folder, mails: Sequence[list[Mail]], tell: TellProgress) -> Round:
    """Accept the first mails and process those with a node; send the second to that node, and the third to one whose letters go by SMTP;
    take the last step by step.
    """
    stored, sent, by_smtp, taken = mails
    tell("the limits of this machine")
    parts = {
        Part.NULL_HANDLER: measure_null_handler(Part.NULL_HANDLER, desk.folder, stored),
        Part.SINGLE_COMMITS: measure_sqlite(Part.SINGLE_COMMITS, desk.folder, stored, 1),
        Part.GROUP_COMMITS: measure_sqlite(Part.GROUP_COMMITS, desk.folder, stored, 50),
    }
    tell(Part.ACCEPT)
    parts[Part.ACCEPT], _ = measure_accepting(Part.ACCEPT, desk, stored)
    with node(desk.config) as server:
        tell(Part.PROCESSING)
        parts[Part.PROCESSING] = measure_processing(Part.PROCESSING, desk, server)
        tell(Part.END_TO_END)
        whole = measure_end_to_end(desk, [server], sent)
    with sink(desk.folder) as relay, node(desk.configured("smtp.toml", f"smtp://127.0.0.1:{relay.port}")) as server:
        tell(Part.BY_SMTP)
        first = len(by_smtp) // WARM_UP
        send(server.port, by_smtp[:first])
        parts[Part.BY_SMTP] = measure_end_to_end(desk, [server], by_smtp[first:]).sent
    parts |= {Part.BUSY_ACCEPT: whole.accepted, Part.END_TO_END: whole.decided, Part.WITH_LETTERS: whole.sent}
    tell("the steps in one process")
    return Round(parts, tuple(measure_steps(desk, taken)), whole.memory, whole.database_cpu)
