"""A customer and staff at work in neomutt, with a running gateway: its SMTP door with STARTTLS and login, letters in a Maildir."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from support.servers.neomutt import NEOMUTT, Neomutt
from support.servers.peers import PATIENCE, answers, free_ports, missing, wait_for

from helpdesk.gateway.doors.passwords import hash_password
from helpdesk.store.database import Database
from helpdesk.store.history import TicketHistory, ticket_history
from helpdesk.store.outbox import OutboxLetter, list_letters
from helpdesk.store.tickets import list_tickets
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status, WaitingOn

SUPPORT = "help@support.example.com"
ANNA, OMAR = "anna@acme.example", "omar@desk.example"
PASSWORD = "correct horse"
CONFIG = """
[desk]
name = "Accoraze Support"
prefix = "ACZ"
domain = "support.example.com"
[[address]]
address = "{support}"
[database]
url = "sqlite:///helpdesk.db"
blobs = "blobs"
[smtp]
listen = "127.0.0.1:{port}"
certificate = "server.pem"
[relay]
url = "maildir:outgoing"
[answering]
undo_window = "{undo_window}"
[[staff]]
name = "Omar Haddad"
address = "{omar}"
password = "{password}"
[[account]]
id = "acme"
plan = "business"
contacts = ["{anna}"]
"""


class RunningDesk:
    """A gateway of its own process, and the people who write to it. Their mail counts only by login: no network is trusted."""

    def __init__(self, folder: Path, undo_window: str) -> None:
        self.folder = folder
        (self.port,) = free_ports(1)
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(folder / "authority.pem"))
        authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
        (folder / "helpdesk.toml").write_text(
            CONFIG.format(
                support=SUPPORT, port=self.port, undo_window=undo_window, omar=OMAR, anna=ANNA, password=hash_password(PASSWORD)
            )
        )
        secret = folder / "secret"
        secret.touch(mode=0o600)
        secret.write_text("a " + "5e" * 32 + "\n")
        self.log = (folder / "log").open("wb")
        self.process = subprocess.Popen(
            [Path(sys.executable).with_name("helpdesk"), "serve", "--config", folder / "helpdesk.toml"],
            stdout=self.log,
            stderr=self.log,
        )
        wait_for(lambda: answers(self.port), self.told)
        self.database = Database(f"sqlite:///{folder / 'helpdesk.db'}")

    def told(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-2000:] or "no word of the gateway"

    def close(self) -> None:
        self.database.close()
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.log.close()

    def person(self, name: str, address: str, password: str = "") -> Neomutt:
        home = self.folder / (name.partition(" ")[0] + ("" if password else "_unknown"))
        return Neomutt(home, self.folder / "outgoing", self.port, self.folder / "authority.pem", name, address, password)

    def letters(self, to: str, state: str = "sent") -> list[OutboxLetter]:
        with self.database.reading() as connection:
            found = [letter for letter in list_letters(connection, limit=1000) if letter.to == to and letter.state == state]
        return sorted(found, key=lambda letter: letter.id)

    def letter(self, to: str, notice: Notice, place: int = 1) -> OutboxLetter:
        """The first letter of that notice, the second, …, once it has left."""

        def found() -> list[OutboxLetter]:
            return [letter for letter in self.letters(to) if letter.notice == notice]

        wait_for(lambda: len(found()) >= place, lambda: f"{notice} for {to} among {self.notices(to)}; {self.told()}")
        return found()[place - 1]

    def notices(self, to: str) -> list[str]:
        return [letter.notice for letter in self.letters(to)]

    def history(self) -> TicketHistory:
        with self.database.reading() as connection:
            (only,) = list_tickets(connection, limit=10)
            found = ticket_history(connection, only.ticket.reference)
        assert found is not None
        return found

    def text_of(self, letter: OutboxLetter) -> str:
        for path in (self.folder / "outgoing").glob("[nc]*/*"):
            content = path.read_bytes()
            if letter.message_id.encode() in content.partition(b"\r\n\r\n")[0]:
                return content.decode()
        raise AssertionError(f"{letter.message_id} is not in the Maildir")


@pytest.fixture
def undo_window() -> str:
    return "0s"


@pytest.fixture
def desk(tmp_path: Path, undo_window: str) -> Iterator[RunningDesk]:
    if NEOMUTT is None:
        missing("neomutt")
    made = RunningDesk(tmp_path, undo_window)
    yield made
    made.close()


def begun(desk: RunningDesk) -> tuple[Neomutt, Neomutt, OutboxLetter]:
    """Anna has written; Omar has the letter about it."""
    anna, omar = desk.person("Anna Petrova", ANNA), desk.person("Omar Haddad", OMAR, PASSWORD)
    anna.writes("Printer", "The sheet is stuck in drawer seven.\n", SUPPORT)
    return anna, omar, desk.letter(OMAR, Notice.NEW_TICKET)


def test_a_request_from_its_first_mail_to_its_resolution(desk: RunningDesk) -> None:
    anna, omar, first = begun(desk)
    omar.answers(first.message_id, "#take\n#ask\n\nWhich colour has the lever?")
    question = desk.letter(ANNA, Notice.INFORMATION_REQUEST)
    assert "Which colour has the lever?" in desk.text_of(question)
    assert "stuck in drawer" not in desk.text_of(question)
    assert "#" not in desk.history().messages[-1].text
    assert (desk.history().ticket.assignee, desk.history().ticket.waiting_on) == (OMAR, WaitingOn.CUSTOMER)
    assert "assigned to Omar Haddad" in desk.text_of(desk.letter(OMAR, Notice.RECEIPT))

    anna.answers(question.message_id, "It is grey.\n\nDoes that help?", below=True)
    answer = desk.letter(OMAR, Notice.CUSTOMER_REPLY)
    assert desk.history().messages[-1].text == "It is grey.\n\nDoes that help?"
    assert "Which colour" in desk.history().messages[-1].elided_text

    omar.answers(answer.message_id, "#note\n\nShe has the old model.", below=True)
    desk.letter(OMAR, Notice.RECEIPT, 2)
    assert [note.text for note in desk.history().notes] == ["She has the old model."]

    omar.answers(answer.message_id, "Pull it, then close flap B.\n\n#resolve")
    resolution = desk.letter(ANNA, Notice.RESOLUTION)
    assert desk.history().messages[-1].text == "Pull it, then close flap B."
    assert desk.history().ticket.status is Status.RESOLVED
    anna.answers(resolution.message_id, "It is stuck again!")
    desk.letter(OMAR, Notice.REOPENED)
    assert desk.history().ticket.status is Status.IN_PROGRESS
    assert not any("old model" in desk.text_of(letter) for letter in desk.letters(ANNA))
    assert all(message.assurance == "authenticated" for message in desk.history().messages if message.author == OMAR)


@pytest.mark.parametrize("undo_window", ["1h"])
def test_an_answer_is_taken_back_before_it_leaves(desk: RunningDesk) -> None:
    _, omar, first = begun(desk)
    omar.answers(first.message_id, "Throw it away.\n\n#resolve")
    desk.letter(OMAR, Notice.RECEIPT)
    assert [letter.notice for letter in desk.letters(ANNA, "queued")] == [Notice.RESOLUTION]
    omar.answers(first.message_id, "#undo")
    receipt = desk.letter(OMAR, Notice.RECEIPT, 2)
    assert "Taken back" in desk.text_of(receipt)
    assert desk.history().ticket.status is Status.IN_REVIEW
    assert len(desk.history().messages) == 1
    assert desk.letters(ANNA, "queued") == []
    assert desk.notices(ANNA) == [Notice.CONFIRMATION]


def test_without_a_login_a_staff_reply_is_held_and_let_go_by_its_author(desk: RunningDesk) -> None:
    _, omar, first = begun(desk)
    desk.person("Omar Haddad", OMAR).answers(first.message_id, "Open flap B.\n\n#resolve")
    held = desk.letter(OMAR, Notice.HELD)
    assert desk.history().ticket.status is Status.IN_REVIEW
    assert desk.notices(ANNA) == [Notice.CONFIRMATION]
    omar.answers(held.message_id, "#send")
    desk.letter(ANNA, Notice.RESOLUTION)
    assert desk.history().messages[-1].text == "Open flap B."
