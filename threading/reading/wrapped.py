"""Quoted lines that a program broke without a new mark: their ends belong to the quote."""

from collections.abc import Sequence

FULL_LINE = 60  # characters from which on a program may have broken a line
MOST_ENDS = 2  # lines without a mark into which one quoted line was broken


def quote_wrapped_ends(texts: Sequence[str], quoted: list[bool]) -> None:
    """Mark the ends of long quoted lines as quoted.

    Such an end begins with a small letter right below a full line that no sentence ends, and a quoted line follows it. Nobody answers in
    the middle of a sentence.
    """
    at = 1
    while at < len(texts):
        if quoted[at] or not quoted[at - 1] or not _breaks_off(texts[at - 1]):
            at += 1
            continue
        end = at
        while end < len(texts) and end - at < MOST_ENDS and not quoted[end] and texts[end].strip():
            end += 1
        if end < len(texts) and quoted[end] and texts[at][:1].islower():
            quoted[at:end] = [True] * (end - at)
        at = max(end, at + 1)


def quote_broken_attributions(texts: Sequence[str], quoted: list[bool]) -> None:
    """Mark the lines of an attribution of GroupWise as quoted: `>>> Ida Moss <…> wrote on 20.11.2026 in`, `message`, `<id@x.example>:`."""
    for at, text in enumerate(texts):
        if text[:4] != ">>> ":
            continue
        for end in range(at + 1, min(at + 1 + MOST_ENDS, len(texts))):
            if texts[end].rstrip().endswith(">:") and texts[end].lstrip()[:1] == "<":
                quoted[at : end + 1] = [True] * (end + 1 - at)


def _breaks_off(text: str) -> bool:
    """Whether a quoted line is full and ends inside a sentence."""
    return len(text) >= FULL_LINE and text.lstrip()[:1] == ">" and text[-1:].isalnum()
