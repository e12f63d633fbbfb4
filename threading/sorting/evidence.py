"""The evidence by which a mail is sorted, and the marks in its header that only machines leave.

A mark is a fact of the header. Other modules of this room weigh words, and never words alone.
"""

from dataclasses import dataclass

from helpdesk.threading.reading.subjects import has_prefix
from helpdesk.threading.sorting.kind_words import (
    LIST_FIELDS,
    LIST_ROLES,
    NOT_A_ROBOT,
    REPLIED_BY_PEOPLE,
    ROBOT_FIELDS,
    SERVICE_AUTHORS,
    SERVICE_NAMES,
    SYSTEM_AUTHORS,
    SYSTEM_NAMES,
)
from helpdesk.threading.sorting.report_words import BOUNCE_SUBJECTS

NOBODYS_NAMES = (*SERVICE_AUTHORS, *SERVICE_NAMES)


@dataclass(frozen=True, slots=True)
class MailEvidence:
    """What sorting looks at. `headers` have lower-case names, top first; `parts` are content type and octets of leaves that are no text.

    `own` are the author's own words, without quotes and signature. `files` says that somebody attached a file. `calendar_method` is that of
    the first calendar part (RFC 5546 §1.4), in capitals; "" without one.
    """

    headers: tuple[tuple[str, str], ...]
    subject: str
    author: str  # address, lower-case
    author_name: str
    text: str
    parts: tuple[tuple[str, bytes], ...]
    report_type: str
    own: str = ""
    files: bool = False
    calendar_method: str = ""

    @property
    def answers(self) -> bool:
        """Whether the mail answers another one."""
        return self.has("in-reply-to", "references") or has_answered_subject(self)

    def header(self, name: str) -> str:
        for field, value in self.headers:
            if field == name:
                return value
        return ""

    def has(self, *names: str) -> bool:
        return not {field for field, _ in self.headers}.isdisjoint(names)

    def part(self, *content_types: str) -> bool:
        return any(content_type in content_types for content_type, _ in self.parts)


def is_submitted_by_machine(mail: MailEvidence) -> bool:
    """Whether Auto-Submitted (RFC 3834 §5) says so. A mail that a rule passed on as it was is as much a person's mail as before."""
    value = mail.header("auto-submitted").partition(";")[0].partition("(")[0].strip().lower()
    return value not in ("", "no", "auto-forwarded")


def is_auto_replied(mail: MailEvidence) -> bool:
    """Whether Auto-Submitted marks a response to one mail (RFC 3834 §5), such as an absence note. Some systems mark bounces so too."""
    return mail.header("auto-submitted").strip().lower().startswith("auto-replied")


def has_null_path(mail: MailEvidence) -> bool:
    """Whether the reverse-path is null, which asks for no answer (RFC 5321 §4.5.5)."""
    return mail.header("return-path").replace(" ", "") == "<>"


def has_robot_field(mail: MailEvidence) -> bool:
    """Whether there is a field that only responders add. A value such as `no`, `mirror` or `forwarded` does not count."""
    return any(name in ROBOT_FIELDS and value.strip().lower() not in NOT_A_ROBOT for name, value in mail.headers)


def has_trace_of_responder(mail: MailEvidence) -> bool:
    """Whether there is a field that responders add and that is on some mail of people too: it supports words, and proves nothing."""
    suppressed = mail.header("x-auto-response-suppress").strip().lower()
    return (
        suppressed not in ("", "none")
        or is_bulk(mail)
        or mail.has("x-ms-exchange-inbox-rules-loop", "x-ms-exchange-generated-message-source", "x-ms-exchange-parent-message-id")
    )


def is_bulk(mail: MailEvidence) -> bool:
    return mail.header("precedence").strip().lower().startswith(("bulk", "junk"))


def is_auto_reply_by_precedence(mail: MailEvidence) -> bool:
    return mail.header("precedence").strip().lower().startswith(("auto_reply", "auto-reply"))


def is_from_list(mail: MailEvidence) -> bool:
    """Whether there are list fields (RFC 2919, RFC 2369), or the address of a list's owner, which older list software writes."""
    if mail.has(*LIST_FIELDS) or mail.header("precedence").strip().lower() == "list":
        return True
    return any(_is_list_role(mail.header(name)) for name in ("sender", "return-path", "errors-to"))


def _is_list_role(value: str) -> bool:
    local_part = value.rpartition("@")[0].rpartition("<")[2].strip().lower()
    return local_part.startswith("owner-") or local_part.endswith(LIST_ROLES)


def is_answer_of_person(mail: MailEvidence) -> bool:
    """Whether there is a field that a person's mail client writes: the program's name, or the thread that is answered."""
    return mail.has(*REPLIED_BY_PEOPLE)


def is_from_mail_system(mail: MailEvidence) -> bool:
    """Whether the author is a mail system: MAILER-DAEMON, Mail Delivery System."""
    local_part = mail.author.rpartition("@")[0].strip("\"'")
    name = mail.author_name.lower()
    return local_part.startswith(SYSTEM_AUTHORS) or any(words in name for words in SYSTEM_NAMES)


def has_service_address(mail: MailEvidence) -> bool:
    """Whether the author's address is one that people share with programs: postmaster@, a gateway's, a list's own."""
    local_part = mail.author.rpartition("@")[0].strip("\"'")
    return local_part in SERVICE_AUTHORS or any(words in local_part for words in SERVICE_NAMES) or _is_list_role(mail.author)


def is_from_service(mail: MailEvidence) -> bool:
    """Whether the author has a service address, and no person's name beside it."""
    name = mail.author_name.lower().strip("\"' ")
    nobody = not name or name == mail.author.rpartition("@")[0] or any(words in name for words in NOBODYS_NAMES)
    return nobody and has_service_address(mail)


def has_answered_subject(mail: MailEvidence) -> bool:
    """Whether the subject begins with `Re:`, `Fwd:` or the like."""
    return has_prefix(mail.subject)


def is_response(mail: MailEvidence) -> bool:
    """Whether a machine sent the mail because of one mail: a report, a responder's note, an answer. An alert is none of these."""
    return (
        bool(mail.report_type)
        or is_auto_replied(mail)
        or is_auto_reply_by_precedence(mail)
        or has_robot_field(mail)
        or is_from_mail_system(mail)
        or mail.answers
        or (has_null_path(mail) and any(words in mail.subject[:1000].lower() for words in BOUNCE_SUBJECTS))
    )
