"""Everything that the program says to people and programs: the only place that writes to standard output and standard error.

Much of it was written by strangers. What a terminal would obey, or what shows letters in a false order or hides them, comes out as an escape
such as \\x1b; line ends and tabs of the layout stay. JSON is written with JSON's own escapes for the same characters.
"""

import json
import os
import re
import sys
from typing import TextIO

LAYOUT = "\n\t"
LINE_ENDS = re.compile(r"\r\n|[\r\n\t]")
# C0 and C1 controls and DEL; soft hyphen; marks, embeddings, overrides and isolates of direction (UAX 9); separators of lines and paragraphs;
# characters without width, except the joiners that several scripts and emoji need; interlinear notes; tags; lone surrogates.
UNFIT = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def escaped(text: str, layout: str = LAYOUT) -> str:
    """The text with an escape in place of each character that a terminal must not get; those of `layout` stay."""
    return UNFIT.sub(lambda found: found[0] if found[0] in layout else _escape(found[0]), text)


def in_one_line(text: str) -> str:
    """Fit for a cell of a table or a line: line ends and tabs are spaces, the rest of the controls are escaped."""
    return escaped(LINE_ENDS.sub(" ", text), "")


def json_text(value: object, *, indent: int | None = None) -> str:
    """JSON (RFC 8259) without any raw control character in its strings; letters of other scripts stay readable."""
    written = json.dumps(value, ensure_ascii=False, indent=indent)
    # Outside of strings JSON has only ASCII, and of the unfit characters only the line ends of the layout.
    return UNFIT.sub(lambda found: found[0] if found[0] == "\n" else json.dumps(found[0])[1:-1], written)


def echo(text: str = "", *, err: bool = False, nl: bool = True) -> None:
    """Write a text for people, escaped, and flush it. Raises BrokenPipeError where nobody reads any more."""
    _write(escaped(text) + ("\n" if nl else ""), sys.stderr if err else sys.stdout)


def echo_again(line: str, *, err: bool = False, last: bool = False) -> None:
    """Write a line over the one before it, as a terminal shows progress; the `last` one stays."""
    _write(f"\r{escaped(line, '')}\x1b[K" + ("\n" if last else ""), sys.stderr if err else sys.stdout)


def echo_octets(content: bytes) -> None:
    """Write octets to standard output as they are; to a terminal only as escaped text."""
    if sys.stdout.isatty():
        echo(content.replace(b"\r\n", b"\n").decode("utf-8", "surrogateescape"), nl=not content.endswith(b"\n"))
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def errors() -> TextIO:
    """Where the log is written; whoever writes there escapes by itself."""
    return sys.stderr


def is_terminal(*, err: bool = False) -> bool:
    return (sys.stderr if err else sys.stdout).isatty()


def forget_output() -> None:
    """Nobody reads standard output any more: what the interpreter would still write at its end goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write(text: str, stream: TextIO) -> None:
    encoding = stream.encoding or "utf-8"
    # A terminal of another charset shows an escape for what it has no letter for.
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
