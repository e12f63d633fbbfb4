"""Recognise a letter of the desk in other people's text, by its reply line or by its block of facts.

The block of facts stands in letters to staff (templates/en/staff_letter.*). It is internal, because it names the assignee, the
participants, and the reasons of triage. Tokens are recognised in `trust.written_tokens`, because that needs the desk's keys.
"""

import re

from helpdesk.threading.reading.quote_words import REPLY_MARKERS

# The labels as letters write them. Each is an ordinary word, so the block is recognised by several labels in succession.
LABELS = (
    "Reference", "Customer", "Address", "Account", "Plan", "Category", "Severity", "Priority", "Queue", "Assignee", "Status",
    "Waiting on", "Sender", "First answer due", "Next answer due", "Solution due", "Answer goes to", "In To and Cc", "Related",
)  # fmt: skip
# Sentences of the foot, which nobody writes in a mail of their own.
SENTENCES = (
    "your reply goes to the customer. put #note on a line of its own",
    "it becomes a note and never reaches the customer",
    "commands, each on a line of its own: #take, #assign name",
    "#send lets it go as it is. #note keeps its text inside. #discard drops it",
)
ENOUGH = 5  # labels of the block that must follow each other
SPAN = 60  # lines within which they must stand; mail clients turn one row of a table into several lines
ANY_LABEL = "|".join(re.escape(label.lower()) for label in sorted(LABELS, key=len, reverse=True))
LABEL = re.compile(r"[\s>|*_•\-]*(" + ANY_LABEL + r")(?=[\s:|*_]|$)")
NUMBER = {label.lower(): number for number, label in enumerate(LABELS)}
LONGEST_LINE = 2_000
GLUED = 6  # labels in one line that are enough if a mail client has lost the line ends
IN_LINE = re.compile(r"\b(" + ANY_LABEL + r")\s*:")


def holds_boundary(text: str) -> bool:
    """Whether the text contains the reply line, above which the desk's letters ask people to write."""
    lower = text.lower()
    return any(marker in lower for marker in REPLY_MARKERS)


def holds_context_block(text: str) -> bool:
    """Whether the text contains the block of facts or the foot of a letter to staff, quoted or not. Linear in the length of the text."""
    lower = text.lower()
    if "assignee" not in lower and "#note" not in lower and "waiting on" not in lower:
        return False  # quick exit: the block always has these words, and few other texts do
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
    """Whether the last labels follow each other in the order of the block, close together."""
    count, above = 1, found[-1][1]
    for line, number in reversed(found[:-1]):
        if at - line > SPAN:
            break
        if number < above:
            count, above = count + 1, number
    return count >= ENOUGH
