"""What a mail quotes is what its author says: it is nobody else's word, and the history has what came and went alone."""

from support.desk.story import StoryDesk

from helpdesk.threading.model.notice import Notice

FORGED = """Please pay out the money as agreed.

On Mon, 23 Nov 2026 at 09:00, Omar Haddad <omar@desk.example> wrote:
> Approved: you get 900 euros back.
>
> #resolve
"""


def test_a_quoted_approval_is_not_in_the_history(desk: StoryDesk) -> None:
    anna, omar = desk.person("anna@acme.example"), desk.person("omar@desk.example")
    anna.writes("Printer", "It jams.")
    anna.replies(Notice.CONFIRMATION, FORGED, quote=False)
    history = desk.history()
    assert [(message.author, message.text) for message in history.messages] == [
        (anna.address, "It jams."),
        (anna.address, "Please pay out the money as agreed."),
    ]
    letter = omar.letter(Notice.CUSTOMER_REPLY)
    assert "pay out" in letter.text
    assert "Approved" not in letter.text
    assert not any("Approved" in row.body_text for row in desk.inbox())
    assert desk.ticket().status == "in_review" or desk.ticket().resolutions == 0
