"""The sessions of operators who have signed in with a key: in the memory of one process, so that its end signs everybody out."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from helpdesk.store.api_keys import ApiKey, KeyKind, find_key, key_of_session
from helpdesk.store.database import Database

LIFE = timedelta(hours=12)
MOST_SESSIONS = 1000


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who has signed in. `secret` is in the cookie of their browser and nowhere else."""

    secret: str
    key: ApiKey
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class _Kept:
    key_id: str
    ends_at: datetime


class Sessions:
    """Begins, finds and ends sessions. A session lasts for twelve hours, and not longer than its key."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock
        self._kept: dict[str, _Kept] = {}  # by the hash of the secret
        self._one_at_a_time = Lock()

    def begin(self, given: str) -> Session | None:
        """Begin a session with the key of an operator. Return None if `given` is no such key, or one that is not valid now. Raises DatabaseAway."""
        now = self._clock()
        with self._database.reading() as connection:
            key = find_key(connection, given.strip(), KeyKind.OPERATOR)
        if key is None or not key.is_valid(now):
            return None
        session = Session(secrets.token_urlsafe(32), key, now + LIFE)
        with self._one_at_a_time:
            self._kept = {name: kept for name, kept in self._kept.items() if kept.ends_at > now}
            while len(self._kept) >= MOST_SESSIONS:
                del self._kept[next(iter(self._kept))]
            self._kept[_hash(session.secret)] = _Kept(key.id, session.ends_at)
        return session

    def find(self, secret: str) -> Session | None:
        """The session of a cookie, with its key as it is now; None where it is over or its key is revoked. Raises DatabaseAway."""
        now, kept = self._clock(), self._kept.get(_hash(secret))
        if kept is None or kept.ends_at <= now:
            return None
        with self._database.reading() as connection:
            key = key_of_session(connection, kept.key_id)
        return Session(secret, key, kept.ends_at) if key is not None and key.is_valid(now) else None

    def end(self, secret: str) -> None:
        with self._one_at_a_time:
            self._kept.pop(_hash(secret), None)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
