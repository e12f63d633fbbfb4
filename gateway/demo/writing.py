"""Mails of people of the demo, as an ordinary mail client writes and sends them."""

import smtplib
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, getaddresses, make_msgid

from helpdesk.gateway.demo.letters import CaughtLetter

LONGEST_SUBJECT = 200  # characters
LONGEST_TEXT = 100_000
SECONDS = 20.0  # for the conversation with the door


@dataclass(frozen=True, slots=True)
class DemoDraft:
    """What somebody has written. `answers` is the letter that it replies to."""

    name: str
    address: str
    to: str
    subject: str
    text: str
    answers: CaughtLetter | None = None


class NotSent(Exception):
    """The door of the desk has not taken the mail. The text of this exception tells its author why."""


def compose_mail(draft: DemoDraft, now: datetime) -> EmailMessage:
    """The mail of a draft. Raises NotSent for one that names nobody.

    No line end of a field reaches the header: they become spaces before, and the library refuses what is left.
    """
    to = [address for _, address in getaddresses([_one_line(draft.to)]) if "@" in address]
    if not to:
        raise NotSent("Write a mail address in the field To.")
    mail = EmailMessage(policy=policy.SMTP)
    try:
        mail["From"] = formataddr((_one_line(draft.name), _one_line(draft.address)))
        mail["To"] = ", ".join(to)
        mail["Subject"] = _one_line(draft.subject)[:LONGEST_SUBJECT]
        mail["Date"] = format_datetime(now)
        mail["Message-ID"] = make_msgid(domain=_one_line(draft.address).rpartition("@")[2] or "demo.example")
        if draft.answers is not None:
            answered = _one_line(str(draft.answers.message.get("Message-ID") or ""))
            earlier = _one_line(str(draft.answers.message.get("References") or "")).split()
            mail["In-Reply-To"] = answered
            mail["References"] = " ".join([*earlier, answered])
        mail.set_content(_lines(draft.text[:LONGEST_TEXT]) + _quote(draft.answers), cte="quoted-printable")
    except (ValueError, IndexError, AttributeError, UnicodeError):  # what the library raises for fields that it cannot write
        raise NotSent("This is no address that a mail can be sent to, or from.") from None
    return mail


def send_mail(mail: EmailMessage, sender: str, door: tuple[str, int]) -> None:
    """Give a mail to the gateway's listener, as any client does. Raises NotSent with the door's own words."""
    try:
        with smtplib.SMTP(*door, timeout=SECONDS) as client:
            client.send_message(mail, sender, [address for _, address in getaddresses([str(mail["To"])])])
    except smtplib.SMTPRecipientsRefused as fault:
        raise NotSent(
            "; ".join(f"{code} {said.decode('ascii', 'replace')}" for code, said in fault.recipients.values())
        ) from None
    except smtplib.SMTPResponseException as fault:
        said = fault.smtp_error.decode("ascii", "replace") if isinstance(fault.smtp_error, bytes) else str(fault.smtp_error)
        raise NotSent(f"{fault.smtp_code} {said}") from None
    except (OSError, smtplib.SMTPException, UnicodeError) as fault:
        raise NotSent(f"The gateway did not take the mail: {fault}") from None


def _quote(letter: CaughtLetter | None) -> str:
    """The letter below an answer, as mail clients quote it."""
    if letter is None:
        return ""
    quoted = "\n".join(f"> {line}".rstrip() for line in _lines(letter.text).splitlines())
    return f"\n\nOn {letter.at:%a, %d %b %Y at %H:%M}, {_one_line(letter.sender)} wrote:\n{quoted}\n"


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()


def _one_line(text: str) -> str:
    """The text without line ends and other control characters, which could begin another field."""
    return "".join(
        character if character.isprintable() else " " for character in text.encode("utf-8", "replace").decode()
    ).strip()
