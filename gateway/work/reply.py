"""The kind of cause for replies that customers write in the platform. Recording locks the row, so that one node takes the reply."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from helpdesk.gateway.work.item import MailFiles, WorkItem
from helpdesk.gateway.work.kind import BATCH, DueKind, in_words, log
from helpdesk.store.account_heirs import heirs_of_accounts
from helpdesk.store.database import DatabaseAway
from helpdesk.store.platform import PlatformCause, PlatformReply, refuse_reply, waiting_replies
from helpdesk.store.platform_files import MOST_OCTETS, UnusableFiles, files_of_replies, files_of_reply
from helpdesk.templates.catalogue import Speech
from helpdesk.threading.decisions.arrival import arrival_of
from helpdesk.threading.decisions.decide import decide_platform
from helpdesk.threading.lifecycle.context import Context
from helpdesk.threading.lifecycle.decision import Decision
from helpdesk.threading.matching.gather import question_of
from helpdesk.threading.matching.incoming import Incoming
from helpdesk.threading.matching.known import Question
from helpdesk.threading.matching.match import match_ticket
from helpdesk.threading.matching.platform import attached_file, incoming_reply, listed_attachment
from helpdesk.threading.model.attachment import Attachment, picture_address
from helpdesk.threading.reading.filenames import DistinctNames
from helpdesk.threading.reading.lines import Line, NamedPicture
from helpdesk.threading.reading.shaping import pictures_in, text_of

BATCH_OCTETS = 64 * 1024 * 1024  # of files of the replies that are taken together
FAULT_OF_OURS = "a fault of the gateway, which its operator finds in the log; set error to null to offer the row again"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyItem(WorkItem):
    """A reply from the platform."""

    cause: PlatformCause
    incoming: Incoming

    def question(self) -> Question:
        return question_of(self.incoming)

    def decide(self, context: Context) -> Decision:
        return decide_platform(arrival_of(self.incoming, match_ticket(self.incoming, context.known), context))


class Replies(DueKind):
    """Waiting replies. A reply that cannot be taken gets an error in its row. If the platform clears the error, it waits again."""

    name = "reply"

    def due(self) -> Sequence[ReplyItem]:
        waiting = waiting_replies(self.tools.database, self.tools.clock(), BATCH)
        for row in waiting:
            if row.defect:
                self._refuse(row.id, row.defect)
                log.warning("reply.refused", row=row.id, reason=row.defect)
        items = [self._item(row) for row in self._within_limits([row for row in waiting if not row.defect])]
        return [item for item in items if item is not None]

    def _within_limits(self, waiting: Sequence[PlatformReply]) -> list[PlatformReply]:
        """Return the first replies whose files have room in memory together; the others wait. One alone always has room."""
        if not waiting:
            return []
        with self.tools.database.reading() as connection:
            octets = files_of_replies(connection, [row.id for row in waiting])
            # The platform may write the id of an account that has another one by now.
            heirs = heirs_of_accounts(connection, {row.account_id for row in waiting})
        taken: list[PlatformReply] = []
        room = BATCH_OCTETS
        for row in waiting:
            room -= min(octets.get(row.id, 0), MOST_OCTETS)
            if taken and room < 0:
                break
            taken.append(replace(row, account_id=heirs.get(row.account_id, row.account_id)))
        return taken

    def give_up(self, item: WorkItem, fault: Exception) -> None:
        assert isinstance(item, ReplyItem)
        self._fail(item.cause.reply_id, fault)

    def _item(self, row: PlatformReply) -> ReplyItem | None:
        """Make a work item of a row. A row that cannot be read is refused, so that it does not block other causes."""
        try:
            files = files_of_reply(self.tools.database, self.tools.blobs, row.id)
            names = DistinctNames()
            attached = [attached_file(file.id, file.filename, file.content_type, file.content, names) for file in files]
            contents = {known.sha256: file.content for known, file in zip(attached, files, strict=True)}
            incoming = self._incoming(row, tuple(attached))
            return ReplyItem(cause=PlatformCause(row.id), incoming=incoming, files=MailFiles(contents))
        except UnusableFiles as fault:
            self._refuse(row.id, str(fault))
            log.warning("reply.refused", row=row.id, reason=str(fault))
            return None
        except DatabaseAway:  # no fault of the row: it waits
            raise
        except Exception as fault:
            self._fail(row.id, fault)
            return None

    def _incoming(self, row: PlatformReply, files: tuple[Attachment, ...]) -> Incoming:
        document = self._document_of(row, files)
        text = text_of(document) or row.body_text
        if row.choice is not None and not text.strip():  # the record of an answer names its words
            text = Speech(self.tools.desk.policy.default_language).say(f"page.permission.{row.choice.answer}")
        shown = pictures_in(document)
        files = tuple(replace(file, inline=True) if file.sha256 in shown else file for file in files)
        return incoming_reply(
            account=row.account_id,
            contact_address=row.contact_address,
            thread_key=row.thread_key,
            subject=row.subject,
            category=row.category,
            rating=row.rating,
            text=text,
            attachments=(*files, *(listed_attachment(attachment) for attachment in row.attachments)),
            at=row.created_at,
            support_address=self.tools.desk.policy.addresses[0].address.lower(),
            language=self._language_of(row.id, text),
            document=document,
            choice=row.choice,
        )

    def _document_of(self, row: PlatformReply, files: Sequence[Attachment]) -> tuple[Line, ...]:
        """The lines of the row's HTML with their shapes; () where it has none. Anything may stand in it, so a child reads it.

        Where the child ended on it, the row's plain text is the message.
        """
        if not row.body_html.strip():
            return ()
        pictures = {picture_address(file.sha256): NamedPicture(file.filename, file.sha256) for file in files}
        try:
            return self.tools.reader.document(row.body_html, pictures)
        except Exception as fault:
            if not row.body_text.strip():
                raise UnusableFiles("body_html: it cannot be read, and body_text is empty") from fault
            log.warning("reply.unreadable_html", row=row.id, reason=in_words(fault))
            return ()

    def _language_of(self, reply: int, text: str) -> str:
        """The language of a reply; "" where it cannot be told, which is no reason to refuse it."""
        try:
            return self.tools.reader.language(text)
        except Exception as fault:
            log.warning("reply.language_unknown", row=reply, reason=in_words(fault))
            return ""

    def _fail(self, reply_id: int, fault: Exception) -> None:
        log.warning("reply.failed", row=reply_id, reason=in_words(fault))
        self._refuse(reply_id, FAULT_OF_OURS)

    def _refuse(self, reply_id: int, error: str) -> None:
        with self.tools.database.writing() as connection:
            refuse_reply(connection, reply_id, error, self.tools.clock())
