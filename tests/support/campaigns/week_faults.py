"""Defects that can be built into a desk, each of which the ledger of a week must notice."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from helpdesk.gateway.delivery.maildir import MaildirRelay, file_name
from helpdesk.gateway.delivery.reply import RelayReply
from helpdesk.templates.catalogue import Speech
from helpdesk.threading.decisions.staff import staff
from helpdesk.threading.decisions.time import digest
from helpdesk.threading.lifecycle import team
from helpdesk.threading.model.people import StaffMember

STAFF = "@desk.example"
Patch = pytest.MonkeyPatch


def words_beside_a_hand_over_are_public(patch: Patch) -> None:
    patch.setattr(staff, "hands_over", lambda *_: False)


def an_answer_leaves_twice(patch: Patch) -> None:
    send = MaildirRelay.send

    async def send_twice(self: MaildirRelay, reverse_path: str, recipient: str, content: bytes, **options: Any) -> RelayReply:
        reply = await send(self, reverse_path, recipient, content, **options)
        if not recipient.endswith(STAFF) and b"Auto-Submitted" not in content:
            (self._folder / "new" / f"again-{file_name(recipient, content)}").write_bytes(content)
        return reply

    patch.setattr(MaildirRelay, "send", send_twice)


def an_answer_is_dropped(patch: Patch) -> None:
    send = MaildirRelay.send

    async def drop(self: MaildirRelay, reverse_path: str, recipient: str, content: bytes, **options: Any) -> RelayReply:
        if not recipient.endswith(STAFF) and b"Auto-Submitted" not in content:
            return RelayReply(250, "kept nowhere")
        return await send(self, reverse_path, recipient, content, **options)

    patch.setattr(MaildirRelay, "send", drop)


def a_digest_omits_its_first_request(patch: Patch) -> None:
    requests_to_list: Callable[..., Any] = digest._requests_to_list
    patch.setattr(digest, "_requests_to_list", lambda *found: requests_to_list(*found)[1:])


def a_letter_names_a_time_an_hour_late(patch: Patch) -> None:
    moment = Speech.short_moment
    late = timedelta(hours=1)
    patch.setattr(Speech, "short_moment", lambda self, at, now=None: moment(self, at + late, now))


def nobody_stands_in_for_who_is_away(patch: Patch) -> None:
    def is_there(member: StaffMember, now: datetime) -> bool:
        return False

    patch.setattr(team, "is_away", is_there)


FAULTS: dict[str, Callable[[Patch], None]] = {
    fault.__name__.replace("_", " "): fault
    for fault in (
        words_beside_a_hand_over_are_public,
        an_answer_leaves_twice,
        an_answer_is_dropped,
        a_digest_omits_its_first_request,
        a_letter_names_a_time_an_hour_late,
        nobody_stands_in_for_who_is_away,
    )
}
