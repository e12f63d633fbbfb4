"""What the routes share: the database, the present key of a request, its limits, and cursors."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock

from helpdesk.config.policy import Policy
from helpdesk.gateway.http.cursors import Cursors
from helpdesk.gateway.http.form_desk import RequestForm
from helpdesk.gateway.http.page_desk import PageDesk
from helpdesk.gateway.http.problems import NOT_AUTHENTICATED, NOT_FOUND, NOT_PERMITTED, TOO_MANY, ApiRefusal
from helpdesk.store.account_heirs import heirs_of_accounts
from helpdesk.store.api_keys import ApiKey, Scope, cursor_secret, find_key
from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database
from helpdesk.store.platform_views import Accounts

MINUTE = 60.0
MOST_UPLOADS = 4  # files that are in memory at once
MOST_STREAMS = 100  # files that come at once piece by piece, each with half a megabyte in memory
MOST_KEYS = 10_000  # whose requests are counted at once
Pages = dict[str, int]


@dataclass(slots=True)
class Service:
    """The desk behind the routes. `wake` tells the workers of this node that a reply waits.

    `database` has the rights of the customers' side, and `directory` those for accounts, contacts and staff. Without
    `page_desk` there are no pages for customers, and without `request_form` strangers cannot write.
    """

    database: Database
    directory: Database
    blobs: BlobStore
    policy: Callable[[], Policy]
    clock: Callable[[], datetime]
    requests_per_minute: int
    wake: Callable[[], None]
    page_desk: PageDesk | None = None
    request_form: RequestForm | None = None
    monotonic: Callable[[], float] = time.monotonic
    uploads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_UPLOADS))
    streams: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_STREAMS))
    _counting: Lock = field(default_factory=Lock)
    _counted: dict[str, tuple[float, int]] = field(default_factory=dict)
    _cursors: Cursors | None = None

    def caller(self, authorization: str | None, scope: Scope) -> ApiKey:
        """The key of a request. Raises ApiRefusal where there is none, where it lacks the scope, or where it asks too often."""
        scheme, _, given = (authorization or "").partition(" ")
        with self.database.reading() as connection:
            key = find_key(connection, given.strip()) if scheme.lower() == "bearer" else None
            if key is not None and key.only is not None:  # a key follows its account under another name
                key = replace(key, heirs=heirs_of_accounts(connection, key.accounts))
        if key is None or not key.is_valid(self.clock()):
            raise ApiRefusal(NOT_AUTHENTICATED, "send a key as: Authorization: Bearer KEY", WWW_Authenticate="Bearer")
        self.count(key.id)
        if scope not in key.scopes:
            raise ApiRefusal(NOT_PERMITTED, f"this needs the scope {scope}")
        return key

    def cursors(self) -> Cursors:
        if self._cursors is None:
            with self.database.reading() as connection:
                self._cursors = Cursors(cursor_secret(connection))
        return self._cursors

    def count(self, number: str) -> None:
        """Count a request of a key or a session, in memory: a question must not write. Raises ApiRefusal."""
        now = self.monotonic()
        with self._counting:
            if len(self._counted) > MOST_KEYS:
                self._counted.clear()
            since, count = self._counted.get(number, (now, 0))
            if now - since >= MINUTE:
                since, count = now, 0
            self._counted[number] = (since, count + 1)
        if count >= self.requests_per_minute:
            wait = str(max(1, int(since + MINUTE - now)))
            raise ApiRefusal(TOO_MANY, f"http.requests_per_minute is {self.requests_per_minute}", Retry_After=wait)


def accounts_of(key: ApiKey, account: str | None) -> Accounts:
    """The accounts that a question is about. Raises ApiRefusal for one that the key does not reach, as for one that does not exist."""
    if account is None:
        return key.only
    if not key.reaches(account):
        raise ApiRefusal(NOT_FOUND)
    return (account, key.heirs[account]) if account in key.heirs else (account,)
