"""What was or would be decided about a mail, and on what evidence: under the names of the JSON contract, and in sentences."""

from collections.abc import Iterator
from typing import Any

from helpdesk.gateway.terminal import time_text
from helpdesk.store.inbound import InboundMail
from helpdesk.threading.model.origin import Origin, origin_as_json
from helpdesk.threading.rules.sorting import UNSORTED, sorting_as_json
from helpdesk.threading.trust.origin_words import origin_sentences

CLUE_FIELDS = ("kind", "value", "ticket", "used", "reason")
NOTHING: dict[str, Any] = {  # of a mail about which nothing has been decided
    "reason": "",
    "row": "",
    "rule": "",
    "assurance": None,
    "clues": [],
    "events": [],
    "letters": [],
    "held_for": None,
    "policy": "",
    "sorting": sorting_as_json(UNSORTED, None),
}


def explain_mail(mail: InboundMail) -> dict[str, Any]:
    """What became of a mail, and why. `text` has it in sentences, one a line."""
    decision = {**NOTHING, **mail.decision}
    answer = {
        "inbound": mail.id,
        "message_id": mail.message_id,
        "received_at": mail.received_at,
        "disposition": mail.state,
        "ticket": mail.ticket,
        **{name: decision[name] for name in ("clues", "assurance", "rule", "events", "letters", "held_for", "policy")},
        "rules": decision["sorting"]["rules"],
        "sorting": decision["sorting"],
        "origin": None if mail.origin is None else origin_as_json(mail.origin),
    }
    came = f"Mail {mail.id} came by {mail.door}{f' from {mail.peer}' if mail.peer else ''} at {time_text(mail.received_at)} UTC and is"
    waits = f"it has not been processed yet; attempts so far: {mail.attempts}. {mail.last_error or ''}".strip()
    return {**answer, "text": sentences(came, answer, decision["reason"] or waits, decision["row"], mail.origin)}


def sentences(subject: str, answer: dict[str, Any], reason: str, row: str, origin: Origin | None) -> str:
    """The answer in sentences. `row` names the row of the decision tables that applied, "" where none did."""
    where = f" on {answer['ticket']}" if answer["ticket"] else ""
    lines = [f"{subject} {answer['disposition']}{where}: {reason.rstrip('.')}."]
    if row:
        lines.append(f"The rule for it: {row}.")
    lines += _about_rules(answer["sorting"])
    if answer["assurance"]:
        lines.append(f"Its author is {answer['assurance']}.")
    lines += origin_sentences(origin) if origin else ()
    for clue in answer["clues"]:
        lines.append(_clue(clue))
    if answer["rule"]:
        lines.append(f"Lifecycle: {answer['rule']}.")
    lines.append(f"Letters: {len(answer['letters'])}." if answer["letters"] else "No letter.")
    if answer["held_for"]:
        lines.append(f"It is held for {answer['held_for']}.")
    if answer["policy"]:
        lines.append(f"It is decided by policy {answer['policy'][:8]}.")
    return "\n".join(lines)


def _about_rules(sorting: dict[str, Any]) -> Iterator[str]:
    """Which rules of the desk fit the mail, and what its filter says."""
    names = ", ".join(f"“{name}”" for name in sorting["rules"])
    if names:
        yield f"{'Rules' if len(sorting['rules']) > 1 else 'Rule'} of this desk that {'fit' if len(sorting['rules']) > 1 else 'fits'} it: {names}."
    if sorting["verdict"]:
        yield f"A mail filter calls it spam in {sorting['verdict']}."


def _clue(clue: Any) -> str:
    fields = clue if isinstance(clue, dict) else {name: getattr(clue, name) for name in CLUE_FIELDS}
    leads = f" leads to {fields['ticket']}" if fields["ticket"] else ""
    used = "used" if fields["used"] else "not used"
    return f"Clue {fields['kind'].replace('_', ' ')} ({fields['value']}){leads}: {fields['reason']}; {used}."
