"""Compare one request with all others at once.

For each feature there is a number with one lane of 32 bits for each request; the lane is 1 if the request has the feature. Such a
number, multiplied by the weight of its feature, adds that weight in all lanes at once. So one sum over the features of a new
request gives, in each lane, how many features that request shares with the new one and how much they weigh.

Weights are rounded for this. Where a sum is too close to a threshold to be sure, `is_alike` decides, so the result never differs
from a comparison pair by pair.
"""

from collections.abc import Iterable
from struct import unpack

from helpdesk.threading.incidents.likeness import EVIDENCE, SHARE, FaultReport, Features, Weights, is_alike

LANE = 32  # bits: the number of shared features in the lowest 6, their weight above
COUNT = 6
MOST_FEATURES = (1 << COUNT) - 1  # that a lane can count; a request has fewer
ONE = 1 << 16  # a weight of 1: 63 words of the heaviest weight fit into the 26 bits of a lane
UNSURE = 0.001  # more than what rounding changes in the weight of 63 features


class Comparison:
    """Requests with which others are compared. It can be kept from one search to the next, because what a request said never changes."""

    def __init__(self) -> None:
        self._features: dict[int, Features] = {}  # by ticket id
        self._lanes: dict[int, int] = {}  # by ticket id; each number occurs once
        self._free: list[int] = []
        self._having: dict[str, int] = {}  # by feature: a 1 in the lane of each request that has it

    def keep(self, reports: Iterable[FaultReport]) -> None:
        """Compare with these requests from now on, and with no others."""
        kept = {report.ticket_id: report.features for report in reports}
        for ticket_id in [known for known, features in self._features.items() if kept.get(known) != features]:
            self._remove(ticket_id)
        for ticket_id, features in kept.items():
            if ticket_id not in self._features:
                self._add(ticket_id, features)

    def like(self, new: Features, weights: Weights) -> frozenset[int]:
        """The ticket ids of the requests that are alike, the request itself among them if it was kept."""
        if len(new) > MOST_FEATURES:
            return frozenset(number for number, features in self._features.items() if is_alike(new, features, weights))
        sums = self._shared(new, weights)
        heavy = _in_lane(EVIDENCE - UNSURE)
        surely_alike = _in_lane(max(EVIDENCE, SHARE * weights.total_of_report(new)) + UNSURE)
        shared = ((number, sums[lane]) for number, lane in self._lanes.items() if sums[lane] >= heavy)
        return frozenset(
            number
            for number, common in shared
            if (common >= surely_alike and common & MOST_FEATURES > 1) or is_alike(new, self._features[number], weights)
        )

    def _shared(self, features: Features, weights: Weights) -> tuple[int, ...]:
        """For each lane, how many of the features its request has, and their weight."""
        sums = 0
        for feature in features:
            if feature in self._having:
                sums += self._having[feature] * (_in_lane(weights.of(feature)) | 1)
        lanes = len(self._lanes) + len(self._free)
        return unpack(f"<{lanes}I", sums.to_bytes(lanes * LANE // 8, "little"))

    def _add(self, ticket_id: int, features: Features) -> None:
        lane = self._free.pop() if self._free else len(self._lanes)
        self._features[ticket_id], self._lanes[ticket_id] = features, lane
        for feature in features:
            self._having[feature] = self._having.get(feature, 0) | 1 << lane * LANE

    def _remove(self, ticket_id: int) -> None:
        lane = self._lanes.pop(ticket_id)
        self._free.append(lane)
        for feature in self._features.pop(ticket_id):
            self._having[feature] ^= 1 << lane * LANE
            if not self._having[feature]:
                del self._having[feature]


def _in_lane(weight: float) -> int:
    """A weight as it stands in a lane."""
    return round(weight * ONE) << COUNT
