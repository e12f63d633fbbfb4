"""What the pages of customers share: the answer with its headers, the files that it loads, and its cookies."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Response
from fastapi.exceptions import HTTPException
from fastapi.responses import HTMLResponse

from helpdesk.gateway.private_pages import FOR_EVER, private_headers
from helpdesk.templates.pages import page_files

page_assets = APIRouter()


@page_assets.get("/assets/{digest}/{name}", include_in_schema=False)
def get_page_file(digest: str, name: str) -> Response:
    """The stylesheet or the script: the same for everybody, so that caches may keep them."""
    file = page_files().get(f"/assets/{digest}/{name}")
    if file is None:
        raise HTTPException(404)
    headers = {"Cache-Control": FOR_EVER, "Cross-Origin-Resource-Policy": "same-origin"}
    return Response(file.content, 200, headers, file.media_type)


def page_answer(html: str, status: int = 200, *, embed: Sequence[str] = (), headers: Mapping[str, str] | None = None) -> Response:
    """A page with its headers. `embed` are the origins whose pages may show it in a frame; without any, nobody may."""
    return HTMLResponse(html, status, {**private_headers(embed), **(headers or {})})


def cookie(name: str, value: str, *, seconds: int, embedded: bool) -> str:
    """A `Set-Cookie` for this host alone. A browser sends it back in a frame of another site only if it is partitioned."""
    site = "SameSite=None; Partitioned" if embedded else "SameSite=Lax"
    return f"__Host-{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; {site}"
