"""`helpdesk replay --since TIME --diff`: what today's program and policy would decide differently."""

import tempfile
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from helpdesk.gateway.blobs import blobs_of
from helpdesk.gateway.cli.options import load_or_exit
from helpdesk.gateway.cli.store import as_json, open_store
from helpdesk.gateway.reader import Reader
from helpdesk.gateway.replaying.differences import Difference, ReplayCounts, replay_mails
from helpdesk.gateway.terminal import echo, time_text
from helpdesk.gateway.work.desk import desk_of

TOLD_EACH = 100  # mails
NOTHING = "nothing"


def print_differences(config: Path, since: datetime, *, json_lines: bool) -> None:
    """Print each mail that would be decided differently, and on standard error how many were tried."""
    loaded = load_or_exit(config)
    counts = ReplayCounts()
    with (
        tempfile.TemporaryDirectory(prefix="helpdesk-replay-") as folder,
        open_store(config) as database,
        closing(Reader()) as reader,
    ):
        blobs = blobs_of(loaded.settings.database)
        desk = desk_of(loaded, "replay")
        for difference in replay_mails(database, blobs, desk, reader, Path(folder), since, counts, _tell):
            echo(as_json(asdict(difference)) if json_lines else _in_words(difference))
    gone = f"; {counts.gone} could not be, because their content is gone" if counts.gone else ""
    echo(f"decided again: {counts.decided}, differently: {counts.changed}{gone}", err=True)


def _tell(done: int, of: int) -> None:
    if done % TOLD_EACH == 0:
        echo(f"… {done} of {of} mails", err=True)


def _in_words(difference: Difference) -> str:
    name = f" <{difference.message_id}>" if difference.message_id else ""
    lines = [f"Mail {difference.inbound}{name} of {time_text(difference.received_at)} UTC:"]
    for field in difference.fields:
        lines.append(f"  {field.replace('_', ' ')}: {_value(difference.before[field])} → {_value(difference.after[field])}")
    return "\n".join(lines)


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value)) or NOTHING
    return NOTHING if value in (None, "") else str(value)
