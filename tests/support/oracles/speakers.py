"""Who speaks as a customer: shapes of the author's fields × what proves them × what leads to the ticket × what is said, and an oracle.

The oracle is written from the rules for users alone: a mail has an author only where one plain address stands in one From field; a probable
forgery speaks for nobody; a Reply-To never says who wrote, and words that a machine wrote in the place of whoever is answered stand in
nobody's inbox; and a ticket is moved by proof, which is a token, a Message-ID of ours, or an
author whose origin is proved.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

ANNA, EVE, ROBOT, LIST = "anna@acme.example", "eve@evil.example", "noreply@evil.example", "group@corp.example"
SERVER, RELAY = "mx.support.example.com", "10.0.0.1"


class Shape(StrEnum):
    """How the author's fields are written. The value is what stands in the header."""

    PLAIN = f"From: Anna <{ANNA}>"
    SENDER = f"From: Anna <{ANNA}>\r\nSender: {EVE}"
    REPLY_TO = f"From: Anna <{ANNA}>\r\nReply-To: {EVE}"
    RESENT = f"From: Anna <{ANNA}>\r\nResent-From: {EVE}"
    STRANGER = f"From: Eve <{EVE}>"
    STRANGER_NAMED = f'From: "Anna {ANNA}" <{EVE}>'
    STRANGER_REPLY_TO = f"From: Eve <{EVE}>\r\nReply-To: Anna <{ANNA}>"
    STRANGER_SENDER = f"From: Eve <{EVE}>\r\nSender: {ANNA}"
    ROBOT_REPLY_TO = f"From: Form <{ROBOT}>\r\nReply-To: Anna <{ANNA}>"
    GROUP = f"From: Anna via Group <{LIST}>\r\nList-Id: <group.corp.example>\r\nX-Original-From: Anna <{ANNA}>"
    TWO_FIELDS = f"From: Anna <{ANNA}>\r\nFrom: Eve <{EVE}>"
    TWO_FIELDS_EVE_FIRST = f"From: Eve <{EVE}>\r\nFrom: Anna <{ANNA}>"
    TWO_ADDRESSES = f"From: Anna <{ANNA}>, Eve <{EVE}>"
    COMMENT = f"From: Anna <{ANNA} (x)>"
    BLANK_BEFORE_COLON = f"From : Anna <{ANNA}>"
    ROUTE = f"From: <@evil.example:{ANNA}>"
    GROUP_SYNTAX = f"From: customers: {ANNA};"
    EMPTY = "From: "
    ABSENT = "X-From: nobody"
    ABSENT_REPLY_TO = f"Reply-To: Anna <{ANNA}>"
    TWO_SUBJECTS = f"From: Anna <{ANNA}>\r\nSubject: another one"


AUTHORS = {
    Shape.PLAIN: ANNA, Shape.SENDER: ANNA, Shape.REPLY_TO: ANNA, Shape.RESENT: ANNA,
    Shape.STRANGER: EVE, Shape.STRANGER_NAMED: EVE, Shape.STRANGER_REPLY_TO: EVE, Shape.STRANGER_SENDER: EVE,
    Shape.ROBOT_REPLY_TO: ROBOT, Shape.GROUP: LIST,
}  # fmt: skip


class Proof(StrEnum):
    """What our relay found about the domain in From."""

    PASS = "pass"
    SILENT = "silent"
    FAIL = "fail"  # and the domain asks for such mail to be rejected


class Clue(StrEnum):
    """What leads to Anna's ticket."""

    NONE = "none"
    REFERENCE = "reference in the subject"
    FOREIGN_ID = "a Message-ID seen on the ticket"
    OUR_ID = "the Message-ID of a letter to Anna"
    TOKEN = "the reply address of a letter to Anna"


class Said(StrEnum):
    """What the mail would do if Anna wrote it. Without the right address rating and consent are only words."""

    REPLY = "a reply while the request is in progress"
    CONFIRM = "thanks after a resolution"
    REOPEN = "trouble after a resolution"
    RATE = "how it went"
    CONSENT = "that a stranger may write"


@dataclass(frozen=True, slots=True)
class Case:
    shape: Shape
    proof: Proof
    clue: Clue
    said: Said


@dataclass(frozen=True, slots=True)
class Effect:
    """`place`: on Anna's ticket, or a request of its own. `inbox_of`: whose own words they are in the platform inbox, None for nobody's."""

    place: str  # "ticket", "apart", "none"
    moved: bool = False
    confirmed: bool = False
    rated: bool = False
    consented: bool = False
    inbox_of: str | None = None


def cases() -> Iterator[Case]:
    for shape, proof, clue, said in product(Shape, Proof, Clue, Said):
        yield Case(shape, proof, clue, said)


def expected(case: Case) -> Effect:
    """The oracle."""
    author = AUTHORS.get(case.shape, "")
    certain = author if case.proof is not Proof.FAIL else ""
    as_anna = certain == ANNA
    by_token = case.clue is Clue.TOKEN
    if by_token and case.said is Said.CONSENT:
        return Effect("none", consented=as_anna)
    machine = author in (ROBOT, LIST)
    joins = (by_token and not machine) or (as_anna and case.clue is not Clue.NONE)
    if not joins:
        return Effect("apart", inbox_of=None if machine else certain or None)  # it names Anna to be answered: it is her request
    if by_token and case.said is Said.RATE:
        return Effect("ticket", rated=as_anna, inbox_of=ANNA if as_anna else None)
    proved = by_token or case.clue is Clue.OUR_ID or (as_anna and case.proof is Proof.PASS)
    confirmed = proved and as_anna and case.said in (Said.CONFIRM, Said.RATE)
    pressed_by_other = by_token and case.said is Said.CONFIRM and not as_anna  # told to the team, and never a reason to reopen
    return Effect(
        "ticket",
        moved=proved and not pressed_by_other,
        confirmed=confirmed and case.said is Said.CONFIRM,
        inbox_of=ANNA if as_anna and proved else None,
    )
