"""Where a file lies in its mail, so that its octets need not be stored a second time.

A place is a sequence of steps. Each step cuts out octets and decodes them; the next step works on the result (a file inside winmail.dat takes
two). The decoders are those of the standard library, not the tolerant ones of this room, which may change with every version: a stored place
must give the same octets for years. If they do not give the octets that the reading gave, the file has no place. The code that follows a
place compares the SHA-256.
"""

import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass

DECODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "base64": binascii.a2b_base64,
    "quoted-printable": binascii.a2b_qp,
}


class NoPlace(Exception):
    """A place does not lead to a file in these octets."""


@dataclass(frozen=True, slots=True)
class Step:
    """The octets from `start` to `end`, decoded by `encoding`, a key of DECODERS."""

    start: int
    end: int
    encoding: str = ""


Place = tuple[Step, ...]


class OpenedMail:
    """A mail, and its containers that were opened on the way to a file. Each container is opened once."""

    def __init__(self, content: bytes) -> None:
        self._opened: dict[Place, bytes] = {(): content}

    def octets(self, place: Place) -> bytes:
        """The octets at a place. Raises NoPlace."""
        if not place:
            raise NoPlace("a place has at least one step")
        for depth in range(1, len(place)):
            way = place[:depth]
            if way not in self._opened:
                self._opened[way] = _follow(self._opened[way[:-1]], way[-1])
        return _follow(self._opened[place[:-1]], place[-1])


def _follow(content: bytes, step: Step) -> bytes:
    decoder = DECODERS.get(step.encoding)
    if decoder is None or not 0 <= step.start <= step.end <= len(content):
        raise NoPlace(f"no octets from {step.start} to {step.end} in {step.encoding or 'clear'}")
    try:
        return decoder(content[step.start : step.end])
    except binascii.Error as fault:
        raise NoPlace(str(fault)) from fault
