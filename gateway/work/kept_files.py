"""Fetches the files of earlier messages that letters of a decision carry again, or that another inbox offers from now on."""

from dataclasses import replace

from helpdesk.gateway.observe import Log
from helpdesk.gateway.work.item import WorkItem
from helpdesk.gateway.work.kind import Tools
from helpdesk.store.kept_files import mail_of_cause, octets_of_file
from helpdesk.threading.lifecycle.decision import Decision

log = Log("helpdesk.worker")


def with_kept_files(item: WorkItem, decision: Decision, tools: Tools) -> WorkItem:
    """Return the item with the octets of files that its decision takes from earlier messages.

    A file that is in no store by itself is taken from its mail, which is read again in a child process. A file that is gone is left out, and
    its letter names it.
    """
    orders = (order for part in decision.parts for order in part.letters)
    wanted = {file.sha256: file.kept_by for order in orders for file in order.words.attach if file.kept_by}
    handovers = (part.past.handover for part in decision.parts if part.past.handover is not None)
    entries = (entry for handover in handovers for words in handover.shows for entry in words.attachments)
    wanted |= {str(entry["sha256"]): str(entry["kept_by"]) for entry in entries if entry.get("kept_by")}
    missing = {digest: cause for digest, cause in wanted.items() if digest not in item.files.contents}
    if not missing:
        return item
    found: dict[str, bytes] = {}
    for digest, cause in missing.items():
        if digest not in found:
            found |= _fetch(digest, cause, tools)
    kept = {digest: found[digest] for digest in missing if digest in found}
    return replace(item, files=replace(item.files, contents={**item.files.contents, **kept}))


def _fetch(digest: str, cause: str, tools: Tools) -> dict[str, bytes]:
    """Return a file, and others of the same mail."""
    with tools.database.reading() as connection:
        octets = octets_of_file(connection, tools.blobs, digest)
        if octets is not None:
            return {digest: octets}
        mail = mail_of_cause(connection, tools.blobs, cause)
    if mail is None:
        log.warning("file.gone", sha256=digest, cause=cause)
        return {}
    try:
        return tools.reader.read(mail).contents
    except Exception as fault:  # the reader ended on it; the letter says that the file stayed behind
        log.warning("file.unreadable", sha256=digest, cause=cause, reason=str(fault))
        return {}
