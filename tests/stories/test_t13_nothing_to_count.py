"""Nobody learns by trying which tickets, addresses and customers there are."""

from support.desk.story import StoryDesk
from support.servers.dialog import Client
from support.servers.smtp_door import running_door

from helpdesk.store.identifiers import new_reference, new_thread_key
from helpdesk.threading.model.notice import Notice

STRANGE = "203.0.113.9"


def test_names_of_tickets_cannot_be_counted() -> None:
    drawn = [new_reference("ACZ") for _ in range(3000)]
    assert len(set(drawn)) > 2990
    assert all(len({one[place] for one in drawn}) == 32 for place in range(4, 10))
    assert len({new_thread_key() for _ in range(1000)}) == 1000


def test_the_door_says_the_same_to_every_token(desk: StoryDesk) -> None:
    anna = desk.person("anna@acme.example")
    anna.writes("Printer", "It jams.")
    true = anna.letter(Notice.CONFIRMATION).header("Reply-To").rpartition("+")[2].partition("@")[0]
    tried = [true, true[:-1] + ("a" if true[-1] != "a" else "b"), true[::-1], "x", "1", "a" * 30]
    with running_door() as door, Client(door.port) as client:
        client.says("MAIL FROM:<eve@evil.test>")
        assert len({client.says(f"RCPT TO:<help+{one}@desk.test>") for one in tried}) == 1


def test_a_confirmation_to_whom_nothing_proves_says_nothing_of_his_account(desk: StoryDesk) -> None:
    words = []
    for address in ("anna@acme.example", "ann4@other.example"):
        person = desk.person(address, "Sam")
        person.writes("Printer", "It jams.", peer=STRANGE)
        letter = person.letter(Notice.CONFIRMATION)
        reference = desk.tickets()[-1].reference
        token = letter.header("Reply-To").rpartition("+")[2].partition("@")[0]
        words.append(letter.text.replace(reference, "").replace(token, "").replace(address, ""))
    assert words[0] == words[1]
