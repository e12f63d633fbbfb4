"""A staff member who writes from more than one address is one person: their letters, their rights and their requests are the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk.story import Person, StoryDesk, configured, direct_desk

from helpdesk.gateway.directory_files import entries_of_cells
from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.directory.change import DirectoryOrder, DirectoryOutcome
from helpdesk.store.directory.rows import API, DirectoryKind
from helpdesk.store.directory.undo import undo_change
from helpdesk.store.directory.write import change_directory
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.message import Direction
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status

OMAR, HOME, INES = "omar@desk.example", "omar@home.example", "ines@desk.example"
STRANGER = "203.0.113.9"  # a host that proves nothing


@pytest.fixture
def desk(tmp_path: Path, reader: MailReader) -> Iterator[StoryDesk]:
    config = configured(tmp_path / "desk", digest_at="08:00")
    text = config.read_text("utf-8")
    config.write_text(text.replace(f'address = "{OMAR}"', f'address = "{OMAR}"\naddresses = ["Omar@Home.example"]'), "utf-8")
    with direct_desk(config, reader) as made:
        yield made


@pytest.fixture
def omar(desk: StoryDesk) -> Person:
    return desk.person(OMAR)


def change(desk: StoryDesk, **cells: object) -> DirectoryOutcome:
    """What `helpdesk staff add` does."""
    entries = entries_of_cells(DirectoryKind.STAFF, cells, desk.node.configuration.policy)
    return change_directory(desk.database, DirectoryOrder(API, entries), desk.now)


def test_an_answer_from_a_further_address_is_theirs(desk: StoryDesk, omar: Person) -> None:
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    omar.at(HOME).replies(Notice.NEW_TICKET, "#take\n#answer\nPlease open the lid.")
    ticket = desk.ticket()
    assert (ticket.assignee, ticket.status) == (OMAR, Status.IN_PROGRESS)
    [answer] = [message for message in desk.history().messages if message.direction is Direction.SUPPORT]
    assert answer.author == OMAR
    letter = anna.letter(Notice.ANSWER)
    assert "Please open the lid." in letter.text and HOME not in letter.text + str(letter.message)
    anna.replies(Notice.ANSWER, "It is open.")
    assert desk.notices_to(omar)[-1] == Notice.CUSTOMER_REPLY
    assert desk.person(HOME).letters() == []  # letters go to the first address


def test_their_receipts_undo_and_later_mail_are_theirs_too(desk: StoryDesk, omar: Person) -> None:
    """Tokens that were given to one address are good from the other, because they are one person's."""
    desk.person("anna@acme.example").writes("Printer", "It jams.")
    before = desk.ticket().priority
    omar.at(HOME).replies(Notice.NEW_TICKET, "#priority low")
    assert desk.ticket().priority == "low"
    omar.at(HOME).replies(Notice.RECEIPT, "#undo")
    assert desk.ticket().priority == before
    omar.at(HOME).replies(Notice.NEW_TICKET, "#at tomorrow 9:00\nPlease open the lid.")
    desk.passes(hours=30)
    assert [message.author for message in desk.history().messages if message.direction is Direction.SUPPORT] == [OMAR]


def test_an_unproved_mail_from_a_further_address_waits_for_their_word(desk: StoryDesk, omar: Person) -> None:
    desk.person("anna@acme.example").writes("Printer", "It jams.")
    omar.at(HOME).replies(Notice.NEW_TICKET, "#take\n#answer\nPlease open the lid.", peer=STRANGER)
    assert (desk.mails()[-1].state, desk.ticket().status) == (Disposition.HELD, Status.IN_REVIEW)
    omar.replies(Notice.HELD, "#send")
    assert (desk.ticket().assignee, desk.ticket().status) == (OMAR, Status.IN_PROGRESS)


def test_a_corrected_mail_carries_the_files_of_the_refused_one(desk: StoryDesk, omar: Person) -> None:
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    omar.at(HOME).replies(Notice.NEW_TICKET, "#asign Ines\nSee the manual.", files={"manual.pdf": b"%PDF-1.4 open the lid"})
    omar.at(HOME).replies(Notice.RECEIPT, "#answer\nSee the manual.")
    assert "manual.pdf" in anna.letter(Notice.ANSWER).files


def test_colleagues_may_name_them_by_any_of_their_addresses(desk: StoryDesk, omar: Person) -> None:
    ines = desk.person(INES)
    desk.person("anna@acme.example").writes("Printer", "It jams.")
    ines.writes("Printer", f"#on {desk.ticket().reference}\n#assign {HOME}")
    assert desk.ticket().assignee == OMAR
    ines.writes("Omar?", f"#status {HOME}")
    assert desk.ticket().reference in ines.letters()[-1].text


def test_what_the_directory_brings_counts_from_the_next_mail_on(desk: StoryDesk) -> None:
    desk.person("anna@acme.example").writes("Printer", "It jams.")
    assert change(desk, address="lea@desk.example", name="Lea Ott", addresses="lea@home.example|lea@train.example").number
    lea = desk.person("lea@desk.example")
    lea.at("lea@train.example").writes("Printer", f"#on {desk.ticket().reference}\n#take")
    assert desk.ticket().assignee == "lea@desk.example"
    assert change(desk, address="lea@desk.example", name="Lea Ott", addresses="").number
    lea.at("lea@train.example").writes("Printer", f"#on {desk.ticket().reference}\n#close")
    assert desk.ticket().status is not Status.CLOSED


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"address": "lea@desk.example", "addresses": INES}, f"{INES} is an address of {INES}"),
        ({"address": "lea@desk.example", "addresses": HOME}, f"{HOME} is an address of {OMAR}"),
        ({"address": HOME}, f"{HOME} is an address of {OMAR}"),
    ],
)
def test_an_address_belongs_to_one_member_of_staff(desk: StoryDesk, cells: dict[str, object], reason: str) -> None:
    outcome = change(desk, name="Lea Ott", **cells)
    assert outcome.number is None and reason in outcome.diff.refusals[0].reason


def test_an_undoing_gives_nobody_what_another_one_has(desk: StoryDesk) -> None:
    assert change(desk, address="lea@desk.example", name="Lea Ott", addresses="lea@home.example").number
    gone = change(desk, address="lea@desk.example", active="no").number
    assert gone and change(desk, address="max@desk.example", name="Max Roth", addresses="lea@home.example").number
    assert undo_change(desk.database, gone, desk.now).number is None
