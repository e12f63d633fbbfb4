"""Outbreaks found by comparing requests pair by pair, as it was done before requests were compared with all others at once.

The weights and the rule for a pair are written once more. What is the same in both ways, such as how many customers are usual, is too.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from math import sqrt

from helpdesk.threading.decisions.time.outbreak import ENOUGH, FEW, PART, SPREAD, Looked, Outbreak
from helpdesk.threading.incidents.fault_words import MEANINGS
from helpdesk.threading.incidents.likeness import (
    EVIDENCE,
    MOST_COMPARED,
    PRIOR,
    SHARE,
    TELLING,
    Crowd,
    FaultReport,
    Features,
    _feature,
    _weight,
)

Weights = dict[str, float]


def plain_find_outbreaks(crowd: Crowd, propose_from: int, span: timedelta) -> Looked:
    """Each new request compared with all recent ones, one after another."""
    weights = _weights(crowd)
    outbreaks: list[Outbreak] = []
    joined: dict[int, int] = {}
    taken: set[int] = set()
    for new in (report for report in crowd.recent if report.looked_at is None and report.counts):
        if new.ticket_id in taken:
            continue
        alike = reports_like(new, crowd.recent, weights)
        proposal = next(
            (
                report.proposal or joined.get(report.ticket_id)
                for report in alike
                if report.proposal or report.ticket_id in joined
            ),
            None,
        )
        if proposal is not None:
            joined[new.ticket_id] = proposal
        elif not any(report.incident for report in alike):
            members = _members(
                new, [report for report in alike if report.counts and report.ticket_id not in taken], crowd.recent, weights, taken
            )
            if _customers(members) >= max(propose_from, _usual(new, crowd, span, weights)):
                outbreaks.append(Outbreak(tuple(member.ticket_id for member in members), shared_words(members, weights)))
                taken |= {member.ticket_id for member in members}
    fresh = [report.ticket_id for report in crowd.recent if report.looked_at is None]
    others = tuple(report for report in fresh if report not in joined and report not in taken)
    return Looked(tuple(outbreaks), tuple(joined.items()), others)


def _members(
    new: FaultReport, alike: Sequence[FaultReport], recent: Sequence[FaultReport], weights: Weights, taken: Iterable[int]
) -> tuple[FaultReport, ...]:
    """The new request, those similar to it, and those similar to at least two of these, because people describe one fault in many ways."""
    core = {report.ticket_id for report in (new, *alike)}
    if len(core) < FEW:
        return tuple(report for report in recent if report.ticket_id in core)
    others = [
        report
        for report in recent
        if report.counts and report.ticket_id not in core and report.proposal is None and report.ticket_id not in taken
    ]
    near = {other.ticket_id for other in others if len(reports_like(other, alike, weights)) >= 2}
    return tuple(report for report in recent if report.ticket_id in core | near)


def _customers(reports: Iterable[FaultReport]) -> int:
    return len({report.customer for report in reports})


def _usual(new: FaultReport, crowd: Crowd, span: timedelta, weights: Weights) -> float:
    """How many customers must report the same, judged by earlier requests, to be more than the usual number.

    If there are too few earlier requests to show what is usual, the similar ones must be a good part of all recent requests.
    """
    if len(crowd.earlier) < ENOUGH:
        return len(crowd.recent) * PART
    alike = _customers(reports_like(new, crowd.earlier, weights))
    newest = crowd.recent[-1].at
    seen = newest - crowd.recent[0].at if len(crowd.recent) >= MOST_COMPARED else span
    part = seen / max(newest - span - crowd.earlier[0].at, span)
    expected = alike * part
    return expected + SPREAD * sqrt(expected * (1 + part)) + (1 if expected else 0)


def _weights(crowd: Crowd) -> Weights:
    """The weight of every word that anybody wrote."""
    counts = Counter(feature for report in crowd.earlier for feature in report.features)
    words = {feature for report in (*crowd.recent, *crowd.earlier) for feature in report.features}
    return {word: _weight(counts[word], len(crowd.earlier) + PRIOR, word in MEANINGS) for word in words}


def plain_is_alike(one: Features, other: Features, weights: Weights) -> bool:
    """Whether two requests share at least two features that weigh enough."""
    shared = one & other
    if len(shared) < 2:
        return False
    common = sum(weights[word] for word in shared)
    return common >= EVIDENCE and common >= SHARE * min(sum(map(weights.__getitem__, one)), sum(map(weights.__getitem__, other)))


def reports_like(new: FaultReport, others: Sequence[FaultReport], weights: Weights) -> tuple[FaultReport, ...]:
    """The other reports that are similar to this one, in their order."""
    return tuple(
        other for other in others if other.ticket_id != new.ticket_id and plain_is_alike(new.features, other.features, weights)
    )


def shared_words(reports: Sequence[FaultReport], weights: Weights, most: int = 6) -> tuple[str, ...]:
    """The words that most of these reports share, as the newest of them writes them; those with the highest weight first."""
    counts = Counter(feature for report in reports for feature in report.features)
    common = [word for word, count in counts.items() if count * 2 > len(reports) and weights[word] >= TELLING]
    common.sort(key=lambda word: (-counts[word] * weights[word], word))
    written = {_feature(word): word for report in reports for word in reversed(report.words)}
    return tuple(written[word] for word in common[:most])
