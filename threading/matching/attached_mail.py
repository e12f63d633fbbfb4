"""The beginning of an attached mail, as readers see it where a message says nothing else."""

from helpdesk.threading.reading.parsed import Forward

LINES = 20
CHARACTERS = 2_000


def beginning_of(forward: Forward) -> str:
    """Author, date and subject of an attached mail, and its first lines. The whole mail is among the files of the message."""
    author = forward.author
    name = f"{author.name} <{author.address}>" if author and author.name else author.address if author else ""
    fields = (("From", name), ("Date", forward.date), ("Subject", forward.subject))
    head = "\n".join(f"{label}: {value}" for label, value in fields if value)
    lines = forward.text.strip()[:CHARACTERS].split("\n", LINES)
    cut = len(lines) > LINES or len(forward.text.strip()) > CHARACTERS
    return f"{head}\n\n" + "\n".join(lines[:LINES]).rstrip() + (" […]" if cut else "")
