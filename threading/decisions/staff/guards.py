"""Guards: checks that may hold a staff member's mail before it is carried out, and ask its author to confirm it.

A guard that the author has overruled with `#send` does not hold the same mail again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.threading.commands.grammar import StaffText
from helpdesk.threading.commands.words import Word
from helpdesk.threading.decisions.staff.held import Doubt
from helpdesk.threading.letters.order import LetterOrder
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.lifecycle.firewall import strange_tokens, why_not_for_customers
from helpdesk.threading.model.assurance import SURE
from helpdesk.threading.model.attachment import Attachment
from helpdesk.threading.model.held import HoldReason
from helpdesk.threading.model.message import Direction, PastMessage
from helpdesk.threading.model.people import StaffMember
from helpdesk.threading.model.sentence import Sentence, sentence
from helpdesk.threading.model.ticket import Ticket
from helpdesk.threading.trust.tokens import Token


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one block of a mail would do.

    `before` is the ticket as it was read, `draft` the result of the block, `token` the token of the letter that the mail answers,
    and `written` are the desk's tokens in the text. `begins` says that the block opens the request, so that its subject reaches
    the customer too. `waited_since` is when a mail came that was carried out later, for a block that answers no letter.
    """

    block: StaffText
    before: Ticket
    draft: Draft
    member: StaffMember
    token: Token | None
    written: Mapping[str, Token] = field(default_factory=dict)
    begins: bool = False
    waited_since: datetime | None = None

    @property
    def letters(self) -> tuple[LetterOrder, ...]:
        """The letters to customers and third persons that the block would send."""
        return tuple(letter for letter in self.draft.letters if not letter.for_staff)

    @property
    def letters_to_customers(self) -> tuple[LetterOrder, ...]:
        """These letters without those to third persons, who take no part in the conversation."""
        return tuple(letter for letter in self.letters if letter.ticket is not None)


def hold_of(
    proposals: Iterable[Proposal], waived: Iterable[HoldReason], asked: Iterable[HoldReason] = HoldReason
) -> Doubt | None:
    """The first reason to hold the mail; None if no guard objects. `asked` names the guards that look, `waived` those already overruled."""
    looking = set(asked) - set(waived)
    holds = (guard(proposal) for proposal in proposals for over, guard in GUARDS.items() if over in looking)
    return next((hold for hold in holds if hold is not None), None)


def _stale(proposal: Proposal) -> Doubt | None:
    """Hold the mail if somebody else has written since the letter that it answers, because its author has not read that message.

    A mail that answers no letter is held if somebody has written while it waited for its time.
    """
    policy = proposal.draft.context.policy.answering.stale_guard
    if policy == "off" or not proposal.letters_to_customers:
        return None
    newer = [message for message in _unread(proposal) if message.author != proposal.member.address]
    if policy == "colleague":
        newer = [message for message in newer if message.direction == Direction.SUPPORT]
    if not newer:
        return None
    return Doubt(HoldReason.STALE, sentence("meanwhile somebody else has written"), tuple(_quote(message) for message in newer))


def _unread(proposal: Proposal) -> Sequence[PastMessage]:
    """The messages that the author of the mail cannot have read when they wrote it, as far as the mail shows."""
    past = proposal.draft.context.conversation(proposal.before).last_messages
    if proposal.token is not None:
        return _after(past, proposal.token, proposal.before)
    since = proposal.waited_since
    return [message for message in past if since is not None and message.at > since]


def _after(past: Sequence[PastMessage], token: Token, ticket: Ticket) -> Sequence[PastMessage]:
    """The messages that are newer than the letter with this token.

    A token of a ticket that was merged into this one has no comparable version; such a letter counts as older than the last
    message.
    """
    return past[-1:] if token.subject != ticket.id else [message for message in past if message.version > token.version]


def _quote(message: PastMessage) -> Sentence:
    return sentence("{author}, {at}: {text}", author=message.author, at=message.at, text=message.text)


def _firewall(proposal: Proposal) -> Doubt | None:
    context, letters = proposal.draft.context, proposal.letters
    past = context.conversation(proposal.before).last_messages
    # One mail may merge requests or write about several, so notes of all of them count: no customer may read another request's notes.
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
            return Doubt(HoldReason.FIREWALL, reason)
    return None


def _subject(proposal: Proposal, letter: LetterOrder) -> str:
    return letter.ticket.subject if proposal.begins and letter.ticket else ""


def _public_files(past: Iterable[PastMessage]) -> Iterable[str]:
    return (str(file.get("sha256", "")) for message in past for file in message.attachments)


def _step_up(proposal: Proposal) -> Doubt | None:
    merge = proposal.block.command(Word.MERGE) or proposal.block.command(Word.JOIN)
    return (
        Doubt(HoldReason.STEP_UP, sentence('"{line}" joins two conversations: confirm that it is you', line=merge.line))
        if merge
        else None
    )


def _disclosure(proposal: Proposal) -> Doubt | None:
    """Hold words to an unproved customer on a sensitive request about accounts, money or data.

    A known contact's address is not enough, because anybody can write in its name.
    """
    category = proposal.draft.context.policy.categories.get(proposal.before.category)
    unsure = proposal.before.assurance not in SURE
    if (
        category is None
        or not category.sensitive
        or not unsure
        or not any(letter.words.body for letter in proposal.letters_to_customers)
    ):
        return None
    return Doubt(
        HoldReason.DISCLOSURE,
        sentence(
            "nothing proves who the customer is, and the request is about {category}: make sure of it before you answer",
            category=proposal.before.category,
        ),
    )


GUARDS: dict[HoldReason, Callable[[Proposal], Doubt | None]] = {
    HoldReason.STEP_UP: _step_up,
    HoldReason.STALE: _stale,
    HoldReason.FIREWALL: _firewall,
    HoldReason.DISCLOSURE: _disclosure,
}
