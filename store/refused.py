"""Finds the refused mail of a staff member that they correct in answer to the letter about it."""

from sqlalchemy import Connection, select

from helpdesk.store.blobs import BlobDamaged, BlobStore
from helpdesk.store.cause import number_of_mail
from helpdesk.store.inbound import raw_mail
from helpdesk.store.people import first_address_of
from helpdesk.store.schema import inbound, outbox
from helpdesk.threading.model.mail import Disposition, RawMessage
from helpdesk.threading.model.notice import Notice

MOST_RECEIPTS = 10  # newest receipts among which the letter about a refused mail is looked for


def refused_mail(
    connection: Connection, blobs: BlobStore, author: str, ticket: int, letter: int | None
) -> tuple[int, RawMessage] | None:
    """Return the refused mail about which this author had that letter, with its inbound id; None if there is none.

    Mail programs that leave out what they answer name no letter: then it is the newest such letter about the ticket.
    """
    about = outbox.c.ticket_id == ticket if letter is None else outbox.c.id == letter
    reader = first_address_of(connection, author)
    had = select(outbox.c.cause).where(about, outbox.c.notice == Notice.RECEIPT, outbox.c.recipient == reader)
    causes = connection.execute(had.order_by(outbox.c.id.desc()).limit(MOST_RECEIPTS)).scalars()
    numbers = [number for cause in causes if (number := number_of_mail(cause)) is not None]
    is_refused = (inbound.c.id.in_(numbers), inbound.c.state == Disposition.REFUSED)
    refused = set(connection.execute(select(inbound.c.id).where(*is_refused)).scalars())
    number = next((number for number in numbers if number in refused), None)
    if number is None:
        return None
    try:
        raw = raw_mail(connection, blobs, number)
    except (OSError, BlobDamaged):
        return None
    return None if raw is None else (number, raw)
