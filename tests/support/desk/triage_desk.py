"""A desk with the built-in policy, and what its triage makes of a mail."""

from dataclasses import replace
from datetime import UTC, datetime

from helpdesk.config.our_addresses import our_addresses
from helpdesk.config.people import SupportAddress
from helpdesk.config.policy import Policy
from helpdesk.threading.lifecycle.context import Context, Fresh
from helpdesk.threading.lifecycle.decision import Triaged
from helpdesk.threading.lifecycle.triage import triage_request
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.known import Known
from helpdesk.threading.matching.platform import incoming_reply
from helpdesk.threading.model.people import Contact, StaffMember, StaffRole
from helpdesk.threading.reading.language import language_of

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HELP = SupportAddress(address="help@support.example.com")
OURS = our_addresses("support.example.com", "{local}+{token}@{domain}", [HELP.address])
POLICY = Policy(addresses=(HELP,), default_category="other")
OMAR = StaffMember("Omar Haddad", "omar@desk.example", StaffRole.AGENT, ("general",), 0)


def said(subject: str, text: str, language: str = "en") -> Incoming:
    plain = incoming_reply(
        account="", contact_address="anna@acme.example", thread_key=None, text=text, attachments=(), at=NOW,
        support_address=HELP.address, language="",
    )  # fmt: skip
    told = language_of(f"{subject}\n{text}") or ""
    return replace(plain, subject=subject, language=language, told_language=told, account=None)


def of(incoming: Incoming, policy: Policy = POLICY, plan: str = "business", account: str | None = None) -> Triaged:
    known = Known(Contact("anna@acme.example", "", None, "free"), staff=(OMAR,))
    return triage_request(
        incoming, policy.addresses[0], plan, account, Context(policy, known, NOW, Fresh(iter(range(9)), "ACZ-1", "k"), OURS)
    )
