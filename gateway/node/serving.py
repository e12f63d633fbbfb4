"""The role that serves the HTTP API, in a process of its own."""

from collections.abc import Callable
from functools import partial

from helpdesk.config.load import Configuration
from helpdesk.config.request_form import RequestFormSettings
from helpdesk.gateway.disk import DiskTrouble, disk_of
from helpdesk.gateway.http.form_desk import RequestForm
from helpdesk.gateway.http.form_limits import FormLimits
from helpdesk.gateway.http.form_seal import FormSeal
from helpdesk.gateway.http.page_desk import PageDesk
from helpdesk.gateway.http.server import api_server
from helpdesk.gateway.http.service import Service
from helpdesk.gateway.node.node import Node
from helpdesk.gateway.node.roles import DRAIN_SECONDS, NodeRole
from helpdesk.store.api_keys import cursor_secret
from helpdesk.store.database import HTTP, HTTP_DIRECTORY, HTTP_FORM, Database


class HttpRole(NodeRole):
    """Answers the platform. It holds no key of reply tokens, and its database refuses to read internal notes."""

    name = "http"
    process = HTTP

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        http, database = node.configuration.settings.http, node.configuration.settings.database
        assert http is not None
        # A connection of its own also where the node is one process: what customers reach may read less than the rest.
        conversations, directory = (
            node.closing(Database(database.url, role=role, statement_timeout=database.statement_timeout, act_as=act_as))
            for role, act_as in ((HTTP, http.database_role), (HTTP_DIRECTORY, http.directory_role))
        )
        service = Service(
            database=conversations,
            directory=directory,
            blobs=node.blobs,
            policy=lambda: node.configuration.policy,
            clock=node.clock,
            requests_per_minute=http.requests_per_minute,
            wake=node.bells.mails.ring,
            page_desk=page_desk_of(node.configuration),
            request_form=self._request_form(conversations),
        )
        self._server = api_server(http.listen, service)

    def _request_form(self, conversations: Database) -> RequestForm | None:
        """The public form; None where the desk has none."""
        node, settings = self.node, self.node.configuration.settings
        if settings.request_form is None or settings.http is None or not settings.has_request_form:
            return None
        role = settings.request_form.database_role
        database = node.closing(
            Database(settings.database.url, role=HTTP_FORM, statement_timeout=settings.database.statement_timeout, act_as=role)
        )
        trouble = disk_of(settings.database, database).trouble
        return request_form_of(node.configuration, settings.request_form, database, partial(_secret_in, conversations), trouble)

    async def start(self) -> list[str]:
        return [f"http: {await self._server.start()}"]

    async def drain(self) -> None:
        await self._server.stop(DRAIN_SECONDS)


def request_form_of(
    configuration: Configuration,
    form: RequestFormSettings,
    database: Database,
    secret: Callable[[], bytes],
    trouble: Callable[[], DiskTrouble | None],
) -> RequestForm:
    """The public form of a desk."""
    settings, http = configuration.settings, configuration.settings.http
    return RequestForm(
        form,
        database,
        settings.database.blob_threshold,
        settings.desk.domain,
        http.proxies if http else (),
        FormSeal(secret),
        FormLimits(form.per_address, form.per_network, form.per_hour),
        trouble,
    )


def _secret_in(database: Database) -> bytes:
    """The secret of what this server signs. The workers make it when they begin. Raises DatabaseAway before that."""
    with database.reading() as connection:
        return cursor_secret(connection)


def page_desk_of(configuration: Configuration) -> PageDesk | None:
    """What the pages for customers say of the desk; None where it has no pages."""
    http, policy = configuration.settings.http, configuration.policy
    if http is None or not http.address:
        return None
    return PageDesk(http.address, configuration.settings.desk.name, policy.calendar.zone, policy.default_language, http.embed)
