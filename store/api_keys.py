"""The keys of platforms that use the HTTP API, and of operators for their page. A key is shown once, when it is made; the database has its hash."""

import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, insert, select, text, update

from helpdesk.store.database import AnyRow, DatabaseAway
from helpdesk.store.schema import api_key, api_secret

ALL = "*"  # instead of the ids of accounts
FORM = re.compile(r"(hd[ko])_([0-9a-f]{16})_([0-9a-f]{64})([0-9a-f]{8})")
MAKE_SECRET = text("INSERT INTO api_secret (id, secret) VALUES (1, :secret) ON CONFLICT DO NOTHING")


class KeyKind(StrEnum):
    """Whom a key is for, as it begins. A key of one kind opens nothing of the other: what is hashed has its beginning."""

    PLATFORM = "hdk"
    OPERATOR = "hdo"


OPERATOR_SCOPE = "operator"  # of each key of an operator, which has no other; no key of a platform has it


class Scope(StrEnum):
    """What a key of a platform may do."""

    INBOX_READ = "inbox:read"
    INBOX_WRITE = "inbox:write"
    EVENTS_READ = "events:read"
    SESSIONS_OPEN = "sessions:open"  # of the inbox page
    DIRECTORY_READ = "directory:read"
    DIRECTORY_WRITE = "directory:write"


ORDINARY = (Scope.INBOX_READ, Scope.INBOX_WRITE, Scope.EVENTS_READ)  # of a key for which no scope is named


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as the database knows it."""

    id: str
    name: str
    scopes: frozenset[str]
    accounts: tuple[str, ...]  # ids, or `ALL` alone
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    heirs: Mapping[str, str] = field(default_factory=dict)  # accounts that have taken over some of these

    def is_valid(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    @property
    def only(self) -> tuple[str, ...] | None:
        """The accounts that the key is limited to; None for a key of all accounts."""
        return None if ALL in self.accounts else (*self.accounts, *self.heirs.values())

    def reaches(self, account: str) -> bool:
        return self.only is None or account in self.only


def add_key(
    connection: Connection,
    name: str,
    scopes: Sequence[str],
    accounts: Sequence[str],
    now: datetime,
    expires_at: datetime | None,
    kind: KeyKind = KeyKind.PLATFORM,
) -> str:
    """Store a new key and return it whole. Nobody can find it out again: the secret part is random, so that a plain hash hides it."""
    number, secret = secrets.token_hex(8), secrets.token_hex(32)
    key = f"{kind}_{number}_{secret}{_check(number, secret)}"
    connection.execute(
        insert(api_key).values(
            id=number,
            name=name,
            sha256=hashlib.sha256(key.encode()).hexdigest(),
            scopes=sorted(scopes),
            accounts=sorted(accounts),
            created_at=now,
            expires_at=expires_at,
        )
    )
    connection.execute(MAKE_SECRET, {"secret": secrets.token_hex(32)})
    return key


def add_operator_key(connection: Connection, name: str, now: datetime, expires_at: datetime | None) -> str:
    """Store a new key of an operator and return it whole. It reaches no account by the API."""
    return add_key(connection, name, (OPERATOR_SCOPE,), (), now, expires_at, KeyKind.OPERATOR)


def find_key(connection: Connection, given: str, kind: KeyKind = KeyKind.PLATFORM) -> ApiKey | None:
    """Return the key of a kind that somebody shows, valid or not; None for one that is not known."""
    parts = FORM.fullmatch(given)
    if parts is None or parts[1] != kind or parts[4] != _check(parts[2], parts[3]):
        return None  # a typing error costs no look-up
    row = connection.execute(select(api_key).where(api_key.c.id == parts[2])).one_or_none()
    if row is None or not hmac.compare_digest(row.sha256, hashlib.sha256(given.encode()).hexdigest()):
        return None
    return _key(row)


def key_of_session(connection: Connection, number: str) -> ApiKey | None:
    """Return the key with which somebody has signed in, as it is now."""
    row = connection.execute(select(api_key).where(api_key.c.id == number)).one_or_none()
    return _key(row) if row is not None else None


def list_keys(connection: Connection) -> list[ApiKey]:
    return [_key(row) for row in connection.execute(select(api_key).order_by(api_key.c.created_at, api_key.c.id))]


def revoke_key(connection: Connection, number: str, now: datetime) -> bool:
    """Revoke a key. Return whether there was one that was not revoked yet."""
    statement = update(api_key).where(api_key.c.id == number, api_key.c.revoked_at.is_(None)).values(revoked_at=now)
    return connection.execute(statement).rowcount == 1


def cursor_secret(connection: Connection) -> bytes:
    """Return the secret that signs cursors. There is one as soon as there is a key, or pages for customers. Raises DatabaseAway before that."""
    known = connection.execute(select(api_secret.c.secret)).scalar()
    if known is None:
        raise DatabaseAway("the secret of this desk's pages is not made yet")
    return str(known).encode()


def _check(number: str, secret: str) -> str:
    return f"{binascii.crc32(f'{number}_{secret}'.encode()):08x}"


def _key(row: AnyRow) -> ApiKey:
    return ApiKey(row.id, row.name, frozenset(row.scopes), tuple(row.accounts), row.created_at, row.expires_at, row.revoked_at)
