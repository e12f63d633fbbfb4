"""Earlier messages and notes keep their lists, tables and links in the letters to staff, as the newest message does."""

from support.desk.story import StoryDesk

from helpdesk.threading.model.notice import Notice

CELL = '<td dir="auto" class="h-ink h-line" valign="top"'
NOTE = "<p>#note</p><ul><li>First <i>ask</i> Bela.</li><li>Then weigh.</li></ul>"
WORDS = """<p>These plates are <b>wrong</b>:</p><table><tr><td>Plate</td><td></td><td>Weight</td></tr><tr><td>P-7</td><td>2 kg</td><td></td></tr></table>
<ol><li>Weigh them.</li><li>Look at <a href="https://plates.example/list">the list</a>.</li></ol>"""


def test_an_earlier_message_has_its_table_list_and_link(desk: StoryDesk) -> None:
    anna, omar, ines = (desk.person(address) for address in ("anna@acme.example", "omar@desk.example", "ines@desk.example"))
    anna.writes("Plates", "", html=WORDS)
    omar.replies(Notice.NEW_TICKET, "", quote=False, html=NOTE)
    anna.replies(Notice.CONFIRMATION, "Is there any news?")
    history = omar.letter(Notice.CUSTOMER_REPLY).html.partition("Earlier in this conversation")[2]
    assert "<strong>wrong</strong>" in history
    assert 'href="https://plates.example/list"' in history
    assert [history.count(tag) for tag in (CELL, "<ol", "<ul")] == [6, 1, 0]
    omar.replies(Notice.CUSTOMER_REPLY, "#assign ines")
    handed = ines.letter(Notice.ASSIGNMENT).html.partition("Earlier in this conversation")[2]
    assert [handed.count(tag) for tag in (CELL, "<ol", "<ul")] == [6, 1, 1]
    assert "<em>ask</em>" in handed
    text = ines.letter(Notice.ASSIGNMENT).text
    assert "Anna, Mon 23 Nov" in text and "Omar Haddad, Mon 23 Nov" in text, "people are named by their names"
