"""Mail that the operator keeps out, by a rule, by the list of senders or by the verdict of a spam filter.

Nothing is told to anybody, and the mail itself is kept: `helpdesk quarantine` lists it and lets it in. Some mail is never kept out: reports
about letters and letters that came back (they come before this question), mail that names staff, archives, and, but for blocked senders, a
reply that proves its place in a conversation.
"""

from dataclasses import replace

from helpdesk.threading.decisions.arrival import Arrival
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.model.listed_sender import ListedSender, Listing
from helpdesk.threading.model.mail import Channel, Disposition
from helpdesk.threading.rules.senders import entry_that_counts
from helpdesk.threading.rules.sorting import Stop, StopKind

BECOMES = {
    StopKind.IGNORE: Disposition.DISCARDED,
    StopKind.REFUSE: Disposition.REFUSED,
    StopKind.SPAM: Disposition.QUARANTINED,
    StopKind.VERDICT: Disposition.QUARANTINED,
    StopKind.BLOCKED: Disposition.REFUSED,
}
REASONS = {
    StopKind.IGNORE: "the rule “{by}” ignores it",
    StopKind.REFUSE: "the rule “{by}” refuses it",
    StopKind.SPAM: "the rule “{by}” calls it spam",
    StopKind.VERDICT: "the mail filter calls it spam in {by}",
    StopKind.BLOCKED: "{by} is on the list of blocked senders",
}
SPARED_IF_ALLOWED = frozenset({StopKind.SPAM, StopKind.VERDICT})


def is_kept_out(arrival: Arrival) -> bool:
    """Whether the operator keeps this mail out."""
    return _stop(arrival) is not None


def keep_out(arrival: Arrival) -> Decision:
    """Keep the mail, and do nothing else."""
    stop = _stop(arrival)
    assert stop is not None
    reason = REASONS[stop.kind].format(by=stop.by) + "; `helpdesk quarantine release` lets it in"
    return Decision(BECOMES[stop.kind], reason, replace(arrival.grounds, stop=stop))


def _stop(arrival: Arrival) -> Stop | None:
    """What keeps a mail out: the list of senders, else a rule, else a spam filter; None if nothing does."""
    incoming = arrival.incoming
    if incoming.sorting.let_in or incoming.channel is not Channel.MAIL or _names_staff(arrival):
        return None
    listed = _entry_about(arrival)
    if listed is not None and listed.listing is Listing.BLOCK:
        return Stop(StopKind.BLOCKED, listed.entry)
    if arrival.match.ticket is not None and arrival.match.proved:
        return None
    stops = (incoming.sorting.stop, Stop(StopKind.VERDICT, incoming.sorting.verdict) if incoming.sorting.verdict_stops else None)
    return next((stop for stop in stops if stop and not (listed is not None and stop.kind in SPARED_IF_ALLOWED)), None)


def _entry_about(arrival: Arrival) -> ListedSender | None:
    identity, known = arrival.incoming.identity, arrival.context.known
    author = identity.address or next(iter(arrival.incoming.claims), "")
    return entry_that_counts(author, identity.is_proved, arrival.incoming.sorting.senders, known.listed) if known.listed else None


def _names_staff(arrival: Arrival) -> bool:
    """Whether a staff member may have written it. What nothing proves to be theirs is held for them, which has limits of its own."""
    named = (*arrival.incoming.claims, arrival.incoming.correspondent.address)
    return any(arrival.context.staff_member(address) is not None for address in named if address)
