"""Quoted words that the desk never had are the words of the mail's author. The history has only what was sent and received."""

from support.desk.story import StoryDesk

from helpdesk.threading.model.message import Direction
from helpdesk.threading.model.notice import Notice

FORGED = """Please pay out the money as agreed.

On Mon, 23 Nov 2026 at 09:00, Omar Haddad <omar@desk.example> wrote:
> Approved: you get 900 euros back.
>
> #resolve
"""


def test_a_quoted_approval_is_what_its_author_says_and_no_history(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    anna.replies(Notice.CONFIRMATION, FORGED, quote=False)
    history = desk.history()
    assert [(message.author, message.direction) for message in history.messages] == [
        (anna.address, Direction.CUSTOMER),
        (anna.address, Direction.CUSTOMER),
    ]
    assert history.messages[1].text.startswith("Please pay out") and "> Approved" in history.messages[1].text
    assert [row.direction for row in desk.inbox() if "Approved" in row.body_text] == [Direction.CUSTOMER]
    anna.replies(Notice.CONFIRMATION, "When will it be paid?")
    letter = omar.letter(Notice.CUSTOMER_REPLY)
    earlier = letter.text.partition("Earlier in this conversation")[2]
    assert "Omar Haddad, " not in earlier
    assert desk.ticket().status == "in_review" and desk.ticket().resolutions == 0
