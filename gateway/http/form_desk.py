"""What the form needs of the desk."""

from collections.abc import Callable
from dataclasses import dataclass

from helpdesk.config.request_form import RequestFormSettings
from helpdesk.gateway.disk import DiskTrouble
from helpdesk.gateway.http.form_limits import FormLimits
from helpdesk.gateway.http.form_seal import FormSeal
from helpdesk.store.database import Database


@dataclass(frozen=True, slots=True)
class RequestForm:
    """The form of a desk. `database` can store mail and read nothing of anybody, and `domain` is that of the mails' ids.

    `trouble` says whether the disk can take mail. `proxies` are the networks whose word on a visitor's address counts.
    """

    settings: RequestFormSettings
    database: Database
    blob_threshold: int
    domain: str
    proxies: tuple[str, ...]
    seal: FormSeal
    limits: FormLimits
    trouble: Callable[[], DiskTrouble | None]
