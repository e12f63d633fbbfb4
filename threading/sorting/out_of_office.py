"""What an absence note says: when its author returns, and who is their deputy. Only for mail of kind OUT_OF_OFFICE."""

import re
from datetime import datetime

from helpdesk.threading.reading.parsed import Kind, Mailbox, OutOfOffice
from helpdesk.threading.sorting.absence_words import DEPUTY
from helpdesk.threading.sorting.evidence import MailEvidence
from helpdesk.threading.sorting.report_fields import ADDRESS
from helpdesk.threading.sorting.return_dates import return_date

SEARCHED = 3000  # characters
BEFORE = 240  # characters before an address in which its owner's name may stand
NAME = re.compile(
    r"((?:[^\W\d_a-zà-ÿ][\w'’.\-]*)(?: {1,2}(?:[^\W\d_a-zà-ÿ][\w'’.\-]*|von|van|de|der|den|da|di|del|dos)){0,3})[ ,:(<\[\-–]{0,6}$"
)
QUOTED = ("-----original message", "----- original message", "-------- original", "________________________________")
OWN_FIELDS = ("from", "to", "cc", "reply-to", "sender", "delivered-to")


def out_of_office(mail: MailEvidence, kind: Kind, date: datetime | None) -> OutOfOffice | None:
    """What an absence note says; None for mail of another kind. `date` is the date of the mail."""
    if kind is not Kind.OUT_OF_OFFICE:
        return None
    text = _own_text(mail.text)
    returns_on = return_date(f"{text}\n{mail.subject[:300]}", date.date()) if date is not None else None
    return OutOfOffice(returns_on, _deputy(text, mail))


def _own_text(text: str) -> str:
    """The text without what it quotes."""
    lines: list[str] = []
    for line in text[:SEARCHED].split("\n"):
        if line.lower().startswith(QUOTED):
            break
        if not line.startswith(">"):
            lines.append(line)
    return "\n".join(lines)


def _deputy(text: str, mail: MailEvidence) -> Mailbox | None:
    """The first address of another person that stands behind a word such as `contact` or `urgent`."""
    own = {mail.author, *(address.lower() for name in OWN_FIELDS for address in ADDRESS.findall(mail.header(name)[:2000]))}
    for found in ADDRESS.finditer(text):
        address = found[0].rstrip(".-'")
        before = text[max(0, found.start() - BEFORE) : found.start()]
        if address.lower() not in own and any(words in before.lower() for words in DEPUTY):
            return Mailbox(_name(before), address)
    return None


def _name(before: str) -> str:
    """A name of at least two capitalised words right before an address, such as `Bob Jones (`; "" without one."""
    line = before.removesuffix("mailto:").rpartition("\n")[2].rstrip("<(:[ ").rstrip()
    found = NAME.search(line)
    name = found[1].strip(" .,") if found else ""
    return name if " " in name and not any(words in name.lower() for words in DEPUTY) else ""
