"""The forms of the API's requests and answers. Every id is a string with the prefix of its kind, because JavaScript rounds large numbers."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer

from helpdesk.gateway.http.problems import NOT_FOUND, ApiRefusal
from helpdesk.store.permission_views import PermissionState, PermissionView
from helpdesk.store.platform_views import MessageView, ReplyView, ThreadView, UploadView

MOST_FILES = 100
LONGEST_TEXT = 500_000  # characters
LARGEST_NUMBER = 2**63 - 1
THREAD = re.compile(r"thr_([0-9a-zA-Z]{1,32})")
MESSAGE = re.compile(r"msg_([0-9]{1,19})")
REPLY = re.compile(r"rep_([0-9]{1,19})")


def _storable(value: str) -> str:
    """Refuse what a database or an answer cannot hold. Both pass a JSON reader."""
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("NUL and lone surrogates are not text")
    return value


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


Text = Annotated[str, AfterValidator(_storable)]
Moment = Annotated[datetime, PlainSerializer(_moment, return_type=str, when_used="json")]


class ApiForm(BaseModel):
    """What all forms share: a field that is not known is an error."""

    model_config = ConfigDict(extra="forbid")


class FileForm(ApiForm):
    """A file of a message. `id` is null where the gateway has no content to offer."""

    id: str | None
    filename: str
    content_type: str
    size: int
    sha256: str
    inline: bool
    href: str | None = Field(description="Where the octets are, from the root of this server.")


class MessageForm(ApiForm):
    """A message of a customer, or a letter to them."""

    id: str
    position: str
    thread: str
    ticket: str
    account: str
    contact: str
    direction: Literal["customer", "support"]
    notice: str | None = Field(description="The reason for a letter; null for the customer's own words.")
    subject: str
    text: str
    html: str
    attachments: list[FileForm]
    fields: dict[str, str] = Field(description="Values such as an order number, by the names of their fields.")
    status_after: str
    proved: bool = Field(description="False for mail of a contact that nothing proves. Mark such messages.")
    created_at: Moment
    read_at: Moment | None


class ThreadForm(ApiForm):
    """A conversation as it is now."""

    id: str
    ticket: str
    account: str
    subject: str
    status: str
    unread: int = Field(description="How many messages of support nobody has read yet.")
    created_at: Moment
    last_at: Moment
    last_position: str


class EventForm(ApiForm):
    """Something that happened, without words: ask for the message or the reply if you want them."""

    type: Literal["message.created", "reply.taken", "reply.refused"]
    position: str
    message: str | None = Field(description="The message that is new; null where a reply was taken or refused.")
    reply: str | None = Field(description="The reply that the desk has taken or refused; null where a message is new.")
    thread: str | None = Field(description="The conversation; null for a reply that was a new request.")
    account: str
    direction: Literal["customer", "support"]
    at: Moment


class ReplyForm(ApiForm):
    """What became of a reply."""

    id: str
    state: Literal["waiting", "taken", "refused"]
    problem: str | None = Field(description="Why the reply was refused.")
    thread: str | None
    account: str
    contact: str
    created_at: Moment
    taken_at: Moment | None


class PermissionForm(ApiForm):
    """A question whether support may change the customer's data. The answer of `contact` alone counts, until `until`."""

    id: str
    thread: str
    ticket: str
    account: str
    contact: str
    question: str
    state: PermissionState
    asked_at: Moment
    until: Moment
    answered_at: Moment | None
    contradicted_at: Moment | None = Field(description="When they later said the opposite: then there is no permission.")


class PermissionsForm(ApiForm):
    """The questions of a conversation."""

    data: list[PermissionForm]


class NewAnswerForm(ApiForm):
    """A customer's answer to a question for permission."""

    contact: Text = Field(max_length=320, description="Mail address of the customer who answers.")
    answer: Literal["yes", "no"]
    text: Text = Field(
        default="",
        max_length=LONGEST_TEXT,
        description="Their words beside it, if any. A yes counts alone, or with thanks: words that may be a condition make it none.",
    )


class MessagesForm(ApiForm):
    """A page of messages. `next` is the cursor for those after them: keep it, also where it is the last page."""

    data: list[MessageForm]
    next: str | None


class ThreadsForm(ApiForm):
    """A page of conversations, the newest first. `next` is null at the end."""

    data: list[ThreadForm]
    next: str | None


class EventsForm(ApiForm):
    """A page of the feed. `next` is the cursor for what comes after: keep it, also where nothing is new."""

    data: list[EventForm]
    next: str | None


class NewReplyForm(ApiForm):
    """A reply in a conversation, or a new request."""

    account: Text = Field(min_length=1, max_length=200)
    contact: Text = Field(default="", max_length=320, description="Mail address of the customer who writes.")
    thread: Text | None = Field(default=None, max_length=40, description="The conversation; null for a new request.")
    subject: Text = Field(default="", max_length=1000)
    category: Text = Field(
        default="",
        max_length=200,
        description="What a new request is about, as the desk's configuration names it; empty where the desk shall tell by its words.",
    )
    rating: Literal["good", "okay", "bad"] | None = Field(
        default=None, description="How the request of the conversation went. It changes nothing else, and needs no text."
    )
    attachments: list[Text] = Field(default=[], max_length=MOST_FILES, description="Ids of uploaded files, each for one reply.")
    text: Text = Field(default="", max_length=LONGEST_TEXT)
    html: Text = Field(
        default="",
        max_length=LONGEST_TEXT,
        description="The same words with their shape. Where it has words, they are the message.",
    )


class UploadForm(ApiForm):
    """A file that waits for the reply that names it, for a day."""

    id: str
    account: str
    filename: str
    content_type: str
    size: int
    sha256: str


class ReadMarkForm(ApiForm):
    """Up to which message a conversation has been read."""

    up_to: Text = Field(max_length=40, description="The id of the last message that was shown.")


class NewSessionForm(ApiForm):
    """A customer who has signed in to the platform and wants to see their inbox."""

    account: Text = Field(min_length=1, max_length=200)
    contact: Text = Field(max_length=320, description="Mail address of the customer.")
    language: Text = Field(
        default="",
        max_length=35,
        pattern="^[A-Za-z0-9-]*$",
        description='Language of the page, such as "de"; without one the browser says it.',
    )
    thread: Text | None = Field(default=None, max_length=40, description="The conversation to open; null for the list.")


class SessionForm(ApiForm):
    """An address that signs a customer in. Whoever has it is that customer: give it to their browser alone."""

    address: str
    expires_at: Moment


def thread_key(text: str) -> str:
    """Raises ApiRefusal."""
    found = THREAD.fullmatch(text)
    if found is None:
        raise ApiRefusal(NOT_FOUND)
    return found[1]


def number_of(text: str, kind: re.Pattern[str]) -> int:
    """Raises ApiRefusal."""
    found = kind.fullmatch(text)
    if found is None or int(found[1]) > LARGEST_NUMBER:
        raise ApiRefusal(NOT_FOUND)
    return int(found[1])


def message_form(view: MessageView) -> MessageForm:
    return MessageForm(
        id=f"msg_{view.id}",
        position=str(view.position),
        thread=f"thr_{view.thread}",
        ticket=view.ticket,
        account=view.account,
        contact=view.contact,
        direction="customer" if view.direction == "customer" else "support",
        notice=view.notice,
        subject=view.subject,
        text=view.text,
        html=view.html,
        attachments=[_file_form(entry) for entry in view.files],
        fields={**view.fields},
        status_after=view.status_after,
        proved=view.proved,
        created_at=view.created_at,
        read_at=view.read_at,
    )


def _file_form(entry: dict[str, Any]) -> FileForm:
    key = str(entry["id"]) if entry.get("id") else None
    return FileForm(
        id=key,
        filename=str(entry.get("filename") or "attachment"),
        content_type=str(entry.get("content_type") or "application/octet-stream"),
        size=int(entry.get("size") or 0),
        sha256=str(entry.get("sha256") or ""),
        inline=bool(entry.get("inline")),
        href=f"/api/v1/attachments/{quote(key, safe='')}" if key else None,
    )


def thread_form(view: ThreadView) -> ThreadForm:
    return ThreadForm(
        id=f"thr_{view.key}",
        ticket=view.ticket,
        account=view.account,
        subject=view.subject,
        status=view.status,
        unread=view.unread,
        created_at=view.created_at,
        last_at=view.last_at,
        last_position=str(view.last_position),
    )


def permission_form(view: PermissionView) -> PermissionForm:
    return PermissionForm(
        id=f"prm_{view.thread.key}_{view.number}",
        thread=f"thr_{view.thread.key}",
        ticket=view.thread.ticket,
        account=view.thread.account,
        contact=view.contact,
        question=view.question,
        state=view.state,
        asked_at=view.asked_at,
        until=view.until,
        answered_at=view.answered_at,
        contradicted_at=view.contradicted_at,
    )


def event_form(view: MessageView | ReplyView) -> EventForm:
    """The event of a message or of a reply's end."""
    if isinstance(view, ReplyView):
        return EventForm(
            type="reply.refused" if view.error is not None else "reply.taken",
            position=str(view.position),
            message=None,
            reply=f"rep_{view.id}",
            thread=f"thr_{view.thread}" if view.thread else None,
            account=view.account,
            direction="customer",
            at=view.taken_at or view.created_at,
        )
    return EventForm(
        type="message.created",
        position=str(view.position),
        message=f"msg_{view.id}",
        reply=None,
        thread=f"thr_{view.thread}",
        account=view.account,
        direction="customer" if view.direction == "customer" else "support",
        at=view.created_at,
    )


def upload_form(view: UploadView) -> UploadForm:
    return UploadForm(
        id=view.id,
        account=view.account,
        filename=view.filename,
        content_type=view.content_type,
        size=view.size,
        sha256=view.sha256,
    )


def reply_form(view: ReplyView) -> ReplyForm:
    return ReplyForm(
        id=f"rep_{view.id}",
        state="refused" if view.error is not None else "taken" if view.taken_at is not None else "waiting",
        problem=view.error,
        thread=f"thr_{view.thread}" if view.thread else None,
        account=view.account,
        contact=view.contact,
        created_at=view.created_at,
        taken_at=view.taken_at,
    )
