"""Looks up the limits on letters to people: suppressed addresses, counts of the last day, recent exchanges of automatic mail."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from helpdesk.store.keys import Keys
from helpdesk.store.suppressions import suppressions_of
from helpdesk.store.tallies import exchanges_of, tally_of
from helpdesk.threading.decisions.staff.held import held_key
from helpdesk.threading.letters.tally import Tally, of_strangers
from helpdesk.threading.matching.known import Exchange, Question
from helpdesk.threading.model.participant import ParticipantState, Role
from helpdesk.threading.model.suppression import Suppression
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.trust.addresses import domain_of, rate_key


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The limits on letters to people. All questions of one look-up share them."""

    suppressions: Mapping[str, tuple[Suppression, ...]]
    tally: Tally
    exchanges: Mapping[str, Exchange]


def find_outgoing(
    connection: Connection, questions: Sequence[Question], keys: Keys, tickets: Collection[Ticket], now: datetime
) -> Outgoing:
    """Look up every person to whom a letter could go: writers, participants, people named in commands, staff, and their namesakes."""
    writers = {question.answered_at for question in questions if question.answered_at}
    named = {address for question in questions for address in (question.about, *question.named) if address}
    active = (
        person.address
        for ticket in tickets
        for person in ticket.participants
        if person.role is Role.CUSTOMER and person.state is ParticipantState.ACTIVE and person.address
    )
    namesakes = {person.address for letter in keys.letters.values() for person in letter.namesakes}
    customers, team = writers | named | namesakes | set(active), {member.address for member in keys.staff}
    held = {held_key(address, answers=answers) for address in team for answers in (True, False)}
    about_mail = held | {of_strangers(address) for address in team}
    warnings = about_mail | {f"alarm:{key}" for key in (*held, "desk", "desk-unproved", "logins")}
    return Outgoing(
        suppressions=suppressions_of(connection, customers | team, now),
        tally=tally_of(
            connection,
            {rate_key(address) for address in customers} | warnings,
            {domain_of(address) for address in customers},
            now,
        ),
        exchanges=exchanges_of(connection, {rate_key(address) for address in writers}, now),
    )
