"""The mails that are measured have the shape that is promised."""

import re
from functools import lru_cache

from helpdesk.gateway.bench.workload import SUPPORT, Bodies, Mail, OpenConversation, Workload
from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.parsed import Kind, Reading

TOKEN_ADDRESS = "help+token@support.example.com"
COUNT = 240
SENTENCE = "We have your request, and somebody of the team will read it."
LETTER = Bodies(f"{SENTENCE}\n\n" * 10, f"<html><body style='x'>{f'<p>{SENTENCE}</p>' * 40}</body></html>")


def drawn(seed: int = 7) -> tuple[list[OpenConversation], list[Mail]]:
    workload = Workload(seed, 20)
    requests = workload.requests(30)
    begun = [
        OpenConversation(request, TOKEN_ADDRESS, f"letter.{request.message_id}", f"Re: {request.subject}", LETTER)
        for request in requests
    ]
    return begun, workload.mixed_mails(COUNT, begun)


@lru_cache(maxsize=1)
def readings() -> list[Reading]:
    """What the mails of `drawn()` are read as."""
    return [read(mail.content) for mail in drawn()[1]]


def test_one_seed_draws_the_same_mails_and_another_one_others() -> None:
    assert drawn()[1] == drawn()[1]
    assert drawn()[1] != drawn(8)[1]


def test_four_of_ten_are_new_and_the_rest_replies_of_which_two_of_three_go_to_the_token() -> None:
    _, mails = drawn()
    parents = [reading.message.in_reply_to for reading in readings()]
    replies = [mail for mail, parent in zip(mails, parents, strict=True) if parent]
    assert len(replies) == 0.6 * COUNT
    by_token = [mail for mail in replies if mail.recipient == TOKEN_ADDRESS]
    assert 0.55 < len(by_token) / len(replies) < 0.8
    assert {mail.recipient for mail in mails if mail not in by_token} == {SUPPORT}


def test_every_reply_names_the_first_mail_of_its_conversation_and_has_its_author() -> None:
    begun, mails = drawn()
    authors = {conversation.request.message_id: conversation.request.reverse_path for conversation in begun}
    for mail, reading in zip(mails, readings(), strict=True):
        message = reading.message
        if message.in_reply_to:
            assert authors[message.references[0]] == mail.reverse_path


def test_a_reply_quotes_the_letter_or_the_own_mail_that_it_answers() -> None:
    begun, mails = drawn()
    words = {mail.message_id: mail.words for mail in (*mails, *(conversation.request for conversation in begun))}
    for mail, reading in zip(mails, readings(), strict=True):
        message = reading.message
        if message.in_reply_to:
            answered = LETTER if mail.recipient == TOKEN_ADDRESS else words[message.in_reply_to[0]]
            quoted = {line.removeprefix(">").strip() for line in message.elided_text.splitlines()}
            assert {line.strip() for line in answered.text.splitlines() if line.strip()} <= quoted
            assert message.reply_text.split() == mail.words.text.split()


def test_bodies_and_attachments_have_the_promised_sizes() -> None:
    _, mails = drawn()
    attached = [len(content) for reading in readings() for content in reading.contents.values()]
    assert set(attached) == {100 * 1024}
    assert 0.08 < len(attached) / COUNT < 0.23
    sizes = [len(mail.content) for mail, reading in zip(mails, readings(), strict=True) if not reading.contents]
    assert min(sizes) > 3000
    assert max(sizes) < 20_000


def test_the_mails_are_read_as_what_people_write() -> None:
    messages = [reading.message for reading in readings()]
    assert {message.kind for message in messages} == {Kind.PERSON}
    assert all(message.text and message.html and message.reply_text for message in messages)
    assert not any(message.degraded or message.defects for message in messages)
    assert len({message.message_id for message in messages}) == COUNT


def test_lines_end_as_smtp_wants_them() -> None:
    for mail in drawn()[1]:
        assert not re.search(rb"(?<!\r)\n|\r(?!\n)", mail.content)
        assert mail.content.endswith(b"\r\n")
        assert max(map(len, mail.content.split(b"\r\n"))) <= 998
