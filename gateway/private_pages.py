"""What holds for every page that a browser shows: headers that keep it private, and how a form proves that it is one of ours.

A page is private: no cache keeps it, no page of another site shows it in a frame unless it is named, and it loads nothing but files of its own
server. A page of another site could send a form to this server from the browser of somebody who is signed in. So a form is taken only if it comes
from a page of this origin and has the token of its session. Each of the two checks stops such a form where the other one fails.
"""

import hashlib
import hmac
from collections.abc import Collection, Mapping, Sequence

FOR_EVER = "public, max-age=31536000, immutable"  # of files whose address changes with their content
OURS, NOBODY = "'self'", "'none'"


def private_headers(embed: Sequence[str] = (), *, has_frames: bool = False) -> dict[str, str]:
    """What a browser has to know about a private page. `embed` are the origins whose pages may show it in a frame; without any, nobody may.
    A page that has frames may show other pages of its own server in them.

    The referrer goes to our own origin alone. With `no-referrer` a browser would send `Origin: null` with our own forms.
    """
    policy = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-src {OURS if has_frames else NOBODY}; frame-ancestors {' '.join(embed) or NOBODY}"
    )
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }


def is_own_form(headers: Mapping[str, str], origins: Collection[str]) -> bool:
    """Whether a POST comes from a page of these origins, as the browser says (Fetch Metadata, or Origin where a browser knows none)."""
    site = headers.get("sec-fetch-site")
    return site == "same-origin" if site is not None else headers.get("origin") in origins


def form_token(secret: str) -> str:
    """The token in the forms of a session, made from the session's secret, which the browser alone has."""
    return hmac.new(secret.encode(), b"form", hashlib.sha256).hexdigest()


def is_token_of(secret: str, given: str) -> bool:
    """Whether a form has the token of this session. Takes the same time for each wrong one."""
    return hmac.compare_digest(form_token(secret).encode(), given.encode("utf-8", "replace"))
