"""Every metric of the gateway, with the values that its labels may have. All of them are shown from the start, with 0.

No label has an address, a user, a domain, a reference or a Message-ID: each value of a label is a series for ever.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

from helpdesk.store.webhooks import EventEnd
from helpdesk.threading.model.letter_state import UNSENT_STATES, LetterState
from helpdesk.threading.model.mail import Disposition
from helpdesk.threading.model.promise import TargetKind

PREFIX = "helpdesk_"


class MetricKind(StrEnum):
    """How Prometheus treats a metric."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `name` is without `PREFIX`. `labels` has the values of each label, () where the configuration or the program gives them."""

    name: str
    kind: MetricKind
    help: str
    labels: Mapping[str, tuple[str, ...]]

    def series(self) -> Iterator[tuple[str, ...]]:
        """The label values of each series that exists from the start; none where a label has no fixed values."""
        return product(*self.labels.values())


DOOR_NAMES = ("smtp", "lmtp", "pipe", "imap", "pop3", "archive", "form")
AUDIENCES = ("customer", "staff", "unknown")
OUTCOMES = tuple(disposition.value for disposition in Disposition if disposition is not Disposition.PENDING)
PROMISES = tuple(kind.value for kind in TargetKind)
STATES = tuple(state.value for state in LetterState if state in UNSENT_STATES)
ENDS = (LetterState.SENT.value, LetterState.DEFERRED.value, LetterState.FAILED.value)
POSTED = tuple(end.value for end in EventEnd if end is not EventEnd.BEHIND)
BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)  # seconds
PROCESSES = ("door", "mailboxes", "worker", "housekeeper", "sender", "http", "monitor", "node")
C, G, H = MetricKind.COUNTER, MetricKind.GAUGE, MetricKind.HISTOGRAM
NO_LABELS: Mapping[str, tuple[str, ...]] = {}
# fmt: off
METRICS: tuple[Metric, ...] = (
    Metric("build_info", G, "Version of the program.", {"version": ()}),
    Metric("inbound_messages_total", C, "Mails that were decided, by door and by what became of them.", {"door": DOOR_NAMES, "outcome": OUTCOMES}),
    Metric("inbound_pending", G, "Mails that are stored and not decided.", NO_LABELS),
    Metric("inbound_oldest_pending_seconds", G, "Age of the oldest mail that is not decided.", NO_LABELS),
    Metric("inbound_processing_seconds", H, "Time from the acceptance of a mail to its decision.", NO_LABELS),
    Metric("smtp_sessions", G, "Connections to the SMTP and LMTP doors now.", {"door": ("smtp", "lmtp")}),
    Metric("smtp_responses_total", C, "Replies of the SMTP and LMTP doors, by the first digit of their code.", {"class": ("2xx", "3xx", "4xx", "5xx")}),
    Metric(
        "form_requests_total",
        C,
        "Requests by the public form: taken as mail, refused by its limits, sent by a program or from another site.",
        {"outcome": ("taken", "limited", "trapped", "foreign")},
    ),
    Metric("http_requests_total", C, "Answers of the HTTP API, by the first digit of their status.", {"class": ("2xx", "3xx", "4xx", "5xx")}),
    Metric("door_up", G, "Whether the door answered the last look with its greeting.", {"door": ()}),
    Metric("mailbox_up", G, "Whether the folder was read to its end in the last quarter of an hour.", {"mailbox": (), "folder": ()}),
    Metric("mailbox_last_success_timestamp_seconds", G, "When the folder was last read to its end, by any node.", {"mailbox": (), "folder": ()}),
    Metric("mailbox_unfetched_messages", G, "Mails of the folder with which something is left to do on the server.", {"mailbox": (), "folder": ()}),
    Metric("letters_total", C, "Attempts to send letters that ended, by outcome.", {"audience": AUDIENCES, "outcome": ENDS}),
    Metric("outbox_letters", G, "Letters that have not left, by state.", {"state": STATES}),
    Metric("outbox_oldest_due_seconds", G, "Time since the oldest due letter became due.", NO_LABELS),
    Metric("outbox_held", G, "Whether all letters are held.", NO_LABELS),
    Metric("delivery_seconds", H, "Time from the writing of a letter to its acceptance by the relay.", NO_LABELS),
    Metric("relay_up", G, "Whether the relay takes letters.", NO_LABELS),
    Metric("timers_oldest_due_seconds", G, "Time since the oldest due timer became due.", NO_LABELS),
    Metric("claims_expired_total", C, "Claims of mails and letters that ended because their process died.", NO_LABELS),
    Metric("quarantined_messages", G, "Mails that could not be worked on.", NO_LABELS),
    Metric("held_messages", G, "Mails that wait for the word of a staff member, up to 10,000.", NO_LABELS),
    Metric("promises_total", C, "Promised times that ended, by kind, and whether they were kept.", {"kind": PROMISES, "kept": ("yes", "no")}),
    Metric("suppressions", G, "Addresses that get no letters because of a bounce or a complaint, up to 10,000.", NO_LABELS),
    Metric("database_up", G, "Whether the database answers.", NO_LABELS),
    Metric("blob_free_bytes", G, "Free space in the folder of blobs.", NO_LABELS),
    Metric("node_policy_info", G, "Digest of the policy that this node decides by.", {"policy": ()}),
    Metric("node_last_heartbeat_timestamp_seconds", G, "When this node last wrote its sign of life into the database.", NO_LABELS),
    Metric("certificate_not_after_timestamp_seconds", G, "When the certificate of a listener ends.", {"listener": ()}),
    Metric("canary_last_return_timestamp_seconds", G, "When a test letter last came back.", NO_LABELS),
    Metric("canary_seconds", G, "How long the last test letter that came back was on its way.", NO_LABELS),
    Metric("webhook_attempts_total", C, "Attempts to post events to webhooks, by what became of the event.", {"outcome": POSTED}),
    Metric("webhook_up", G, "Whether the webhook is on: neither paused nor off.", {"webhook": ()}),
    Metric("webhook_waiting_events", G, "Events that wait for another attempt, or behind one that does.", {"webhook": ()}),
    Metric("webhook_given_up_events", G, "Events that the webhook has not taken at the last attempt.", {"webhook": ()}),
    Metric("alarms_open", G, "Alarms that are not over, on any node.", NO_LABELS),
    Metric("errors_total", C, "Errors in the log, by process.", {"where": PROCESSES}),
    Metric("log_suppressed_total", C, "Repetitions of the same trouble that the log does not show.", NO_LABELS),
    Metric("scrape_errors_total", C, "Looks at the database for these figures that failed.", NO_LABELS),
)
# fmt: on
BY_NAME = {metric.name: metric for metric in METRICS}
# Gauges that are read from the database, and so are absent while it is away.
FROM_DATABASE = frozenset(
    "inbound_pending inbound_oldest_pending_seconds outbox_letters outbox_oldest_due_seconds outbox_held timers_oldest_due_seconds "
    "quarantined_messages held_messages suppressions mailbox_up mailbox_last_success_timestamp_seconds mailbox_unfetched_messages "
    "canary_last_return_timestamp_seconds canary_seconds alarms_open webhook_up webhook_waiting_events webhook_given_up_events".split()
)
