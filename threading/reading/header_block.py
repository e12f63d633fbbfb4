"""The block of From, Sent, To and Subject lines that mail clients write above a mail that they quote or forward."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from helpdesk.threading.reading.attribution import INVISIBLE
from helpdesk.threading.reading.quote_words import LABELS

ROLES = {label.rstrip(":"): role for role, labels in LABELS.items() for label in labels}
LONGEST_LABEL = max(len(label) for label in ROLES)
MOST_LINES = 30
GAP = 3  # blank lines inside a block
FEWEST = 3
LONGEST_AUTHOR = 300


@dataclass(slots=True)
class Block:
    """A header block. `values` are by role: from, date, to, cc, subject, other; `end` is the index of the first line below."""

    values: dict[str, str] = field(default_factory=dict)
    end: int = 0

    @property
    def is_forward_header(self) -> bool:
        """Whether the block is enough below a separator line: an author with an address, and one more field."""
        return self.is_header or ("@" in self.values.get("from", "") and len(self.values) >= 2)

    @property
    def is_header(self) -> bool:
        """Whether the block is enough alone: an author and two more fields, an author's address and a date, or four fields."""
        known = [role for role in self.values if role != "other"]
        if "@" in self.values.get("from", "") and any(letter.isdecimal() for letter in self.values.get("date", "")):
            return True
        return ("from" in self.values and len(known) >= FEWEST) or len(known) >= 4


def without_marks(text: str) -> str:
    """The line without marks of quoting and bold type, and without invisible characters."""
    if not text.isascii():
        text = text.replace("\u00a0", " ").translate(INVISIBLE)
    return text.replace("|", " ").strip("> \t*").replace(":*", ":")


def label_of(line: str) -> tuple[str, str]:
    """The role of the label at the beginning of a line without marks, and the value behind it; ("", "") without one."""
    at = line.find(":", 0, LONGEST_LABEL + 3)
    if not line.isascii():
        wide = line.find("：", 0, LONGEST_LABEL + 3)
        at = wide if 0 < wide < at or at <= 0 else at
    if at <= 0:
        return "", ""
    role = ROLES.get(" ".join(line[:at].lower().replace("*", "").split()), "")
    return role, line[at + 1 :].strip(" \t*") if role else ""


def is_lone_author(texts: Sequence[str], at: int) -> bool:
    """Whether a line is `De: Anna <anna@example.org>` between blank lines: some telephones write no more above a quote."""
    if len(texts[at]) > LONGEST_AUTHOR or (at and texts[at - 1].strip()) or (at + 1 < len(texts) and texts[at + 1].strip()):
        return False
    role, value = label_of(without_marks(texts[at]))
    name, bracket, address = value.partition("<")
    return role == "from" and bool(name.strip() and bracket) and "@" in address and " " not in address


def block_at(texts: Sequence[str], at: int) -> Block | None:
    """The header block that begins at a line; None without one."""
    block = fields_at(texts, at)
    return block if block is not None and block.is_header else None


def forward_block_at(texts: Sequence[str], at: int) -> Block | None:
    """The header block of a forward that begins at a line below its separator; None without one."""
    block = fields_at(texts, at)
    return block if block is not None and block.is_forward_header else None


def fields_at(texts: Sequence[str], at: int) -> Block | None:
    """The lines with labels that begin at a line, which may be too few for a header; None without a label."""
    role, _ = label_of(without_marks(texts[at]))
    if not role or role == "other":
        return None
    block = Block()
    last, gap, continued = "", 0, 0
    index = at
    while index < min(len(texts), at + MOST_LINES):
        line = without_marks(texts[index])
        role, value = label_of(line)
        if role and (role not in block.values or role == "other"):
            block.values.setdefault(role, value)
            last, gap, continued = role, 0, 0
            block.end = index + 1
        elif not line:
            gap += 1
            if gap > GAP or (len(block.values) >= FEWEST + 1 and "subject" in block.values):
                break
            if len(block.values) >= 2 and not _label_soon(texts, index):
                break
        elif role:
            break
        elif last and not gap and continued < 4 and _continues(texts, index, last):
            block.values[last] = f"{block.values[last]} {line}".strip()
            continued += 1
            block.end = index + 1
        else:
            break
        index += 1
    return block


def _label_soon(texts: Sequence[str], index: int) -> bool:
    return any(label_of(without_marks(text))[0] for text in texts[index + 1 : index + 1 + GAP])


def _continues(texts: Sequence[str], index: int, last: str) -> bool:
    """Whether a line without a label continues the value above: an address list, or any value if another label follows soon."""
    if last in ("to", "cc", "from") and "@" in texts[index]:
        return True
    return _label_next(texts, index)


def _label_next(texts: Sequence[str], index: int) -> bool:
    return any(label_of(without_marks(text))[0] not in ("", "other") for text in texts[index + 1 : index + 3])
