"""OAuth 2.0 access tokens for mail servers that take no password (RFC 6749), and their form in SASL (RFC 7628)."""

import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from helpdesk.config.settings import OAuth
from helpdesk.gateway.observe import Log
from helpdesk.gateway.web import request

LONGEST_LIFE = 24 * 3600.0
DEFAULT_LIFE = 300.0  # seconds for which a token is kept where the answer does not say when it expires
LONGEST_MARGIN = 60.0  # a token is not used any more in so many seconds before it expires
PRINTABLE = re.compile(r"[\x21-\x7e]+")

# RFC 6749 §5.2 and additions of OpenID providers: a person has to correct these, waiting does not help.
REFUSALS = frozenset(
    (
        "invalid_request invalid_client invalid_grant unauthorized_client unsupported_grant_type invalid_scope "
        "access_denied interaction_required consent_required login_required"
    ).split()
)

log = Log("helpdesk.oauth")


class TokenRefused(Exception):
    """The token endpoint refuses a token, and would refuse it again. The text is one line for the operator."""


class TokenUnavailable(Exception):
    """There is no token now: the endpoint is away, slow, or answers nonsense. A later attempt may succeed. The text is one
    line.
    """


class AccessTokens:
    """The access token of one login, fetched when it is needed and kept until shortly before it expires.

    May be used from any thread; callers that come while a token is fetched wait for that one. Secrets are read from their
    files each time, so a new secret needs no restart. A refresh token that the server replaces is written back to its file.
    One exchange takes at most `timeout` seconds. `monotonic` is a clock in seconds.
    """

    def __init__(self, settings: OAuth, *, timeout: float = 30.0, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._timeout = timeout
        self._monotonic = monotonic
        self._lock = Lock()
        self._token = ""
        self._until = 0.0
        self._unwritten = ""  # a new refresh token that its file could not take yet

    def current(self) -> str:
        """A token that should be good, fetched where there is none. Raise TokenRefused or TokenUnavailable."""
        with self._lock:
            if not self._token or self._monotonic() >= self._until:
                self._fetch()
            return self._token

    def renew(self, rejected: str = "") -> str:
        """A new token, because a server refused `rejected`. If that one has been replaced already, the present token is
        returned.

        Without `rejected` a new token is always fetched. Raise TokenRefused or TokenUnavailable.
        """
        with self._lock:
            if not rejected or rejected == self._token or self._monotonic() >= self._until:
                self._token = ""
                self._fetch()
            return self._token

    def _fetch(self) -> None:
        asked_at = self._monotonic()
        answer = self._answer()
        token, kind = answer.get("access_token"), answer.get("token_type", "Bearer")
        if not isinstance(token, str) or not PRINTABLE.fullmatch(token) or str(kind).lower() != "bearer":
            raise TokenUnavailable(f"{self._settings.token_endpoint} answered without a bearer token")
        self._token = token
        life = lifetime(answer.get("expires_in"))
        self._until = asked_at + life - min(LONGEST_MARGIN, life / 10)
        replaced = answer.get("refresh_token")
        if self._settings.grant == "refresh_token" and isinstance(replaced, str) and PRINTABLE.fullmatch(replaced):
            self._unwritten = replaced
        self._write_back()

    def _answer(self) -> dict[str, Any]:
        """Ask the token endpoint. If a refresh token is refused that was replaced in its file meanwhile, ask once more with
        the new one.
        """
        form = self._form()
        try:
            return request_token(self._settings.token_endpoint, form, self._timeout)
        except TokenRefused:
            again = self._form()
            if again == form:
                raise
            return request_token(self._settings.token_endpoint, again, self._timeout)

    def _form(self) -> dict[str, str]:
        settings = self._settings
        fields = {
            "grant_type": settings.grant,
            "client_id": settings.client_id,
            "client_secret": secret_of(settings.client_secret_file),
            "scope": settings.scope,
        }
        if settings.grant == "refresh_token":
            fields["refresh_token"] = self._unwritten or secret_of(settings.refresh_token_file)
        return {name: value for name, value in fields.items() if value}

    def _write_back(self) -> None:
        if not self._unwritten:
            return
        file = Path(self._settings.refresh_token_file)
        try:
            if secret_of(str(file)) != self._unwritten:
                replace_secret(file, self._unwritten)
        except (OSError, TokenRefused) as fault:
            # The new token stays in memory; writing it is tried again after the next answer.
            log.warning("refresh_token.not_kept", file=str(file), reason=str(fault))
            return
        self._unwritten = ""


def xoauth2(user: str, token: str) -> bytes:
    """The initial response of XOAUTH2, before base64. Raises ValueError for a user name with control characters."""
    return f"user={_clean(user)}\1auth=Bearer {token}\1\1".encode()


def oauthbearer(user: str, host: str, port: int, token: str) -> bytes:
    """The initial response of OAUTHBEARER before base64 (RFC 7628 §3.1), with the user as a saslname (RFC 5801 §4)."""
    name = _clean(user).replace("=", "=3D").replace(",", "=2C")
    return f"n,a={name},\1host={host}\1port={port}\1auth=Bearer {token}\1\1".encode()


# The response to an error challenge, before base64: it ends the exchange, and then the server refuses (RFC 7628 §3.2.3).
AFTER_CHALLENGE: Mapping[str, bytes] = {"XOAUTH2": b"", "OAUTHBEARER": b"\1"}


def challenge_status(challenge: bytes) -> str:
    """The status in an error challenge after base64, such as 401 or invalid_token (RFC 7628 §3.2.2); "" where there is none."""
    with suppress(ValueError, RecursionError):
        said = json.loads(challenge.decode("utf-8", "replace"))
        status = said.get("status") if isinstance(said, dict) else None
        return status if isinstance(status, str) and PRINTABLE.fullmatch(status) else ""
    return ""


def request_token(endpoint: str, form: Mapping[str, str], timeout: float) -> dict[str, Any]:
    """Send one request to a token endpoint (RFC 6749 §4.4.2, §6). Raise TokenRefused or TokenUnavailable.

    Redirects are not followed, because they would carry the secret elsewhere.
    """
    try:
        status, body = _post(urlsplit(endpoint), urlencode(form).encode(), timeout)
    except (OSError, HTTPException) as fault:
        raise TokenUnavailable(f"no answer from {endpoint} ({_reason(fault)})") from fault
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise TokenUnavailable(f"{endpoint} answered {status} without a JSON object")
    if status == 200 and "error" not in answer:
        return answer
    error, more = _printable(answer.get("error")), _printable(answer.get("error_description"))
    sentence = f"{endpoint} answered {status} {error}{': ' if more else ''}{more}".rstrip()
    raise (TokenRefused if status < 500 and error in REFUSALS else TokenUnavailable)(sentence)


def lifetime(expires_in: object) -> float:
    """The life of a token in seconds, from `expires_in`: a number, or a number in quotes, as some servers write it."""
    if isinstance(expires_in, str) and expires_in.isascii() and expires_in.isdigit() and len(expires_in) < 12:
        expires_in = int(expires_in)
    if isinstance(expires_in, bool) or not isinstance(expires_in, int | float) or not 0 <= expires_in < float("inf"):
        return DEFAULT_LIFE
    return min(float(expires_in), LONGEST_LIFE)


def secret_of(file: str) -> str:
    """The first line of a file; "" where no file is named. Raise TokenRefused where it cannot be read."""
    if not file:
        return ""
    try:
        lines = Path(file).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise TokenRefused(f"cannot read {file} ({_reason(fault)})") from fault
    if not lines or not lines[0].strip():
        raise TokenRefused(f"the first line of {file} is empty; write the secret there")
    return lines[0].strip()


def replace_secret(file: Path, secret: str) -> None:
    """Replace the content of a file as a whole; only its owner can read the file. Raise OSError."""
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # mode 0600
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(secret + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _post(url: SplitResult, body: bytes, timeout: float) -> tuple[int, bytes]:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return request(url, "POST", body, headers, timeout)


def _clean(user: str) -> str:
    if not user.isprintable():
        raise ValueError("the user name has a control character, so it cannot be used to log in")
    return user


def _printable(said: object) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in said[:300]) if isinstance(said, str) else ""


def _reason(fault: Exception) -> str:
    return getattr(fault, "strerror", None) or str(fault) or type(fault).__name__
