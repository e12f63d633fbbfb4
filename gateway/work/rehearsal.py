"""Decide about a mail as a worker would, and write nothing."""

from collections.abc import Callable
from dataclasses import replace

from helpdesk.gateway.work.desk import Desk
from helpdesk.gateway.work.kind import OriginChecker
from helpdesk.gateway.work.mail import mail_item
from helpdesk.gateway.work.present_desk import PresentDesk
from helpdesk.gateway.work.spine import decide
from helpdesk.store.database import Database
from helpdesk.store.known import look_up
from helpdesk.store.mail_claims import ClaimedMail
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.model.mail import RawMessage
from helpdesk.threading.reading.parsed import Reading


class Rehearsal:
    """Decides about mails with a desk and a database that it only reads. `read` reads any mail, in part if need be."""

    def __init__(self, desk: Desk, read: Callable[[bytes], Reading], origins: OriginChecker, database: Database) -> None:
        self._desk = desk
        self._read = read
        self._origins = origins
        self._database = database

    @property
    def policy_digest(self) -> str:
        """The digest of the policy by which it decides."""
        return self._desk.policy.digest

    def decide(self, raw: RawMessage) -> tuple[RawMessage, Decision]:
        """Decide about a mail at the moment at which it came. Return it with what the check of its origin found."""
        reading = self._read(raw.content)
        if self._origins.wants(raw):
            raw = replace(raw, origin=self._origins.check(raw, reading.message))
        item = mail_item(ClaimedMail(id=0, lease_token=0, attempts=1, raw=raw), reading, self._desk)
        with self._database.reading() as connection:
            present = PresentDesk(self._desk)
            item = item.under_first_address(present.read(connection).policy.first_addresses)
            known = look_up(connection, item.question(), present.desk.policy, raw.received_at)
            desk = present.with_accounts(connection, [known])
        return raw, decide(item, known, desk, raw.received_at)
