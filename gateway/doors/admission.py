"""How many sessions a door has at once, in all and from one peer."""

from collections import Counter


class Admission:
    """Counts sessions. Limits are counts; a peer is an IP address."""

    def __init__(self, most: int, most_of_a_peer: int) -> None:
        self._most = most
        self._most_of_a_peer = most_of_a_peer
        self._of_peer: Counter[str] = Counter()

    def enter(self, peer: str) -> bool:
        """Whether there is room for one more, which is then counted until it leaves."""
        if self._of_peer.total() >= self._most or self._of_peer[peer] >= self._most_of_a_peer:
            return False
        self._of_peer[peer] += 1
        return True

    def leave(self, peer: str) -> None:
        self._of_peer[peer] -= 1
        if self._of_peer[peer] <= 0:
            del self._of_peer[peer]
