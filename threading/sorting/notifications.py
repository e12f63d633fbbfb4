"""Notifications of sending services: bounces, deliveries and complaints as a mail whose text is one JSON object.

The object must stand at the beginning of the text and name its type. A person who quotes such an object writes words above it.
"""

import json
from collections.abc import Iterable
from json import JSONDecodeError

from helpdesk.threading.reading.parsed import ReportedAction, ReportedRecipient
from helpdesk.threading.sorting.evidence import MailEvidence

LONGEST = 200_000  # characters of the object
FOLD = "!\n "  # where a relay broke a line that was too long
TYPES = ("notificationType", "eventType")
ACTIONS = {
    "bounce": ReportedAction.FAILED,
    "deliverydelay": ReportedAction.DELAYED,
    "delivery": ReportedAction.DELIVERED,
}
STATUS = {ReportedAction.FAILED: "5.0.0", ReportedAction.DELAYED: "4.0.0", ReportedAction.DELIVERED: "2.0.0"}
# Types of bounces that may pass.
TRANSIENT = ("transient", "temporary", "undetermined")
RECIPIENTS = ("bouncedRecipients", "delayedRecipients")


def notified_recipients(mail: MailEvidence) -> list[ReportedRecipient]:
    """The recipients that a notification names; [] for other mail and for complaints."""
    found = _object(mail)
    kind = _type(found)
    action = ACTIONS.get(kind)
    section = found.get({"bounce": "bounce", "deliverydelay": "deliveryDelay", "delivery": "delivery"}.get(kind, ""))
    if action is None or not isinstance(section, dict):
        return []
    if kind == "delivery":
        return [ReportedRecipient(address, action, STATUS[action], False, "") for address in _strings(section.get("recipients"))]
    passing = str(section.get("bounceType", "")).lower() in TRANSIENT
    rows = (row for name in RECIPIENTS for row in _rows(section.get(name)))
    return [recipient for row in rows if (recipient := _recipient(row, action, passing=passing)) is not None]


def notified_original_id(mail: MailEvidence) -> str | None:
    """The Message-ID of the mail that a notification is about; None for other mail."""
    original = _object(mail).get("mail")
    common = original.get("commonHeaders") if isinstance(original, dict) else None
    found = common.get("messageId") if isinstance(common, dict) else None
    return found.strip("<> ") or None if isinstance(found, str) else None


def is_complaint_notification(mail: MailEvidence) -> bool:
    found = _object(mail)
    return _type(found) == "complaint" and isinstance(found.get("complaint"), dict)


def _object(mail: MailEvidence) -> dict[str, object]:
    """The JSON object with which the text begins; {} for other texts. A notice of the service may follow the object.

    A relay of notifications wraps the object as a string into its own object.
    """
    text = mail.text[:LONGEST].lstrip()
    if not text.startswith("{") or not any(name in text for name in TYPES):
        return {}
    found = _parse_object(text)
    inner = found.get("Message")
    return _parse_object(inner) if isinstance(inner, str) else found


def _parse_object(text: str) -> dict[str, object]:
    try:
        found = json.JSONDecoder(strict=False).raw_decode(text.replace(FOLD, "").replace("\n", ""))[0]
    except (JSONDecodeError, RecursionError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _type(found: dict[str, object]) -> str:
    named = next((found[name] for name in TYPES if name in found), "")
    return named.replace(" ", "").lower() if isinstance(named, str) else ""


def _recipient(row: dict[str, object], action: ReportedAction, *, passing: bool) -> ReportedRecipient | None:
    address, given, diagnostic = (row.get(name) for name in ("emailAddress", "status", "diagnosticCode"))
    if not isinstance(address, str) or "@" not in address:
        return None
    status = (
        given
        if isinstance(given, str) and given[:1] in ("2", "4", "5")
        else STATUS[ReportedAction.DELAYED if passing else action]
    )
    permanent = action is ReportedAction.FAILED and not status.startswith("4")
    shown = diagnostic.partition(";")[2].strip() if isinstance(diagnostic, str) else ""
    return ReportedRecipient(address.strip("<> ")[:320], action, status[:12], permanent, shown[:500])


def _rows(value: object) -> Iterable[dict[str, object]]:
    return (row for row in value if isinstance(row, dict)) if isinstance(value, list) else ()


def _strings(value: object) -> Iterable[str]:
    return (text for text in value if isinstance(text, str)) if isinstance(value, list) else ()
