"""Whoever saw a mail, or a forwarder that breaks its signature, is faster than the mail itself: the proved copy has its effect all the same."""

from collections.abc import Callable
from email import policy

from support.desk.story import SUPPORT, Person, StoryDesk

from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status, WaitingOn

STRANGE, PROVED = "203.0.113.9", "127.0.0.1"


def copies(desk: StoryDesk, writer: Person, subject: str, text: str, to: str = SUPPORT) -> Callable[[str], Disposition]:
    """A mail whose copies come by any host; what became of each."""
    message = writer._message(subject, text, [to])
    del message["X-Story-Peer"]

    def comes(peer: str) -> Disposition:
        known = {mail.id for mail in desk.mails()}
        desk.deliver(writer.address, [to], message.as_bytes(policy=policy.SMTP), peer)
        desk.settle()
        return next(mail.state for mail in desk.mails() if mail.id not in known)

    return comes


def test_a_customers_mail_moves_the_request_by_its_proved_copy(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#resolve\nOpen flap B.")
    comes = copies(desk, anna, desk.ticket().reference, "It still jams.")
    assert comes(STRANGE) is Disposition.THREADED
    assert comes(STRANGE) is Disposition.DISCARDED
    assert desk.ticket().status is Status.RESOLVED
    assert comes(PROVED) is Disposition.THREADED
    assert (desk.ticket().status, desk.ticket().waiting_on) == (Status.IN_PROGRESS, WaitingOn.SUPPORT)
    version = desk.ticket().version
    assert [comes(PROVED), comes(STRANGE)] == [Disposition.DISCARDED] * 2
    assert desk.ticket().version == version


def test_a_colleagues_mail_is_carried_out_by_its_proved_copy_and_once(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    comes = copies(desk, omar, "Priority", f"#on {desk.ticket().reference}\n#note\nIt jams at noon.\n#priority high")
    assert [comes(STRANGE), comes(STRANGE)] == [Disposition.HELD, Disposition.DISCARDED]
    assert comes(PROVED) is Disposition.THREADED
    assert desk.ticket().priority == "high"
    assert [comes(PROVED), comes(STRANGE)] == [Disposition.DISCARDED] * 2
    omar.replies(Notice.HELD, "#send")  # what was held is the same mail
    assert [note.text for note in desk.history().notes] == ["It jams at noon."]


def test_a_copy_that_was_let_go_leaves_nothing_to_do(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    comes = copies(desk, omar, "Note", f"#on {desk.ticket().reference}\n#note\nIt jams at noon.")
    assert comes(STRANGE) is Disposition.HELD
    omar.replies(Notice.HELD, "#send")
    assert comes(PROVED) is Disposition.DISCARDED
    assert [note.text for note in desk.history().notes] == ["It jams at noon."]


def test_a_request_is_opened_once(desk: StoryDesk, anna: Person) -> None:
    comes = copies(desk, anna, "Printer", "It jams.")
    assert [comes(STRANGE), comes(PROVED)] == [Disposition.OPENED, Disposition.DISCARDED]
    assert len(desk.tickets()) == 1
