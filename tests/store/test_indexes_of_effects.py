"""Each unique key of `inbound` refuses a second effect of a mail by itself, also where no other key would."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.desk.outcomes import (
    blob_store,
    customer_message,
    events_up_to,
    mail_cause,
    new_ticket,
    opening,
    stored_and_claimed,
)

from helpdesk.store.blobs import BlobStore
from helpdesk.store.cause import Outcome
from helpdesk.store.database import Database, StaleTicket
from helpdesk.store.mail_claims import ClaimedMail
from helpdesk.store.record import record_all
from helpdesk.threading.lifecycle.decision import Contribution, Decision, Grounds
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.ticket import Ticket


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return blob_store(tmp_path)


def reply_to(one: Ticket, claimed: ClaimedMail) -> tuple[Outcome, Ticket]:
    """A reply to a ticket, and the ticket as it is after that."""
    after = replace(one, version=one.version + 1, event_count=one.event_count + 1)
    decision = Decision(
        Disposition.THREADED,
        "the token names the ticket",
        Grounds(Assurance.AUTHENTICATED),
        ticket=after,
        expected_version=one.version,
        events=events_up_to(after.event_count, 1),
        adds=Contribution(message=customer_message("It works now.")),
    )
    return Outcome(mail_cause(claimed), decision, (), claimed.raw.received_at, "node-1"), after


SAME = "c" * 64
# The key that must refuse the second of two mails: whether both open a ticket of their own, and whether they have the fingerprint or the
# signed content in common.
KEYS = {
    "inbound_one_effect": (False, "fingerprint"),
    "inbound_opens_once": (True, "fingerprint"),
    "inbound_signed_effect": (False, "signed_content"),
    "inbound_signed_opens_once": (True, "signed_content"),
}


@pytest.mark.parametrize("key", KEYS)
def test_a_copy_has_no_second_effect(database: Database, blobs: BlobStore, key: str) -> None:
    opens, common = KEYS[key]
    [first] = stored_and_claimed(database, blobs)
    one = new_ticket()
    assert record_all(database, [opening(first, one)]) == []
    second, third = stored_and_claimed(database, blobs, 2)
    for claimed, faults in ((second, []), (third, [StaleTicket])):
        outcome, after = (opening(claimed), one) if opens else reply_to(one, claimed)
        cause = mail_cause(claimed)
        cause = replace(cause, fingerprint=SAME) if common == "fingerprint" else replace(cause, signed_content=SAME)
        assert [type(entry.fault) for entry in record_all(database, [replace(outcome, cause=cause)])] == faults
        one = after
