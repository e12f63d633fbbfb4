"""The public form on which anybody creates a support request."""

from typing import Literal

from helpdesk.config.section import Field, Section
from helpdesk.config.values import RoleName

PATH = "/request"


class RequestFormSettings(Section):
    """The public form for support requests, also for people without an account: at /request of [http] address. Without this section there is none.

    Letters name it where [desk] request_page names no other page. A request is a mail to the first support address, and its author is
    unproved until they answer the confirmation. The limits are counted in memory, on each node.
    """

    per_address: int = Field(default=5, ge=1, description="Most requests for one mail address in an hour.")
    per_network: int = Field(
        default=20,
        ge=1,
        description="Most requests from one IPv4 address, or one IPv6 network of 64 bits, in an hour. [http] proxies says whose word on it counts.",
    )
    per_hour: int = Field(
        default=300,
        ge=1,
        description="Most requests in an hour from everybody together. Beyond, the form names the support address.",
    )
    files: int = Field(
        default=10 * 1024 * 1024,
        ge=0,
        le=15 * 1024 * 1024,
        description="Most octets of the files of one request together; with 0 it takes no files.",
    )
    database_role: Literal[""] | RoleName = Field(
        default="",
        description="Role of PostgreSQL with which the form stores a request; it has no right to read words of anybody. "
        '"" stands for the login of [database] url. SQLite needs none.',
        examples=["helpdesk_http_form"],
    )
