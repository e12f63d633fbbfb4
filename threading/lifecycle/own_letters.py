"""How a letter that the desk wrote itself is recognised in other people's text: by its line for replies, or its block of facts.

Letters to staff have that block (templates/en/staff_letter.*). It is for staff alone: it names the assignee, the people who read along, and
why a request was sorted as it was. Its tokens are recognised apart (`trust.written_tokens`), because only the desk's keys know them.
"""

import re

from helpdesk.threading.reading.quote_words import REPLY_MARKERS

# As the letters write them. The block is found by several labels in succession, because each of them is an ordinary word.
LABELS = (
    "Reference", "Customer", "Address", "Account", "Plan", "Category", "Severity", "Priority", "Queue", "Assignee", "Status",
    "Waiting on", "Sender", "First answer due", "Next answer due", "Solution due", "Answer goes to", "Related",
)  # fmt: skip
# Sentences of the foot, which no person writes.
SENTENCES = (
    "your reply goes to the customer. put #note on a line of its own",
    "it becomes a note and never reaches the customer",
    "commands, each on a line of its own: #take, #assign name",
    "#send lets it go as it is. #note keeps its text inside. #discard drops it",
)
ENOUGH = 5  # labels of the block, each below the one before
SPAN = 60  # lines among which they stand; what clients make of a table has several lines to a row
ANY_LABEL = "|".join(re.escape(label.lower()) for label in sorted(LABELS, key=len, reverse=True))
LABEL = re.compile(r"[\s>|*_•\-]*(" + ANY_LABEL + r")(?=[\s:|*_]|$)")
NUMBER = {label.lower(): number for number, label in enumerate(LABELS)}
LONGEST_LINE = 2_000
GLUED = 6  # labels in one line, where a client has lost the line ends
IN_LINE = re.compile(r"\b(" + ANY_LABEL + r")\s*:")


def holds_boundary(text: str) -> bool:
    """Whether the line stands in it above which a reply to a letter of ours is to be written."""
    lower = text.lower()
    return any(marker in lower for marker in REPLY_MARKERS)


def holds_context_block(text: str) -> bool:
    """Whether the block of facts, or the foot, of a letter to staff stands in it, quoted or not. Linear in the length of the text."""
    lower = text.lower()
    if "assignee" not in lower and "#note" not in lower and "waiting on" not in lower:
        return False  # hardly a text has these words, and the block has them always
    flat = " ".join(lower.replace(">", " ").split())
    if any(sentence in flat for sentence in SENTENCES):
        return True
    found: list[tuple[int, int]] = []
    for at, line in enumerate(lower.splitlines()):
        labels = [mark[1] for mark in IN_LINE.finditer(line[:LONGEST_LINE])]
        if len(set(labels)) >= GLUED:
            return True
        match = LABEL.match(line[:LONGEST_LINE])
        if match is not None:
            found.append((at, NUMBER[match[1]]))
            if _in_succession(found[-len(LABELS) :], at):
                return True
    return False


def _in_succession(found: list[tuple[int, int]], at: int) -> bool:
    """Whether the last labels rise in the order of the block, close to one another."""
    count, above = 1, found[-1][1]
    for line, number in reversed(found[:-1]):
        if at - line > SPAN:
            break
        if number < above:
            count, above = count + 1, number
    return count >= ENOUGH
