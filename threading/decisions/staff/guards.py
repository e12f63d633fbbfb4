"""What is looked at once more before a staff member's mail is carried out: each guard holds it and asks.

A guard that its author has overruled (`#send`) does not ask again about the same mail.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from helpdesk.threading.commands.grammar import StaffText
from helpdesk.threading.commands.words import Word
from helpdesk.threading.decisions.staff.held import Hold
from helpdesk.threading.letters.order import LetterOrder
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.firewall import strange_tokens, why_not_for_customers
from helpdesk.threading.model.assurance import SURE
from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.model.held import HeldOver
from helpdesk.threading.model.message import Direction, PastMessage
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.trust.tokens import Token


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a block would do: the ticket as it was read, the draft that would come of it, and the token of the letter answered.

    `written` are the tokens of ours that stand in the mail. `begins` says that the request begins with it: its subject goes out too.
    """

    block: StaffText
    before: Ticket
    draft: Draft
    member: StaffMember
    token: Token | None
    written: Mapping[str, Token] = field(default_factory=dict)
    begins: bool = False

    @property
    def letters(self) -> tuple[LetterOrder, ...]:
        return tuple(letter for letter in self.draft.letters if not letter.for_staff)


def hold_of(proposals: Iterable[Proposal], waived: Iterable[HeldOver], asked: Iterable[HeldOver] = HeldOver) -> Hold | None:
    """The first reason to ask before anything happens; None where there is none. `asked` names the guards that look."""
    looking = set(asked) - set(waived)
    holds = (guard(proposal) for proposal in proposals for over, guard in GUARDS.items() if over in looking)
    return next((hold for hold in holds if hold is not None), None)


def _stale(proposal: Proposal) -> Hold | None:
    """Somebody wrote after the letter that is answered: its author has not read that."""
    policy, token = proposal.draft.context.policy.answering.stale_guard, proposal.token
    if policy == "off" or token is None or not proposal.letters:
        return None
    past = proposal.draft.context.conversation(proposal.before).last_messages
    newer = [message for message in _after(past, token, proposal.before) if message.author != proposal.member.address]
    if policy == "colleague":
        newer = [message for message in newer if message.direction == Direction.SUPPORT]
    if not newer:
        return None
    return Hold(HeldOver.STALE, "meanwhile somebody else has written", tuple(_quote(message) for message in newer))


def _after(past: Sequence[PastMessage], token: Token, ticket: Ticket) -> Sequence[PastMessage]:
    """What was written after the letter. A letter about a ticket that was merged into this one counts as older than the last word."""
    return past[-1:] if token.subject != ticket.id else [message for message in past if message.version > token.version]


def _quote(message: PastMessage) -> str:
    return f"{message.author}, {message.at:%Y-%m-%d %H:%M} UTC: {message.text}"


def _firewall(proposal: Proposal) -> Hold | None:
    context, letters = proposal.draft.context, proposal.letters
    past = context.conversation(proposal.before).last_messages
    # A mail may join requests or write about several: what is noted on one of them is no word for the customer of another.
    notes = [note for texts in context.known.notes.values() for note in texts]
    readers: dict[tuple[str, str, tuple[Attachment, ...]], set[str]] = defaultdict(set)
    for letter in letters:
        readers[_subject(proposal, letter), letter.words.body, letter.words.attach].add(letter.to.address)
    for (subject, body, files), addresses in readers.items():
        reason = why_not_for_customers(
            f"{body}\n{subject}".strip(),
            files,
            notes,
            proposal.member.address,
            [message.text for message in past],
            public_files=_public_files(past),
            strange=strange_tokens(proposal.written, addresses, context),
        )
        if reason is not None:
            return Hold(HeldOver.FIREWALL, reason)
    return None


def _subject(proposal: Proposal, letter: LetterOrder) -> str:
    return letter.ticket.subject if proposal.begins and letter.ticket else ""


def _public_files(past: Iterable[PastMessage]) -> Iterable[str]:
    return (str(file.get("sha256", "")) for message in past for file in message.attachments)


def _step_up(proposal: Proposal) -> Hold | None:
    merge = proposal.block.command(Word.MERGE)
    return Hold(HeldOver.STEP_UP, f'"{merge.line}" joins two conversations: confirm that it is you') if merge else None


def _disclosure(proposal: Proposal) -> Hold | None:
    """Words about accounts, money or data to somebody whom nothing proves: to a known contact too, since anybody can write as one."""
    category = proposal.draft.context.policy.categories.get(proposal.before.category)
    unsure = proposal.before.assurance not in SURE
    if category is None or not category.sensitive or not unsure or not any(letter.words.body for letter in proposal.letters):
        return None
    return Hold(
        HeldOver.DISCLOSURE,
        f"nothing proves who the customer is, and the request is about {proposal.before.category}: make sure of it before you answer",
    )


GUARDS: dict[HeldOver, Callable[[Proposal], Hold | None]] = {
    HeldOver.STEP_UP: _step_up,
    HeldOver.STALE: _stale,
    HeldOver.FIREWALL: _firewall,
    HeldOver.DISCLOSURE: _disclosure,
}
