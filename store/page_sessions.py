"""Sessions of the inbox page: the one-time code with which a platform sends a customer there, and the session that it becomes.

The browser has a secret, and the database its hash. A session ends after twelve hours, when its customer leaves, and with the key of the
platform that began it.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, or_, select, update

from helpdesk.store.database import AnyRow, Database
from helpdesk.store.schema import api_key, page_session
from helpdesk.threading.trust.addresses import canonical

CODE_LIFE = timedelta(seconds=60)
SESSION_LIFE = timedelta(hours=12)
SECRET = 32  # octets
SESSION, KEY = page_session.c, api_key.c


@dataclass(frozen=True, slots=True)
class PageVisitor:
    """The customer of a session: a contact of an account, and the language that the platform knows of them ("" for none)."""

    account: str
    contact: str
    language: str
    key: str  # id of the platform's key


def add_code(connection: Connection, visitor: PageVisitor, now: datetime) -> str:
    """Make a one-time code for a customer, and return it. It can be exchanged for a session within a minute."""
    code = secrets.token_urlsafe(SECRET)
    row = {
        "code_sha256": _hash(code),
        "code_until": now + CODE_LIFE,
        "account_id": visitor.account,
        "contact_address": canonical(visitor.contact),
        "language": visitor.language,
        "key_id": visitor.key,
        "created_at": now,
    }
    connection.execute(insert(page_session), row)
    return code


def exchange_code(connection: Connection, code: str, held: str, now: datetime) -> str | None:
    """Return the secret of the session that a code begins: a new one, whatever the browser held before. None for a code that is no more good.

    The browser whose session the code has begun may repeat it within the minute, as it does when a frame is loaded again.
    """
    found = connection.execute(_sessions().where(SESSION.code_sha256 == _hash(code), SESSION.code_until > now)).one_or_none()
    if found is None or found.ended_at is not None:
        return None
    if found.session_sha256 is not None:
        return held if held and hmac.compare_digest(found.session_sha256, _hash(held)) else None
    secret = secrets.token_urlsafe(SECRET)
    unused = (SESSION.code_sha256 == found.code_sha256, SESSION.session_sha256.is_(None))
    opened = update(page_session).where(*unused).values(session_sha256=_hash(secret), expires_at=now + SESSION_LIFE)
    return secret if connection.execute(opened).rowcount == 1 else None


def find_session(connection: Connection, secret: str, now: datetime) -> PageVisitor | None:
    """Return whose session a browser's secret opens; None where it opens none."""
    valid = (SESSION.session_sha256 == _hash(secret), SESSION.expires_at > now, SESSION.ended_at.is_(None))
    row = connection.execute(_sessions().where(*valid, or_(KEY.expires_at.is_(None), KEY.expires_at > now))).one_or_none()
    return _visitor(row) if row is not None else None


def end_session(connection: Connection, secret: str, now: datetime) -> None:
    statement = update(page_session).where(SESSION.session_sha256 == _hash(secret), SESSION.ended_at.is_(None))
    connection.execute(statement.values(ended_at=now))


def forget_sessions(database: Database, before: datetime) -> int:
    """Delete what was begun before a moment, at most a session's life ago. Return how many rows that were."""
    with database.writing() as connection:
        return connection.execute(delete(page_session).where(SESSION.created_at < before)).rowcount


def _sessions() -> Any:
    """The sessions whose key is not revoked."""
    valid = and_(KEY.id == SESSION.key_id, KEY.revoked_at.is_(None))
    return select(page_session).join(api_key, valid)


def _visitor(row: AnyRow) -> PageVisitor:
    return PageVisitor(row.account_id, row.contact_address, row.language, row.key_id)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
