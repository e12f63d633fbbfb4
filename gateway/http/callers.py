"""What the routes share: the caller's key with its scope, parameters of lists, and the problems that the document names."""

from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request

from helpdesk.gateway.http.problems import KEY_MISSING, MEDIA_TYPE, ApiRefusal
from helpdesk.gateway.http.service import Service
from helpdesk.store.api_keys import ApiKey, Scope

MOST = 100  # entries of a page
Account = Annotated[str | None, Query(max_length=200, description="Only this account.")]
After = Annotated[str | None, Query(max_length=2000, description="Cursor: `next` of an earlier page.")]
Limit = Annotated[int, Query(ge=1, le=MOST, description="Most entries of the page.")]
RequestName = Annotated[str | None, Header(max_length=300)]


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer, for the document."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": "A problem (RFC 9457)", "content": content} for status in (*statuses, 401, 403, 429, 503)}


def needs(scope: Scope) -> Any:
    """The dependency that gives a route the key of its caller."""

    def caller(request: Request, authorization: Annotated[str | None, Header(include_in_schema=False)] = None) -> ApiKey:
        service: Service = request.app.state.service
        return service.caller(authorization, scope)

    return Depends(caller)


def service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Desk = Annotated[Service, Depends(service_of)]
Reader = Annotated[ApiKey, needs(Scope.INBOX_READ)]
Writer = Annotated[ApiKey, needs(Scope.INBOX_WRITE)]
Follower = Annotated[ApiKey, needs(Scope.EVENTS_READ)]
SessionOpener = Annotated[ApiKey, needs(Scope.SESSIONS_OPEN)]
DirectoryReader = Annotated[ApiKey, needs(Scope.DIRECTORY_READ)]
DirectoryWriter = Annotated[ApiKey, needs(Scope.DIRECTORY_WRITE)]


def name_of_request(given: str | None) -> str:
    """The Idempotency-Key of a request. Raises ApiRefusal."""
    name = (given or "").strip().strip('"')  # the draft wants a quoted string, and everybody sends it bare
    if not name:
        raise ApiRefusal(KEY_MISSING, "send an Idempotency-Key: a new one for each request, the same one when you repeat it")
    return name
