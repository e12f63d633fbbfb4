"""The HTTP API of a desk in a story, on a real socket, and a client for it."""

import asyncio
import http.client
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from support.desk.story import StoryDesk

from helpdesk.config.request_form import RequestFormSettings
from helpdesk.gateway.http.page_desk import PageDesk
from helpdesk.gateway.http.server import api_server
from helpdesk.gateway.http.service import Service
from helpdesk.gateway.node.serving import request_form_of
from helpdesk.store.api_keys import ALL, Scope, add_key
from helpdesk.store.database import HTTP, HTTP_DIRECTORY, HTTP_FORM, Database

EVERYTHING = tuple(scope.value for scope in Scope)


@dataclass(frozen=True)
class ApiAnswer:
    """What the API answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Api:
    """A platform with a key. `settles` lets the desk work before the answer to a question is looked at."""

    desk: StoryDesk
    port: int
    keys: dict[str, str] = field(default_factory=dict)

    def key(self, *accounts: str, scopes: tuple[str, ...] = EVERYTHING) -> str:
        name = f"{accounts} {scopes}"
        if name not in self.keys:
            with self.desk.database.writing() as connection:
                self.keys[name] = add_key(connection, name, scopes, accounts or (ALL,), self.desk.now, None)
        return self.keys[name]

    def asks(self, method: str, path: str, key: str | None, body: object = None, **headers: str) -> ApiAnswer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            given["Authorization"] = f"Bearer {key}"
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if content is not None:
            given.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, content, given)
            answer = connection.getresponse()
            return ApiAnswer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def gets(self, path: str, key: str, **headers: str) -> Any:
        answer = self.asks("GET", path, key, **headers)
        assert answer.status == 200, (answer.status, answer.body)
        return answer.json

    def hands_in(self, key: str, name: str, **reply: object) -> ApiAnswer:
        return self.asks("POST", "/api/v1/replies", key, reply, Idempotency_Key=name)


@contextmanager
def api_of(
    desk: StoryDesk,
    act_as: str = "",
    requests_per_minute: int = 1_000_000,
    page_desk: PageDesk | None = None,
    form: RequestFormSettings | None = None,
) -> Iterator[Api]:
    """Serve the API of a desk, with pages for customers if there is a `page_desk`, and the public
    form if there is a `form`, in a thread with an event loop of its own.
    """
    settings = desk.node.configuration.settings.database
    database = Database(settings.url, role=HTTP, act_as=act_as)
    directory = Database(settings.url, role=HTTP_DIRECTORY)
    form_side = Database(settings.url, role=HTTP_FORM, act_as=form.database_role if form else "")
    service = Service(
        database=database,
        directory=directory,
        blobs=desk.node.blobs,
        policy=lambda: desk.node.configuration.policy,
        clock=lambda: desk.now,
        requests_per_minute=requests_per_minute,
        wake=lambda: None,
        page_desk=page_desk,
        request_form=request_form_of(desk.node.configuration, form, form_side, lambda: b"k", lambda: None) if form else None,
    )
    began, stop = threading.Event(), threading.Event()
    port = 0

    async def serve() -> None:
        nonlocal port
        server = api_server("127.0.0.1:0", service)
        try:
            port = int((await server.start()).rpartition(":")[2].partition("/")[0])
            began.set()
            await asyncio.to_thread(stop.wait)
        finally:
            began.set()
            await server.stop(10)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="api")
    thread.start()
    try:
        assert began.wait(60)
        assert port
        yield Api(desk, port)
    finally:
        stop.set()
        thread.join(30)
        database.close()
        directory.close()
        form_side.close()
