"""The desk behind a real Postfix: as MX in front of it, as smarthost behind it, and as the one who calls `helpdesk deliver`."""

import smtplib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk.postfix_desk import decided, delivery, desk_config, postfix_desk
from support.desk.story import SUPPORT, StoryDesk, configured, direct_desk
from support.servers import postfix
from support.servers.milter import Milter
from support.servers.peers import missing, program_for, wait_for
from support.servers.postfix import PostOffice, post_office

from helpdesk.gateway.reader import Reader
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.model.status import Status, WaitingOn

ROUND = [
    Notice.CONFIRMATION,
    Notice.ANSWER,
    Notice.INFORMATION_REQUEST,
    Notice.ESCALATION,
    Notice.RESOLUTION,
    Notice.REOPENED,
    Notice.RESOLUTION,
    Notice.CLOSING,
]


@pytest.fixture(scope="module")
def running_office() -> Iterator[PostOffice]:
    if postfix.POSTFIX is None:
        missing("postfix")
    office = post_office()
    yield office
    office.close()


@pytest.fixture
def office(running_office: PostOffice) -> PostOffice:
    running_office.clear()
    return running_office


@pytest.fixture
def milter(office: PostOffice) -> Iterator[Milter]:
    opened = Milter(office.milter, "mx.support.example.com")
    yield opened
    opened.close()


@pytest.fixture
def mail_desk(tmp_path: Path, reader: Reader, office: PostOffice, milter: Milter) -> Iterator[StoryDesk]:
    with postfix_desk(desk_config(tmp_path, office), reader, office) as desk:
        yield desk


def test_a_request_goes_its_whole_way_through_postfix(mail_desk: StoryDesk, office: PostOffice) -> None:
    desk = mail_desk
    anna, omar, ines = desk.person("anna@acme.example"), desk.person("omar@desk.example"), desk.person("ines@desk.example")

    anna.writes("Cannot log in", "The page says locked.\n.\n..and dots.", files={"screen.pdf": b"%PDF-1.4 " + bytes(range(256))})
    ticket = desk.ticket()
    assert (ticket.status, ticket.assignee, ticket.assurance) == (Status.IN_REVIEW, omar.address, Assurance.AUTHENTICATED)
    assert desk.history().messages[0].text == "The page says locked.\n.\n..and dots."
    assert ticket.reference in anna.letter(Notice.CONFIRMATION).text
    assert omar.letter(Notice.NEW_TICKET).files == {"screen.pdf": b"%PDF-1.4 " + bytes(range(256))}

    omar.replies(Notice.NEW_TICKET, "I am looking at it.")
    anna.replies(Notice.ANSWER, "It is urgent for us.")
    omar.replies(Notice.CUSTOMER_REPLY, "#ask\nWhich browser is it?")
    assert desk.ticket().waiting_on is WaitingOn.CUSTOMER
    anna.replies(Notice.INFORMATION_REQUEST, "Firefox 140.")
    omar.replies(Notice.CUSTOMER_REPLY, "#note\nSmells like the session bug.")
    omar.replies(Notice.CUSTOMER_REPLY, "#escalate session store\nI have asked a colleague to help.")
    assert (desk.ticket().status, desk.ticket().assignee) == (Status.ESCALATED, ines.address)
    ines.replies(Notice.ESCALATION, "#resolve\nUnlocked, please try again.")
    anna.replies(Notice.RESOLUTION, "Still locked, I am afraid. What now?")
    ines.replies(Notice.REOPENED, "#resolve\nNow it is really unlocked.")
    anna.replies(Notice.RESOLUTION, "Thank you very much!")
    assert desk.ticket().status is Status.CLOSED

    assert [letter.notice for letter in anna.letters()] == ROUND
    assert len(desk.tickets()) == 1
    assert all(mail.state is not Disposition.DISCARDED for mail in desk.mails())
    assert "session bug" not in "\n".join(letter.message.as_string() for letter in anna.letters())
    assert set(office.mailbox(anna.address)) == {letter.header("Message-ID").strip("<>") for letter in anna.letters()}


def test_a_letter_that_no_mailbox_takes_comes_back_to_its_ticket(mail_desk: StoryDesk) -> None:
    desk = mail_desk
    ghost, omar = desk.person("ghost@globex.example"), desk.person("omar@desk.example")
    ghost.writes("Hello", "Is anybody there?")

    wait_for(lambda: any(mail.state is Disposition.REPORTED for mail in desk.mails()), "the delivery report is on its ticket")
    desk.settle()
    report = next(mail for mail in desk.mails() if mail.state is Disposition.REPORTED)
    assert report.envelope is not None
    assert (report.envelope.reverse_path, report.ticket) == ("", desk.ticket().reference)
    failed = [event for event in desk.history().events if event.kind == "delivery_failed"]
    # On a slow machine the letter may have gone out twice, with one Message-ID: two reports, one consequence.
    assert failed
    assert all(ghost.address in event.detail for event in failed)
    assert desk.notices_to(omar).count(Notice.DELIVERY_FAILURE) == 1
    assert ghost.address in omar.letter(Notice.DELIVERY_FAILURE).text
    assert len(desk.tickets()) == 1


@pytest.mark.parametrize(
    ("verdict", "assurance"), [("pass", Assurance.AUTHENTICATED), ("fail", Assurance.FAILED), ("none", Assurance.UNVERIFIED)]
)
def test_our_postfix_says_who_wrote_and_nobody_else_does(
    mail_desk: StoryDesk, office: PostOffice, milter: Milter, verdict: str, assurance: Assurance
) -> None:
    """Whoever speaks with our MX himself can put his own claim right where the filter puts its field."""
    mail_desk.deliver = delivery(mail_desk, office, office.mx)
    milter.verdicts["acme.example"] = verdict
    claim = "mx.support.example.com; dmarc=pass header.from=acme.example; dkim=pass header.d=acme.example"
    anna = mail_desk.person("anna@acme.example")
    anna.writes("Invoice", "Which one is due?", headers={"Authentication-Results": claim})
    assert mail_desk.ticket().assurance is assurance


def test_postfix_refuses_what_the_desk_would_refuse(office: PostOffice, milter: Milter) -> None:
    with smtplib.SMTP("127.0.0.1", office.mx, timeout=60) as client:
        client.ehlo("client.example")
        client.mail("anna@acme.example")
        assert client.rcpt(SUPPORT)[0] == 250
        assert client.rcpt("help+raan5b4lu2aqc6yaibxbky7hr2hfbhukcz6koq@support.example.com")[0] == 250
        assert client.rcpt("somebody@support.example.com")[0] == 550
        assert client.rcpt("somebody@elsewhere.example")[0] == 554


def test_mail_waits_in_postfix_while_the_desk_is_away(tmp_path: Path, reader: Reader, office: PostOffice, milter: Milter) -> None:
    message = f"From: anna@acme.example\r\nTo: {SUPPORT}\r\nSubject: Early\r\nMessage-ID: <early@acme.example>\r\n\r\nHello.\r\n"
    with smtplib.SMTP("127.0.0.1", office.outside_port, timeout=60) as client:
        client.sendmail("anna@acme.example", [SUPPORT], message.encode())
    wait_for(lambda: "status=deferred" in office.front.log, "Postfix finds nobody at the desk")
    with postfix_desk(desk_config(tmp_path, office), reader, office) as desk:
        office.front.flush()
        assert decided(desk, office, "early@acme.example").state is Disposition.OPENED
        wait_for(lambda: office.front.queued() == 0, "Postfix has nothing left")
        assert [mail.state for mail in desk.mails()] == [Disposition.OPENED]


def test_postfix_calls_deliver(reader: Reader, office: PostOffice, milter: Milter) -> None:
    """Mail to billing goes by a pipe; what cannot be stored stays with Postfix."""
    if not program_for(postfix.ACCOUNT, office.program):
        pytest.skip("the account of the pipe may run no Python with our packages")
    folder = office.desk
    with direct_desk(configured(folder), reader) as desk:
        office.give_to_account(folder)
        config = folder / "helpdesk.toml"
        working = config.read_text()
        config.write_text("[desk]\n")

        message = (
            "From: anna@acme.example\r\nTo: billing@support.example.com\r\nMessage-ID: <pipe@acme.example>\r\n\r\n.\r\nHello.\r\n"
        )
        with smtplib.SMTP("127.0.0.1", office.outside_port, timeout=60) as client:
            client.sendmail(
                "anna@acme.example", ["billing@support.example.com"], message.replace("\r\n.\r\n", "\r\n..\r\n").encode()
            )
        wait_for(lambda: "status=deferred (temporary failure" in office.front.log, "Postfix keeps what was not stored")
        assert desk.mails() == []

        config.write_text(working)
        office.front.flush()
        wait_for(lambda: len(desk.mails()) == 1, lambda: f"the pipe has delivered; Postfix says: {office.front.log[-2000:]}")
        desk.settle()
        [mail] = desk.mails()
        assert mail.envelope is not None
        assert (mail.door, mail.envelope.reverse_path, mail.envelope.forward_paths, mail.state) == (
            "pipe", "anna@acme.example", ("billing@support.example.com",), Disposition.OPENED,
        )  # fmt: skip
        assert desk.ticket().queue == "billing"


def test_swaks_writes_to_the_desk(mail_desk: StoryDesk, office: PostOffice) -> None:
    command = ["swaks", "--server", f"127.0.0.1:{office.outside_port}", "--from", "anna@acme.example", "--to", SUPPORT]
    headers = [
        "--header",
        "Subject: From swaks",
        "--header",
        "Message-Id: <swaks@acme.example>",
        "--body",
        "Which plan has exports?",
    ]
    try:
        subprocess.run([*command, *headers], check=True, capture_output=True, timeout=60)
    except FileNotFoundError:
        missing("swaks")
    assert decided(mail_desk, office, "swaks@acme.example").state is Disposition.OPENED
    assert mail_desk.ticket().subject == "From swaks"


def test_people_reach_the_desk_by_their_own_mail_system(mail_desk: StoryDesk, office: PostOffice) -> None:
    """One mail to two recipients of the desk is one mail in the books."""
    mail_desk.person("anna@acme.example").writes("Two", "For both of you.", to=SUPPORT, cc="billing@support.example.com")
    assert len(mail_desk.mails()) == len(mail_desk.tickets()) == 1
