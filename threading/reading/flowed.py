"""format=flowed (RFC 3676): soft line breaks are joined, quote marks and signature separators stay."""


def unflowed(text: str, *, delsp: bool = False) -> str:
    """Text with its paragraphs as single lines."""
    paragraphs: list[str] = []
    open_depth = -1
    for line in text.replace("\r\n", "\n").split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        content = line[depth:]
        content = content[1:] if content.startswith(" ") else content
        soft = content.endswith(" ") and content != "-- "
        shown = content[:-1] if soft and delsp else content
        if open_depth == depth and content != "-- ":
            parts.append(shown)
        else:
            parts = [">" * depth + (" " if depth and content else "") + shown]
            paragraphs.append("")
        if not soft or content == "-- ":
            paragraphs[-1] = "".join(parts)
            open_depth = -1
        else:
            open_depth = depth
            paragraphs[-1] = "\0"
            pending = parts
        if paragraphs[-1] == "\0":
            paragraphs[-1] = ""
            _ = pending
    return "\n".join(paragraphs)
