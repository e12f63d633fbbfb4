"""One conversation in each of a handful of mail clients: every word reaches whom it was meant for, wherever its author wrote it."""

import pytest
from support.campaigns.every_word_rig import play
from support.conversations.moves import Deed, Move, Place, Shape

from helpdesk.gateway.work.kind import MailReader

CLIENTS = ("gmail", "outlook", "outlook_web", "apple", "thunderbird", "samsung", "yahoo", "k9")
CONVERSATION = (
    ("customer", Deed.OPENS, Place.ABOVE, Shape.TABLE),
    ("staff", Deed.ANSWERS, Place.ABOVE, Shape.LIST),
    ("customer", Deed.REPLIES, Place.ABOVE, Shape.PARAGRAPHS),
    ("staff", Deed.NOTES, Place.ABOVE, Shape.PARAGRAPHS),
    ("staff", Deed.ANSWERS, Place.BETWEEN, Shape.PARAGRAPHS),
    ("customer", Deed.REPLIES, Place.BETWEEN, Shape.PARAGRAPHS),
    ("staff", Deed.ANSWERS, Place.BELOW, Shape.PARAGRAPHS),
    ("customer", Deed.REPLIES, Place.EDITED, Shape.PARAGRAPHS),
    ("customer", Deed.REPLIES, Place.BELOW, Shape.PICTURE),
)


@pytest.mark.parametrize("client", CLIENTS)
def test_every_word_arrives_wherever_it_was_written(reader: MailReader, client: str) -> None:
    moves = [
        Move(number, 0, role, deed, client, place, shape) for number, (role, deed, place, shape) in enumerate(CONVERSATION, 1)
    ]
    assert play(moves, reader).faults == []


@pytest.mark.parametrize("client", ["outlook_web", "yahoo", "outlook_2010"])
def test_a_picture_of_a_quoted_letter_is_not_shown_again_between_answers(reader: MailReader, client: str) -> None:
    moves = [
        Move(1, 0, "customer", Deed.OPENS, client),
        Move(2, 0, "staff", Deed.ANSWERS, client, Place.ABOVE, Shape.PICTURE),
        Move(3, 0, "customer", Deed.REPLIES, client, Place.BETWEEN),
        Move(4, 0, "customer", Deed.REPLIES, client, Place.ABOVE, Shape.PICTURE),
    ]
    assert play(moves, reader).faults == []
