"""Match a message to its ticket: gather all evidence, then weigh it. The first clue that fits does not decide.

A token in a recipient address is trusted. Any other clue counts only if the author takes part in that ticket. If the clues agree,
the mail joins the ticket. If they contradict each other, the mail opens a ticket of its own that is linked to the others. A bare
reference never decides against stronger clues.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from helpdesk.threading.matching.clue import Clue
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.known import Known
from helpdesk.threading.model.participant import Participant, ParticipantState, Role
from helpdesk.threading.model.people import staff_member_at
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.trust.tokens import INTERNAL, OUTSIDE, Token

TOKENS = frozenset({"reply_token", "message_id_token"})
ANSWERS = frozenset({"reply_token", "message_id_token", "referenced_id"})


@dataclass(frozen=True, slots=True)
class Match:
    """The ticket of a message, the token by which it was found, and all clues. `contradiction` says which clues disagree.

    `proved` says that the mail may move the ticket: it has a token, its certain author takes part, or it was written in the
    platform. The token may stand in a Message-ID of the desk. A mail that merely names the ticket is kept on it and moves
    nothing.
    """

    ticket: Ticket | None
    token: Token | None
    participant: Participant | None  # holder of the token
    clues: tuple[Clue, ...]
    related: tuple[int, ...] = ()
    contradiction: Sentence | None = None
    proved: bool = False

    @property
    def trusted(self) -> bool:
        """Whether a token in a recipient address decided."""
        return self.token is not None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One clue, and the ticket that it points to. Among clues of equal strength the first found is the nearest."""

    kind: str
    value: str
    ticket: Ticket | None
    strength: int  # 3: token in a recipient address, 2: message that it answers, 1: reference
    counts: bool
    reason: str
    token: Token | None = None


def match_ticket(incoming: Incoming, known: Known) -> Match:
    """Find the ticket of a message by weighing all evidence."""
    evidence = _evidence(incoming, known)
    strong = _tickets(clue for clue in evidence if clue.counts and clue.strength == 3)
    answered = _tickets(clue for clue in evidence if clue.counts and clue.strength == 2)[:1]  # the nearest parent decides
    named = _tickets(clue for clue in evidence if clue.counts and clue.strength == 1)
    candidates = strong or answered or (named if len(named) == 1 else [])
    everything = _tickets(evidence)
    if len(strong) > 1 or (strong and answered and answered[0].id != strong[0].id):
        names = tuple(ticket.reference for ticket in _unique([*strong, *answered]))
        reason = sentence("its clues lead to different requests: {names}", names=names)
        return Match(None, None, None, _clues(evidence, None), tuple(ticket.id for ticket in everything), reason)
    if not candidates:
        return Match(None, None, None, _clues(evidence, None), tuple(ticket.id for ticket in everything))
    ticket = candidates[0]
    tokens = [
        clue.token for clue in evidence if clue.token and clue.strength == 3 and clue.ticket and clue.ticket.id == ticket.id
    ]
    # A mail to a public and an internal address at once is internal, because that has fewer readers.
    token = next((token for token in tokens if token.purpose in INTERNAL), tokens[0] if tokens else None)
    participant = _holder(token, ticket, known) if token else None
    related = tuple(other.id for other in everything if other.id != ticket.id)
    return Match(ticket, token, participant, _clues(evidence, ticket), related, proved=_is_proved(incoming, ticket, evidence))


def _is_proved(incoming: Incoming, ticket: Ticket, evidence: Iterable[Evidence]) -> bool:
    """Whether the evidence for the ticket includes more than a name of the ticket that anybody could have written."""
    if incoming.account is not None or incoming.identity.is_proved:
        return True
    return any(
        clue.counts and clue.kind in TOKENS and clue.ticket is not None and clue.ticket.id == ticket.id for clue in evidence
    )


def _holder(token: Token, ticket: Ticket, known: Known) -> Participant | None:
    """The participant to whom a token was given, on the ticket where the conversation goes on."""
    issued = known.tickets.get(token.subject, ticket)
    holder = issued.participant(token.participant)
    return holder if holder is None or issued.id == ticket.id else ticket.participant_at(holder.address, holder.role) or holder


def match_archived(incoming: Incoming, known: Known) -> Match:
    """Find the conversation of an archived mail: the nearest one that it answers, whoever wrote the mail.

    Its place in the archive is as good evidence as its author, and nothing in it is carried out.
    """
    evidence = [_as_trusted(clue) if clue.kind in ANSWERS and clue.ticket else clue for clue in _evidence(incoming, known)]
    candidates = _tickets(clue for clue in evidence if clue.counts)
    if not candidates:
        return Match(None, None, None, _clues(evidence, None))
    related = tuple(ticket.id for ticket in _tickets(evidence) if ticket.id != candidates[0].id)
    return Match(candidates[0], None, None, _clues(evidence, candidates[0]), related)


def _as_trusted(clue: Evidence) -> Evidence:
    return replace(clue, counts=True, reason="a mail of an archive goes on with what it answers")


def takes_part(incoming: Incoming, ticket: Ticket, known: Known) -> bool:
    """Whether the author is an active participant of a ticket. A platform reply takes part in the tickets of its account.

    Former staff take part in nothing. Nor does the author of a probably forged mail.
    """
    if incoming.account is not None:
        return incoming.account == ticket.account
    if not incoming.identity.may_be_customer:
        return False
    writer = incoming.author
    in_service = staff_member_at(writer, known.staff) is not None
    participant = ticket.participant_at(writer, Role.STAFF if in_service else Role.CUSTOMER)
    return participant is not None and participant.state is ParticipantState.ACTIVE


def answers_as_copied(incoming: Incoming, ticket: Ticket, known: Known) -> bool:
    """Whether somebody who stood in To or Cc of a mail of this ticket answers a mail that its people wrote or had.

    An id that was only ever seen in References does not count: anybody could have written it there, to catch another person's mail.
    """
    person = ticket.participant_at(incoming.author, Role.CUSTOMER) if incoming.identity.may_be_customer else None
    if person is None or person.state is not ParticipantState.SEEN or incoming.account is not None:
        return False
    threads = known.conversations[ticket.id].threads.values() if ticket.id in known.conversations else ()
    return any(parent in thread for parent in incoming.parents for thread in threads)


def _evidence(incoming: Incoming, known: Known) -> list[Evidence]:
    found = _evidence_written(incoming, known)
    return [_at_survivor(clue, known) for clue in found]


def _at_survivor(clue: Evidence, known: Known) -> Evidence:
    """The clue, pointing to the ticket that continues a merged one."""
    survivor = known.survivor(clue.ticket) if clue.ticket else None
    return clue if survivor is clue.ticket else replace(clue, ticket=survivor)


def _evidence_written(incoming: Incoming, known: Known) -> list[Evidence]:
    found: list[Evidence] = []
    for token in incoming.tokens:
        if token.purpose not in OUTSIDE:
            found.append(_token_evidence("reply_token", token, known, 3, incoming))
    for token in incoming.threading_tokens:
        if token.purpose not in OUTSIDE:
            found.append(_token_evidence("message_id_token", token, known, 2, incoming))
    for parent in incoming.parents:
        for ticket_id in known.by_message_id.get(parent, ()):
            found.append(_untrusted_evidence("referenced_id", parent, known.tickets.get(ticket_id), 2, incoming, known))
    if incoming.message_id is not None and not incoming.parents:
        for ticket_id in known.by_message_id.get(incoming.message_id, ()):
            found.append(_evidence_awaited(incoming.message_id, ticket_id, incoming, known))
    for reference in incoming.references:
        if reference in known.by_reference:
            ticket = known.tickets.get(known.by_reference[reference])
            found.append(_untrusted_evidence("ticket_reference", reference, ticket, 1, incoming, known))
    if incoming.thread_ticket is not None:
        ticket = known.tickets.get(incoming.thread_ticket)
        found.append(_untrusted_evidence("thread_index", "Outlook's conversation", ticket, 1, incoming, known))
    if incoming.thread_key is not None:
        ticket = known.tickets.get(known.by_thread_key) if known.by_thread_key is not None else None
        found.append(_untrusted_evidence("inbox_thread", incoming.thread_key, ticket, 3, incoming, known))
    return found


def _token_evidence(kind: str, token: Token, known: Known, strength: int, incoming: Incoming) -> Evidence:
    ticket = known.tickets.get(token.subject)
    value = f"{token.purpose.name.lower()} token of participant {token.participant}"
    if ticket is None or ticket.participant(token.participant) is None:
        return Evidence(kind, value, ticket, strength, False, "its ticket is not here")
    if strength == 3:
        return Evidence(kind, value, ticket, strength, True, "an address that only a participant was given", token)
    return _untrusted_evidence(kind, value, ticket, strength, incoming, known)


def _evidence_awaited(message_id: str, ticket_id: int, incoming: Incoming, known: Known) -> Evidence:
    """The clue of a mail's own Message-ID, which a reply recorded before the mail came.

    If the ticket already has a mail with this Message-ID, this one is another mail and the clue does not count.
    """
    threads = known.conversations[ticket_id].threads.values() if ticket_id in known.conversations else ()
    if any(message_id in thread for thread in threads):
        return Evidence("own_id", message_id, known.tickets.get(ticket_id), 2, False, "another mail of this id stands there")
    return _untrusted_evidence("own_id", message_id, known.tickets.get(ticket_id), 2, incoming, known)


def _untrusted_evidence(
    kind: str, value: str, ticket: Ticket | None, strength: int, incoming: Incoming, known: Known
) -> Evidence:
    if ticket is None:
        return Evidence(kind, value, None, strength, False, "it is not known here")
    survivor = known.survivor(ticket)
    if strength == 2 and answers_as_copied(incoming, survivor, known):
        return Evidence(kind, value, ticket, strength, True, f"its author was copied on {ticket.reference} and answers all")
    if not takes_part(incoming, survivor, known):
        return Evidence(
            kind, value, ticket, strength, False, f"{incoming.author or 'its author'} takes no part in {ticket.reference}"
        )
    return Evidence(kind, value, ticket, strength, True, f"its author takes part in {ticket.reference}")


def _tickets(evidence: Iterable[Evidence]) -> list[Ticket]:
    return _unique([clue.ticket for clue in evidence if clue.ticket])


def _unique(tickets: list[Ticket]) -> list[Ticket]:
    return list({ticket.id: ticket for ticket in tickets}.values())


def _clues(evidence: list[Evidence], chosen: Ticket | None) -> tuple[Clue, ...]:
    return tuple(
        Clue(
            kind=clue.kind,
            value=clue.value,
            ticket=clue.ticket.reference if clue.ticket else None,
            trusted=clue.strength == 3 and clue.counts,
            used=clue.counts and chosen is not None and clue.ticket is not None and clue.ticket.id == chosen.id,
            reason=clue.reason,
        )
        for clue in evidence
    )
