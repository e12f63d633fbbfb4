"""The gauges that are read from the database at a scrape."""

from datetime import datetime

from helpdesk.config.settings import Settings
from helpdesk.gateway.counts import Labels
from helpdesk.gateway.monitor.signs import MAILBOX_STALE
from helpdesk.gateway.monitor.table import METRICS
from helpdesk.store.watched import DeskFigures
from helpdesk.store.webhooks import WebhookState


def gauges_of(figures: DeskFigures, settings: Settings) -> dict[tuple[str, Labels], float]:
    """The gauges that are read from the database."""
    condition, now = figures.condition, figures.condition.at

    def age(since: datetime | None) -> float:
        return max((now - since).total_seconds(), 0.0) if since else 0.0

    gauges: dict[tuple[str, Labels], float] = {
        ("inbound_pending", ()): condition.mails.count,
        ("inbound_oldest_pending_seconds", ()): age(condition.mails.oldest),
        ("outbox_oldest_due_seconds", ()): age(condition.letters.oldest),
        ("outbox_held", ()): float(bool(condition.held_reason)),
        ("timers_oldest_due_seconds", ()): age(condition.timers.oldest),
        ("quarantined_messages", ()): condition.quarantined,
        ("held_messages", ()): figures.held,
        ("suppressions", ()): figures.suppressions,
        ("canary_last_return_timestamp_seconds", ()): _timestamp(figures.canary.last_return_at),
        ("canary_seconds", ()): figures.canary.took.total_seconds() if figures.canary.took else 0.0,
        ("alarms_open", ()): len(figures.alarms),
    }
    states = next(metric.labels["state"] for metric in METRICS if metric.name == "outbox_letters")
    gauges |= {("outbox_letters", (state,)): figures.letters.get(state, 0) for state in states}
    known = {(folder.mailbox, folder.folder): folder for folder in figures.folders}
    for mailbox in settings.mailboxes:
        for name in mailbox.folders:
            labels = (mailbox.name, name)
            folder = known.get(labels)
            looked_at = folder.looked_at if folder else None
            gauges["mailbox_last_success_timestamp_seconds", labels] = _timestamp(looked_at)
            gauges["mailbox_up", labels] = float(looked_at is not None and now - looked_at <= MAILBOX_STALE)
            gauges["mailbox_unfetched_messages", labels] = folder.unfetched if folder else 0
    told = {webhook.name: webhook for webhook in figures.webhooks}
    for target in settings.webhook:
        webhook = told.get(target.name)
        gauges["webhook_up", (target.name,)] = float(webhook is None or webhook.state is WebhookState.ON)
        gauges["webhook_waiting_events", (target.name,)] = webhook.waiting if webhook else 0
        gauges["webhook_given_up_events", (target.name,)] = webhook.given_up if webhook else 0
    return gauges


def _timestamp(at: datetime | None) -> float:
    return at.timestamp() if at else 0.0
