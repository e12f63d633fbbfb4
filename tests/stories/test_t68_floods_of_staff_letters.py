"""Letters to staff that others bring about in their name are few, whoever writes how often."""

from support.desk.story import SUPPORT, StoryDesk

from helpdesk.threading.model.notice import Notice

STRANGE = "203.0.113.9"


def test_forty_mails_in_his_name_bring_him_three_letters_and_one_alarm(desk: StoryDesk) -> None:
    omar = desk.person("omar@desk.example")
    for number in range(40):
        head = f"From: {omar.address}\r\nTo: {SUPPORT}\r\nSubject: {number}\r\nMessage-ID: <{number}@evil.example>\r\n"
        desk.deliver(omar.address, [SUPPORT], f"{head}\r\n#resolve\r\n".encode(), STRANGE)
    desk.settle()
    assert len(omar.letters()) <= 4
    assert desk.notices_to(omar).count(Notice.HELD) == 3
    assert desk.tickets() == []
