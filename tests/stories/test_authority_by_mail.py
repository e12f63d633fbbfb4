"""A sample of the authority matrix on a real desk: stored, claimed, read in another process, decided, recorded, sent."""

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.desk.story import Person, StoryDesk, configured, direct_desk
from support.oracles.authority import (
    ADDRESSES,
    COLLEAGUE,
    SERVER,
    SUPPORT,
    Author,
    Case,
    Key,
    Verdict,
    cases,
    content_of,
    expected,
    login_of,
    peer_of,
    reverse_path_of,
)

from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.directory.configured import sync_directory
from helpdesk.store.directory.listing import ListedStaff
from helpdesk.store.history import TicketHistory
from helpdesk.store.inbound import store_raw
from helpdesk.threading.model.mail import Disposition, Envelope, RawMessage
from helpdesk.threading.model.message import Direction
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.participant import Role
from helpdesk.threading.model.status import Status
from helpdesk.threading.trust.tokens import Purpose, Token, mint

FRED = """
[[staff]]
name = "Fred Olsen"
address = "fred@desk.example"
"""
OWN = {Key.OWN_REPLY: Purpose.REPLY, Key.OWN_NOTE: Purpose.NOTE, Key.OWN_RECEIPT: Purpose.RECEIPT, Key.OWN_UNDO: Purpose.UNDO}
OPENS = "[authentication]\n"
EACH = 5  # of a verdict; seven verdicts


def sample() -> list[Case]:
    """As many of each verdict, so that the rare ones are there."""
    dice, found = random.Random(3), list(cases())
    groups = {verdict: [one for one in found if expected(one) is verdict] for verdict in Verdict}
    return [case for group in groups.values() for case in dice.sample(group, min(EACH, len(group)))]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, reader: MailReader) -> Iterator[StoryDesk]:
    with direct_desk(believing(tmp_path_factory.mktemp("desk")), reader) as made:
        yield made


def believing(folder: Path) -> Path:
    config = configured(folder, more=FRED)
    text = config.read_text().replace('assume_from = ["127.0.0.1/32"]', 'assume_from = ["127.0.0.1/32", "192.0.2.0/24"]')
    config.write_text(text.replace(OPENS, f'{OPENS}trusted_authserv_ids = ["{SERVER}"]\ntrusted_relays = ["10.0.0.0/8"]\n'))
    return config


def prepared(desk: StoryDesk) -> None:
    """A request of Anna's on which Omar, Ines and Fred have had letters; Omar took the last step, and Fred has left the house."""
    staff = [
        ListedStaff(member.address, member.name, member.role, member.queues) for member in desk.node.configuration.policy.staff
    ]
    sync_directory(desk.database, staff, [])
    desk.person(ADDRESSES[Author.CUSTOMER]).writes("Printer", "It jams.")
    reference = desk.ticket(len(desk.tickets())).reference
    for person, text in (
        ("omar", "#assign Fred"),
        ("omar", "#assign Ines"),
        ("omar", "#assign Omar"),
        ("omar", "#priority high"),
    ):
        desk.person(f"{person}@desk.example").writes("Printer", f"#on {reference}\n{text}")
    sync_directory(desk.database, [member for member in staff if member.address != ADDRESSES[Author.FORMER]], [])


def address_of(case: Case, desk: StoryDesk, history: TicketHistory) -> str:
    if case.key is Key.NONE:
        return SUPPORT
    omar_or_fred = ADDRESSES[Author.FORMER if case.author is Author.FORMER else Author.ACTIVE]
    address = {Key.COLLEAGUES: COLLEAGUE, Key.CUSTOMERS: ADDRESSES[Author.CUSTOMER]}.get(case.key, omar_or_fred)
    ticket, house = history.ticket, desk.node.desk.house
    holder = ticket.participant_at(address, Role.CUSTOMER if case.key is Key.CUSTOMERS else Role.STAFF)
    assert holder is not None, f"{address} is not on the ticket"
    text = mint(Token(OWN.get(case.key, Purpose.REPLY), ticket.id, holder.number, ticket.version), house.keyring)
    if case.key is Key.DAMAGED:
        text = text[:-1] + ("a" if text[-1] != "a" else "q")
    return house.reply_addresses.address("help", text)


def verdict_of(desk: StoryDesk, place: int, before: TicketHistory) -> Verdict:
    """What came of the last mail, as the store has it."""
    after, mail = desk.history(place), max(desk.mails(), key=lambda one: one.id)
    newest = desk.ticket(len(desk.tickets()))
    said = [message for message in after.messages if message.direction is Direction.SUPPORT]
    signs = (
        (after.ticket.priority != before.ticket.priority, Verdict.UNDONE),
        (len(desk.tickets()) > place and newest.lineage.opened_by is not None, Verdict.BEGUN),
        (after.ticket.status is Status.RESOLVED, Verdict.OBEYED),
        (bool(said), Verdict.SPOKEN),
        (bool(after.notes), Verdict.KEPT),
        (mail.state is Disposition.HELD, Verdict.HELD),
    )
    return next((verdict for sign, verdict in signs if sign), Verdict.NOTHING)


@pytest.mark.parametrize("case", sample(), ids=lambda case: " / ".join(map(str, (case.origin, case.key, case.author, case.place, case.machine))))  # fmt: skip
def test_a_mail_has_the_effect_that_the_rules_say(desk: StoryDesk, case: Case) -> None:
    prepared(desk)
    place, anna = len(desk.tickets()), desk.person(ADDRESSES[Author.CUSTOMER])
    before, had = desk.history(place), letters_of_staff(desk, anna)
    to = address_of(case, desk, before)
    desk.now += timedelta(seconds=1)
    content = content_of(case, before.ticket.reference).replace(
        b"\r\nMIME-Version", b"\r\nMessage-ID: <%d@x.example>\r\nMIME-Version" % place
    )
    raw = RawMessage(
        "smtp", Envelope(reverse_path_of(case), (to,)), content, desk.now, peer_of(case), authenticated_as=login_of(case)
    )
    store_raw(desk.database, desk.node.blobs, desk.node.configuration.settings.database.blob_threshold, [raw], desk.now)
    desk.settle()
    assert verdict_of(desk, place, before) is expected(case)
    assert (letters_of_staff(desk, anna) > had) == (expected(case) in (Verdict.OBEYED, Verdict.SPOKEN))


def letters_of_staff(desk: StoryDesk, anna: Person) -> int:
    """How many letters in a staff member's name there are for her."""
    return sum(notice in (Notice.ANSWER, Notice.RESOLUTION) for notice in desk.notices_to(anna))
