"""What all pages for browsers share: their headers, the files that they load, and how a form proves that it is one of ours.

A page's route answers with `page_answer(page(…))`. A route for a form asks `is_own_form` and compares the form's token with
`form_token`: either alone would do against a page of somebody else's that posts here in a customer's name.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Response
from fastapi.exceptions import HTTPException
from fastapi.responses import HTMLResponse

from helpdesk.templates.pages import page_files

FOR_EVER = "public, max-age=31536000, immutable"
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
    return HTMLResponse(html, status, {**page_headers(embed), **(headers or {})})


def page_headers(embed: Sequence[str] = ()) -> dict[str, str]:
    """What a browser has to know about a private page.

    The referrer goes to our own origin alone. With `no-referrer` a browser would send `Origin: null` with our own forms.
    """
    policy = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors {' '.join(embed) or chr(39) + 'none' + chr(39)}"
    )
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }


def is_own_form(headers: Mapping[str, str], origin: str) -> bool:
    """Whether a POST comes from a page of this origin, as the browser says (Fetch Metadata, or Origin where a browser knows none)."""
    site = headers.get("sec-fetch-site")
    return site == "same-origin" if site is not None else headers.get("origin") == origin


def form_token(secret: str) -> str:
    """The token in the forms of a session, made from the session's secret, which the browser alone has."""
    return hmac.new(secret.encode(), b"form", hashlib.sha256).hexdigest()


def is_token_of(secret: str, given: str) -> bool:
    """Whether a form has the token of this session. Takes the same time for each wrong one."""
    return hmac.compare_digest(form_token(secret).encode(), given.encode("utf-8", "replace"))


def cookie(name: str, value: str, *, seconds: int, embedded: bool) -> str:
    """A `Set-Cookie` for this host alone. A browser sends it back in a frame of another site only if it is partitioned."""
    site = "SameSite=None; Partitioned" if embedded else "SameSite=Lax"
    return f"__Host-{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; {site}"
