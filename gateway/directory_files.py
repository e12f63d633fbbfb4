"""Files of people and accounts: CSV and JSON lines, as other systems export them and as `export` writes them.

Every line is read before anything is decided, so that an operator sees all faulty lines at once. A file that may have been cut off is
refused: its last line needs a line end, and `{"end": N}` as the last line of JSON lines says how many lines there are.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from helpdesk.config.address import address, domain
from helpdesk.config.people import Account, Staff
from helpdesk.config.policy import Policy
from helpdesk.config.section import ValidationError
from helpdesk.config.shapes import plain_name
from helpdesk.store.directory.change import DirectoryEntry, RefusedRow
from helpdesk.store.directory.rows import DirectoryKind
from helpdesk.threading.trust.addresses import canonical

LONGEST_KEY = 200  # characters of the id of an account, or of an external id
BYTE_ORDER_MARK = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would calculate
QUOTE = "'"  # in front of such a cell
LIST_MARKS = str.maketrans({";": "|", ",": "|", "\n": "|"})
YES, NO = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})

Cells = Mapping[str, Any]  # by column: text from CSV, any value from JSON


class WrongFile(Exception):
    """A file that cannot be read as a whole, and why."""


@dataclass(frozen=True, slots=True)
class DirectoryFile:
    """What a file says: entries, lines that cannot be read, and the kinds of which it names every row of its source."""

    entries: tuple[DirectoryEntry, ...]
    refused: tuple[RefusedRow, ...]
    lines: int
    names_all_of: frozenset[DirectoryKind]


@dataclass(frozen=True, slots=True)
class _Layout:
    """The columns of a file of one kind. `lists` are those with several values in a cell."""

    key: str
    required: tuple[str, ...]
    columns: tuple[str, ...]
    lists: tuple[str, ...] = ()


COMMON = ("external_id", "active")
LAYOUTS = {
    DirectoryKind.ACCOUNT: _Layout(
        "id",
        ("id",),
        ("id", "plan", "domains", "contacts", "severity", "calendar", "language", "zone", "heir", *COMMON),
        ("domains", "contacts"),
    ),
    DirectoryKind.CONTACT: _Layout("address", ("address", "account"), ("address", "name", "account", *COMMON)),
    DirectoryKind.STAFF: _Layout(
        "address",
        ("address", "name"),
        (
            "address",
            "name",
            "role",
            "queues",
            "hours",
            "deputy",
            "zone",
            "language",
            "signature",
            "letters",
            "addresses",
            "heir",
            *COMMON,
        ),
        ("addresses", "queues"),
    ),
}
OTHER_NAMES = {"externalid": "external_id"}  # as SCIM writes it


def read_file(kind: DirectoryKind, content: bytes, policy: Policy) -> DirectoryFile:
    """Read a file of accounts, contacts or staff: JSON lines if it begins with a brace, else CSV. Raises WrongFile."""
    text = _decode(content)
    if not text.strip():
        raise WrongFile("the file is empty; nothing was changed")
    is_json = text.lstrip().startswith("{")
    if not text.endswith(("\n", "\r")) and not (is_json and _is_end(text.splitlines()[-1])):
        raise WrongFile("the last line has no line end, so the file may be cut off; export it again, or add a line end")
    rows, columns = (_json_rows(text, kind), ()) if is_json else _csv_rows(text, kind)
    return _file_of(kind, rows, columns, policy)


def entries_of_cells(kind: DirectoryKind, cells: Cells, policy: Policy) -> list[DirectoryEntry]:
    """The entries of one line. Raises ValueError that says what is wrong."""
    return _Lines(kind, policy).entries(cells, "")


def _file_of(
    kind: DirectoryKind, rows: Iterable[tuple[int, Cells | Exception]], columns: Sequence[str], policy: Policy
) -> DirectoryFile:
    lines, entries, refused = _Lines(kind, policy), [], []
    places: dict[tuple[DirectoryKind, str], int] = {}
    identities: dict[str, int] = {}
    count, named = 0, set(columns)
    for number, cells in rows:
        count += 1
        place = f"line {number}"
        try:
            if isinstance(cells, Exception):
                raise cells
            found = lines.entries(cells, place)
            for entry in found:
                if earlier := places.get((entry.kind, entry.key)):
                    raise ValueError(f"{entry.kind} {entry.key} stands in line {earlier} too")
            identity = found[0].values.get("external_id")
            if identity and identity in identities:
                raise ValueError(f"the external id {identity} stands in line {identities[identity]} too")
        except ValueError as fault:
            refused.append(RefusedRow(place, str(fault)))
            continue
        places |= {(entry.kind, entry.key): number for entry in found}
        if identity:
            identities[identity] = number
        named |= set(cells)
        entries += found
    if not count:
        raise WrongFile("the file has no line but its header; nothing was changed")
    also = {"domains": DirectoryKind.DOMAIN, "contacts": DirectoryKind.CONTACT} if kind is DirectoryKind.ACCOUNT else {}
    return DirectoryFile(
        tuple(entries), tuple(refused), count, frozenset({kind, *(of for name, of in also.items() if name in named)})
    )


def _decode(content: bytes) -> str:
    try:
        return content.decode().removeprefix(BYTE_ORDER_MARK)
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise WrongFile(f"line {line} is not UTF-8; save the file as UTF-8") from None


def _csv_rows(text: str, kind: DirectoryKind) -> tuple[Iterator[tuple[int, Cells | Exception]], Sequence[str]]:
    first = text.splitlines()[0]
    reader = csv.reader(StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",", strict=True)
    header = _header(next(reader), kind)
    return _csv_lines(reader, header), header


def _csv_lines(reader: Any, header: Sequence[str]) -> Iterator[tuple[int, Cells | Exception]]:
    while True:
        number = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            yield number, ValueError(f"not CSV: {fault}")
            continue
        if not row:
            continue
        if len(row) != len(header):
            yield number, ValueError(f"it has {len(row)} cells, and the header {len(header)}")
            continue
        yield number, {name: _without_quote(cell) for name, cell in zip(header, row, strict=True)}


def _header(names: Sequence[str], kind: DirectoryKind) -> tuple[str, ...]:
    layout = LAYOUTS[kind]
    header = tuple(_column(name) for name in names)
    unknown = [name for name in header if name not in layout.columns]
    lacking = [name for name in layout.required if name not in header]
    if unknown or lacking:
        what = f"there is no column {', '.join(unknown)}" if unknown else f"the column {', '.join(lacking)} is missing"
        raise WrongFile(f"line 1: {what}; the columns of {kind} are {', '.join(layout.columns)}")
    if len(set(header)) < len(header):
        raise WrongFile("line 1: a column stands there twice")
    return header


def _column(name: str) -> str:
    folded = name.strip().lower()
    return OTHER_NAMES.get(folded, folded)


def _json_rows(text: str, kind: DirectoryKind) -> Iterator[tuple[int, Cells | Exception]]:
    layout = LAYOUTS[kind]
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if lines and _is_end(lines[-1][1]):
        _, last = lines.pop()
        expected = json.loads(last)["end"]
        if expected != len(lines):
            raise WrongFile(f"the file ends with {last.strip()}, but has {len(lines)} lines; it may be cut off")
    for number, line in lines:
        try:
            value = json.loads(line)
            if not isinstance(value, dict):
                raise TypeError("it is no JSON object")
            cells = {_column(name): cell for name, cell in value.items()}
            unknown = [name for name in cells if name not in layout.columns]
            lacking = [name for name in layout.required if name not in cells]
            if unknown or lacking:
                what = f"there is no {', '.join(unknown)}" if unknown else f"{', '.join(lacking)} is missing"
                raise ValueError(f"{what}; the names for {kind} are {', '.join(layout.columns)}")
        except (TypeError, ValueError, RecursionError) as fault:
            reason = f"not JSON: {fault}" if isinstance(fault, json.JSONDecodeError) else str(fault)
            yield number, ValueError(reason)
        else:
            yield number, cells


def _is_end(line: str) -> bool:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and set(value) == {"end"} and isinstance(value["end"], int)


@dataclass
class _Lines:
    """Makes entries of lines. Accounts that differ in nothing but their names are checked once."""

    kind: DirectoryKind
    policy: Policy
    checked: dict[tuple[tuple[str, Any], ...], dict[str, Any]] = field(default_factory=dict)

    def entries(self, cells: Cells, place: str) -> list[DirectoryEntry]:
        """The entry of a line, and for an account those of its domains and contacts. Raises ValueError."""
        layout = LAYOUTS[self.kind]
        values = {name: self._cell(name, cell, layout) for name, cell in cells.items()}
        make = {
            DirectoryKind.ACCOUNT: self._account,
            DirectoryKind.CONTACT: self._contact,
            DirectoryKind.STAFF: self._member,
        }[self.kind]
        return make(values, place)

    def _cell(self, name: str, cell: Any, layout: _Layout) -> Any:
        if name in layout.lists:
            parts = cell if isinstance(cell, list) else str("" if cell is None else cell).translate(LIST_MARKS).split("|")
            return [stripped for part in parts if (stripped := str(part).strip())]
        if name == "active":
            word = str(cell).strip().lower()
            if word not in YES | NO:
                raise ValueError(f"active: write true or false, not {word!r}")
            return word in YES
        if cell is not None and not isinstance(cell, str | int):
            raise ValueError(f"{name}: write a text")
        return "" if cell is None else str(cell).strip()

    def _account(self, values: dict[str, Any], place: str) -> list[DirectoryEntry]:
        key = _name("id", values.pop("id"))
        domains = [_check("domains", domain, name) for name in values.pop("domains", ())]
        contacts = [_identity("contacts", contact) for contact in values.pop("contacts", ())]
        own = _take_common(values)
        said = tuple(sorted(values.items()))
        if said not in self.checked:
            self.checked[said] = self._account_settings(values)
        shared = {"active": own["active"]} if "active" in own else {}
        return [
            DirectoryEntry(DirectoryKind.ACCOUNT, key, {**self.checked[said], **own}, place),
            *(
                DirectoryEntry(DirectoryKind.DOMAIN, name, {"account_id": key, **shared}, place)
                for name in dict.fromkeys(domains)
            ),
            *(
                DirectoryEntry(DirectoryKind.CONTACT, contact, {"account_id": key, **shared}, place)
                for contact in dict.fromkeys(contacts)
            ),
        ]

    def _account_settings(self, values: Cells) -> dict[str, Any]:
        plan = values.get("plan", "")
        if "plan" in values and plan not in self.policy.plans:
            raise ValueError(f"there is no plan {plan!r}; the plans are {', '.join(self.policy.plans)}")
        calendar = values.get("calendar", "")
        if calendar and calendar not in self.policy.calendars:
            raise ValueError(f"there is no [calendars.{calendar}]")
        heir = {"heir": values["heir"]} if "heir" in values else {}
        said = {name: value for name, value in values.items() if value != "" and name != "heir"}
        sound = _sound(Account, {"id": "any", **said})
        return {name: getattr(sound, name) or "" for name in values if name != "heir"} | heir

    def _contact(self, values: dict[str, Any], place: str) -> list[DirectoryEntry]:
        key = _identity("address", values.pop("address"))
        own = _take_common(values)
        if "account" in values:
            own["account_id"] = values["account"] or None
        if "name" in values:
            own["name"] = _name("name", values["name"]) if values["name"] else ""
        return [DirectoryEntry(DirectoryKind.CONTACT, key, own, place)]

    def _member(self, values: dict[str, Any], place: str) -> list[DirectoryEntry]:
        key = _identity("address", values.pop("address"))
        own = _take_common(values)
        if "heir" in values:
            own["heir"] = _identity("heir", values["heir"]) if values["heir"] else ""
        said = {name: value for name, value in values.items() if value not in ("", []) and name != "heir"}
        sound = _sound(Staff, {"name": "any", "address": key, **said})
        if "name" in values and not values["name"]:
            raise ValueError("name: write the name of the member, as letters show it")
        named = {name: getattr(sound, name) for name in values if name != "heir"}
        if "queues" in named:
            named["queues"] = list(named["queues"])
        if "addresses" in named:
            further = (_identity("addresses", written) for written in named["addresses"])
            named["addresses"] = [address for address in dict.fromkeys(further) if address != key]
        if "deputy" in named:
            named["deputy"] = _identity("deputy", named["deputy"]) if named["deputy"] else ""
            if named["deputy"] in (key, *named.get("addresses", ())):
                raise ValueError("deputy: nobody stands in for themselves")
        return [DirectoryEntry(DirectoryKind.STAFF, key, {**named, **own}, place)]


def _take_common(values: dict[str, Any]) -> dict[str, Any]:
    """Take out of the values of a line what every kind has."""
    own: dict[str, Any] = {}
    if "external_id" in values:
        own["external_id"] = values.pop("external_id")[:LONGEST_KEY] or None
    if "active" in values:
        own["active"] = values.pop("active")
    return own


def _sound(section: type[Account] | type[Staff], values: Cells) -> Any:
    try:
        return section.model_validate(values)
    except ValidationError as fault:
        first = fault.errors()[0]
        where = str(first["loc"][0]) if first["loc"] else "the line"
        raise ValueError(f"{where}: {first['msg'].removeprefix('Value error, ')}") from None


def _identity(column: str, written: str) -> str:
    return canonical(_check(column, address, written))


def _name(column: str, written: str) -> str:
    return _check(column, plain_name, written)


def _check(column: str, check: Callable[[str], str], written: str) -> str:
    try:
        return check(written)
    except ValueError as fault:
        raise ValueError(f"{column}: {fault}") from None


def written_csv(kind: DirectoryKind, rows: Iterable[Cells]) -> Iterator[str]:
    """The lines of a CSV file, each with its line end. No cell is a formula for a spreadsheet."""
    columns = LAYOUTS[kind].columns
    for cells in (dict(zip(columns, columns, strict=True)), *rows):
        line = StringIO()
        csv.writer(line, lineterminator="\n").writerow([_csv_cell(cells[name]) for name in columns])
        yield line.getvalue()


def written_json(rows: Iterable[Cells]) -> Iterator[str]:
    """The lines of a file of JSON lines, with the line that says how many there are."""
    count = 0
    for cells in rows:
        count += 1
        yield json.dumps(cells, ensure_ascii=False) + "\n"
    yield json.dumps({"end": count}) + "\n"


def _csv_cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = "|".join(value) if isinstance(value, list | tuple) else str("" if value is None else value)
    return (
        QUOTE + text if text.startswith(FORMULA) or (text.startswith(QUOTE) and text[1:].startswith((*FORMULA, QUOTE))) else text
    )


def _without_quote(cell: str) -> str:
    return cell[1:] if cell.startswith(QUOTE) and cell[1:].startswith((*FORMULA, QUOTE)) else cell
