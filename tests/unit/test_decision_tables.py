"""The order of the questions about a message: a row that moves, appears or goes has to be written down here."""

from helpdesk.threading.decisions.decide import COPY, TABLES, as_markdown
from helpdesk.threading.decisions.table import always

ORDER = {
    "A mail": (
        "a mail of an archive",
        "a delivery report",
        "a complaint about spam",
        "an automatic response to a letter's return address",
        "a mail from the null path to a letter's return address",
        "a letter of the desk that came back",
        "a journal's report of a mail that the desk has",
        "a mail that the operator keeps out",
        "a mail written as the desk itself",
        "an answer to a letter about a held mail",
        "mail of a third person who was consulted",
        "a reaction that approves of a resolution",
        "a reaction, a recall, a receipt or an answer to an invitation",
        "an absence note or a challenge",
        "an automatic mail to the reply address of a list",
        "an automatic mail in a conversation",
        "a response from the null path",
        "a mail of a person",
    ),
    "A mail of a person": (
        "a held mail that is released as a note or as a request",
        "a staff member's reply about a request of their own",
        "a mail of a staff member",
        "a mail that names a staff member without certainty",
        "a stranger's mail to a staff member's reply address",
        "a mail of a customer",
    ),
    "A mail of a staff member": (
        "an answer to a digest without a proved author",
        "a staff member's mail without a proved author",
        "a staff member's mail of which only the beginning came",
        "#status alone, sent to the desk",
        "#find, or #status of somebody, sent to the desk",
        "#away or #back, sent to the desk",
        "an answer to a digest",
        "a customer's mail that a staff member passes on and a request has",
        "a request that a staff member begins for a customer",
        "a request of a staff member's own",
        "a staff member's mail without authority",
        "a staff member's last mail is taken back",
        "a staff member's words and commands",
    ),
    "A mail of a customer": (
        "an answer whether somebody may join the conversation",
        "the same answer in plain words",
        "an answer whether support may change data",
        "somebody who has no place in the conversation",
        "a rating of a closed request",
        "a new matter at the reply address of a closed request",
        "a further reply about a request that goes on in another",
        "a reply long after the request was closed",
        "a reply to all by somebody who was copied",
        "a reply in a conversation",
        "a new request",
    ),
    "A platform reply": (
        "a platform reply in the name of the desk",
        "a platform reply of another account's contact",
        "a platform reply with a rating that says nothing",
        "a platform reply without a thread",
        "a platform reply to an unknown thread",
        "a rating in the platform",
        "a platform reply whether support may change data",
        "a platform reply long after the request was closed",
        "a platform reply in a conversation",
    ),
}


def test_the_questions_are_asked_in_this_order() -> None:
    assert {title: tuple(row.name for row in rows) for title, rows in TABLES.items()} == ORDER


def test_a_row_is_named_once_and_the_last_one_of_a_table_applies_to_everything() -> None:
    names = [row.name for rows in TABLES.values() for row in rows] + [COPY]
    assert len(set(names)) == len(names)
    assert all(rows[-1].applies is always for rows in TABLES.values())
    assert all(row.applies is not always for rows in TABLES.values() for row in rows[:-1])


def test_the_tables_can_be_printed() -> None:
    printed = as_markdown()
    assert all(f"| {row.name} |" in printed for rows in TABLES.values() for row in rows)
