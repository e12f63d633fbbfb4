"""The step of `#permission`: ask the requester, and nobody else, whether support may change their business data."""

from dataclasses import replace

from helpdesk.threading.commands.grammar import Command
from helpdesk.threading.decisions.staff.steps.act import Act, Done, impossible, refusal
from helpdesk.threading.decisions.staff.steps.speech import message_to_customer
from helpdesk.threading.letters.order import CustomerFacts, LetterWords
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.permissions import next_permission_look
from helpdesk.threading.model.assurance import SURE
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import ParticipantState, Role
from helpdesk.threading.model.permission import LONGEST_QUESTION, Permission
from helpdesk.threading.model.sentence import sentence
from helpdesk.threading.model.status import Trigger
from helpdesk.threading.model.timer import TimerKind

MOST_QUESTIONS = 50  # of one ticket


def permission(act: Act, draft: Draft, command: Command) -> Done:
    """Ask for permission, in a letter whose two addresses only the requester may use."""
    ticket, context = draft.ticket, draft.context
    requester = ticket.participant(ticket.requester)
    if not draft.allows(Trigger.PERMISSION_ASKED):
        return impossible(draft, command)
    if act.internal:
        return refusal(
            draft, sentence('"{line}": this reply is internal; reply to a letter with the customer\'s words', line=command.line)
        )
    if not act.words or len(act.words) > LONGEST_QUESTION:
        return refusal(
            draft,
            sentence(
                '"{line}": write what you want to change, in at most {longest_question} characters, behind or below it',
                line=command.line,
                longest_question=f"{LONGEST_QUESTION:,}",
            ),
        )
    if act.files:
        return refusal(
            draft, sentence('"{line}": a question for permission has no files; send them in another mail', line=command.line)
        )
    if len(ticket.permissions) >= MOST_QUESTIONS:
        return refusal(
            draft,
            sentence(
                '"{line}": {reference} has {most_questions} questions for permission already',
                line=command.line,
                reference=ticket.reference,
                most_questions=MOST_QUESTIONS,
            ),
        )
    active = requester is not None and requester.role is Role.CUSTOMER and requester.state is ParticipantState.ACTIVE
    if requester is None or not active or not (requester.address or ticket.account):
        return refusal(
            draft,
            sentence(
                '"{line}": nobody is known whom the desk could ask; "#author ADDRESS" names the customer', line=command.line
            ),
        )
    until = context.now + context.policy.answering.permission_within
    asked = Permission(len(ticket.permissions) + 1, act.words, act.mail.member.address, requester.address, context.now, until)
    draft = draft.apply(Trigger.PERMISSION_ASKED, act.mail.member.address, f"{asked.number}: {asked.text}").record_response()
    draft = replace(draft, ticket=replace(draft.ticket, permissions=(*draft.ticket.permissions, asked)))
    look = next_permission_look(draft.ticket)
    draft = draft.cancel_timer(TimerKind.PERMISSION).set_timer(TimerKind.PERMISSION, look) if look else draft
    facts = CustomerFacts(account=ticket.account, permission=asked)
    signature = context.policy.signature_of(act.mail.member.address)
    words = LetterWords(act.words, act.mail.member.name, document=act.document, signature=signature)
    draft = draft.notify(
        requester,
        Notice.PERMISSION_REQUEST,
        facts,
        words,
        automatic=False,
        fixed_text=ticket.assurance not in SURE and _in_inbox(act),
    )
    return Done(
        draft,
        sentence(
            "{address} is asked for permission, until {until}.",
            address=requester.address or sentence("The requester, in the platform inbox,"),
            until=until,
        ),
        message=message_to_customer(act, context),
    )


def _in_inbox(act: Act) -> bool:
    """Whether the words are to stand in the support inbox alone."""
    release = act.mail.incoming.release
    return release is not None and release.word.value == "inbox"
