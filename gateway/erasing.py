"""Erases people: says what forbids it, changes the database and the blob store, and looks once more.

The hashes of their addresses are put on the list before anything else happens. So an erasure that was interrupted, or that a restore has
undone, is complete after it is run again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.gateway.erased_list import ErasedAddress, add_to_list, is_on, pseudonym_of
from helpdesk.store.blob_uses import discard_unused
from helpdesk.store.blobs import BlobStore
from helpdesk.store.database import Database, DatabaseAway
from helpdesk.store.erasure import Erasure
from helpdesk.store.legal_hold import LegalHold
from helpdesk.store.mentions import Person
from helpdesk.store.person_findings import Findings, find
from helpdesk.store.table_walk import addresses_in
from helpdesk.threading.trust.addresses import canonical

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did. `remains` are rows that still name somebody, by table; `contents` those that go within the hour."""

    changed: dict[str, int]
    remains: dict[str, int]
    contents_deleted: int
    contents_left: int
    letters_waiting: int
    log_is_wiped: bool
    problems: tuple[str, ...] = field(default=())


def obstacles(findings: Findings) -> list[str]:
    """What forbids an erasure for now, each in a sentence that says what to do. Nothing was changed."""
    found = []
    if findings.held:
        found.append(f"held by law: {', '.join(findings.held)}; take the entry out of [retention] legal_hold first")
    if findings.active_staff:
        found.append(f"{', '.join(findings.active_staff)} is on the team; run `helpdesk staff deactivate` first")
    if findings.open_requests:
        found.append(f"not closed: {', '.join(findings.open_requests)}; close these requests first (#close)")
    return found


def reasons_to_wait(findings: Findings) -> list[str]:
    """What is under way for these people, and is over within minutes."""
    found = []
    if findings.undecided:
        found.append(f"{findings.undecided} of their mails or replies are not decided yet")
    if findings.sending:
        found.append(f"{findings.sending} of their letters are being sent")
    return found


def erase(
    database: Database,
    blobs: BlobStore,
    addresses: Sequence[str],
    findings: Findings,
    now: datetime,
    prefix: str,
    tell: Progress,
) -> Erased:
    """Erase people by their canonical addresses. Raises OSError, ValueError or DatabaseAway."""
    entries = add_to_list(blobs, addresses, now)
    person = _person(entries, addresses, findings.names)
    erasure = Erasure(database, blobs, (person,), findings.own, findings.of_staff)
    tell("emptying and masking rows")
    erasure.walk()
    erasure.finish(now, prefix)
    tell("deleting contents")
    contents = [digest for digest in erasure.contents if _is_content(digest)]
    deleted = discard_unused(database, blobs, contents, now)
    left = sum(blobs.has(digest) for digest in contents)
    tell("overwriting what was deleted")
    wiped, problems = _wipe(database, erasure.changed)
    tell("looking once more")
    return Erased(erasure.changed, erasure.remains(), deleted, left, erasure.waiting, wiped, problems)


def erase_again(
    database: Database,
    blobs: BlobStore,
    entries: Sequence[ErasedAddress],
    now: datetime,
    prefix: str,
    tell: Progress,
) -> int:
    """Erase everybody from a restored database whose address is on the list. Return the number of these addresses."""
    there = {known for address in addresses_in(database) if (known := canonical(address)) and is_on(entries, known)}
    if there:
        with database.reading() as connection:
            findings = find(connection, sorted(there), LegalHold(()))
        erase(database, blobs, sorted(there), findings, now, prefix, tell)
    return len(there)


def _person(entries: Sequence[ErasedAddress], addresses: Sequence[str], names: Sequence[str]) -> Person:
    return Person(tuple(addresses), tuple(pseudonym_of(entries, address) for address in addresses), tuple(names))


def _is_content(digest: str) -> bool:
    return len(digest) == 64 and set(digest) <= set("0123456789abcdef")


def _wipe(database: Database, tables: dict[str, int]) -> tuple[bool, tuple[str, ...]]:
    """Take deleted rows out of the files of the database."""
    if database.is_sqlite:
        return database.wipe_log(), ()
    problems = []
    for table in sorted(tables):
        try:
            database.run_alone(f"VACUUM {table}")
        except DatabaseAway as fault:
            problems.append(f"{table}: {fault}")
    return not problems, tuple(problems)
