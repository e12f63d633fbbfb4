"""What mail systems and providers send about letters: delivery reports (RFC 3464), complaints (RFC 5965), notes of absence."""

from itertools import count

from sqlalchemy import select
from support.desk.story import Person, StoryDesk

from helpdesk.store.database import AnyRow
from helpdesk.store.schema import outbox
from helpdesk.threading.model.notice import Notice

NUMBERS = count(1)
DAEMON = "MAILER-DAEMON@mx.acme.example"


def letters_to(desk: StoryDesk, person: Person, notice: Notice | None = None) -> list[AnyRow]:
    """Rows of the outbox, oldest first."""
    with desk.database.reading() as connection:
        rows = connection.execute(select(outbox).where(outbox.c.recipient == person.address).order_by(outbox.c.id)).all()
    return [row for row in rows if notice is None or row.notice == notice]


def report(
    to: str, recipient: str, action: str = "failed", status: str = "5.1.1", diagnostic: str = "no such user",
    returned_id: str = "", envelope_id: str = "",
) -> bytes:  # fmt: skip
    returned = f"\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{returned_id}>\nSubject: x\n" if returned_id else ""
    envelope = f"Original-Envelope-Id: {envelope_id}\n" if envelope_id else ""
    return f"""From: {DAEMON}
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <{next(NUMBERS)}@mx.acme.example>
Date: Mon, 23 Nov 2026 09:05:00 +0000
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your mail could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.acme.example
{envelope}
Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} {diagnostic}
{returned}
--b--
""".replace("\n", "\r\n").encode()


def complaint(to: str, returned_id: str = "", feedback: str = "abuse") -> bytes:
    return f"""From: fbl@provider.example
To: {to}
Subject: complaint about message
Message-ID: <{next(NUMBERS)}@provider.example>
Date: Mon, 23 Nov 2026 09:05:00 +0000
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

This is an abuse report.

--b
Content-Type: message/feedback-report

Feedback-Type: {feedback}
User-Agent: Provider/1.0
Version: 1

--b
Content-Type: message/rfc822

From: help@support.example.com
Message-ID: <{returned_id}>
Subject: x

words

--b--
""".replace("\n", "\r\n").encode()


def returns(
    desk: StoryDesk, letter: AnyRow, action: str = "failed", status: str = "5.1.1", diagnostic: str = "no such user"
) -> None:
    """The mail system of its reader sends a letter back."""
    content = report(letter.reverse_path, letter.recipient, action, status, diagnostic, returned_id=letter.message_id)
    desk.person(DAEMON).mail(content, [letter.reverse_path], "")
