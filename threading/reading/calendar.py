"""An invitation in one line (RFC 5545, RFC 5546): what it asks, the title, the time, the place. The calendar itself stays attached."""

import re

METHODS = {
    "REQUEST": "Invitation",
    "PUBLISH": "Event",
    "CANCEL": "Cancelled",
    "REPLY": "Answer to an invitation",
    "COUNTER": "Other time proposed",
    "REFRESH": "Invitation",
    "ADD": "Invitation",
}
PARTICIPATION = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentatively accepted"}
SCANNED = 200_000  # characters of a calendar
LONGEST = 200  # characters of one value that are shown
ESCAPES = {"\\n": " ", "\\N": " ", "\\,": ",", "\\;": ";", "\\\\": "\\"}
MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d)?")
ESCAPE = re.compile(r"\\[nN,;\\]")


def summary(source: str) -> str:
    """The first event of a calendar as one line, "[Invitation: …]"; "" for a calendar without a method or without an event."""
    properties = _properties(source[:SCANNED])
    method = METHODS.get(properties.get("METHOD", ("", ""))[1].strip().upper(), "")
    if not method or "DTSTART" not in properties and "SUMMARY" not in properties:
        return ""
    answer = PARTICIPATION.get(_parameter(properties.get("ATTENDEE", ("", ""))[0], "PARTSTAT"), "") if "Answer" in method else ""
    pieces = (answer, _text(properties, "SUMMARY"), _when(properties), _text(properties, "LOCATION"))
    return f"[{method}: {', '.join(piece for piece in pieces if piece)}]"


def _properties(source: str) -> dict[str, tuple[str, str]]:
    """The parameters and the value of each property of the calendar and of its first event. Of several the first counts."""
    found: dict[str, tuple[str, str]] = {}
    inside: list[str] = []
    for line in source.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "").split("\n"):
        head, colon, value = _cut(line)
        name, _, given = head.partition(";")
        name = name.strip().upper()
        if name == "BEGIN":
            inside.append(value.strip().upper())
        elif name == "END":
            if inside[-1:] == ["VEVENT"]:
                break
            inside = inside[:-1]
        elif colon and (inside[1:] == ["VEVENT"] or len(inside) < 2):
            found.setdefault(name, (given, value))
    return found


def _cut(line: str) -> tuple[str, str, str]:
    """The line before and behind its first colon outside quotes, as str.partition gives it."""
    quoted = False
    for at, letter in enumerate(line[:2000]):
        if letter == '"':
            quoted = not quoted
        elif letter == ":" and not quoted:
            return line[:at], ":", line[at + 1 :]
    return line, "", ""


def _parameter(given: str, name: str) -> str:
    values = (piece.partition("=")[2] for piece in given.split(";") if piece.upper().startswith(name + "="))
    return next(values, "").strip('" ').upper()


def _text(properties: dict[str, tuple[str, str]], name: str) -> str:
    value = properties.get(name, ("", ""))[1]
    return " ".join(ESCAPE.sub(lambda escape: ESCAPES[escape[0]], value).split())[:LONGEST]


def _when(properties: dict[str, tuple[str, str]]) -> str:
    given, value = properties.get("DTSTART", ("", ""))
    start = MOMENT.match(value.strip())
    if start is None:
        return ""
    day = f"{start[1]}-{start[2]}-{start[3]}"
    if start[4] is None:
        return day
    shown = f"{day} {start[4]}:{start[5]}"
    end = MOMENT.match(properties.get("DTEND", ("", ""))[1].strip())
    if end is not None and end[4] is not None:
        last_day = f"{end[1]}-{end[2]}-{end[3]}"
        shown += f" to {end[4]}:{end[5]}" if last_day == day else f" to {last_day} {end[4]}:{end[5]}"
    zone = next((piece.partition("=")[2].strip('" ') for piece in given.split(";") if piece.upper().startswith("TZID=")), "")
    zone = "UTC" if value.strip().endswith("Z") else " ".join(zone.split())[:60]
    return f"{shown} {zone}".strip()
