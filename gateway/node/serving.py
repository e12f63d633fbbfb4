"""The role that serves the HTTP API, in a process of its own."""

from helpdesk.config.load import Configuration
from helpdesk.gateway.http.page_desk import PageDesk
from helpdesk.gateway.http.server import api_server
from helpdesk.gateway.http.service import Service
from helpdesk.gateway.node.node import Node
from helpdesk.gateway.node.roles import DRAIN_SECONDS, NodeRole
from helpdesk.store.database import HTTP, HTTP_DIRECTORY, Database


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
        )
        self._server = api_server(http.listen, service)

    async def start(self) -> list[str]:
        return [f"http: {await self._server.start()}"]

    async def drain(self) -> None:
        await self._server.stop(DRAIN_SECONDS)


def page_desk_of(configuration: Configuration) -> PageDesk | None:
    """What the pages for customers say of the desk; None where it has no pages."""
    http, policy = configuration.settings.http, configuration.policy
    if http is None or not http.address:
        return None
    return PageDesk(http.address, configuration.settings.desk.name, policy.calendar.zone, policy.default_language, http.embed)
