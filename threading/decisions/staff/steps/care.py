"""Steps that change a ticket's assignee, queue, category, urgency or time of return. None of them sends words to a customer."""

from dataclasses import replace
from datetime import timedelta

from helpdesk.config.policy import Policy
from helpdesk.config.values import LETTER_TAGS, SEVERITIES
from helpdesk.threading.commands.grammar import Command
from helpdesk.threading.commands.moments import moment_named
from helpdesk.threading.commands.words import Word, help_lines
from helpdesk.threading.decisions.staff.steps.act import Act, Briefing, Done, impossible, refusal
from helpdesk.threading.letters.names import WAITING, field_name, status_name
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.routing import staff_named
from helpdesk.threading.lifecycle.team import line_about_absence, recipients_of_answer
from helpdesk.threading.model.assurance import SURE
from helpdesk.threading.model.listed_sender import ListedSender, Listing
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.status import Trigger, WaitingOn
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.model.timer import TimerKind

LONGEST_SNOOZE = timedelta(days=366)


def take(act: Act, draft: Draft, command: Command) -> Done:
    """Assign the ticket to the author of the mail."""
    return _assign(act, draft, act.mail.member, command)


def assign(act: Act, draft: Draft, command: Command) -> Done:
    """Assign the ticket to the staff member whom the command names."""
    meant = staff_named(command.value, draft.context.known.staff)
    if len(meant) != 1:
        who = ", ".join(member.name for member in meant) or sentence("nobody")
        names = ", ".join(member.name for member in draft.context.known.staff)
        return refusal(
            draft,
            sentence('"{line}": this names {who}; one of these would work: {names}', line=command.line, who=who, names=names),
        )
    return _assign(act, draft, meant[0], command)


def _assign(act: Act, draft: Draft, member: StaffMember, command: Command) -> Done:
    if not draft.allows(Trigger.ASSIGNED):
        return impossible(draft, command)
    draft = draft.apply(Trigger.ASSIGNED, act.mail.member.address, f"to {member.address}")
    draft = replace(draft, ticket=replace(draft.ticket, assignee=member.address))
    briefing = Briefing(member, Notice.ASSIGNMENT) if member.address != act.mail.member.address else None
    away = line_about_absence(draft.ticket, draft.context)
    return Done(
        draft,
        sentence("{reference} is assigned to {name}.", reference=draft.ticket.reference, name=member.name),
        more=(away,) if away else (),
        briefing=briefing,
    )


def priority(act: Act, draft: Draft, command: Command) -> Done:
    """Set the priority."""
    return _set_from_list(act, draft, command, "priority", SEVERITIES)


def severity(act: Act, draft: Draft, command: Command) -> Done:
    """Set the severity. The priority stays; the receipt names the usual priority for this severity if it differs."""
    done = _set_from_list(act, draft, command, "severity", SEVERITIES)
    ticket, policy = done.draft.ticket, draft.context.policy
    usual = policy.priorities.of(ticket.severity, policy.triage.impact.get(ticket.plan, "normal"))
    if done.refused or usual == ticket.priority:
        return done
    return replace(
        done,
        sentence=sentence(
            '{done} Its priority stays {priority}; "#priority {usual}" would change it.',
            done=done.sentence,
            priority=ticket.priority,
            usual=usual,
        ),
    )


def category(act: Act, draft: Draft, command: Command) -> Done:
    """Set the category."""
    return _set_from_list(act, draft, command, "category", tuple(draft.context.policy.categories))


def queue(act: Act, draft: Draft, command: Command) -> Done:
    """Move the ticket to another queue."""
    return _set_from_list(act, draft, command, "queue", queues_of(draft.context.policy))


def language(act: Act, draft: Draft, command: Command) -> Done:
    """Set the language in which the customer is written to. What the customer writes next does not change it by one message."""
    draft = replace(draft, ticket=replace(draft.ticket, next_language=""))
    return _set_from_list(act, draft, command, "language", LETTER_TAGS)


def queues_of(policy: Policy) -> tuple[str, ...]:
    """Every queue that a support address, a category or a staff member names."""
    of_categories = (category.queue for category in policy.categories.values() if category.queue)
    of_staff = (name for member in policy.staff for name in member.queues)
    return tuple(dict.fromkeys((policy.default_queue, *(entry.queue for entry in policy.addresses), *of_categories, *of_staff)))


def _set_from_list(act: Act, draft: Draft, command: Command, field: str, choice: tuple[str, ...]) -> Done:
    """Set a field to a value from a list. The beginning of a value is enough if only one value begins so."""
    wanted = " ".join(command.value.lower().split())
    meant = [value for value in choice if value.lower() == wanted] or [
        value for value in choice if value.lower().startswith(wanted)
    ]
    if len(meant) != 1:
        return refusal(draft, sentence('"{line}": one of these would work: {names}', line=command.line, names=", ".join(choice)))
    return Done(
        draft.change(field, meant[0], act.mail.member.address),
        sentence(
            "{reference} has the {field} {value}.", reference=draft.ticket.reference, field=field_name(field), value=meant[0]
        ),
    )


def snooze(act: Act, draft: Draft, command: Command) -> Done:
    """Pause the ticket and its clocks until a time. It returns by itself then, or as soon as the customer writes."""
    if not draft.allows(Trigger.SNOOZED):
        return impossible(draft, command)
    until = moment_named(command.value, draft.context.now, draft.context.policy.calendar)
    if until is None or not draft.context.now < until <= draft.context.now + LONGEST_SNOOZE:
        return refusal(
            draft,
            sentence(
                '"{line}": this is no time to come within a year; "2d", "4h", "monday" or "2026-11-25 14:00" would work',
                line=command.line,
            ),
        )
    draft = draft.wake().apply(Trigger.SNOOZED, act.mail.member.address, f"until {until.isoformat(timespec='minutes')}")
    draft = replace(draft, ticket=replace(draft.ticket, waiting=replace(draft.ticket.waiting, snoozed_until=until))).set_timer(
        TimerKind.WAKE, until
    )
    return Done(
        draft,
        sentence(
            "{reference} is snoozed until {until}, or until the customer writes.", reference=draft.ticket.reference, until=until
        ),
    )


def spam(act: Act, draft: Draft, command: Command) -> Done:
    """Close the ticket as spam without a letter, never answer it automatically again, and keep out what its author sends from now on.

    An address that belongs to an account is never kept out, because its mail is a customer's. Where nothing proved the author of the spam,
    only mail without proof is kept out: the owner of the address may never have seen the spam.
    """
    if act.words:
        return refusal(draft, sentence('"{line}" goes without text: nobody is written to', line=command.line))
    draft = draft.apply(Trigger.SPAM, act.mail.member.address)
    draft = replace(draft, ticket=replace(draft.ticket, automatic_letters=False))
    done = sentence("{reference} is closed as spam; nobody is told.", reference=draft.ticket.reference)
    sender = _sender_of_spam(act, draft.ticket)
    if not sender:
        return Done(draft, done)
    entry = ListedSender(
        sender,
        Listing.BLOCK,
        act.mail.member.address,
        draft.context.now,
        unproved_only=draft.ticket.assurance not in SURE,
        ticket=draft.ticket.reference,
    )
    draft = replace(draft, reach=replace(draft.reach, listed=(*draft.reach.listed, entry)))
    kept_out = sentence("Mail from {address} is kept out from now on; #undo takes it back.", address=sender)
    return Done(draft, done, more=(kept_out,))


def _sender_of_spam(act: Act, ticket: Ticket) -> str:
    """The requester's address, unless it is a customer's of an account, a staff member's or the desk's own; "" then."""
    person, context = ticket.participant(ticket.requester), act.mail.context
    address = person.address if person else ""
    contact = context.known.contacts.get(address)
    if not address or ticket.account is not None or context.ours.is_ours(address) or context.staff_member(address) is not None:
        return ""
    return "" if contact is not None and contact.account is not None else address


def status(act: Act, draft: Draft, command: Command) -> Done:
    """Report in the receipt how the ticket stands and who would read an answer."""
    ticket = draft.ticket
    return Done(
        draft,
        sentence(
            "{standing}. An answer goes to {names}.",
            standing=standing(ticket),
            names=recipients_of_answer(ticket) or sentence("nobody"),
        ),
    )


def standing(ticket: Ticket) -> Sentence:
    """A sentence about the ticket's status, assignee, queue and priority, without the full stop."""
    status = status_name(ticket.status)
    if ticket.waiting_on is not WaitingOn.NOBODY:
        status = sentence("{status}, {waiting}", status=status, waiting=WAITING[ticket.waiting_on])
    return sentence(
        "{reference} is {status}; assignee {assignee}, queue {queue}, priority {priority}",
        reference=ticket.reference,
        status=status,
        assignee=ticket.assignee or sentence("nobody"),
        queue=ticket.queue,
        priority=ticket.priority,
    )


def show_help(act: Act, draft: Draft, command: Command) -> Done:
    """List the commands in the receipt."""
    return Done(draft, sentence("These commands work, each on a line of its own above or below your text:"), more=help_lines())


QUESTIONS = frozenset({Word.STATUS, Word.FIND, Word.WHY, Word.HELP, Word.SHOW, Word.FILE})
