"""Sixty mails and what the rules of one desk make of them, written from the documentation alone."""

from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

RULES = """
[spam]
verdict = "quarantine"

[[rule]]
name = "shop"
sender = ["orders@shop.example", "parcels.example"]
queue = "billing"
tag = ["shop"]
fields = { "order" = ["ORD-#####", "order number ####"] }

[[rule]]
name = "payroll"
recipient = "billing@support.example.com"
words = ["payroll*"]
category = "billing and plans"
severity = "high"

[[rule]]
name = "press"
subject = { en = ["press inquiry"], de = ["presseanfrage*"] }
queue = "billing"
tag = ["press", "external"]

[[rule]]
name = "monitoring"
header = { "X-Monitor" = ["check failed"] }
severity = "critical"
tag = "monitoring"

[[rule]]
name = "any ticketing header"
header = { "X-Ticketing" = [] }
tag = "robot"

[[rule]]
name = "newsletters"
header = { "List-Id" = ["weekly deals"] }
ignore = true

[[rule]]
name = "recruiters"
words = ["job offer", "candidate profile"]
refuse = true

[[rule]]
name = "pills"
subject = ["cheap pills", "winner #"]
spam = true

[[rule]]
name = "both"
sender = "trial.example"
words = "cancel*"
queue = "billing"
severity = "low"

[[rule]]
name = "late queue"
sender = "shop.example"
queue = "general"
tag = ["shop", "late"]

[[rule]]
name = "serial"
fields = { "serial" = ["SN ########"] }
"""


@dataclass(frozen=True)
class Case:
    """One mail, and what must follow. `rules` are the names of the rules that fit, in their order."""

    name: str
    sender: str = "carla@globex.example"
    to: str = "help@support.example.com"
    subject: str = "A question"
    text: str = "How does it work?"
    headers: tuple[tuple[str, str], ...] = ()
    peer: str = "127.0.0.1"
    disposition: str = "opened"
    rules: tuple[str, ...] = ("serial",)
    queue: str = "general"
    category: str = ""
    severity: str = ""
    tags: tuple[str, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)
    stop: tuple[str, str] | None = None

    @property
    def content(self) -> bytes:
        message = EmailMessage()
        for name, value in self.headers:
            message[name] = value
        message["From"], message["To"], message["Subject"] = self.sender, self.to, self.subject
        message["Date"] = "Mon, 23 Nov 2026 09:00:00 +0000"
        message["Message-ID"] = f"<{abs(hash(self.name))}@mail.example>"
        message.set_content(self.text)
        return message.as_bytes(policy=SMTP)


SHOP: dict[str, Any] = {
    "sender": "orders@shop.example",
    "rules": ("shop", "late queue", "serial"),
    "queue": "billing",
    "tags": ("shop", "late"),
}
BILLING = "billing@support.example.com"
OURS = "from mail.example ([192.0.2.9]) by mx.example.com; Mon, 23 Nov 2026 09:00:00 +0000"
THEIRS = "from pc ([198.51.100.3]) by mail.example; Mon, 23 Nov 2026 08:59:59 +0000"


def stopped(name: str, kind: str, by: str, disposition: str, **rest: Any) -> Case:
    return Case(name, disposition=disposition, stop=(kind, by), queue="", **rest)


def marked(name: str, *headers: tuple[str, str], **rest: Any) -> Case:
    """A mail that the filter of a trusted relay calls spam."""
    return stopped(name, "verdict", headers[0][0], "quarantined", headers=headers, **rest)


CASES = (
    # by sender
    Case("no rule but the one without a condition fits"),
    Case("the sender's address", **SHOP),
    Case("the address in capitals", **{**SHOP, "sender": "Orders@SHOP.example"}),
    Case("a name beside the address", **{**SHOP, "sender": "The Shop <orders@shop.example>"}),
    Case("another address of the domain", sender="help@shop.example", rules=("late queue", "serial"), tags=("shop", "late")),
    Case("a domain", sender="track@parcels.example", rules=("shop", "serial"), queue="billing", tags=("shop",)),
    Case("a domain below a domain", sender="a@eu.parcels.example", rules=("shop", "serial"), queue="billing", tags=("shop",)),
    Case("a domain that only ends alike", sender="a@myparcels.example"),
    Case("a domain above the one that is written", sender="a@example"),
    Case("the address as a part of another", sender="orders@shop.example.evil.example"),
    Case("the address as a name alone", sender='"orders@shop.example" <eve@evil.example>'),
    Case("the address in Reply-To alone", headers=(("Reply-To", "orders@shop.example"),)),
    Case("the address in the text alone", text="orders@shop.example wrote to me"),
    # by recipient
    Case(
        "recipient and words",
        to=BILLING,
        text="Our payroll is late.",
        rules=("payroll", "serial"),
        queue="billing",
        category="billing and plans",
        severity="high",
    ),
    Case(
        "the recipient in Cc",
        headers=(("Cc", BILLING),),
        text="Payrolls!",
        rules=("payroll", "serial"),
        category="billing and plans",
        severity="high",
    ),
    Case("the recipient without the words", to=BILLING, queue="billing"),
    Case("the words without the recipient", text="Our payroll is late."),
    Case(
        "the recipient in capitals",
        to="Billing@Support.Example.com",
        text="payroll",
        rules=("payroll", "serial"),
        queue="billing",
        category="billing and plans",
        severity="high",
    ),
    # by words
    Case(
        "a phrase in the subject", subject="Press inquiry", rules=("press", "serial"), queue="billing", tags=("press", "external")
    ),
    Case(
        "a phrase of another language",
        subject="Presseanfragen zum Start",
        rules=("press", "serial"),
        queue="billing",
        tags=("press", "external"),
    ),
    Case("the phrase of the subject in the text", text="This is a press inquiry."),
    Case("the words with others between them", subject="Press or inquiry"),
    Case(
        "the words across a line", subject="press-inquiry", rules=("press", "serial"), queue="billing", tags=("press", "external")
    ),
    Case(
        "accents do not count",
        to=BILLING,
        text="PAYRÓLL",
        rules=("payroll", "serial"),
        queue="billing",
        category="billing and plans",
        severity="high",
    ),
    Case("a word within a word", to=BILLING, text="mypayroll", queue="billing"),
    Case(
        "sender and words",
        sender="x@trial.example",
        text="Please cancel it.",
        rules=("both", "serial"),
        queue="billing",
        severity="low",
    ),
    Case(
        "sender and the beginning of a word",
        sender="x@trial.example",
        subject="Cancellation",
        rules=("both", "serial"),
        queue="billing",
        severity="low",
    ),
    Case("the sender without the words", sender="x@trial.example"),
    # by header
    Case(
        "a phrase in a header field",
        headers=(("X-Monitor", "Check FAILED on db1"),),
        rules=("monitoring", "serial"),
        severity="critical",
        tags=("monitoring",),
    ),
    Case("another value of the field", headers=(("X-Monitor", "check passed"),)),
    Case("the field by another name", headers=(("X-Monitored", "check failed"),)),
    Case(
        "the second of two fields",
        headers=(("X-Monitor", "ok"), ("x-monitor", "check failed")),
        rules=("monitoring", "serial"),
        severity="critical",
        tags=("monitoring",),
    ),
    Case(
        "a field that only has to be there",
        headers=(("X-Ticketing", "0"),),
        rules=("any ticketing header", "serial"),
        tags=("robot",),
    ),
    # fields
    Case("a value with its prefix", **{**SHOP, "fields": {"order": "ORD-12345"}, "text": "About ORD-12345, please."}),
    Case(
        "a value in the subject goes first",
        **{**SHOP, "fields": {"order": "ORD-77777"}, "subject": "ORD-77777", "text": "ORD-12345"},
    ),
    Case("a value behind its words", **{**SHOP, "fields": {"order": "4711/B"}, "text": "Order number: 4711/B."}),
    Case("a value with too few digits", **{**SHOP, "text": "ORD-1234"}),
    Case("a value of a mail that the rule does not fit", text="ORD-12345"),
    Case("a value by the rule without a condition", text="SN 00012345", fields={"serial": "00012345"}),
    Case("two fields", **{**SHOP, "fields": {"order": "ORD-12345", "serial": "99999999"}, "text": "ORD-12345 and (SN 99999999)"}),
    Case("a card number is no value", **{**SHOP, "fields": {"order": "••••••••1111"}, "text": "order number 4111111111111111"}),
    # several rules
    Case(
        "tags add up and the first queue counts",
        sender="orders@shop.example",
        subject="Press inquiry",
        rules=("shop", "press", "late queue", "serial"),
        queue="billing",
        tags=("shop", "press", "external", "late"),
    ),
    Case(
        "the first severity counts",
        to=BILLING,
        sender="x@trial.example",
        text="Cancel the payroll",
        rules=("payroll", "both", "serial"),
        queue="billing",
        category="billing and plans",
        severity="high",
    ),
    Case(
        "words that need a person raise it further",
        sender="x@trial.example",
        text="Cancel it. My lawyer will sue you.",
        rules=("both", "serial"),
        queue="billing",
        severity="high",
    ),
    # kept out
    stopped(
        "ignored",
        "ignore",
        "newsletters",
        "discarded",
        headers=(("List-Id", "Weekly deals <deals.shop.example>"),),
        rules=("newsletters", "serial"),
    ),
    stopped("refused", "refuse", "recruiters", "refused", text="A job offer for you", rules=("recruiters", "serial")),
    stopped("spam", "spam", "pills", "quarantined", subject="CHEAP PILLS", rules=("pills", "serial")),
    stopped("spam by a number", "spam", "pills", "quarantined", subject="Winner 4711", rules=("pills", "serial")),
    stopped(
        "the first that stops counts",
        "refuse",
        "recruiters",
        "refused",
        subject="Cheap pills",
        text="job offer",
        rules=("recruiters", "pills", "serial"),
    ),
    stopped(
        "what is kept out is not sorted",
        "spam",
        "pills",
        "quarantined",
        sender="orders@shop.example",
        subject="cheap pills",
        rules=("shop", "pills", "late queue", "serial"),
        tags=("shop", "late"),
    ),
    # verdicts of a mail filter
    marked("SpamAssassin", ("X-Spam-Status", "Yes, score=12.1 required=5.0")),
    marked("a flag", ("X-Spam-Flag", "YES")),
    marked("rspamd's action", ("X-Rspamd-Action", "add header")),
    marked("rspamd's result", ("X-Spamd-Result", "default: True [15.20 / 15.00]; R_BAD(3.00)[]")),
    marked("Exchange's report", ("X-Forefront-Antispam-Report", "CIP:192.0.2.9;CTRY:;SCL:5;SFV:SPM;CAT:SPM;")),
    marked("below the relay's own Received field", ("X-Spam-Status", "Yes"), ("Received", OURS)),
    Case("a verdict that says no", headers=(("X-Spam-Status", "No, score=-1.0"),)),
    Case("a verdict of another host", headers=(("Received", OURS), ("Received", THEIRS), ("X-Spam-Status", "Yes"))),
    Case("a verdict by whoever is no relay", peer="203.0.113.7", headers=(("X-Spam-Status", "Yes"),)),
    marked("a sender cannot clear the mail", ("X-Spam-Flag", "YES"), ("X-Spam-Status", "No"), ("Received", OURS)),
)
