"""Problems of the API as RFC 9457 writes them. Each kind has an address in the documentation, a status and a title."""

from dataclasses import dataclass
from typing import Any

from fastapi.responses import JSONResponse

TYPE = "urn:helpdesk:problem:"
MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One kind of problem."""

    name: str
    status: int
    title: str


NOT_AUTHENTICATED = ProblemKind("not-authenticated", 401, "A valid key is needed")
NOT_PERMITTED = ProblemKind("not-permitted", 403, "The key has no such scope")
NOT_FOUND = ProblemKind("not-found", 404, "There is no such thing for this key")
METHOD_NOT_ALLOWED = ProblemKind("method-not-allowed", 405, "This address knows no such method")
INVALID = ProblemKind("invalid", 422, "The request is not valid")
CURSOR_INVALID = ProblemKind("cursor-invalid", 400, "The cursor belongs to no such list")
KEY_MISSING = ProblemKind("idempotency-key-missing", 400, "A request that writes needs an Idempotency-Key")
KEY_USED = ProblemKind("idempotency-key-used", 422, "The Idempotency-Key was used with another request")
MALFORMED = ProblemKind("malformed", 400, "The request cannot be read")
CHANGED = ProblemKind("precondition-failed", 412, "It is another one by now")
NO_PRECONDITION = ProblemKind("precondition-missing", 428, "A change needs the ETag of what it changes")
CONFLICT = ProblemKind("conflict", 409, "What is there does not let this be written")
TOO_LARGE = ProblemKind("too-large", 413, "The request is too large")
TOO_MANY = ProblemKind("too-many-requests", 429, "The key has made too many requests")
FAULT = ProblemKind("fault", 500, "A fault of the gateway")
AWAY = ProblemKind("away", 503, "What this needs cannot be reached now")
KINDS = (
    NOT_AUTHENTICATED, NOT_PERMITTED, NOT_FOUND, METHOD_NOT_ALLOWED, INVALID, CURSOR_INVALID, KEY_MISSING, KEY_USED, MALFORMED, CHANGED,
    NO_PRECONDITION, CONFLICT, TOO_LARGE, TOO_MANY, FAULT, AWAY,
)  # fmt: skip
BY_STATUS = {kind.status: kind for kind in (NOT_FOUND, METHOD_NOT_ALLOWED, MALFORMED, TOO_LARGE)}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "message"],
                "properties": {"pointer": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


class ApiRefusal(Exception):
    """A request that is answered with a problem."""

    def __init__(self, kind: ProblemKind, detail: str = "", **headers: str) -> None:
        super().__init__(kind.name)
        self.kind, self.detail = kind, detail
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def problem(kind: ProblemKind, detail: str = "", *, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    """The answer for a problem. Nothing of the gateway's inside is in it."""
    content = {"type": TYPE + kind.name, "title": kind.title, "status": kind.status}
    content |= {"detail": detail} if detail else {}
    return JSONResponse(content | more, kind.status, headers, MEDIA_TYPE)
