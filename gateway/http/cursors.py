"""Cursors: opaque, signed, and bound to the list and the filter that they were made for."""

import base64
import hashlib
import hmac
import json
from typing import Any

from helpdesk.gateway.http.problems import CURSOR_INVALID, ApiRefusal

SEAL = 12  # octets
LONGEST = 200  # characters


class Cursors:
    """Writes and reads cursors with a secret that all nodes of a desk share."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def write(self, position: int, *about: Any) -> str:
        """The cursor for what is beyond a position of the list that `about` names, with its filter."""
        place = position.to_bytes(8)
        return base64.urlsafe_b64encode(place + self._seal(place, about)).decode().rstrip("=")

    def read(self, cursor: str | None, *about: Any) -> int | None:
        """The position; None for no cursor. Raises ApiRefusal."""
        if cursor is None:
            return None
        try:
            octets = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)) if len(cursor) <= LONGEST else b""
        except ValueError:
            octets = b""
        place, seal = octets[:8], octets[8:]
        if len(octets) != 8 + SEAL or not hmac.compare_digest(seal, self._seal(place, about)):
            raise ApiRefusal(CURSOR_INVALID, "use a cursor only with the address and the filter from which it came")
        return int.from_bytes(place)

    def _seal(self, place: bytes, about: tuple[Any, ...]) -> bytes:
        return hmac.new(self._secret, place + json.dumps(about).encode(), hashlib.sha256).digest()[:SEAL]
