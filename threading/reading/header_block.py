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
LONGEST_MOMENT = 40


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
    if "|" in text:
        text = _without_bars(text)
    return text.strip("> \t*").replace(":*", ":")


def _without_bars(text: str) -> str:
    """A row of a table in plain text, `| From | Ida<ida@x.example> |`, as a label and its value; else the line without bars."""
    cells = [cell.strip() for cell in text.strip("> \t").strip("|").split("|", 3)]
    if len(cells) == 2 and cells[0].rstrip(":").lower() in ROLES:
        return f"{cells[0].rstrip(':')}: {cells[1]}"
    return text.replace("|", " ")


def label_of(line: str) -> tuple[str, str]:
    """The role of the label at the beginning of a line without marks, and the value behind it; ("", "") without one."""
    at = line.find(":", 0, LONGEST_LABEL + 3)
    if not line.isascii():
        wide = line.find("：", 0, LONGEST_LABEL + 3)
        at = wide if 0 < wide < at or at <= 0 else at
    if at <= 0:
        return "", ""
    label = " ".join(line[:at].lower().replace("*", "").split())
    role = ROLES.get(label, "")
    if not role and label.endswith(")"):
        role = ROLES.get(label.partition("(")[0].rstrip(), "")  # "Kopie (CC)"
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
    return block if block is not None and block.is_header else notes_block_at(texts, at)


def notes_block_at(texts: Sequence[str], at: int) -> Block | None:
    """The header that Notes writes as a table: author, date, and labels without colons in front of or above their values."""
    author = texts[at].strip("* \t\u00a0")
    if len(author) > LONGEST_AUTHOR or author[-1:] != ">" or "@" not in author or ":" in author:
        return None
    filled = [index for index in range(at + 1, min(len(texts), at + MOST_LINES)) if texts[index].strip("> \t*")]
    if not filled or not _is_moment(without_marks(texts[filled[0]])):
        return None
    block = Block({"from": author, "date": without_marks(texts[filled[0]])}, filled[0] + 1)
    waiting = ""
    for index in filled[1:]:
        line = without_marks(texts[index])
        head, _, value = line.partition("\t") if "\t" in line else line.partition("  ")
        role = ROLES.get(head.strip().lower(), "")
        if not role:
            role, value = label_of(line)
        if role in ("to", "cc", "subject") and role not in block.values:
            block.values[role] = value.strip()
            waiting = "" if value.strip() else role
        elif waiting:
            block.values[waiting], waiting = line, ""
        else:
            break
        block.end = index + 1
    return block if "to" in block.values and "subject" in block.values else None


def _is_moment(line: str) -> bool:
    """Whether a line is a date and hardly anything else."""
    digits = sum(letter.isdecimal() for letter in line)
    return digits >= 6 and len(line) <= LONGEST_MOMENT and "@" not in line


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
