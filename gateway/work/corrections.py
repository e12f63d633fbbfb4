"""Adds the text and the files of a refused mail to the mail that corrects it."""

from collections.abc import Iterator
from dataclasses import replace

from helpdesk.gateway.observe import Log
from helpdesk.gateway.work.item import MailFiles
from helpdesk.gateway.work.kind import Tools
from helpdesk.store.refused import refused_mail
from helpdesk.threading.matching.gather import incoming_mail
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.model.attachment import Attachment, each_once
from helpdesk.threading.reading.parsed import Reading
from helpdesk.threading.trust.tokens import Purpose

MOST_REFUSALS = 5  # refused mails in succession, each of which corrects the one before

log = Log("helpdesk.worker")


def with_refused_mails(incoming: Incoming, files: MailFiles, tools: Tools) -> tuple[Incoming, MailFiles]:
    """Return a mail that answers a refusal with the text of the first refused mail and with the files, and their octets, of all of
    them; any other mail as it is.

    Pictures in the refused text become files, because the corrected text has no place for them. Of several refused mails, each of
    which corrects the one before, only the first answered a letter about the customer's words: its text alone is for the customer.
    """
    found: list[Attachment] = []
    contents: dict[str, bytes] = {}
    refused_text = ""
    for refused, reading in _refused_mails(incoming, tools):
        sent = (file for file in reading.message.attachments if file.is_sent and file.goes_along)
        found += [replace(file, inline=False, content_id=None, kept_by=f"mail:{refused.inbound_id}") for file in sent]
        contents |= reading.contents
        answers = any(token.purpose is Purpose.REPLY for token in refused.tokens)
        refused_text = (refused.command_text or refused.text) if answers else ""
    if not found and not refused_text:
        return incoming, files
    own = {file.sha256 for file in incoming.attachments}
    corrected = tuple(file for file in each_once(found) if file.sha256 not in own)
    kept = {file.sha256: contents[file.sha256] for file in corrected if file.sha256 in contents}
    incoming = replace(incoming, corrected=corrected, refused_text=refused_text)
    return incoming, replace(files, contents={**kept, **files.contents})


def _refused_mails(incoming: Incoming, tools: Tools) -> Iterator[tuple[Incoming, Reading]]:
    """The refused mails that a mail corrects, newest first, each with what was read of it."""
    for _ in range(MOST_REFUSALS):
        token = next((token for token in incoming.tokens if token.purpose is Purpose.CORRECTION), None)
        if token is None or not incoming.identity.may_act_as_staff:
            return
        with tools.database.reading() as connection:
            found = refused_mail(connection, tools.blobs, incoming.author, token.subject, incoming.answered_letter)
        if found is None:
            return
        number, raw = found
        try:
            reading = tools.reader.read(raw.content, banners=tools.desk.policy.reading.banners)
        except Exception as fault:  # it was read before; the corrected mail must not fail for it
            log.warning("refused.unreadable", inbound=number, reason=str(fault))
            return
        incoming = incoming_mail(raw, reading.message, tools.desk.house, number)
        yield incoming, reading
