"""One run: the limits of this machine and the gateway on the same mails, one after another."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from helpdesk.gateway.bench.client import send
from helpdesk.gateway.bench.folder import Folder
from helpdesk.gateway.bench.limits import forgotten, written_down
from helpdesk.gateway.bench.measure import Measure
from helpdesk.gateway.bench.parts import accepted, end_to_end, processed, settled
from helpdesk.gateway.bench.report import Part, Report
from helpdesk.gateway.bench.server import node
from helpdesk.gateway.bench.stages import Steps, reading
from helpdesk.gateway.bench.workload import NEW, Conversation, Mail, Workload

FEWEST_CUSTOMERS = 20
Tell = Callable[[str], None]


def run(mails: int, seed: int, folder: Path, tell: Tell) -> Report:
    """Measure everything in an empty folder; `tell` hears what is being done.

    Raises DidNotStart, Stuck, or what the client raises.
    """
    workload = Workload(seed, max(FEWEST_CUSTOMERS, mails // 4))
    with closing(Folder(folder)) as desk:
        tell("a desk with conversations that can be answered")
        conversations = _begun(desk, workload.requests(round(mails * NEW)))
        tell("the mails")
        stored, sent, taken = (workload.mixed(mails, conversations) for _ in range(3))
        parts = _limits(folder, stored, tell) | _gateway(desk, stored, sent, tell)
        tell("the steps of processing")
        letters = desk.letters()
        steps = (*reading(taken), *Steps(desk).take(taken))
        sizes = tuple(len(mail.content) for mail in taken)
        return Report(seed, sizes, parts, steps, desk.fates(), desk.letters() - letters)


def _begun(desk: Folder, requests: list[Mail]) -> list[Conversation]:
    """Requests that a node has opened and confirmed."""
    with node(desk.config) as server:
        send(server.port, requests)
        settled(desk)
    return desk.conversations(requests)


def _limits(folder: Path, mails: list[Mail], tell: Tell) -> dict[Part, Measure]:
    tell(Part.NULL_HANDLER)
    null = forgotten(Part.NULL_HANDLER, folder, mails)
    tell("SQLite")
    single = written_down(Part.SINGLE_COMMITS, folder, mails, 1)
    group = written_down(Part.GROUP_COMMITS, folder, mails, 50)
    return {Part.NULL_HANDLER: null, Part.SINGLE_COMMITS: single, Part.GROUP_COMMITS: group}


def _gateway(desk: Folder, stored: list[Mail], sent: list[Mail], tell: Tell) -> dict[Part, Measure]:
    """Accepts `stored`, then processes them with a node, then sends that node the others."""
    tell(Part.ACCEPT)
    accept = accepted(Part.ACCEPT, desk, stored)
    with node(desk.config) as server:
        tell(Part.PROCESSING)
        alone = processed(Part.PROCESSING, desk, server)
        tell(Part.END_TO_END)
        whole, with_letters = end_to_end(Part.END_TO_END, Part.WITH_LETTERS, desk, server, sent)
    return {Part.ACCEPT: accept, Part.PROCESSING: alone, Part.END_TO_END: whole, Part.WITH_LETTERS: with_letters}
