"""Where a file lies in the mail that brought it, so that nobody has to keep its octets a second time.

A place is a way of steps: cut out some octets, undo their encoding, and go on in what came out (a file inside winmail.dat takes two).
The decoders here are those of the standard library and no part of the tolerant reading, which may change with every version: a place that
was written down must give the same octets for as long as somebody needs them. Where they do not give what the reading gave, there is no
place. Whoever follows one compares the digest.
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
    """The way to a file cannot be gone in these octets."""


@dataclass(frozen=True, slots=True)
class Step:
    """The octets from `start` to `end`, with `encoding` undone: a key of DECODERS."""

    start: int
    end: int
    encoding: str = ""


Place = tuple[Step, ...]


class OpenedMail:
    """A mail with the containers in it that were opened on the way to a file: each is opened once, however many files it holds."""

    def __init__(self, content: bytes) -> None:
        self._opened: dict[Place, bytes] = {(): content}

    def octets(self, place: Place) -> bytes:
        """What lies there. Raises NoPlace."""
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
