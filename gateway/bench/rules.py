"""What rules of the operator cost a mail: ten thousand of them beside ten."""

from collections.abc import Iterator
from contextlib import ExitStack

from helpdesk.gateway.bench.measure import spread_of
from helpdesk.gateway.bench.occasion import MeasuredDesk, Occasion
from helpdesk.gateway.bench.parts import measure_end_to_end
from helpdesk.gateway.bench.report import Extra
from helpdesk.gateway.bench.server import node

ROUNDS = 5
FEW, MANY = 10, 10_000
KINDS = (  # each rule is about something else
    'sender = "shop{0}.example"',
    'recipient = "help@support.example.com"\nsubject = ["offer {0}", "begin{0}*"]',
    'words = ["article {0}", "word{0}"]',
    'header = {{ "X-Shop" = ["shop{0}"] }}',
)


def measure_rules(occasion: Occasion) -> Extra:
    """Measure CPU a mail on two desks that differ in the number of their rules, in alternation."""
    costs: dict[int, list[float]] = {FEW: [], MANY: []}
    with ExitStack() as desks:
        made = {count: desks.enter_context(occasion.desk("\n".join(_rules(count)))) for count in costs}
        for number in range(ROUNDS):
            for count in costs if number % 2 == 0 else reversed(costs):
                occasion.tell(f"{count} rules, round {number + 1} of {ROUNDS}")
                costs[count].append(_cost(made[count], occasion.plan.mails))
    ratio = spread_of([many / few for few, many in zip(costs[FEW], costs[MANY], strict=True)])
    values = {
        "ratio": ratio.rounded(3),
        **{f"cpu_ms_a_mail_{count}_rules": spread_of(found).rounded(2) for count, found in costs.items()},
    }
    line = f"{ratio:.3f} times: {spread_of(costs[MANY]):.2f} CPU ms a mail beside {spread_of(costs[FEW]):.2f}"
    return Extra(f"{MANY} rules / {FEW}", (line,), values)


def _cost(desk: MeasuredDesk, mails: int) -> float:
    with node(desk.folder.configured("node.toml")) as server:
        desk.warm_up(server, mails // 4)
        return measure_end_to_end(desk.folder, [server], desk.mails(mails)).sent.cpu_milliseconds


def _rules(count: int) -> Iterator[str]:
    for place in range(count):
        yield f'[[rule]]\nname = "rule {place}"\ntag = ["tag {place}"]\n{KINDS[place % len(KINDS)].format(place)}\n'
