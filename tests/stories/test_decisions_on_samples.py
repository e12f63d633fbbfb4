"""What one desk decides about the project's sample mails, and about the mails of the table of rules, is kept in a file: a net under every change of rules.

`RENEW_DECISIONS=1 pytest tests/stories/test_decisions_on_samples.py` writes it anew; review the difference as text.
"""

import json
import os
from pathlib import Path

from support.desk.rule_cases import CASES, RULES
from support.desk.story import MONDAY, SUPPORT, UNCAPPED, StoryDesk, configured, direct_desk

from helpdesk.gateway.replaying.scratch_desk import effects_in
from helpdesk.gateway.work.kind import MailReader
from helpdesk.store.inbound import store_raw
from helpdesk.threading.model.mail import Envelope, RawMessage

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "messages" / "decisions.jsonl"
PEER = "192.0.2.7"  # proves nothing
FEW_STAFF = "[triage]\nassign = false\n"  # whose hands a request gets into depends on all others
LARGEST = 100_000  # octets of a sample


def samples() -> dict[str, RawMessage]:
    """The sample mails and those of the table of rules, by their names. Large ones are about reading."""
    paths = sorted(path for path in (ROOT / "messages").rglob("*.eml") if path.stat().st_size <= LARGEST)
    files = {str(path.relative_to(ROOT / "messages")): (path.read_bytes(), SUPPORT, PEER) for path in paths}
    table = {f"rules: {case.name}": (case.content, case.to, case.peer) for case in CASES}
    return {
        name: RawMessage("smtp", Envelope("sender@mail.example", (to,)), content, MONDAY, peer)
        for name, (content, to, peer) in (files | table).items()
    }


def decisions_on_samples(desk: StoryDesk) -> dict[str, dict[str, object]]:
    """What became of each sample, by its name."""
    mails = samples()
    threshold = desk.node.configuration.settings.database.blob_threshold
    numbers = store_raw(desk.database, desk.node.blobs, threshold, list(mails.values()), desk.now)
    desk.settle()
    return {name: _kept(desk, number) for name, number in zip(mails, numbers, strict=True)}


def _kept(desk: StoryDesk, number: int) -> dict[str, object]:
    """The effects of a mail, without names that are drawn anew each time."""
    effects = effects_in(desk.database, number)
    effects["letters"] = sorted({str(letter).partition(" to ")[0] for letter in effects["letters"]})
    return {name: value for name, value in effects.items() if name != "ticket" and value}


def test_the_samples_are_decided_as_they_were(tmp_path: Path, reader: MailReader) -> None:
    with direct_desk(configured(tmp_path / "samples", more=UNCAPPED + FEW_STAFF + RULES), reader) as desk:
        found = decisions_on_samples(desk)
    lines = [json.dumps({"sample": name, **effects}, ensure_ascii=False) for name, effects in found.items()]
    if os.environ.get("RENEW_DECISIONS"):
        KEPT.write_text("\n".join(lines) + "\n")
    kept = KEPT.read_text().splitlines()
    assert [line for line in lines if line not in set(kept)] == []
    assert len(kept) == len(lines)
