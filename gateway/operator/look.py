"""Reads what the operator's page shows, each time anew: the database, the doors of this node, and what its sender knows of the relay."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from helpdesk.config.load import Configuration
from helpdesk.gateway.explaining import explain_mail
from helpdesk.gateway.findings import desk_findings
from helpdesk.gateway.monitor.door_look import look_at_doors
from helpdesk.gateway.operator.views import (
    AddressRow,
    DeskNow,
    DoorRow,
    FoundMail,
    LettersView,
    SetAside,
    act_rows,
    address_row,
    decision_row,
    found_mail,
    letter_row,
    mailbox_rows,
    node_rows,
    queue_rows,
    relay_view,
    set_aside,
    worst,
)
from helpdesk.store.database import Database
from helpdesk.store.hold import current_hold
from helpdesk.store.inbound import find_inbound, list_inbound
from helpdesk.store.open_requests import open_by_queue
from helpdesk.store.operator_acts import newest_acts
from helpdesk.store.outbox import list_letters
from helpdesk.store.statistics import desk_facts
from helpdesk.store.suppressions import list_suppressions
from helpdesk.store.watched import desk_figures
from helpdesk.threading.model.letter_state import LetterState
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.reporting.report import Report, Span, report_of

MOST_DECISIONS = 20
MOST_ACTS = 10
MOST_SET_ASIDE = 200  # of each state
MOST_LETTERS = 100  # of each state
MOST_ADDRESSES = 500
REPORTED = timedelta(days=28)
FRESH = timedelta(minutes=1)  # for which a report serves everybody who looks: it reads all requests of its span
NOT_GONE = (LetterState.SENDING, LetterState.DEFERRED, LetterState.QUEUED, LetterState.FAILED)


@dataclass(slots=True)
class DeskLook:
    """Looks at one desk. `configuration` gives the present one, and `relay_stalled` says whether the relay takes no letters."""

    database: Database
    configuration: Callable[[], Configuration]
    clock: Callable[[], datetime]
    relay_stalled: Callable[[], bool]
    _one_at_a_time: Lock = field(default_factory=Lock)
    _report: Report | None = None

    def now(self) -> DeskNow:
        """Everything that the first page shows. Raises DatabaseAway."""
        configuration, now = self.configuration(), self.clock()
        settings, policy = configuration.settings, configuration.policy
        condition, findings = desk_findings(
            self.database, settings.database, policy, now, [target.name for target in settings.webhook]
        )
        with self.database.reading() as connection:
            figures = desk_figures(connection, now)
            queues = open_by_queue(connection)
            decisions = list_inbound(connection, limit=MOST_DECISIONS)[::-1]
            acts = newest_acts(connection, MOST_ACTS)
        doors = asyncio.run(look_at_doors(settings))
        return DeskNow(
            at=now,
            level=worst(findings),
            findings=tuple(findings),
            queues=queue_rows(queues, [address.queue for address in policy.addresses], now),
            doors=tuple(DoorRow(name, listen, fault) for name, (listen, fault) in doors.items()),
            nodes=node_rows(condition),
            mailboxes=mailbox_rows({mailbox.name: mailbox.folders for mailbox in settings.mailboxes}, figures.folders, now),
            relay=relay_view(settings.relay.url, figures, is_stalled=self.relay_stalled()),
            decisions=tuple(decision_row(mail) for mail in decisions),
            acts=act_rows(acts),
        )

    def where_is(self, key: str) -> tuple[FoundMail, ...]:
        """Every arrival of a mail, by its Message-ID or its number, the oldest first. Raises DatabaseAway."""
        with self.database.reading() as connection:
            return tuple(found_mail(mail, explain_mail(mail)) for mail in find_inbound(connection, key))

    def set_aside(self) -> tuple[SetAside, ...]:
        """The mails that were set aside, newest first. Raises DatabaseAway."""
        with self.database.reading() as connection:
            mails = [
                mail
                for state in (Disposition.QUARANTINED, Disposition.HELD)
                for mail in list_inbound(connection, state, MOST_SET_ASIDE)
            ]
        found = (set_aside(mail) for mail in sorted(mails, key=lambda mail: -mail.id))
        return tuple(mail for mail in found if mail is not None)

    def letters(self) -> LettersView:
        """The letters that have not left, and those that failed, newest first. Raises DatabaseAway."""
        with self.database.reading() as connection:
            letters = [letter for state in NOT_GONE for letter in list_letters(connection, state, MOST_LETTERS)]
            hold = current_hold(connection)
        return LettersView(hold, tuple(letter_row(letter) for letter in sorted(letters, key=lambda letter: -letter.id)))

    def addresses(self) -> tuple[AddressRow, ...]:
        """The suppressed addresses, newest first. Raises DatabaseAway."""
        with self.database.reading() as connection:
            return tuple(address_row(found) for found in list_suppressions(connection, self.clock())[:MOST_ADDRESSES])

    def report(self) -> Report:
        """The figures of the last four weeks, as of a minute ago at most. Raises DatabaseAway."""
        with self._one_at_a_time:
            now = self.clock()
            if self._report is None or not timedelta() <= now - self._report.span.until < FRESH:
                span = Span(now - REPORTED, now)
                with self.database.reading() as connection:
                    facts = desk_facts(connection, span.since, span.until)
                self._report = report_of(facts, self.configuration().policy, span)
            return self._report
