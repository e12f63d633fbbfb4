"""The role that serves the operator's page, in a process of its own: never in that of the API, which customers reach."""

from helpdesk.gateway.node.node import Node
from helpdesk.gateway.node.roles import DRAIN_SECONDS, NodeRole
from helpdesk.gateway.operator.app import ROOT, OperatorPage
from helpdesk.gateway.operator.look import DeskLook
from helpdesk.gateway.operator.sessions import Sessions
from helpdesk.gateway.web_server import WebServer
from helpdesk.store.database import OPERATOR


class OperatorRole(NodeRole):
    """Answers operators. It holds no key of reply tokens."""

    name = "operator"
    process = OPERATOR

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        http = node.configuration.settings.http
        assert http is not None
        self._server = WebServer(http.operator_listen, page_of_node(node).application(), ROOT)

    async def start(self) -> list[str]:
        return [f"operator: {await self._server.start()}"]

    async def drain(self) -> None:
        await self._server.stop(DRAIN_SECONDS)


def page_of_node(node: Node) -> OperatorPage:
    """The operator's page of a node."""
    look = DeskLook(node.database, lambda: node.configuration, node.clock, node.bells.relay_stalled.is_set)
    sessions = Sessions(node.database, node.clock)
    return OperatorPage(node.database, look, sessions, node.clock, lambda: node.configuration.settings.desk.name)
