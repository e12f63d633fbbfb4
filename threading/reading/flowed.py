"""format=flowed (RFC 3676): soft line breaks are joined, quote marks and signature separators stay."""

SEPARATOR = "-- "


def unflowed(text: str, *, delsp: bool = False) -> str:
    """Text with each of its paragraphs as one line."""
    paragraphs: list[list[str]] = []
    open_depth = -1
    for line in text.replace("\r\n", "\n").split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        fixed = not content.endswith(" ") or content == SEPARATOR
        shown = content[:-1] if delsp and not fixed else content
        if depth == open_depth and content != SEPARATOR:
            paragraphs[-1].append(shown)
        else:
            paragraphs.append([">" * depth, " " if depth and content else "", shown])
        open_depth = -1 if fixed else depth
    return "\n".join("".join(pieces) for pieces in paragraphs)
