"""The people and accounts that the configuration names, in the form in which the directory has them."""

import os
import socket
from datetime import datetime

from helpdesk.config.policy import Policy
from helpdesk.gateway.observe import Log
from helpdesk.store.condition import nodes_of_other_policies
from helpdesk.store.database import Database
from helpdesk.store.directory.configured import sync_directory
from helpdesk.store.directory.listing import ListedAccount, ListedStaff
from helpdesk.store.succession import InForce
from helpdesk.threading.trust.addresses import canonical

MOST_TOLD = 20  # rows of the configuration that belong to another source

log = Log("helpdesk.directory")


def sync_people(database: Database, policy: Policy, now: datetime) -> bool:
    """Bring the configuration's own part of the directory up to date, and log what it could not take. Raises DatabaseAway.

    While a node with another configuration runs, only what nobody has is added: who starts last is not right by that. Return whether nothing
    was put off for that reason.
    """
    with database.reading() as connection:
        others = [node for node in nodes_of_other_policies(connection, policy.digest, now) if not _has_ended(node)]
    diff = sync_directory(database, people_of(policy), accounts_of(policy), now, only_new=bool(others))
    for refusal in diff.refusals[:MOST_TOLD]:
        log.warning("directory.conflict", row=refusal.place, reason=refusal.reason, do="take it out of one of the two")
    if diff.put_off:
        do = "give all nodes the same files; it is tried again every hour, and when a node starts or reads its files anew"
        log.warning("directory.differs", alarm=True, nodes=", ".join(others), put_off=diff.put_off, do=do)
    if diff.changes:
        log.info("directory.changed", by="configuration", **diff.counts)
    return not diff.put_off


def _has_ended(node: str) -> bool:
    """Whether a node is one of this machine that was killed, so that its sign of life says nothing any more."""
    host, _, number = node.rpartition(":")
    if host != socket.gethostname() or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def people_of(policy: Policy) -> list[ListedStaff]:
    """The staff of the configuration."""
    return [
        ListedStaff(
            canonical(member.address),
            member.name,
            member.role,
            member.queues,
            settings={
                "hours": member.hours,
                "deputy": canonical(member.deputy) if member.deputy else "",
                "zone": member.zone,
                "language": member.language,
                "signature": member.signature,
                "letters": member.letters,
            },
            addresses=tuple(canonical(further) for further in member.addresses),
        )
        for member in policy.staff
    ]


def accounts_of(policy: Policy) -> list[ListedAccount]:
    """The accounts of the configuration."""
    return [
        ListedAccount(
            account.id,
            account.plan,
            tuple(canonical(address) for address in account.addresses),
            account.domains,
            {canonical(address): name for address, name in account.addresses.items() if name},
            settings={
                "severity": account.severity,
                "calendar": account.calendar or "",
                "language": account.language,
                "zone": account.zone,
            },
        )
        for account in policy.accounts
    ]


def in_force(policy: Policy) -> InForce:
    """What a policy with the staff of the whole directory knows."""
    return InForce(
        queues=frozenset(policy.queues),
        plans=frozenset(policy.plans),
        addresses={entry.address.lower(): entry.queue for entry in policy.addresses},
        default_queue=policy.default_queue,
        default_plan=policy.default_plan,
    )
