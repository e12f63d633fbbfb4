"""Every way in which a mail may claim to be staff's: where it came from, with which token, by whom, where its command stands, and
whether a machine wrote it. Each way is a mail of real bytes; beside them stands an oracle that knows nothing of the program.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import product

SUPPORT = "help@support.example.com"
REFERENCE = "ACZ-K7Q2M9"
SERVER = "mx.support.example.com"  # our relay's name in Authentication-Results
RELAY, STRANGE, HOUSE = "10.0.0.5", "203.0.113.9", "192.0.2.7"
WORDS = "I have looked at flap B."
ABSENT = "I am out of the office until Monday and will read your message then."


class Origin(StrEnum):
    """What the way in proves of the author."""

    RELAY_PASS = "our relay says that DMARC passed"
    RELAY_FAIL = "our relay says that DMARC failed"
    RELAY_SILENT = "our relay says nothing"
    FORGED = "a stranger's relay writes that DMARC passed"
    SUBMITTED = "with the author's password"
    SUBMITTED_OTHER = "with somebody else's password"
    ASSUMED = "from a network that is believed"
    SEVERAL_FROM = "from a network that is believed, with several From fields"


class Key(StrEnum):
    """The token in the address that it is sent to. `Own` ones were given to the staff member whom the mail pretends to be."""

    OWN_REPLY = "own, of a public letter"
    OWN_NOTE = "own, of a note"
    OWN_RECEIPT = "own, of a receipt"
    OWN_UNDO = "own, to undo"
    COLLEAGUES = "a colleague's"
    CUSTOMERS = "the customer's"
    NONE = "none"
    DAMAGED = "damaged"


class Author(StrEnum):
    ACTIVE = "staff"
    FORMER = "no longer staff"
    CUSTOMER = "customer of the ticket"
    STRANGER = "stranger"


class Place(StrEnum):
    """Where `#resolve` stands."""

    TOP = "top"
    BOTTOM = "bottom"
    MIDDLE = "middle"
    QUOTE = "quote"
    QUOTED_BLOCK = "block in a quote"
    SUBJECT = "subject"
    HTML = "html alone"
    FORWARDED = "forwarded mail"
    ATTACHMENT = "attachment"
    SIGNATURE = "signature"


class Machine(StrEnum):
    PERSON = "a person's"
    AUTO_SUBMITTED = "Auto-Submitted"
    NULL_PATH = "null path"
    LIST = "mailing list"
    OUT_OF_OFFICE = "note of absence"
    REPORT = "delivery report"


class Verdict(StrEnum):
    OBEYED = "the command was carried out"
    SPOKEN = "the words went to the customer in a staff member's name"
    KEPT = "the words became a note"
    UNDONE = "a step was taken back"
    BEGUN = "a request was begun for the author of the forwarded mail"
    HELD = "held"
    NOTHING = "nothing of staff's"


@dataclass(frozen=True, slots=True)
class Case:
    origin: Origin
    key: Key
    author: Author
    place: Place
    machine: Machine


def cases() -> Iterator[Case]:
    """All 15,360."""
    return (Case(*values) for values in product(Origin, Key, Author, Place, Machine))


def expected(case: Case) -> Verdict:
    """The oracle: what the rules for staff's authority say, in the order in which a person would ask."""
    own = case.key in (Key.OWN_REPLY, Key.OWN_NOTE, Key.OWN_RECEIPT, Key.OWN_UNDO)
    if case.machine in (Machine.OUT_OF_OFFICE, Machine.REPORT):
        return Verdict.NOTHING
    if case.author is not Author.ACTIVE:
        given_to_staff = case.key is Key.COLLEAGUES or (own and case.author is not Author.FORMER)
        named = case.origin is not Origin.SEVERAL_FROM  # several From fields name nobody: this may be anybody's robot
        customers_robot = named and case.author is Author.CUSTOMER and case.machine is Machine.AUTO_SUBMITTED
        forged = case.origin in (Origin.RELAY_FAIL, Origin.SUBMITTED_OTHER)
        joins = named and not forged and case.author is Author.CUSTOMER  # a customer's own words, wherever they sent them
        return Verdict.HELD if given_to_staff and not customers_robot and not joins else Verdict.NOTHING
    proved = case.origin in (Origin.RELAY_PASS, Origin.SUBMITTED, Origin.ASSUMED)
    if not proved or case.machine is not Machine.PERSON or case.key in (Key.COLLEAGUES, Key.CUSTOMERS):
        return Verdict.HELD
    if case.key is Key.NONE and case.place is Place.ATTACHMENT:
        return Verdict.NOTHING  # nothing of it is about a customer: a request of the staff member's own
    if not own:
        return Verdict.BEGUN if case.place is Place.FORWARDED else Verdict.HELD
    if case.key is Key.OWN_UNDO:
        return Verdict.UNDONE
    if case.place is Place.MIDDLE:
        return Verdict.NOTHING  # a command that was meant, where none may stand: all of it is refused
    obeys = case.place in (Place.TOP, Place.BOTTOM, Place.SIGNATURE, Place.HTML)  # below the signature is the end of a reply too
    if case.key is Key.OWN_REPLY:
        return Verdict.OBEYED if obeys else Verdict.SPOKEN
    return Verdict.NOTHING if obeys else Verdict.KEPT  # words for the customer, sent to where staff talk among themselves


ADDRESSES = {
    Author.ACTIVE: "omar@desk.example", Author.FORMER: "fred@desk.example", Author.CUSTOMER: "anna@acme.example",
    Author.STRANGER: "eve@evil.example",
}  # fmt: skip
COLLEAGUE = "ines@desk.example"
PEERS = {
    Origin.RELAY_PASS: RELAY, Origin.RELAY_FAIL: RELAY, Origin.RELAY_SILENT: RELAY, Origin.FORGED: STRANGE,
    Origin.SUBMITTED: STRANGE, Origin.SUBMITTED_OTHER: STRANGE, Origin.ASSUMED: HOUSE, Origin.SEVERAL_FROM: HOUSE,
}  # fmt: skip


def peer_of(case: Case) -> str:
    return PEERS[case.origin]


def login_of(case: Case) -> str | None:
    """As whom the client logged in, where it did."""
    logins = {Origin.SUBMITTED: ADDRESSES[case.author], Origin.SUBMITTED_OTHER: COLLEAGUE}
    return logins.get(case.origin)


def reverse_path_of(case: Case) -> str:
    return "" if case.machine is Machine.NULL_PATH else ADDRESSES[case.author]


def content_of(case: Case, reference: str = REFERENCE) -> bytes:
    """The mail's bytes; cases that differ only in envelope and peer share them."""
    return _content(_authors(case), _trace(case), case.place, case.machine, reference)


def _authors(case: Case) -> tuple[str, ...]:
    address = ADDRESSES[case.author]
    return (address, "eve@evil.example") if case.origin is Origin.SEVERAL_FROM else (address,)


def _trace(case: Case) -> str:
    """What stands above the mail; the forger's copy of our relay's words is exact."""
    domain = ADDRESSES[case.author].partition("@")[2]
    dmarc = {Origin.RELAY_PASS: "pass", Origin.FORGED: "pass", Origin.RELAY_FAIL: "fail"}.get(case.origin)
    if dmarc is None:
        return ""
    signed = f"; dkim=pass header.d={domain}" if dmarc == "pass" else ""
    return f"Authentication-Results: {SERVER}; dmarc={dmarc} header.from={domain}{signed}\n"


@cache
def _content(authors: tuple[str, ...], trace: str, place: Place, machine: Machine, reference: str) -> bytes:
    opening = f"{ABSENT}\n\n" if machine is Machine.OUT_OF_OFFICE else ""
    kind, body = _body(place, opening + WORDS, reference)
    if machine is Machine.REPORT:
        kind, body = _reported(kind, body)
    subject = "#resolve" if place is Place.SUBJECT else "Printer"
    fields = [
        trace + "Received: from somewhere by somewhere; Mon, 23 Nov 2026 09:00:00 +0000",
        *(f"From: <{author}>" for author in authors),
        f"To: {SUPPORT}",
        f"Subject: {'Automatic reply: ' if machine is Machine.OUT_OF_OFFICE else ''}{subject}",
        "Date: Mon, 23 Nov 2026 09:00:00 +0000",
        "MIME-Version: 1.0",
        *{Machine.AUTO_SUBMITTED: ["Auto-Submitted: auto-generated"], Machine.LIST: ["List-Id: <staff.desk.example>"]}.get(machine, []),
        f"Content-Type: {kind}",
    ]  # fmt: skip
    return ("\n".join(fields) + f"\n\n{body}\n").replace("\n", "\r\n").encode()


def _body(place: Place, words: str, reference: str) -> tuple[str, str]:
    """Content-Type and body."""
    quoted = "\n\nOn Mon, 23 Nov 2026 at 09:00, Anna <anna@acme.example> wrote:\n"
    printer = reference[:3:-1]  # of each case another one: words that the desk had before would be a copy
    plain = {
        Place.TOP: f"#resolve\n\n{words}",
        Place.BOTTOM: f"{words}\n\n#resolve",
        Place.MIDDLE: f"{words}\n#resolve\nIt is clean now.",
        Place.QUOTE: f"{words}{quoted}> #resolve\n> It jams.",
        Place.QUOTED_BLOCK: f"{words}{quoted}> #on {reference}\n> #resolve\n> It jams.",
        Place.SIGNATURE: f"{words}\n\n-- \nThe printer people\n#resolve",
        Place.FORWARDED: f"{words}\n\n---------- Forwarded message ---------\nFrom: Carla <carla@globex.example>\n"
        f"Date: Mon, 23 Nov 2026 at 08:00\nSubject: Paper\nTo: <omar@desk.example>\n\n#resolve\n\nThe printer {printer} jams here too.",
    }  # fmt: skip
    if place is Place.HTML:
        return "text/html; charset=utf-8", f"<p>#resolve</p><p>{words}</p>"
    if place is Place.ATTACHMENT:
        parts = (f"Content-Type: text/plain\n\n{words}", _attached())
        return 'multipart/mixed; boundary="mixed"', _parts("mixed", *parts)
    return "text/plain; charset=utf-8", plain.get(place, words)


def _attached() -> str:
    return 'Content-Type: text/plain; name="list.txt"\nContent-Disposition: attachment; filename="list.txt"\n\n#resolve'


def _reported(kind: str, body: str) -> tuple[str, str]:
    """The mail's words as those of a delivery report (RFC 3464)."""
    status = (
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.acme.example\n\n"
        "Final-Recipient: rfc822; anna@acme.example\nAction: failed\nStatus: 5.1.1"
    )
    first = f"Content-Type: {kind}\n\n{body}"
    return 'multipart/report; report-type=delivery-status; boundary="report"', _parts("report", first, status)


def _parts(boundary: str, *parts: str) -> str:
    return "".join(f"--{boundary}\n{part}\n" for part in parts) + f"--{boundary}--"
