"""Version 1 of the API only grows: what a client knows from the last release is still there, unless the changelog says otherwise."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.documentation.api_changes import losses

from helpdesk.gateway.http.app import document

ROOT = Path(__file__).parents[2]
# The document of the last release; before the first one, that of the day on which the first client could be written.
RELEASED = json.loads((ROOT / "tests" / "support" / "documentation" / "openapi_of_release.json").read_text())
INCOMPATIBLE = [line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if "**(incompatible)**" in line]


def test_nothing_is_lost_since_the_last_release() -> None:
    assert [loss for loss in losses(RELEASED, document()) if not any(f"`{loss}`" in line for line in INCOMPATIBLE)] == []


def gone_path(made: Any) -> None:
    del made["paths"]["/api/v1/threads"]


def gone_method(made: Any) -> None:
    del made["paths"]["/api/v1/attachments"]["post"]


def gone_parameter(made: Any) -> None:
    made["paths"]["/api/v1/threads"]["get"]["parameters"].pop(0)


def needed_parameter(made: Any) -> None:
    made["paths"]["/api/v1/threads"]["get"]["parameters"][0]["required"] = True


def gone_field(made: Any) -> None:
    del made["components"]["schemas"]["ThreadForm"]["properties"]["unread"]


def gone_value(made: Any) -> None:
    made["components"]["schemas"]["ReplyForm"]["properties"]["state"]["enum"].remove("waiting")


def needed_field(made: Any) -> None:
    made["components"]["schemas"]["NewReplyForm"]["required"].append("subject")


def gone_form(made: Any) -> None:
    del made["components"]["schemas"]["UploadForm"]


def more_of_all(made: Any) -> None:
    made["paths"]["/api/v1/more"] = {"get": {"responses": {}}}
    made["components"]["schemas"]["ThreadForm"]["properties"]["more"] = {"type": "string"}
    made["components"]["schemas"]["ThreadForm"]["required"].append("more")  # of an answer
    made["components"]["schemas"]["ReplyForm"]["properties"]["state"]["enum"].append("more")


CHANGES: list[tuple[Callable[[Any], None], str | None]] = [
    (gone_path, r"GET /api/v1/threads is gone"),
    (gone_method, r"POST /api/v1/attachments is gone"),
    (gone_parameter, r"GET /api/v1/threads: the parameter query \w+ is gone"),
    (needed_parameter, r"GET /api/v1/threads: the parameter query \w+ is needed"),
    (gone_field, r"ThreadForm.unread is gone"),
    (gone_value, r"ReplyForm.state: the value waiting is gone"),
    (needed_field, r"NewReplyForm.subject is needed"),
    (gone_form, r"UploadForm is gone"),
    (more_of_all, None),
]


@pytest.mark.parametrize(("change", "told"), CHANGES, ids=lambda one: getattr(one, "__name__", ""))
def test_each_loss_is_told_and_what_is_new_is_none(change: Callable[[Any], None], told: str | None) -> None:
    made = copy.deepcopy(RELEASED)
    change(made)
    found = losses(RELEASED, made)
    assert [bool(re.fullmatch(told, loss)) for loss in found] == [True] if told else found == []
