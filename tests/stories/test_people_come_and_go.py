"""Staff who leave, accounts that are renamed, and queues and addresses that go away: what is open goes on with somebody who is there."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select
from support.desk.story import StoryDesk, configured, direct_desk

from helpdesk.config.load import load
from helpdesk.gateway.directory_files import entries_of_cells, read_file
from helpdesk.gateway.node.node import Node
from helpdesk.gateway.people import sync_people
from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.condition import beat, leave
from helpdesk.store.directory.change import DirectoryOrder
from helpdesk.store.directory.listing import active_staff
from helpdesk.store.directory.rows import API, DirectoryKind
from helpdesk.store.directory.write import change_directory
from helpdesk.store.people import find_contacts
from helpdesk.store.schema import platform_inbox
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status
from helpdesk.threading.reporting.condition import Heartbeat

STAFF, ACCOUNT, CONTACT = DirectoryKind.STAFF, DirectoryKind.ACCOUNT, DirectoryKind.CONTACT
OMAR, INES = "omar@desk.example", "ines@desk.example"


@contextmanager
def opened(config: Path, reader: MailReader) -> Iterator[StoryDesk]:
    """A desk that may get another node in its story."""
    with direct_desk(config, reader) as made:
        try:
            yield made
        finally:
            made.node.close()


@pytest.fixture
def desk(tmp_path: Path, reader: MailReader) -> Iterator[StoryDesk]:
    with opened(configured(tmp_path / "desk", digest_at="08:00"), reader) as made:
        yield made


def changes(desk: StoryDesk, kind: DirectoryKind, source: str = API, /, **cells: object) -> None:
    """What `set` and `add` do with one row, and what follows within a few seconds."""
    entries = entries_of_cells(kind, cells, desk.node.configuration.policy)
    outcome = change_directory(desk.database, DirectoryOrder(source, entries), desk.now)
    assert outcome.refused == "" and outcome.number is not None
    desk.passes(seconds=11)


def imports(desk: StoryDesk, kind: DirectoryKind, text: str) -> None:
    found = read_file(kind, text.encode(), desk.node.configuration.policy)
    assert change_directory(desk.database, DirectoryOrder("import:hr", found.entries, refused=found.refused), desk.now).number
    desk.passes(seconds=11)


def reconfigured(desk: StoryDesk, old: str, new: str) -> None:
    """The operator edits helpdesk.toml and starts the node again."""
    path = Path(desk.node.configuration.settings.folder) / "helpdesk.toml"
    before = path.read_text("utf-8")
    assert old in before
    path.write_text(before.replace(old, new), "utf-8")
    reader, clock = desk.node.tools.reader, desk.node.clock
    desk.node.close()
    desk.node = Node(load(path, {}), clock, reader)
    sync_people(desk.database, desk.node.configuration.policy, desk.now)
    desk.settle()


def accounts_in_inbox(desk: StoryDesk) -> set[str | None]:
    with desk.database.reading() as connection:
        return set(connection.execute(select(platform_inbox.c.account_id)).scalars())


def test_staff_of_an_import_work_as_those_of_the_file_do(desk: StoryDesk) -> None:
    """They get letters in their own language, and answer, from the next mail on; when they leave, what they have goes to their heir."""
    anna = desk.person("anna@acme.example")
    imports(desk, STAFF, "address,name,role,queues,language,letters\nlea@desk.example,Lea Ott,senior,general,de,all\n")
    anna.writes("Printer", "It jams.")
    lea = desk.person("lea@desk.example")
    desk.person(OMAR).replies(Notice.NEW_TICKET, "#assign lea@desk.example")
    assert "zugewiesen" in lea.letter(Notice.ASSIGNMENT).text
    lea.replies(Notice.ASSIGNMENT, "Please open the lid.")
    ticket = desk.ticket()
    assert (ticket.assignee, ticket.status) == (lea.address, Status.IN_PROGRESS)
    changes(desk, STAFF, "import:hr", address="lea@desk.example", active="no", heir=OMAR)
    ticket = desk.ticket()
    assert (ticket.assignee, ticket.status) == (OMAR, Status.IN_PROGRESS)
    letter = desk.person(OMAR).letter(Notice.ASSIGNMENT)
    assert "lea@desk.example, who had it, is not on the team any more." in letter.text
    assert [event.actor for event in desk.history(1).events][-1] == "directory"
    anna.replies(Notice.ANSWER, "The lid is open.")
    assert desk.notices_to(desk.person(OMAR))[-1] == Notice.CUSTOMER_REPLY
    lea.replies(Notice.ASSIGNMENT, "#close")
    assert desk.mails()[-1].state is not Disposition.THREADED  # who left changes nothing any more
    assert lea.address in [message.author for message in desk.history(1).messages]  # and has said what they said


def test_seniors_read_each_morning_of_requests_whose_account_is_gone(desk: StoryDesk) -> None:
    """Nobody inherits them, so nothing can be handed over, and an operator may not look at `status`."""
    imports(desk, ACCOUNT, "id,contacts\nhooli,kim@hooli.example\n")
    desk.person("kim@hooli.example").writes("Printer", "It jams.")
    changes(desk, ACCOUNT, "import:hr", id="hooli", active="no")
    desk.passes(hours=24)
    remark = f"Open for the account hooli, which is not in force any more: {desk.ticket().reference}."
    letter = desk.person(INES).letter(Notice.DIGEST)
    assert remark in letter.text and remark in letter.html
    assert Notice.DIGEST not in desk.notices_to(desk.person(OMAR))  # an agent can do nothing about it


def test_what_somebody_leaves_goes_to_their_heir_before_the_queue(desk: StoryDesk) -> None:
    """The queue would give it to Omar, who has nothing to do; the heir is Ines."""
    imports(desk, STAFF, "address,name,role,queues\nlea@desk.example,Lea Ott,agent,general\n")
    desk.person("anna@acme.example").writes("Printer", "It jams.")
    desk.person(OMAR).replies(Notice.NEW_TICKET, "#assign lea@desk.example")
    changes(desk, STAFF, "import:hr", address="lea@desk.example", active="no", heir=INES)
    assert desk.ticket().assignee == INES


@pytest.mark.parametrize("assigns", [True, False])
def test_what_nobody_inherits_goes_back_to_the_queue(tmp_path: Path, reader: MailReader, assigns: bool) -> None:
    """A staff member is taken out of the file. Who would get a new request gets theirs, or else it is in the queue's morning list."""
    more = "" if assigns else "[triage]\nassign = false\n"
    with opened(configured(tmp_path / "desk", more=more, digest_at="08:00"), reader) as desk:
        anna, ines = desk.person("anna@acme.example"), desk.person(INES)
        anna.writes("Printer", "It jams.")
        desk.person(OMAR).replies(Notice.NEW_TICKET, "#take")
        reconfigured(desk, '[[staff]]\nname = "Omar Haddad"\naddress = "omar@desk.example"\n', "")
        assert desk.ticket().assignee == (INES if assigns else None)
        assert (Notice.ASSIGNMENT in desk.notices_to(ines)) is assigns
        desk.passes(hours=24)
        assert desk.ticket().reference in ines.letter(Notice.DIGEST).text
        anna.replies(Notice.CONFIRMATION, "Any news?")
        assert desk.notices_to(ines)[-1] == Notice.CUSTOMER_REPLY


def test_a_new_address_in_the_file_keeps_what_was_open(desk: StoryDesk) -> None:
    """The same name at a new address is the same person: their open requests are theirs, and the customer's reply comes to them alone."""
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    desk.person(OMAR).replies(Notice.NEW_TICKET, "#take\nPlease open the lid.")
    reconfigured(desk, OMAR, "omar.neu@desk.example")
    new = desk.person("omar.neu@desk.example")
    assert desk.ticket().assignee == new.address
    before = len(desk.notices_to(desk.person(INES)))
    anna.replies(Notice.ANSWER, "It still jams.")
    assert desk.notices_to(new)[-1] == Notice.CUSTOMER_REPLY
    assert len(desk.notices_to(desk.person(INES))) == before


def test_an_account_that_is_renamed_takes_its_requests_and_inbox_along(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    anna.writes("Scanner", "It blinks.")
    assert accounts_in_inbox(desk) == {"acme"}
    reconfigured(desk, 'id = "acme"\nplan = "business"', 'id = "acme-group"\nplan = "starter"')
    assert [(ticket.account, ticket.plan) for ticket in desk.tickets()] == [("acme-group", "business")] * 2
    assert accounts_in_inbox(desk) == {"acme-group"}
    anna.replies(Notice.CONFIRMATION, "Any news?")
    assert accounts_in_inbox(desk) == {"acme-group"}
    with desk.database.reading() as connection:
        positions = list(connection.execute(select(platform_inbox.c.position)).scalars())
    assert None not in positions and len(set(positions)) == len(positions)


def test_accounts_that_are_joined_share_one_inbox_and_their_history(desk: StoryDesk) -> None:
    imports(desk, ACCOUNT, "id,plan,contacts\nhooli,starter,kim@hooli.example\nbighead,starter,lou@bighead.example\n")
    kim, lou = desk.person("kim@hooli.example"), desk.person("lou@bighead.example")
    kim.writes("Printer", "It jams.")
    lou.writes("Scanner", "It blinks.")
    desk.person(OMAR).replies(Notice.NEW_TICKET, "#close")  # the newest: Lou's
    assert [ticket.account for ticket in desk.tickets()] == ["hooli", "bighead"]
    changes(desk, CONTACT, "import:hr", address="lou@bighead.example", account="hooli")
    assert [ticket.account for ticket in desk.tickets()] == ["hooli", "bighead"]  # a person who moves takes no request along
    changes(desk, ACCOUNT, "import:hr", id="bighead", active="no", heir="hooli")
    assert [ticket.account for ticket in desk.tickets()] == ["hooli", "hooli"]
    assert accounts_in_inbox(desk) == {"hooli"}
    [scanner] = [ticket for ticket in desk.tickets() if ticket.subject == "Scanner"]
    desk.writes_in_platform("bighead", "lou@bighead.example", "It blinks again.", scanner.thread_key)  # the platform is behind
    assert "It blinks again." in [message.text for place in (1, 2) for message in desk.history(place).messages]
    assert accounts_in_inbox(desk) == {"hooli"}


BILLING = '[[address]]\naddress = "billing@support.example.com"\nqueue = "billing"\n'


def test_a_support_address_and_a_queue_that_go_away_leave_nobody_behind(tmp_path: Path, reader: MailReader) -> None:
    """The letters of the old address are answered all the same, and the request is in the default queue."""
    with opened(configured(tmp_path / "desk"), reader) as desk:
        anna = desk.person("anna@acme.example")
        anna.writes("Invoice", "It is wrong.", to="billing@support.example.com")
        assert (desk.ticket().queue, desk.ticket().support_address) == ("billing", "billing@support.example.com")
        old = anna.letter(Notice.CONFIRMATION).header("Reply-To")
        reconfigured(desk, BILLING, "")
        reconfigured(
            desk,
            'name = "Bela Kovacs"\naddress = "bela@desk.example"\nqueues = ["billing"]',
            'name = "Bela Kovacs"\naddress = "bela@desk.example"',
        )
        ticket = desk.ticket()
        assert (ticket.queue, ticket.support_address) == ("general", "help@support.example.com")
        assert desk.node.addresses.takes_mail_for(old.strip("<>"))
        assert not desk.node.addresses.takes_mail_for("billing@support.example.com")
        anna.replies(Notice.CONFIRMATION, "Any news?")
        assert len(desk.tickets()) == 1
        assert "Any news?" in desk.history(1).messages[-1].text
        assert desk.notices_to(desk.person("bela@desk.example"))[-1] == Notice.CUSTOMER_REPLY  # it is still Bela's


def test_an_account_of_an_import_has_all_that_an_account_of_the_file_has(desk: StoryDesk) -> None:
    imports(desk, ACCOUNT, "id,plan,severity,language,contacts\nhooli,business,high,de,kim@hooli.example\n")
    kim = desk.person("kim@hooli.example")
    kim.writes("?", "1 2 3")
    ticket = desk.ticket()
    assert (ticket.account, ticket.plan, ticket.severity, ticket.language) == ("hooli", "business", "high", "de")


def test_who_starts_last_is_not_right_by_that(desk: StoryDesk, caplog: pytest.LogCaptureFixture) -> None:
    """While a node with another file runs, a start takes nobody away and changes nobody; new people come at once, the rest within the hour."""
    desk.settle()
    policy = desk.node.configuration.policy
    older = policy.model_copy(update={"staff": policy.staff[1:], "accounts": (), "digest": "0" * 64})
    newcomer = policy.staff[0].model_copy(update={"name": "Lea Ott", "address": "lea@desk.example"})
    older = older.model_copy(update={"staff": (*older.staff, newcomer)})
    for sign in (Heartbeat("elsewhere:1", "elsewhere", "0.1", policy.digest, desk.now, desk.now), _of_a_killed_node(desk)):
        beat(desk.database, sign)
    assert not sync_people(desk.database, older, desk.now)
    with desk.database.reading() as connection:
        assert {member.address for member in active_staff(connection)} == {OMAR, "bela@desk.example", INES, newcomer.address}
        assert find_contacts(connection, ["anna@acme.example"], "free")["anna@acme.example"].plan == "business"
    assert "directory.differs" in caplog.text
    leave(desk.database, "elsewhere:1")
    assert sync_people(desk.database, older, desk.now)  # that of a killed node of this machine counts for nothing
    with desk.database.reading() as connection:
        assert OMAR not in {member.address for member in active_staff(connection)}
    desk.passes(hours=2)  # the node of this story has the newer file, and is alone
    with desk.database.reading() as connection:
        assert OMAR in {member.address for member in active_staff(connection)}


def _of_a_killed_node(desk: StoryDesk) -> Heartbeat:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    host = socket.gethostname()
    return Heartbeat(f"{host}:{ended.pid}", host, "0.1", "f" * 64, desk.now, desk.now)
