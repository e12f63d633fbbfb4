"""Send a staff member the digest of their open requests, when they ask for it by `#status` alone in a mail to the desk."""

from helpdesk.threading.commands.words import Word
from helpdesk.threading.decisions.staff.mail import StaffMail
from helpdesk.threading.decisions.time.digest import send_digest
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.reading.parsed import Kind


def asks_for_digest(mail: StaffMail) -> bool:
    """Whether a mail with proved origin contains `#status` and nothing else, and answers no letter about a request."""
    if (
        mail.match.token is not None
        or not mail.incoming.identity.may_act_as_staff
        or mail.incoming.kind is not Kind.PERSON
        or len(mail.blocks) != 1
    ):
        return False
    block = mail.blocks[0]
    return [(command.word, command.value) for command in block.commands] == [(Word.STATUS, "")] and not (
        block.reference or block.body or block.refused
    )


def decide_digest_request(mail: StaffMail) -> Decision:
    """Send the digest as it stands now, even if it is empty."""
    return send_digest(mail.member, mail.context, mail.grounds, in_reply_to=mail.incoming.message_id)
