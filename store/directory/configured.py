"""The configuration's own part of the directory: the few people and accounts that helpdesk.toml names."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from helpdesk.store.database import Database
from helpdesk.store.directory.change import DirectoryDiff, DirectoryEntry, DirectoryOrder
from helpdesk.store.directory.listing import ListedAccount, ListedStaff
from helpdesk.store.directory.rows import TOML, DirectoryKind
from helpdesk.store.directory.write import change_directory

ANY_NUMBER = -1


def sync_directory(
    database: Database,
    people: Collection[ListedStaff],
    accounts: Collection[ListedAccount],
    now: datetime | None = None,
    who: str = "",
    *,
    only_new: bool = False,
) -> DirectoryDiff:
    """Make the configuration's own part of the directory equal to these people and accounts. Return what changed and what did not fit.

    Whoever is not listed any more becomes inactive. Rows of other sources stay as they are: where the configuration names one of them, the diff
    has a refusal. With `only_new` only what nobody has is added. Raises ValueError if two accounts claim the same address or domain.
    """
    order = replace(order_of_file(people, accounts, who), only_new=only_new)
    return change_directory(database, order, now or datetime.now(UTC)).diff


def order_of_file(people: Collection[ListedStaff], accounts: Collection[ListedAccount], who: str = "") -> DirectoryOrder:
    """What the configuration wants of the directory. Raises ValueError if two accounts claim the same address or domain."""
    entries = [
        *(DirectoryEntry(DirectoryKind.ACCOUNT, listed.id, {"plan": listed.plan, **listed.settings}) for listed in accounts),
        *(
            DirectoryEntry(DirectoryKind.DOMAIN, domain, {"account_id": owner})
            for domain, owner in _owners(accounts, "domains").items()
        ),
        *_contacts_of(accounts),
        *(
            DirectoryEntry(
                DirectoryKind.STAFF,
                person.address,
                {
                    "name": person.name,
                    "addresses": list(person.addresses),
                    "role": person.role,
                    "queues": list(person.queues),
                    **person.settings,
                },
            )
            for person in people
        ),
    ]
    named = [
        DirectoryEntry(entry.kind, entry.key, entry.values, f"{entry.kind} {entry.key} in the configuration") for entry in entries
    ]
    return DirectoryOrder(
        TOML, _first_of_each(named), frozenset(DirectoryKind), allowed=ANY_NUMBER, skip_bad=True, who=who or "configuration"
    )


def _contacts_of(accounts: Collection[ListedAccount]) -> Iterator[DirectoryEntry]:
    names = {address: name for listed in accounts for address, name in listed.names.items()}
    for address, owner in _owners(accounts, "contacts").items():
        yield DirectoryEntry(DirectoryKind.CONTACT, address, {"account_id": owner, "name": names.get(address, "")})


def _owners(accounts: Iterable[ListedAccount], what: str) -> dict[str, str]:
    owners: dict[str, str] = {}
    for listed in accounts:
        for key in getattr(listed, what):
            if owners.setdefault(key, listed.id) != listed.id:
                raise ValueError(f"{what} of accounts {owners[key]} and {listed.id}: both claim {key}; it can belong to one only")
    return owners


def _first_of_each(entries: Iterable[DirectoryEntry]) -> list[DirectoryEntry]:
    found: dict[tuple[DirectoryKind, str], DirectoryEntry] = {}
    for entry in entries:
        found.setdefault((entry.kind, entry.key), entry)
    return list(found.values())
