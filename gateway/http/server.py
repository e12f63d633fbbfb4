"""The server of the HTTP API."""

from helpdesk.gateway.http.app import app_of
from helpdesk.gateway.http.service import Service
from helpdesk.gateway.web_server import WebServer


def api_server(listen: str, service: Service) -> WebServer:
    """The server of the API at `listen`, a host and a port; it does not listen yet."""
    return WebServer(listen, app_of(service), "/api/v1")
