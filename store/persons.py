"""Where people are in the database: for each column of each table, whether it may name somebody, what an erasure does with it, and whether
an export gives it to the person.

A test compares this table with the schema, so that a new column has to be declared here. `store.erasure` walks all tables by it, and an
erasure looks by it once more at the end. `store.person_rows` walks them for an export.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

NUMBER = "a number, a moment, a state or a switch"
KEY = "a key of this desk, or drawn at random"
DESK = "a word of this desk's configuration"
NODE = "of a node or a server of the operator"
COMPANY = "an account or a domain, which is no person"
CONTENT = "describes octets that are deleted with the row, or emptied"
# Why an export does not give a text of a person's own row.
TEAM = "names people of the team, or is their work among themselves"
OTHERS = "may name other people"
DERIVED = "follows from what is given"
GIVEN_REASONS = (NUMBER, DESK, COMPANY)  # columns without persons that an export gives as well
GIVEN_KEYS = ("reference", "ticket", "position")  # keys that a person knows, or whose order they see


@dataclass(frozen=True, slots=True)
class Cover:
    """What the columns of one table may say about people.

    In `words` (texts), `trees` (JSON) and `octets` mentions are masked or, for octets, the value is emptied. `derived` follows from other
    columns and is written anew. `free` has the columns without persons, by the reason. In a row of an erased person's own, the columns of
    `emptied` get these values; if `is_deleted`, the row goes. `owners` are columns that hold the address whose row it is.

    Where rows may be a person's own, an export gives the texts and trees of `given`, and keeps back those of `withheld`, by the reason: each is
    in one of the two. In a column of `owners`, it gives no other address than the person's.
    """

    words: str = ""
    trees: str = ""
    octets: str = ""
    derived: str = ""
    free: Mapping[str, str] = field(default_factory=dict)
    owners: tuple[str, ...] = ()
    emptied: Mapping[str, Any] = field(default_factory=dict)
    is_deleted: bool = False
    given: str = ""
    withheld: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_exported(self) -> bool:
        """Whether rows of this table may be a person's own."""
        return bool(self.given or self.withheld)

    def exported_columns(self) -> Iterator[str]:
        """Every column whose value an export gives, with the octets left out, which become files."""
        yield from self.given.split()
        for reason, names in self.free.items():
            yield from (name for name in names.split() if reason in GIVEN_REASONS or name in GIVEN_KEYS)

    def columns(self) -> Iterator[str]:
        """Every column that is declared, once for each declaration."""
        for names in (self.words, self.trees, self.octets, self.derived, *self.free.values()):
            yield from names.split()


GONE = b""
NO_DIGEST = "0" * 64
OWNED = {NUMBER: "active updated_at", KEY: "source external_id"}

COVERS: dict[str, Cover] = {
    "account": Cover(free={COMPANY: "id heir", DESK: "plan severity calendar language zone"} | OWNED),
    "account_domain": Cover(free={COMPANY: "domain account_id"} | OWNED),
    "alarm": Cover(words="name text", free={NUMBER: "kind since told_at"}),
    "api_key": Cover(
        words="name", free={KEY: "id sha256", NUMBER: "scopes created_at expires_at revoked_at", COMPANY: "accounts"}
    ),
    "api_secret": Cover(free={NUMBER: "id", KEY: "secret"}),
    "file_link_event": Cover(free={KEY: "id file_id", NUMBER: "kind at"}),
    "webhook_target": Cover(
        words="answer",
        free={NODE: "name", NUMBER: "position state state_at taken_at resting_until lease_until", KEY: "lease_token"},
    ),
    "webhook_retry": Cover(
        free={NODE: "target", KEY: "thread_key", NUMBER: "position attempts first_at next_attempt_at given_up_at"}
    ),
    "attempt": Cover(
        words="reply",
        free={NUMBER: "id at outcome code status", KEY: "outbox_id"},
        emptied={"reply": ""},
        given="reply",
    ),
    "canary": Cover(free={NUMBER: "slot sent_at returned_at", KEY: "token"}),
    "contact": Cover(
        words="address name external_id",
        free={COMPANY: "account_id", NUMBER: "active updated_at", KEY: "source"},
        owners=("address",),
        is_deleted=True,
        given="address name external_id",
    ),
    "backfill": Cover(free={KEY: "revision table_name done_to", NUMBER: "filled expected began_at moved_at"}),
    "counter": Cover(words="name", free={NUMBER: "kind value changed_at"}),
    "desk_identity": Cover(free={NUMBER: "id", KEY: "desk"}),
    "digest": Cover(words="staff", free={NUMBER: "day at", KEY: "id rows"}),
    "directory_change": Cover(
        words="key",
        trees="before",
        free={KEY: "import_id", NUMBER: "kind"},
        owners=("key",),
        is_deleted=True,
        given="key before",
    ),
    "directory_import": Cover(
        words="who file", trees="counts", free={KEY: "id source undoes", NUMBER: "at complete", CONTENT: "sha256"}
    ),
    "directory_version": Cover(free={NUMBER: "id version"}),
    "event": Cover(
        words="actor detail cause",
        free={KEY: "ticket_id number", NUMBER: "kind at from_status to_status policy"},
        owners=("actor",),
        emptied={"detail": ""},
        withheld={TEAM: "actor detail cause"},
    ),
    "heartbeat": Cover(
        words="refusal",
        free={NODE: "node host version", NUMBER: "started_at beat_at policy_since refused_at", KEY: "policy keys"},
    ),
    "hold": Cover(words="reason", free={NUMBER: "id since"}),
    "inbound": Cover(
        words="reverse_path peer helo authenticated_as message_id last_error dropped_by sender stopped_by",
        trees="forward_paths decision release origin",
        octets="content",
        free={
            KEY: "id ticket_id lease_token turn_ticket",
            NUMBER: "door received_at size whole_size state attempts lease_until finished_at transmission recent dropped_at turn_at",
            CONTENT: "sha256 fingerprint turn_thread signed_content",
            DESK: "support_address",
        },
        owners=("reverse_path", "sender"),
        emptied={
            **dict.fromkeys(("reverse_path", "peer", "helo", "sender"), ""),
            **dict.fromkeys(("message_id", "fingerprint", "last_error", "decision", "release", "origin", "stopped_by"), None),
            **dict.fromkeys(("turn_ticket", "turn_thread", "signed_content"), None),
            "content": GONE,
            "forward_paths": [],
            "sha256": NO_DIGEST,
        },
        given="reverse_path peer helo authenticated_as message_id forward_paths origin",
        withheld={TEAM: "last_error dropped_by stopped_by decision release", DERIVED: "sender"},
    ),
    "inbox_numbering": Cover(free={NUMBER: "id last"}),
    "internal_note": Cover(
        words="author text cause file_words",
        trees="attachments shapes",
        free={KEY: "id ticket_id", NUMBER: "at unasked"},
        emptied={"text": "", "file_words": "", "attachments": [], "shapes": None},
        given="text attachments",
        withheld={TEAM: "author cause", DERIVED: "file_words shapes"},
    ),
    "known_id": Cover(
        words="message_id",
        free={KEY: "ticket_id"},
        is_deleted=True,
        withheld={OTHERS: "message_id"},
    ),
    "letter_count": Cover(free={COMPANY: "domain", NUMBER: "unproved slot letters"}),
    "listed_sender": Cover(
        words="entry by reason",
        free={NUMBER: "listing since unproved_only", KEY: "ticket"},
        owners=("entry",),
        is_deleted=True,
        given="entry reason",
        withheld={TEAM: "by"},
    ),
    "login_count": Cover(
        words="account",
        free={NUMBER: "lane failures last_at free_at alarmed_at untold", NODE: "source"},
        owners=("account",),
        is_deleted=True,
        given="account",
    ),
    "login_source": Cover(
        words="account",
        free={NUMBER: "last_at", NODE: "source"},
        owners=("account",),
        is_deleted=True,
        given="account",
    ),
    "mailbox_folder": Cover(
        free={
            NODE: "mailbox folder",
            NUMBER: "validity start_uid last_uid renumbered_uid first_seen_at reconciled_at looked_at lease_until lease_token",
        }
    ),
    "mailbox_mail": Cover(
        words="reason",
        free={
            NODE: "mailbox folder",
            NUMBER: "validity uid outcome size seen_at settled_at attempts retry_at",
            KEY: "inbound_id",
            CONTENT: "sha256",
        },
        emptied={"sha256": None, "reason": ""},
        given="reason",
    ),
    "measurement": Cover(
        free={KEY: "ticket_id", DESK: "queue", NUMBER: "waiting at median_at ninetieth_at busy told answered_at took ended"}
    ),
    "message": Cover(
        words="author message_id cause subject text elided_text",
        trees="attachments shapes",
        free={KEY: "id ticket_id", NUMBER: "direction assurance at version"},
        owners=("author",),
        emptied={"message_id": None, "subject": "", "text": "", "elided_text": "", "attachments": [], "shapes": None},
        given="author message_id subject text elided_text attachments",
        withheld={TEAM: "cause", DERIVED: "shapes"},
    ),
    "operator_act": Cover(words="who subject", free={KEY: "id", NUMBER: "at kind"}),
    "outbox": Cover(
        words="recipient reverse_path message_id subject cause last_reply counted_as",
        trees="files",
        octets="words content",
        free={
            KEY: "id ticket_id participant part files_of lease_token told_in",
            NUMBER: "notice audience automatic created_at state attempts uncertain next_attempt_at lease_until delay_told_at "
            "failure_told_at unproved",
            COMPANY: "counted_domain",
        },
        owners=("recipient",),
        emptied={
            **dict.fromkeys(("reverse_path", "subject"), ""),
            **dict.fromkeys(("last_reply", "counted_as", "files", "files_of"), None),
            "words": GONE,
            "content": GONE,
        },
        given="recipient message_id subject last_reply",
        withheld={TEAM: "cause counted_as reverse_path", DERIVED: "files"},
    ),
    "participant": Cover(
        words="address name",
        free={KEY: "ticket_id number", NUMBER: "role state"},
        owners=("address",),
        emptied={"name": ""},
        given="address name",
    ),
    "page_session": Cover(
        words="contact_address",
        free={
            KEY: "code_sha256 session_sha256 key_id",
            NUMBER: "code_until language created_at expires_at ended_at",
            COMPANY: "account_id",
        },
        owners=("contact_address",),
        is_deleted=True,
        given="contact_address",
    ),
    "platform_attachment": Cover(
        words="id filename content_type",
        octets="content",
        free={
            COMPANY: "account_id",
            KEY: "reply_id words_id letter_id mail_id",
            NUMBER: "size place created_at",
            CONTENT: "sha256",
        },
        is_deleted=True,
        given="id filename content_type",
    ),
    "platform_inbox": Cover(
        words="contact_address subject body_text body_html",
        trees="attachments fields",
        free={
            COMPANY: "account_id",
            KEY: "id ticket thread_key letter_id words_id position",
            NUMBER: "direction notice status_after created_at read_at proved",
        },
        owners=("contact_address",),
        is_deleted=True,
        given="contact_address subject body_text body_html attachments fields",
    ),
    "platform_reply": Cover(
        words="contact_address client_key subject body_text body_html error",
        trees="attachments",
        free={
            COMPANY: "account_id",
            DESK: "category rating",
            KEY: "id thread_key position permission",
            NUMBER: "created_at taken_at answer",
            CONTENT: "request_sha256",
        },
        owners=("contact_address",),
        is_deleted=True,
        given="contact_address client_key subject body_text body_html error attachments",
    ),
    "platform_thread": Cover(
        words="subject",
        free={
            COMPANY: "account_id",
            KEY: "thread_key ticket",
            NUMBER: "status version created_at updated_at last_position last_at",
        },
        is_deleted=True,
        given="subject",
    ),
    "purge_total": Cover(free={NUMBER: "kind rows last_at"}),
    "related": Cover(free={KEY: "ticket_id other_id"}, is_deleted=True),
    "schema_floor": Cover(free={NUMBER: "works_from"}),
    "search_words": Cover(derived="words", free={KEY: "id"}),
    "seen_image": Cover(
        words="origin cause",
        free={CONTENT: "sha256", NUMBER: "at"},
        owners=("origin",),
        is_deleted=True,
        given="origin",
        withheld={TEAM: "cause"},
    ),
    "staff": Cover(
        words="address name deputy signature heir external_id",
        trees="addresses",
        free={
            NUMBER: "role letters away_until active updated_at language zone hours",
            DESK: "queues",
            KEY: "source",
        },
        given="address name signature external_id addresses",
        withheld={OTHERS: "deputy heir"},
    ),
    "suppression": Cover(
        words="address diagnostic",
        free={NUMBER: "reason since until", KEY: "letter_id"},
        owners=("address",),
        is_deleted=True,
        given="address diagnostic",
    ),
    "ticket": Cover(
        words="subject assignee opened_by their_reference",
        trees="permissions consultations scheduled watchers past_hands clocks fields",
        free={
            KEY: "id reference thread_key requester merged_into incident event_count files",
            NUMBER: "version status waiting_on escalation_level assurance automatic_letters resolutions created_at updated_at "
            "changed_version first_response_at snoozed_until answered_at closed_at reminders away_until rating rated_at "
            "language next_language",
            COMPANY: "account",
            DESK: "plan category severity priority queue support_address past_queues tags",
        },
        emptied={"subject": "", "their_reference": "", "permissions": [], "consultations": [], "scheduled": [], "fields": {}},
        given="subject their_reference permissions fields clocks",
        withheld={TEAM: "assignee opened_by watchers past_hands scheduled", OTHERS: "consultations"},
    ),
    "ticket_words": Cover(
        words="customer",
        trees="words",
        free={KEY: "ticket_id proposal", NUMBER: "at looked_at listed"},
        owners=("customer",),
        is_deleted=True,
        withheld={DERIVED: "customer words"},
    ),
    "timer": Cover(
        words="set_by cancelled_by", free={KEY: "ticket_id occurrence", NUMBER: "kind due_at state attempts not_before"}
    ),
    "undo_step": Cover(
        words="cause actor summary",
        trees="change",
        free={KEY: "ticket_id version", NUMBER: "at"},
        owners=("actor",),
        is_deleted=True,
        withheld={TEAM: "cause actor summary change"},
    ),
}
