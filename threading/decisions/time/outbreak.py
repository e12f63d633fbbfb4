"""Find recent requests of many customers that report the same fault, and propose them to a senior as one incident, once.

The proposal changes nothing by itself. `#incident` in answer to it makes the oldest request the incident and attaches the others.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import sqrt

from helpdesk.threading.incidents.comparison import Comparison
from helpdesk.threading.incidents.likeness import (
    MOST_COMPARED,
    Crowd,
    FaultReport,
    features,
    reports_like,
    shared_words,
    words_of,
)
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision, Grounds
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.permission import may
from helpdesk.threading.lifecycle.routing import escalation_assignee
from helpdesk.threading.lifecycle.team import staff_facts, team_of
from helpdesk.threading.matching.known import OpenIncidents
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.status import Status
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.trust.addresses import rate_key

ACTOR = "likeness"
MOST_LISTED = 40  # requests that a proposal lists; the incident takes no others
FEW = 3  # requests similar to the new one, from which on their own neighbours are searched too
ENOUGH = 20  # earlier requests that are enough to show what is usual
PART = 0.25
SPREAD = 4  # required excess over the usual number, in its square roots; chance alone rarely exceeds this
OVER = frozenset({Status.RESOLVED, Status.CLOSED})


@dataclass(frozen=True, slots=True)
class Outbreak:
    """Similar requests, the oldest first, and the words that they have in common."""

    ticket_ids: tuple[int, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """The result of a search for outbreaks among new requests.

    `joined` are similar requests that belong to an earlier proposal, by the ticket id of its oldest request. `others` are new
    requests that are like too few.
    """

    outbreaks: tuple[Outbreak, ...] = ()
    joined: tuple[tuple[int, int], ...] = ()
    others: tuple[int, ...] = ()


def may_join(ticket: Ticket) -> bool:
    """Whether a request can still become part of an incident."""
    return ticket.status not in OVER and ticket.lineage.incident is None and ticket.lineage.merged_into is None


def report_of(draft: Draft, text: str) -> FaultReport | None:
    """The words of a new request for the comparison; None for a machine, a list, or a probably forged author."""
    ticket = draft.ticket
    if not ticket.automatic_letters:
        return None
    words = words_of(ticket.subject, text)
    return FaultReport(ticket.id, customer_of(ticket), words, ticket.created_at, features=features(words))


def customer_of(ticket: Ticket) -> str:
    """The customer for counting: an account counts once, however many of its people write."""
    requester = ticket.participant(ticket.requester)
    return f"account:{ticket.account}" if ticket.account else rate_key(requester.address) if requester else ""


@dataclass(frozen=True, slots=True)
class _Search:
    """A search in a crowd, and which requests are like each of those that were compared so far."""

    crowd: Crowd
    comparison: Comparison
    found: dict[int, frozenset[int]] = field(default_factory=dict)

    def like(self, report: FaultReport) -> frozenset[int]:
        """The ids of all requests of the crowd that are like this one, which is one of them itself."""
        if report.ticket_id not in self.found:
            alike = self.comparison.like(report.features, self.crowd.weights)
            self.found[report.ticket_id] = alike - {report.ticket_id}
        return self.found[report.ticket_id]


def find_outbreaks(crowd: Crowd, propose_from: int, span: timedelta, comparison: Comparison | None = None) -> Looked:
    """Find outbreaks among the new requests, each compared with all recent ones. No request is part of two outbreaks.

    A `comparison` that is kept from search to search saves the work for the requests that it knows already.
    """
    search = _Search(crowd, Comparison() if comparison is None else comparison)
    search.comparison.keep((*crowd.recent, *crowd.earlier))
    outbreaks: list[Outbreak] = []
    joined: dict[int, int] = {}
    taken: set[int] = set()
    for new in (report for report in crowd.recent if report.looked_at is None and report.counts):
        if new.ticket_id in taken:
            continue
        numbers = search.like(new)
        alike = [report for report in crowd.recent if report.ticket_id in numbers]
        proposal = next(
            (
                report.proposal or joined.get(report.ticket_id)
                for report in alike
                if report.proposal or report.ticket_id in joined
            ),
            None,
        )
        if proposal is not None:
            joined[new.ticket_id] = proposal
        elif not any(report.incident for report in alike):
            members = _members(
                new, [report for report in alike if report.counts and report.ticket_id not in taken], search, taken
            )
            customers = _customers(members)
            if customers >= propose_from and customers >= _usual(new, search, span):
                outbreaks.append(Outbreak(tuple(member.ticket_id for member in members), shared_words(members, crowd.weights)))
                taken |= {member.ticket_id for member in members}
    fresh = [report.ticket_id for report in crowd.recent if report.looked_at is None]
    others = tuple(report for report in fresh if report not in joined and report not in taken)
    return Looked(tuple(outbreaks), tuple(joined.items()), others)


def incident_like(report: FaultReport, incidents: OpenIncidents) -> Ticket | None:
    """The incident whose requests are most similar to this report, or None."""
    alike = [
        other_report.incident
        for other_report in reports_like(report, incidents.crowd.recent, incidents.crowd.weights)
        if other_report.incident in incidents.tickets
    ]
    best = max(alike, key=lambda incident: (alike.count(incident), incident or 0), default=None)
    return incidents.tickets[best] if best is not None else None


def decide_outbreak(outbreak: Outbreak, context: Context) -> Decision:
    """Send the proposal to a senior, or to the team if there is none. Requests that have ended meanwhile are left out."""
    tickets = context.known.tickets
    members = [tickets[number] for number in sorted(outbreak.ticket_ids) if number in tickets and may_join(tickets[number])]
    if len({customer_of(member) for member in members}) < max(context.policy.incidents.propose_from, 2):
        return Decision(Disposition.NOTED, "of the requests that were alike, too few go on", Grounds(Assurance.UNVERIFIED))
    first, listed = members[0], members[:MOST_LISTED]
    draft = Draft(context, first, first.version)
    draft = draft.add_event("incident_proposed", ACTOR, f"with {', '.join(ticket.reference for ticket in listed[1:])}")
    facts = staff_facts(draft, first.assurance, outcome=tuple(_rows(listed, len(members))))
    facts = replace(
        facts, remarks=(sentence("What they have in common: {names}", names=", ".join(outbreak.words)),) if outbreak.words else ()
    )
    senior = escalation_assignee(1, first.queue, None, context.known.staff, context.now)
    if senior is not None:
        draft = draft.notify_staff(senior, Notice.INCIDENT_PROPOSAL, facts)
    else:
        for member in team_of(draft):
            theirs = [ticket for ticket in listed if may(member, ticket, context)]
            shared = facts.remarks if len(theirs) == len(listed) else ()
            seen = replace(facts, outcome=tuple(_rows(theirs, len(members))), remarks=shared)
            draft = draft.notify_staff(member, Notice.INCIDENT_PROPOSAL, seen)
    reason = f"{len(members)} requests are alike; {senior.name if senior else 'the team'} is asked whether they are one incident"
    draft = replace(draft, proposed=tuple(ticket.id for ticket in listed))
    return draft.decision(Disposition.NOTED, reason, Grounds(first.assurance))


def remark_on(incident: Ticket, draft: Draft) -> Sentence:
    """A remark for the letter about a new request that resembles an incident. The remark has the incident's subject if all
    readers may read it.
    """
    line = f"#incident {incident.reference}"
    theirs = all(may(member, incident, draft.context) for member in team_of(draft))
    return sentence(
        'It looks like the incident {other} ("{subject}"): a senior attaches it by "{line}" in answer to this letter.'
        if theirs
        else 'It looks like the incident {other}: a senior attaches it by "{line}" in answer to this letter.',
        other=incident.reference,
        subject=incident.subject,
        line=line,
    )


def _members(new: FaultReport, alike: Sequence[FaultReport], search: _Search, taken: Iterable[int]) -> tuple[FaultReport, ...]:
    """The new request, those similar to it, and those similar to at least two of these, because people describe one fault in many ways."""
    recent, alike_ids = search.crowd.recent, frozenset(report.ticket_id for report in alike)
    core = {new.ticket_id, *alike_ids}
    if len(core) < FEW:
        return tuple(report for report in recent if report.ticket_id in core)
    others = [
        report
        for report in recent
        if report.counts and report.ticket_id not in core and report.proposal is None and report.ticket_id not in taken
    ]
    near = {other.ticket_id for other in others if len(search.like(other) & alike_ids) >= 2}
    members = core | near
    return tuple(report for report in recent if report.ticket_id in members)


def _customers(reports: Iterable[FaultReport]) -> int:
    return len({report.customer for report in reports})


def _usual(new: FaultReport, search: _Search, span: timedelta) -> float:
    """How many customers must report the same, judged by earlier requests, to be more than the usual number.

    If there are too few earlier requests to show what is usual, the similar ones must be a good part of all recent requests.
    """
    crowd, numbers = search.crowd, search.like(new)
    if len(crowd.earlier) < ENOUGH:
        return len(crowd.recent) * PART
    alike = _customers(report for report in crowd.earlier if report.ticket_id in numbers)
    newest = crowd.recent[-1].at
    seen = newest - crowd.recent[0].at if len(crowd.recent) >= MOST_COMPARED else span
    part = seen / max(newest - span - crowd.earlier[0].at, span)
    expected = alike * part
    return expected + SPREAD * sqrt(expected * (1 + part)) + (1 if expected else 0)


def _rows(listed: Sequence[Ticket], all_of_them: int) -> Iterable[Sentence]:
    for ticket in listed:
        author = ticket.participant(ticket.requester)
        who = " ".join(part for part in (author.name, f"<{author.address}>") if part) if author else sentence("nobody")
        yield sentence(
            '{reference} "{subject}", {who}, {at}',
            reference=ticket.reference,
            subject=ticket.subject,
            who=who,
            at=ticket.created_at,
        )
    if all_of_them > len(listed):
        yield sentence("and {count} more, which are not attached by it", count=all_of_them - len(listed))
