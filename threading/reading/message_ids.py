"""Message-IDs in header values (RFC 5322 §3.6.4), without angle brackets."""

from helpdesk.threading.reading.words import one_line, text_of

MOST = 200
LONGEST = 998
MOST_BRACKETS = 2 * MOST  # of a longer field the end is read, because the parent stands last (RFC 5322 §3.6.4)


def message_ids(value: bytes) -> tuple[str, ...]:
    """The ids of In-Reply-To or References, in order, once each; the last `MOST`. If there are no brackets, words with an `@` count
    as ids.
    """
    text = _end_of(text_of(value))
    found: dict[str, None] = {}
    outside: list[str] = []
    at = 0
    while True:
        start = text.find("<", at)
        outside.append(text[at:] if start < 0 else text[at:start])
        if start < 0:
            break
        end = text.find(">", start)
        if end < 0:
            outside.append(text[start + 1 :])
            break
        inner = "".join(text[start + 1 : end].replace("<", " ").split())
        if 0 < len(inner) <= LONGEST:
            found.setdefault(one_line(inner))
        at = end + 1
    if not found:
        found = dict.fromkeys(
            word for word in " ".join(outside).replace(",", " ").split()[-MOST:] if "@" in word and '"' not in word
        )
    return tuple(found)[-MOST:]


def _end_of(text: str) -> str:
    """The last part of a text that holds at most `MOST_BRACKETS` opening brackets."""
    if text.count("<") <= MOST_BRACKETS:
        return text
    at = len(text)
    for _ in range(MOST_BRACKETS):
        at = text.rfind("<", 0, at)
    return text[at:]


def message_id(value: bytes) -> str | None:
    """The id of a mail; the whole value, if it has no brackets; None if the value is empty."""
    ids = message_ids(value)
    bare = "".join(one_line(text_of(value)).split())[:LONGEST]
    return ids[0] if ids else bare.strip("<>") or None
