"""What an operator may change: mails that were set aside, the hold of letters, and suppressed addresses.

The command line and the operator's page act by these functions and by no others, and each act is recorded with who did it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk.store.database import Database
from helpdesk.store.hold import hold_letters, release_hold
from helpdesk.store.operator_acts import ActKind, OperatorAct, record_act
from helpdesk.store.quarantine import drop, let_in, replay, replay_quarantined
from helpdesk.store.suppressions import lift, suppress
from helpdesk.threading.model.suppression import Suppression, SuppressionReason


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who acts on a desk at a moment. `name` is the user of the command line, or the name of a key of the operator's page."""

    database: Database
    name: str
    now: datetime

    def replay_mail(self, number: int) -> bool:
        """Let a mail without effect be processed again. Return False if it had one, or if its content is gone."""
        return replay(self.database, number, self._act(ActKind.MAIL_REPLAYED, str(number)))

    def replay_all(self) -> int:
        """Let every quarantined mail be processed again, and return how many there were."""
        return replay_quarantined(self.database, self._act(ActKind.MAIL_REPLAYED))

    def release_mail(self, number: int) -> bool:
        """Let in a mail that was kept out. Return False if nothing kept it out, or if its content is gone."""
        return let_in(self.database, number, self.name, self._act(ActKind.MAIL_RELEASED, str(number)))

    def drop_mail(self, number: int) -> bool:
        """Discard a mail that was set aside. Return False if it is neither quarantined nor held."""
        return drop(self.database, number, self.name, self.now, self._act(ActKind.MAIL_DROPPED, str(number)))

    def hold_letters(self, reason: str) -> bool:
        """Stop all letters on all nodes. Return False if they are held already."""
        return hold_letters(self.database, reason, self.now, self._act(ActKind.LETTERS_HELD, reason))

    def release_letters(self, gone_before: datetime | None = None) -> int | None:
        """Let letters go out again. Return how many count as sent before `gone_before`; None if letters were not held."""
        subject = f"sent before {gone_before.isoformat()}" if gone_before else ""
        return release_hold(self.database, gone_before, self._act(ActKind.LETTERS_RELEASED, subject))

    def suppress_address(self, address: str, why: str, span: timedelta | None) -> datetime | None:
        """Send no more letters to an address, in its canonical form. Return until when; None means until it is lifted."""
        until = self.now + span if span else None
        with self.database.writing() as connection:
            suppress(connection, Suppression(address, SuppressionReason.MANUAL, why, self.now, until))
            record_act(connection, self._act(ActKind.ADDRESS_SUPPRESSED, address))
        return until

    def lift_address(self, address: str) -> bool:
        """Send letters to an address again. Return False if it is not suppressed."""
        with self.database.writing() as connection:
            is_lifted = lift(connection, address) > 0
            if is_lifted:
                record_act(connection, self._act(ActKind.ADDRESS_LIFTED, address))
        return is_lifted

    def _act(self, kind: ActKind, subject: str = "") -> OperatorAct:
        return OperatorAct(self.now, self.name, kind, subject)
