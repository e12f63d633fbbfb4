"""Posts events to webhooks, one after another, and records what became of each."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from helpdesk.config.settings import WebhookSettings
from helpdesk.gateway.counts import counts
from helpdesk.gateway.observe import Log
from helpdesk.gateway.terminal import fault_in_one_line
from helpdesk.gateway.web import post
from helpdesk.gateway.webhooks.payload import event_body, event_id
from helpdesk.gateway.webhooks.reach import permits_of
from helpdesk.gateway.webhooks.schedule import WebhookAnswer, judge
from helpdesk.gateway.webhooks.signing import UnusableSecret, read_secrets, signature_fields
from helpdesk.store.database import Database
from helpdesk.store.identifiers import ClaimTokens
from helpdesk.store.webhooks import (
    EventEnd,
    EventOutcome,
    WebhookClaim,
    WebhookEvent,
    WebhookState,
    begin_webhook,
    claim_webhook,
    next_event,
    release_webhook,
    settle_event,
)

LIMIT = 15.0  # seconds for an answer
LEASE = timedelta(minutes=2)  # longer than an attempt may take, with the look-up of the name
LONGEST_TURN = 30.0  # seconds, after which another node may go on
HEADERS = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "helpdesk-gateway"}

log = Log("helpdesk.webhooks")


@dataclass(slots=True)
class Ringer:
    """Tells webhooks of what is new. May be used from several threads, one for each webhook."""

    database: Database
    tokens: ClaimTokens
    clock: Callable[[], datetime]
    stopping: Callable[[], bool] = lambda: False
    chance: Callable[[], float] = field(default_factory=lambda: random.SystemRandom().random)

    def take_turn(self, target: WebhookSettings) -> int:
        """Post what is due to a webhook and return how many attempts were made. Raises DatabaseAway.

        Nothing is done where another process posts to it. No transaction is open while the network is used.
        """
        try:
            secrets = read_secrets(Path(target.secret_file))
        except UnusableSecret as fault:
            log.warning("webhook.secret_unusable", webhook=target.name, reason=str(fault))
            return 0
        begin_webhook(self.database, target.name, self.clock())
        token = self.tokens.new()
        claim = claim_webhook(self.database, target.name, target.accounts, self.clock(), lease=LEASE, token=token)
        if claim is None:
            return 0
        try:
            return self._work(target, secrets, claim)
        finally:
            release_webhook(self.database, claim)

    def _work(self, target: WebhookSettings, secrets: tuple[bytes, ...], claim: WebhookClaim) -> int:
        attempts, end = 0, time.monotonic() + LONGEST_TURN
        while not self.stopping() and time.monotonic() < end:
            event = next_event(self.database, claim, target.accounts, self.clock())
            if event is None:
                break
            outcome = EventOutcome(EventEnd.BEHIND)
            if not event.is_behind:
                outcome = self._try(target, secrets, event)
                attempts += 1
            is_ours = settle_event(self.database, claim, event, outcome, self.clock(), LEASE)
            if not is_ours or outcome.resting_until is not None or outcome.state is not WebhookState.ON:
                break
        return attempts

    def _try(self, target: WebhookSettings, secrets: tuple[bytes, ...], event: WebhookEvent) -> EventOutcome:
        body = event_body(event, words=bool(target.include))
        answer = post_signed(target.url, secrets, event_id(event), self.clock(), body)
        now = self.clock()
        verdict = judge(answer, event.attempts + 1, event.took_meanwhile, now, self.chance)
        counts.add("webhook_attempts_total", verdict.end.value)
        if verdict.end is not EventEnd.TAKEN:
            said = log.error if verdict.state is not WebhookState.ON or verdict.end is EventEnd.GIVEN_UP else log.warning
            said(
                "webhook.not_taken", webhook=target.name, position=event.position, attempt=event.attempts + 1, reason=str(answer)
            )
        return EventOutcome(
            verdict.end,
            next_attempt_at=now + verdict.wait,
            resting_until=now + verdict.rest if verdict.rest is not None else None,
            state=verdict.state,
            answer="" if answer.is_taken else str(answer),
        )


def post_signed(url: str, secrets: tuple[bytes, ...], event: str, now: datetime, body: bytes) -> WebhookAnswer:
    """Post some octets with a signature of this moment. Never raises for what the network or the receiver does."""
    target = urlsplit(url)
    headers = HEADERS | signature_fields(secrets, event, now, body)
    try:
        status, retry_after = post(target, body, headers, LIMIT, permits_of(target.hostname or ""))
    except (OSError, HTTPException, ValueError) as fault:
        return WebhookAnswer(None, reason=fault_in_one_line(fault) or type(fault).__name__)
    return WebhookAnswer(status, retry_after)
