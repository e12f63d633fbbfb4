"""Cursors: opaque, signed, and bound to the list and the filter that they were made for."""

import base64
import hashlib
import hmac
import json
from typing import Any

from helpdesk.gateway.http.problems import CURSOR_INVALID, ApiRefusal

SEAL = 12  # octets
LONGEST = 2000  # characters


class Cursors:
    """Writes and reads cursors with a secret that all nodes of a desk share."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def write(self, position: int, *about: Any) -> str:
        """The cursor for what is beyond a position of the list that `about` names, with its filter."""
        return self._write(position.to_bytes(8), about)

    def write_key(self, key: str, *about: Any) -> str:
        """The cursor for what is beyond a key, of a list in the order of its keys."""
        return self._write(key.encode(), about)

    def read(self, cursor: str | None, *about: Any) -> int | None:
        """The position; None for no cursor. Raises ApiRefusal."""
        return None if cursor is None else int.from_bytes(self._place_of(cursor, about))

    def read_key(self, cursor: str | None, *about: Any) -> str:
        """The key; "" for no cursor. Raises ApiRefusal."""
        return "" if cursor is None else self._place_of(cursor, about).decode()

    def _write(self, place: bytes, about: tuple[Any, ...]) -> str:
        return base64.urlsafe_b64encode(place + self._seal(place, about)).decode().rstrip("=")

    def _place_of(self, cursor: str, about: tuple[Any, ...]) -> bytes:
        try:
            octets = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)) if len(cursor) <= LONGEST else b""
        except ValueError:
            octets = b""
        place, seal = octets[:-SEAL], octets[-SEAL:]
        if len(octets) <= SEAL or not hmac.compare_digest(seal, self._seal(place, about)):
            raise ApiRefusal(CURSOR_INVALID, "use a cursor only with the address and the filter from which it came")
        return place

    def _seal(self, place: bytes, about: tuple[Any, ...]) -> bytes:
        sealed = len(place).to_bytes(2) + place + json.dumps(about).encode()
        return hmac.new(self._secret, sealed, hashlib.sha256).digest()[:SEAL]
