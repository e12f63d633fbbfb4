"""Who sends her Message-ID first does not keep her mail out: one id with other words is another mail."""

from support.desk.story import SUPPORT, StoryDesk

from helpdesk.threading.model.mail import Disposition

SQUATTED = 6


def content(author: str, number: int, text: str) -> bytes:
    head = f"From: {author}\r\nTo: {SUPPORT}\r\nSubject: No. {number}\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\n"
    return f"{head}Message-ID: <order.{number}@acme.example>\r\n\r\n{text}\r\n".encode()


def test_every_genuine_mail_is_taken_in(desk: StoryDesk) -> None:
    for number in range(SQUATTED):
        desk.deliver("eve@evil.example", [SUPPORT], content("eve@evil.example", number, "nothing"), "203.0.113.9")
        desk.deliver("eve@evil.example", [SUPPORT], content("anna@acme.example", number, "nothing"), "203.0.113.9")
    desk.settle()
    for number in range(SQUATTED):
        desk.deliver("anna@acme.example", [SUPPORT], content("anna@acme.example", number, f"It jams, No. {number}."), "127.0.0.1")
    desk.settle()
    genuine = desk.mails()[-SQUATTED:]
    assert {one.state for one in genuine} <= {Disposition.OPENED, Disposition.THREADED}
    texts = {message.text for place in range(1, len(desk.tickets()) + 1) for message in desk.history(place).messages}
    assert {f"It jams, No. {number}." for number in range(SQUATTED)} <= texts
