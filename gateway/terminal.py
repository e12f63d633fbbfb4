"""The only module that writes to standard output and standard error.

Much of the text was written by strangers. Characters that a terminal would obey, or that show letters in a false order or
hide them, are written as escapes such as \\x1b. Line ends and tabs of the layout stay. JSON uses its own escapes for the
same characters.
"""

import errno
import json
import os
import re
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import TextIO

LAYOUT = "\n\t"
LINE_ENDS = re.compile(r"\r\n|[\r\n\t]")
# C0 and C1 controls and DEL; soft hyphen; marks, embeddings, overrides and isolates of direction (UAX 9); separators of lines and paragraphs;
# characters without width, except the joiners that several scripts and emoji need; interlinear notes; tags; lone surrogates.
UNFIT = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def escape(text: str, layout: str = LAYOUT) -> str:
    """The text with an escape in place of each character that a terminal must not receive; the characters of `layout` stay."""
    return UNFIT.sub(lambda found: found[0] if found[0] in layout else _escape(found[0]), text)


def in_one_line(text: str) -> str:
    """The text on one line, for a table cell: line ends and tabs become spaces, other controls are escaped."""
    return escape(LINE_ENDS.sub(" ", text), "")


def time_text(value: datetime) -> str:
    """A moment for people, in UTC."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def json_text(value: object, *, indent: int | None = None) -> str:
    """JSON (RFC 8259) whose strings have no raw control characters. Letters of all scripts stay readable."""
    written = json.dumps(value, ensure_ascii=False, indent=indent)
    # Outside of strings JSON is ASCII, and the only characters to escape there are the line ends of the layout, which stay.
    return UNFIT.sub(lambda found: found[0] if found[0] == "\n" else json.dumps(found[0])[1:-1], written)


def echo(text: str = "", *, err: bool = False, nl: bool = True) -> None:
    """Write a text for people, escaped, and flush it. Raise BrokenPipeError where the reader has gone."""
    _write(escape(text) + ("\n" if nl else ""), sys.stderr if err else sys.stdout)


def echo_again(line: str, *, err: bool = False, last: bool = False) -> None:
    """Write a line in place of the line before it, as a terminal shows progress. The `last` one stays."""
    _write(f"\r{escape(line, '')}\x1b[K" + ("\n" if last else ""), sys.stderr if err else sys.stdout)


def echo_octets(content: bytes) -> None:
    """Write octets to standard output unchanged, or as escaped text where standard output is a terminal."""
    if sys.stdout.isatty():
        echo(content.replace(b"\r\n", b"\n").decode("utf-8", "surrogateescape"), nl=not content.endswith(b"\n"))
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def errors() -> TextIO:
    """The stream of the log. The log escapes what it writes."""
    return sys.stderr


def is_terminal(*, err: bool = False) -> bool:
    return (sys.stderr if err else sys.stdout).isatty()


def forget_output() -> None:
    """Discard further output, because the reader of standard output has gone: the interpreter would fail when it flushes at
    its end.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write(text: str, stream: TextIO) -> None:
    encoding = stream.encoding or "utf-8"
    # A character that the terminal's charset lacks is written as an escape.
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def flush_output() -> None:
    """Write what is still in memory, before a process forks or ends. A terminal that is gone is no fault."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()


def fault_in_one_line(fault: Exception) -> str:
    return " ".join(str(fault).split()) or type(fault).__name__


def exit_code_of(fault: Exception) -> int:
    """The exit code for an exception: 75 where trying again may help, else 70.

    The exceptions are compared by name, because importing the store takes half a second.
    """
    codes = (CODES[kind.__name__] for kind in type(fault).__mro__ if kind.__name__ in CODES)
    return next(codes, os.EX_SOFTWARE)


def is_expected(fault: BaseException) -> bool:
    """Whether a fault is one that an operator has to expect, such as a database that is away: it says all, and a traceback adds nothing.

    Compared by name as well.
    """
    if isinstance(fault, OSError) and (isinstance(fault, ConnectionError | TimeoutError) or fault.errno in DISK_ERRORS):
        return True
    return any(kind.__name__ in EXPECTED for kind in type(fault).__mro__)


DISK_ERRORS = frozenset(
    (errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ENXIO, errno.ENODEV, errno.EUCLEAN, errno.EBADMSG)
)
EXPECTED = frozenset(
    ("DatabaseAway", "BlobsAway", "MailboxAway", "NotStored", "FilesAway", "DnsAway", "TokenUnavailable", "NoChild")
)
CODES = {
    "DatabaseAway": os.EX_TEMPFAIL,
    "BlobsAway": os.EX_TEMPFAIL,
    "NoBucketClient": os.EX_CONFIG,
    "WrongFolder": os.EX_CONFIG,
    "StoreVanished": os.EX_TEMPFAIL,  # a file system may be mounted later
    "DatabaseDamaged": os.EX_DATAERR,
    "UnknownSchema": os.EX_CONFIG,
    "OlderNodes": os.EX_TEMPFAIL,
    "DoubledKey": os.EX_DATAERR,
    "WrongSchema": os.EX_CONFIG,
}
