"""What was found about a mail's author stands with the mail, and nothing that comes later takes it away."""

import pytest
from sqlalchemy import update
from support.desk.outcomes import LEASE, NOW, blob_store, stored_and_claimed

from helpdesk.store.blobs import BlobStore
from helpdesk.store.cause import Outcome
from helpdesk.store.database import Database
from helpdesk.store.inbound import find_inbound
from helpdesk.store.mail_claims import MailCause, claim_mail
from helpdesk.store.quarantine import replay
from helpdesk.store.record import record_all
from helpdesk.store.schema import inbound
from helpdesk.threading.lifecycle.decision import Decision, Grounds
from helpdesk.threading.model.assurance import Assurance
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.origin import Alignment, Origin, Result, Seal, SenderPolicy, Signature

ORIGIN = Origin(
    "anna@acme.example",
    Alignment(Result.PASS, "acme.example", "reject"),
    SenderPolicy(Result.SOFTFAIL, "acme.example", True, "…"),
    (Signature(Result.PASS, "acme.example", "s1", "rsa-sha256", True, True), Signature(Result.PERMERROR, "", "", "", False)),
    Seal(Result.NEUTRAL, "lists.example"),
)


@pytest.fixture
def blobs(tmp_path_factory: pytest.TempPathFactory) -> BlobStore:
    return blob_store(tmp_path_factory.mktemp("blobs"))


def discarded(inbound_id: int, lease_token: int, origin: Origin | None) -> Outcome:
    cause = MailCause(inbound_id, lease_token, None, None, origin=origin)
    return Outcome(cause, Decision(Disposition.DISCARDED, "…", Grounds(Assurance.UNVERIFIED)), (), NOW, "a")


def test_it_comes_back_as_it_was_and_stays(database: Database, blobs: BlobStore) -> None:
    (mail,) = stored_and_claimed(database, blobs)
    assert mail.raw.origin is None
    assert not record_all(database, [discarded(mail.id, mail.lease_token, ORIGIN)])
    with database.reading() as connection:
        assert find_inbound(connection, str(mail.id))[0].origin == ORIGIN
    assert replay(database, mail.id)
    (again,) = claim_mail(database, blobs, NOW, limit=1, lease=LEASE, max_bytes=1 << 20)
    assert again.raw.origin == ORIGIN
    assert not record_all(database, [discarded(again.id, again.lease_token, None)])
    with database.reading() as connection:
        assert find_inbound(connection, str(mail.id))[0].origin == ORIGIN


def test_what_another_version_wrote_is_as_if_there_were_none(database: Database, blobs: BlobStore) -> None:
    (mail,) = stored_and_claimed(database, blobs)
    for stored in ({}, {"author": "x"}, {"author": "x", "dmarc": {"result": "new", "domain": ""}, "spf": None}, [1]):
        with database.writing() as connection:
            connection.execute(update(inbound).where(inbound.c.id == mail.id).values(origin=stored))
        with database.reading() as connection:
            assert find_inbound(connection, str(mail.id))[0].origin is None
