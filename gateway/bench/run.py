"""One run: the limits of this machine, and the gateway on the same mails, one after another."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from helpdesk.gateway.bench.client import send
from helpdesk.gateway.bench.folder import Folder
from helpdesk.gateway.bench.limits import measure_null_handler, measure_sqlite
from helpdesk.gateway.bench.measure import Measure
from helpdesk.gateway.bench.parts import measure_accepting, measure_end_to_end, measure_processing, wait_until_settled
from helpdesk.gateway.bench.report import BenchReport, Part
from helpdesk.gateway.bench.server import node
from helpdesk.gateway.bench.stages import Steps, measure_reading
from helpdesk.gateway.bench.workload import NEW, Mail, OpenConversation, Workload

FEWEST_CUSTOMERS = 20
TellProgress = Callable[[str], None]


def run(mails: int, seed: int, folder: Path, tell: TellProgress) -> BenchReport:
    """Measure everything in an empty folder. `tell` is called with the name of each part as it begins.

    Raise DidNotStart, Stuck, or what the client raises.
    """
    workload = Workload(seed, max(FEWEST_CUSTOMERS, mails // 4))
    with closing(Folder(folder)) as desk:
        tell("a desk with conversations that can be answered")
        conversations = _open_conversations(desk, workload.requests(round(mails * NEW)))
        tell("the mails")
        stored, sent, taken = (workload.mixed_mails(mails, conversations) for _ in range(3))
        parts = _limits(folder, stored, tell) | _gateway(desk, stored, sent, tell)
        tell("the steps of processing")
        letters = desk.letters()
        steps = (*measure_reading(taken), *Steps(desk).take(taken))
        sizes = tuple(len(mail.content) for mail in taken)
        return BenchReport(seed, sizes, parts, steps, desk.dispositions(), desk.letters() - letters)


def _open_conversations(desk: Folder, requests: list[Mail]) -> list[OpenConversation]:
    """Requests that a node has opened and confirmed."""
    with node(desk.config) as server:
        send(server.port, requests)
        wait_until_settled(desk)
    return desk.conversations(requests)


def _limits(folder: Path, mails: list[Mail], tell: TellProgress) -> dict[Part, Measure]:
    tell(Part.NULL_HANDLER)
    null = measure_null_handler(Part.NULL_HANDLER, folder, mails)
    tell("SQLite")
    single = measure_sqlite(Part.SINGLE_COMMITS, folder, mails, 1)
    group = measure_sqlite(Part.GROUP_COMMITS, folder, mails, 50)
    return {Part.NULL_HANDLER: null, Part.SINGLE_COMMITS: single, Part.GROUP_COMMITS: group}


def _gateway(desk: Folder, stored: list[Mail], sent: list[Mail], tell: TellProgress) -> dict[Part, Measure]:
    """Accept `stored`, process those mails with a node, then send the others to that node."""
    tell(Part.ACCEPT)
    accept = measure_accepting(Part.ACCEPT, desk, stored)
    with node(desk.config) as server:
        tell(Part.PROCESSING)
        alone = measure_processing(Part.PROCESSING, desk, server)
        tell(Part.END_TO_END)
        whole, with_letters = measure_end_to_end(Part.END_TO_END, Part.WITH_LETTERS, desk, server, sent)
    return {Part.ACCEPT: accept, Part.PROCESSING: alone, Part.END_TO_END: whole, Part.WITH_LETTERS: with_letters}
