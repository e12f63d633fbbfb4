"""What a platform sees of the questions whether support may change its customers' data: the question, until when, and the answer.

Who asked, how the answer is proved and the rest of the ticket are not part of it; the side of customers can read no other column of a ticket
(`store.customer_side`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, select

from helpdesk.store.asides import permissions_from_json
from helpdesk.store.platform_views import Accounts, ThreadView, find_thread
from helpdesk.store.schema import ticket
from helpdesk.threading.model.permission import Permission, PermissionAnswer

PermissionState = Literal["open", "yes", "no", "expired"]
STATES: Mapping[PermissionAnswer, PermissionState] = {
    PermissionAnswer.OPEN: "open",
    PermissionAnswer.YES: "yes",
    PermissionAnswer.NO: "no",
    PermissionAnswer.EXPIRED: "expired",
}


@dataclass(frozen=True, slots=True)
class PermissionView:
    """A question of a conversation. `contact` is whose answer counts. `state` is open, yes, no or expired.

    `contradicted_at` is when they later said the opposite: then there is no permission.
    """

    thread: ThreadView
    number: int
    contact: str
    question: str
    state: PermissionState
    asked_at: datetime
    until: datetime
    answered_at: datetime | None
    contradicted_at: datetime | None


def list_permissions(connection: Connection, accounts: Accounts, thread: str) -> list[PermissionView] | None:
    """Return the questions of a conversation, oldest first; None for a conversation that these accounts do not see."""
    view = find_thread(connection, accounts, thread)
    if view is None:
        return None
    rows = connection.execute(select(ticket.c.permissions).where(ticket.c.thread_key == view.key)).scalars()
    return [_view(view, permission) for row in rows for permission in permissions_from_json(row)]


def find_permission(connection: Connection, accounts: Accounts, thread: str, number: int) -> PermissionView | None:
    """Return the question of this number."""
    views = list_permissions(connection, accounts, thread) or []
    return next((view for view in views if view.number == number), None)


def _view(thread: ThreadView, permission: Permission) -> PermissionView:
    return PermissionView(
        thread=thread,
        number=permission.number,
        contact=permission.asked_of,
        question=permission.text,
        state=STATES[permission.answer],
        asked_at=permission.asked_at,
        until=permission.until,
        answered_at=permission.answered_at,
        contradicted_at=permission.contradicted_at,
    )
