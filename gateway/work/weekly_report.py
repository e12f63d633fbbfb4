"""The kind of cause for weekly reports to managers. The row of a report in `digest` claims the week."""

from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.config.calendar import working_day
from helpdesk.config.hours import time_of_day
from helpdesk.gateway.work.item import WorkItem
from helpdesk.gateway.work.kind import BATCH, RestingKind
from helpdesk.store.digests import WeeklyCause, managers_without_report
from helpdesk.store.statistics import desk_facts
from helpdesk.threading.decisions.time.weekly import decide_weekly, week_of, weeks_before
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.matching.known import Question
from helpdesk.threading.reporting.report import Weeks, report_of


@dataclass(frozen=True, slots=True)
class WeeklyReportItem(WorkItem):
    """A week in which a manager has not had their report."""

    cause: WeeklyCause

    def question(self) -> Question:
        return Question(author=self.cause.staff)

    def decide(self, context: Context) -> Decision:
        return decide_weekly(self.cause.staff, self.cause.weeks, context)


class WeeklyReports(RestingKind):
    """Weekly reports that are due. If no node ran on the first working day, they are sent later in the same week."""

    name = "weekly"

    def due(self) -> Sequence[WeeklyReportItem]:
        policy = self.tools.desk.policy
        after = time_of_day(policy.answering.weekly_at)
        day = working_day(self.tools.clock(), after, policy.calendar) if after is not None else None
        if day is None:
            return []
        with self.tools.database.reading() as connection:
            managers = managers_without_report(connection, week_of(day), BATCH)
            if not managers:
                return []
            spans = weeks_before(day, policy.calendar.zone)
            weeks = Weeks(*(report_of(desk_facts(connection, span.since, span.until), policy, span) for span in spans))
        return [WeeklyReportItem(WeeklyCause(address, week_of(day), weeks)) for address in managers]
