"""What is posted for an event: what the feed says of it, and no words unless the operator wants them there."""

import hashlib
import json
from datetime import UTC, datetime

from helpdesk.store.webhooks import WebhookEvent

CREATED = "message.created"
TEST = "webhook.test"
MOST_WORDS = 12_000  # octets of a text; Standard Webhooks recommends less than 20 kB in all
LONGEST_SUBJECT = 1000


def event_id(event: WebhookEvent) -> str:
    """The id of an event, the same at every attempt.

    A database that was restored gives the same numbers to other messages; receivers must not take these for repetitions, so the time is in it.
    """
    named = f"{event.position} {event.message} {event.created_at.astimezone(UTC).isoformat()}"
    return "evt_" + hashlib.sha256(named.encode()).hexdigest()[:32]


def event_body(event: WebhookEvent, *, words: bool) -> bytes:
    """The octets that are posted."""
    data: dict[str, object] = {
        "event": event_id(event),
        "position": str(event.position),
        "thread": f"thr_{event.thread}",
        "message": f"msg_{event.message}",
        "account": event.account,
        "direction": "customer" if event.direction == "customer" else "support",
        "status": event.status,
        "previous": str(event.previous) if event.previous is not None else None,
        "gap": event.has_gap,
    }
    if words:
        text = event.text.encode()[:MOST_WORDS].decode(errors="ignore")
        data |= {"subject": event.subject[:LONGEST_SUBJECT], "text": text, "text_is_cut": text != event.text}
    return _json(CREATED, event.created_at, data)


def body_of_test(name: str, now: datetime) -> bytes:
    """The octets of a test, which is about no message."""
    return _json(TEST, now, {"webhook": name})


def _json(kind: str, at: datetime, data: dict[str, object]) -> bytes:
    moment = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({"type": kind, "timestamp": moment, "data": data}, ensure_ascii=False, separators=(",", ":")).encode()
