"""Letters written the plain way: names of files and fields by the standard library, words cleaned rule by rule, templates as
they are, in the sandbox of an operator's own. The program must write the same octets.
"""

from binascii import b2a_qp
from email.message import EmailMessage
from email.policy import SMTP

from helpdesk.templates.catalogue import Speech
from helpdesk.templates.headers import LINE
from helpdesk.templates.render import NO_OVERRIDES, PARTS, OwnRenderer, _paths, _values, _words_of, output_of
from helpdesk.templates.view import CustomerView, StaffView
from helpdesk.templates.words import BREAKS, CONTROLS, OVERRIDES, SURROGATES, UNSEEN, _cut

SANDBOX = OwnRenderer(NO_OVERRIDES)._environment


def words_in_the_sandbox(notice: str, view: CustomerView | StaffView, speech: Speech) -> object:
    """The words of a letter, rendered in the sandbox in which an operator's templates are rendered."""
    return _words_of(*(output_of(SANDBOX, _paths(notice, view, speech, kind), _values(view, speech)) for kind in PARTS))


def file_header(filename: str, content_type: str) -> bytes:
    """The header of a file's part."""
    maintype, _, subtype = content_type.partition("/")
    part = EmailMessage(policy=SMTP)
    part.set_content(b"", maintype=maintype, subtype=subtype, filename=filename)
    del part["MIME-Version"]
    return part.as_bytes()


def picture_part(name: str, content_id: str, content: bytes) -> bytes:
    """The whole part of a picture."""
    part = EmailMessage(policy=SMTP)
    part.set_content(content, "image", "png", disposition="inline", filename=name, cid=f"<{content_id}>")
    del part["MIME-Version"]
    return part.as_bytes()


def quoted_printable(text: str) -> bytes:
    """A whole text at once."""
    return b2a_qp(text.encode(), istext=True).replace(b"\n", b"\r\n")


def folded(field: str, value: str) -> str:
    """A field whose lines are filled word by word."""
    lines, line = [], f"{field}:"
    for word in value.split():
        if len(line) + 1 + len(word) > LINE and line != f"{field}:":
            lines.append(line)
            line = ""
        line += " " + word
    return "\r\n".join([*lines, line]) + "\r\n"


def one_line(text: str, limit: int) -> str:
    """A text on one line, by every rule."""
    kept = SURROGATES.sub("\ufffd", UNSEEN.sub("", CONTROLS.sub(" ", BREAKS.sub(" ", text[: 8 * limit]))))
    return _cut(" ".join(kept.split()), limit)


def many_lines(text: str, limit: int) -> str:
    """A text on many lines, by every rule."""
    kept = OVERRIDES.sub("", CONTROLS.sub("", BREAKS.sub("\n", text[: 2 * limit].replace("\t", "    "))))
    return _cut(SURROGATES.sub("\ufffd", kept).strip("\n").rstrip(), limit)
