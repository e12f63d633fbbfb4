"""format=flowed (RFC 3676): lines with soft line breaks are joined; quote marks and signature separators stay."""

from helpdesk.threading.reading.limits import FLOWED_LINES

SEPARATOR = "-- "


def unflow(text: str, *, delsp: bool = False) -> str:
    """The text with each paragraph on one line. Lines beyond `FLOWED_LINES` stay as they are. `delsp` is the parameter of RFC 3676 §4.1."""
    done: list[str] = []
    paragraph: list[str] = []
    open_depth = -1  # of the paragraph, while it goes on
    lines = text.replace("\r\n", "\n").split("\n", FLOWED_LINES)
    rest = lines[FLOWED_LINES:]
    for line in lines[:FLOWED_LINES]:
        if open_depth < 0 and line[-1:] != " " and line[:1] not in (" ", ">"):
            done.append(line)
            continue
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        fixed = content[-1:] != " " or content == SEPARATOR
        shown = content[:-1] if delsp and not fixed else content
        if depth == open_depth and content != SEPARATOR:
            paragraph.append(shown)
        else:
            if open_depth >= 0:
                done.append("".join(paragraph))
            paragraph = [f"{'>' * depth} {shown}" if depth and content else ">" * depth + shown]
        open_depth = depth
        if fixed:
            done.append("".join(paragraph))
            open_depth = -1
    if open_depth >= 0:
        done.append("".join(paragraph))
    return "\n".join((*done, *rest))
