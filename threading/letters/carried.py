"""Which files a letter carries. What stays behind is named in it, with a way to get it."""

from collections.abc import Iterable

from helpdesk.threading.model.attachment import Attachment


def left_behind(files: Iterable[Attachment], limit: int) -> tuple[Attachment, ...]:
    """The files that have no room in a letter whose files have at most `limit` octets together.

    Files are taken in their order, and one that has no room leaves it to those after it.
    """
    behind: list[Attachment] = []
    for file in files:
        if file.size > limit:
            behind.append(file)
        else:
            limit -= file.size
    return tuple(behind)


def as_people_say(octets: int) -> str:
    """A size in words: "20 MB", "1.5 MB", "300 kB"."""
    if octets < 1_000_000:
        return f"{max(octets // 1000, 1)} kB"
    return f"{octets / 1_000_000:.1f}".removesuffix(".0") + " MB"
