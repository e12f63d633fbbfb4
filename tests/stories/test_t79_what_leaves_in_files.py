"""What is for staff alone leaves in no file either: words of notes in every type that is read, letters to staff, addresses of staff."""

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import pytest
from support.desk.story import SUPPORT, Person, StoryDesk
from support.mails.packed_files import KINDS, zipped

from helpdesk.threading.lifecycle.own_letters import holds_context_block
from helpdesk.threading.model.held import HoldReason
from helpdesk.threading.model.notice import Notice
from helpdesk.threading.parsing.read import read

SECRET = "she is in arrears zqn0000001q and we will sue her next week"


def answers(person: Person, notice: Notice, text: str, *files: tuple[str, str, bytes], to: str = "") -> str:
    """An answer with files of any type."""
    letter = person.letter(notice)
    message = EmailMessage()
    message["From"], message["Subject"] = person.address, "Re: " + letter.header("Subject")
    message["To"] = to or letter.header("Reply-To").rpartition("<")[2].rstrip(">")
    message["Message-ID"] = f"<{person.desk.now.timestamp()}.{len(person.sent)}@desk.example>"
    message.set_content(text)
    for name, kind, content in files:
        main, _, sub = kind.partition(";")[0].partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    person.sent.append(str(message["Message-ID"]).strip("<>"))
    person.mail(message.as_bytes(policy=policy.SMTP), [str(message["To"])])
    return person.sent[-1]


def is_held(desk: StoryDesk, message_id: str) -> bool:
    decision = desk.why(message_id).decision
    return decision is not None and bool(decision["held_over"] == HoldReason.FIREWALL)


@pytest.fixture
def noted(desk: StoryDesk, anna: Person, omar: Person, ines: Person) -> str:
    """Anna's request, on which Ines has noted something; its reference."""
    anna.writes("Invoice", "My invoice is wrong.")
    reference = desk.ticket().reference
    ines.writes("", f"#on {reference}\n#note\n{SECRET}")
    return reference


@pytest.mark.parametrize("kind", ["text", "file of a mail in a mail", "document", "name in a zip"])
def test_words_of_a_note_leave_in_no_file(desk: StoryDesk, noted: str, anna: Person, omar: Person, kind: str) -> None:
    """Every kind is read by `test_file_words`; here is what follows."""
    asked = answers(omar, Notice.NEW_TICKET, "Please see attached.", KINDS[kind](SECRET))
    assert is_held(desk, asked)
    assert "words of an internal note" in omar.letter(Notice.HELD).text
    assert Notice.ANSWER not in desk.notices_to(anna)
    omar.replies(Notice.HELD, "#send", quote=False)
    assert Notice.ANSWER in desk.notices_to(anna)


def test_the_file_of_a_refused_mail_meets_the_same_guard_when_its_correction_takes_it_along(
    desk: StoryDesk, noted: str, anna: Person, omar: Person
) -> None:
    answers(omar, Notice.NEW_TICKET, "#reslove\nPlease see attached.", KINDS["text"](SECRET))
    asked = answers(omar, Notice.RECEIPT, "#resolve\nPlease see attached.")
    assert is_held(desk, asked)
    assert "words of an internal note" in omar.letter(Notice.HELD).text
    omar.replies(Notice.HELD, "#send", quote=False)
    assert len(anna.letter(Notice.RESOLUTION).files) == 1


def test_a_letter_to_staff_leaves_in_no_file(desk: StoryDesk, noted: str, anna: Person, omar: Person) -> None:
    letter = omar.letter(Notice.NEW_TICKET).message.as_bytes()
    for content in (letter, zipped(("letter.eml", letter))):
        name = "a.zip" if content[:2] == b"PK" else "a.eml"
        asked = answers(omar, Notice.NEW_TICKET, "Please see attached.", (name, "application/octet-stream", content))
        assert is_held(desk, asked)
        assert "given to somebody else" in omar.letter(Notice.HELD).text
    assert Notice.ANSWER not in desk.notices_to(anna)


def test_her_own_letter_may_come_back_to_her(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Invoice", "My invoice is wrong.")
    confirmation = anna.letter(Notice.CONFIRMATION).message.as_bytes()
    asked = answers(omar, Notice.NEW_TICKET, "We wrote you this.", ("a.eml", "application/octet-stream", confirmation))
    assert not is_held(desk, asked)
    assert "a.eml" in anna.letter(Notice.ANSWER).files


def test_an_address_of_another_customer_does_not_leave(desk: StoryDesk, anna: Person, omar: Person) -> None:
    carla = desk.person("carla@globex.example")
    carla.writes("Scanner", "It blinks.")
    anna.writes("Invoice", "My invoice is wrong.")
    theirs = carla.letter(Notice.CONFIRMATION).message.as_bytes()
    assert is_held(desk, answers(omar, Notice.NEW_TICKET, "See.", ("a.eml", "application/octet-stream", theirs)))


@pytest.mark.parametrize("apart", ["#split", "#link"])
def test_a_note_is_guarded_where_its_request_is_linked_too(
    desk: StoryDesk, noted: str, anna: Person, omar: Person, apart: str
) -> None:
    if apart == "#split":
        anna.replies(Notice.CONFIRMATION, "And the scanner beeps.")
        omar.writes("", f"#on {noted}\n#split")
    else:
        anna.writes("Scanner", "It beeps.")
        omar.writes("", f"#on {desk.ticket(2).reference}\n#link {noted}")
    there = desk.ticket(2).reference
    answer = omar.writes("", f"#on {there}\n{SECRET}")
    assert is_held(desk, answer)
    assert Notice.ANSWER not in desk.notices_to(anna)


SPELLINGS = {
    "invisible letters": lambda text: text[:20] + "\u200b" + text[20:30] + "\u00ad" + text[30:],
    "a link in a link": lambda text: text.replace("+", "%252B").replace("@", "%2540"),
    "quoted-printable": lambda text: text.replace("+", "=2B")[:30] + "=\n" + text.replace("+", "=2B")[30:],
}


@pytest.mark.parametrize("spelling", list(SPELLINGS))
def test_an_address_of_staff_does_not_leave_however_it_is_spelt(
    desk: StoryDesk, anna: Person, omar: Person, spelling: str
) -> None:
    anna.writes("Printer", "It is down.")
    address = omar.letter(Notice.NEW_TICKET).header("Reply-To").rpartition("<")[2].rstrip(">")
    assert is_held(desk, omar.writes("", f"#on {desk.ticket().reference}\nWrite to {SPELLINGS[spelling](address)} please."))


def test_a_customers_own_address_does_not_reach_who_reads_along(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It is down.")
    address = anna.letter(Notice.CONFIRMATION).header("Reply-To").rpartition("<")[2].rstrip(">")
    text = f"#on {desk.ticket().reference}\nWrite to {address} please."
    assert not is_held(desk, omar.writes("", text))
    omar.writes("", f"#on {desk.ticket().reference}\n#cc carla@globex.example")
    assert is_held(desk, omar.writes("", text))
    assert Notice.ANSWER not in desk.notices_to(desk.person("carla@globex.example"))


@pytest.mark.parametrize("first", [2, 8])
@pytest.mark.parametrize("mark", ["", "| "])
def test_a_letter_to_staff_below_an_answer_is_noticed_without_its_boundary(
    desk: StoryDesk, anna: Person, omar: Person, first: int, mark: str
) -> None:
    anna.writes("Printer", "It is down.")
    lines = omar.letter(Notice.NEW_TICKET).text.splitlines()[first:]
    asked = answers(omar, Notice.NEW_TICKET, "We look into it.\n\n" + "\n".join(mark + line for line in lines))
    assert is_held(desk, asked)
    without_addresses = [mark + line for line in lines if "+" not in line and "#note" not in line]
    asked = answers(omar, Notice.NEW_TICKET, "We look into it.\n\n" + "\n".join(without_addresses))
    assert is_held(desk, asked)
    assert "facts or the foot of a letter" in omar.letter(Notice.HELD).text
    assert Notice.ANSWER not in desk.notices_to(anna)


def test_the_block_is_known_as_the_letters_write_it(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It is down.")
    letter = omar.letter(Notice.NEW_TICKET)
    html = BytesParser(policy=policy.default).parsebytes(b"Content-Type: text/html; charset=utf-8\r\n\r\n" + letter.html.encode())
    for shown in (letter.text, read(html.as_bytes()).message.text):
        facts = shown[shown.index("Customer:") : shown.index("Your reply goes")]
        assert holds_context_block(facts)
        assert holds_context_block("\n".join(f"> {line}" for line in facts.splitlines()))
    assert holds_context_block(" ".join(letter.text.split()))
    assert not holds_context_block(anna.letter(Notice.CONFIRMATION).text)


@pytest.mark.parametrize(
    "text",
    [
        "Account: 4711\nPlan: business\nStatus: it is still waiting on you\nRegards",
        "The assignee has changed.\nPriority: high\nStatus: open\nReference: 12",
        "Reference: 1\nCustomer: me\nAddress: here\nAccount: x\nPlan: y",
    ],
)
def test_ordinary_words_are_no_block(text: str) -> None:
    assert not holds_context_block(text)


def test_a_file_of_a_note_does_not_leave_whatever_it_is(desk: StoryDesk, anna: Person, omar: Person, ines: Person) -> None:
    picture = ("risk.png", "image/png", b"\x89PNG secret")
    anna.writes("Invoice", "My invoice is wrong.")
    omar.replies(Notice.NEW_TICKET, "#assign ines")
    answers(ines, Notice.ASSIGNMENT, "#note\nLook at this.", picture)
    asked = answers(omar, Notice.NEW_TICKET, "Here you are.", picture)
    assert is_held(desk, asked)
    assert "sent inside" in omar.letter(Notice.HELD).text


def test_what_the_customer_sent_may_go_back_though_a_note_has_it(
    desk: StoryDesk, anna: Person, omar: Person, ines: Person
) -> None:
    picture = ("page.pdf", "application/pdf", b"%PDF a page")
    anna.writes("Invoice", "My invoice is wrong.", files={"page.pdf": picture[2]})
    omar.replies(Notice.NEW_TICKET, "#assign ines")
    answers(ines, Notice.ASSIGNMENT, "#note\nLook at this.", picture)
    assert not is_held(desk, answers(omar, Notice.NEW_TICKET, "Here it is again.", picture))


TEXT = "Please open flap B and take out the paper, then close it again."


def test_what_its_author_sent_inside_by_mistake_is_no_secret(desk: StoryDesk, anna: Person, omar: Person, ines: Person) -> None:
    """An answer to a receipt stays inside, whatever its author meant; the same text may go out afterwards, by nobody else's hand."""
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#take")
    omar.replies(Notice.RECEIPT, TEXT)
    assert [note.text for note in desk.history().notes] == [TEXT]
    ines.writes("", f"#on {desk.ticket().reference}\nHello Anna,\n{TEXT}")
    assert Notice.ANSWER not in desk.notices_to(anna)
    omar.replies(Notice.NEW_TICKET, f"Hello Anna,\n{TEXT}")
    assert "flap B" in anna.letter(Notice.ANSWER).text


def test_a_piece_of_ones_own_note_still_is_one(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It jams.")
    omar.replies(Notice.NEW_TICKET, "#take")
    omar.replies(Notice.RECEIPT, TEXT)
    asked = omar.replies(
        Notice.NEW_TICKET, f"We have looked at all that you sent us and found the reason of it at last, I think.\n\n{TEXT[:40]}"
    )
    assert is_held(desk, asked)


def test_what_a_customer_writes_with_a_letter_to_staff_in_it_is_in_no_inbox(desk: StoryDesk, anna: Person, omar: Person) -> None:
    anna.writes("Printer", "It is down.")
    shown = len(desk.inbox())
    letter = omar.letter(Notice.NEW_TICKET).text
    answers(anna, Notice.CONFIRMATION, "I got this from you:\n\n" + "\n".join(letter.splitlines()[2:]))
    assert len([row for row in desk.inbox() if row.direction == "customer"]) == 1
    assert "not in the customer's platform inbox" in " ".join(omar.letter(Notice.CUSTOMER_REPLY).text.split())
    answers(
        anna,
        Notice.CONFIRMATION,
        "And as a file.",
        ("a.eml", "application/octet-stream", omar.letter(Notice.NEW_TICKET).message.as_bytes()),
    )
    assert len([row for row in desk.inbox() if row.direction == "customer"]) == 1
    assert len(desk.inbox()) >= shown
    answers(
        anna,
        Notice.CONFIRMATION,
        "My own words.",
        ("a.eml", "application/octet-stream", anna.letter(Notice.CONFIRMATION).message.as_bytes()),
    )
    assert len([row for row in desk.inbox() if row.direction == "customer"]) == 2


def test_a_new_request_takes_no_subject_of_another_one_along(desk: StoryDesk, noted: str, omar: Person) -> None:
    omar.writes(f"Fwd: [{noted}] Invoice", "#new carla@globex.example\nHello Carla, shall we meet?", to=SUPPORT)
    assert (desk.ticket(2).subject, desk.ticket(2).account) == ("", "globex")
    omar.writes(SECRET, f"#new carla@globex.example\nHello Carla, this is about {noted}.", to=SUPPORT)
    assert "words of an internal note" in omar.letter(Notice.HELD).text
    assert len(desk.tickets()) == 2
