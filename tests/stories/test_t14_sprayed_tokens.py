"""One mail to very many of our addresses is one mail: it opens one ticket, and joins none of theirs."""

from support.desk.story import SUPPORT, StoryDesk

from helpdesk.threading.model.notice import Notice


def test_two_hundred_addresses_in_one_envelope_have_one_effect(desk: StoryDesk) -> None:
    anna, eve = desk.person("anna@acme.example"), desk.person("eve@evil.example")
    tokens = []
    for number in range(4):
        anna.writes(f"Printer {number}", "It jams.")
        tokens.append(anna.letter(Notice.CONFIRMATION).header("Reply-To").rpartition("<")[2].rstrip(">"))
    before = [ticket.version for ticket in desk.tickets()]
    letters = desk.notices_to(anna)
    aims = [*tokens, *(f"help+{number:030d}@support.example.com" for number in range(196))]
    head = f"From: {eve.address}\r\nTo: {SUPPORT}\r\nSubject: x\r\nMessage-ID: <1@evil.example>\r\n"
    eve.mail(f"{head}\r\nBuy this.\r\n".encode(), aims)
    assert len(desk.tickets()) == 5
    assert [ticket.version for ticket in desk.tickets()[:4]] == before
    assert all("Buy this." not in message.text for place in range(1, 5) for message in desk.history(place).messages)
    assert len(desk.person("omar@desk.example").letters()) == 5
    assert desk.notices_to(anna) == letters
