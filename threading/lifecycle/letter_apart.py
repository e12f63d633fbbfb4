"""Letters to staff about no ticket: receipts, held mail, alarms, digests and reports. They are built here alone."""

from helpdesk.threading.letters.order import DigestAnswer, LetterOrder, LetterThread, StaffFacts
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Participant, Role
from helpdesk.threading.model.people import StaffMember

NOBODY = Participant(0, Role.CUSTOMER, "", "")


def facts_apart(customer: Participant = NOBODY, assurance: Assurance = Assurance.UNVERIFIED) -> StaffFacts:
    """The facts of a letter about no ticket, to which each kind of letter adds its own. `customer` is the author of the mail that it is about."""
    return StaffFacts(customer=customer, account=None, assurance=assurance, answer_goes_to=())


def letter_apart(
    context: Context,
    member: StaffMember,
    notice: Notice,
    facts: StaffFacts,
    subject: str,
    *,
    answer: DigestAnswer | None = None,
    in_reply_to: str | None = None,
) -> LetterOrder:
    """A letter about no ticket to a staff member. `in_reply_to` is the Message-ID of the mail that the letter answers."""
    return LetterOrder(
        id=next(context.fresh.ids),
        notice=notice,
        to=Participant(0, Role.STAFF, member.address, member.name),
        ticket=None,
        facts=facts,
        automatic=True,
        subject=subject,
        thread=LetterThread(in_reply_to),
        answer=answer,
    )
