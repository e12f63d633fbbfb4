"""Access tokens: asked for, kept, renewed; what a token endpoint may answer; how SASL carries them."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.servers.token_endpoint import CLOSE, DRIP, HANG, Answer, TokenEndpoint, refusal, token, token_endpoint

from helpdesk.config.settings import OAuth
from helpdesk.gateway.oauth import (
    AFTER_CHALLENGE,
    AccessTokens,
    TokenRefused,
    TokenUnavailable,
    challenge_status,
    lifetime,
    oauthbearer,
    xoauth2,
)


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with both secrets."""
    (tmp_path / "client-secret").write_text("s3cret\nsecond line\n")
    (tmp_path / "refresh-token").write_text("first\n")
    return tmp_path


def client(endpoint: TokenEndpoint, files: Path) -> OAuth:
    return OAuth(
        token_endpoint=endpoint.url, client_id="desk", client_secret_file=str(files / "client-secret"), scope="mail offline"
    )


def consented(endpoint: TokenEndpoint, files: Path) -> OAuth:
    return OAuth(
        token_endpoint=endpoint.url, client_id="desk", refresh_token_file=str(files / "refresh-token"), grant="refresh_token"
    )


def test_client_credentials_ask_with_the_secret_of_the_file(files: Path, clock: Clock) -> None:
    with token_endpoint(token("t1")) as endpoint:
        assert AccessTokens(client(endpoint, files), monotonic=clock).current() == "t1"
    (form,) = endpoint.forms
    assert form == {
        "grant_type": "client_credentials",
        "client_id": "desk",
        "client_secret": "s3cret",
        "scope": "mail offline",
    }


@pytest.mark.parametrize(
    ("expires_in", "good_for"), [(3600, 3540.0), ("3600", 3540.0), (100, 90.0), (None, 270.0), ("soon", 270.0), (-1, 270.0)]
)
def test_a_token_is_kept_until_shortly_before_it_expires(files: Path, clock: Clock, expires_in: object, good_for: float) -> None:
    with token_endpoint(token("t1", expires_in), token("t2")) as endpoint:
        tokens = AccessTokens(client(endpoint, files), monotonic=clock)
        start = clock.seconds
        assert tokens.current() == "t1"
        clock.seconds = start + good_for - 0.01
        assert tokens.current() == "t1"
        clock.seconds = start + good_for
        assert tokens.current() == "t2"


def test_a_rejected_token_is_renewed_once_for_all_who_complain(files: Path, clock: Clock) -> None:
    with token_endpoint(token("t1"), token("t2"), token("t3")) as endpoint:
        tokens = AccessTokens(client(endpoint, files), monotonic=clock)
        assert tokens.current() == "t1"
        assert [tokens.renew("t1"), tokens.renew("t1"), tokens.current()] == ["t2", "t2", "t2"]
        assert tokens.renew() == "t3"


def test_many_threads_share_one_request(files: Path, clock: Clock) -> None:
    with token_endpoint(token("t1"), token("t2")) as endpoint, ThreadPoolExecutor(8) as pool:
        tokens = AccessTokens(client(endpoint, files), monotonic=clock)
        assert set(pool.map(lambda _: tokens.current(), range(32))) == {"t1"}
        assert len(endpoint.forms) == 1


def test_a_replaced_refresh_token_is_written_back_for_its_owner_alone(files: Path, clock: Clock) -> None:
    (files / "refresh-token").chmod(0o644)
    with token_endpoint(token("t1", refresh_token="second"), token("t2")) as endpoint:
        tokens = AccessTokens(consented(endpoint, files), monotonic=clock)
        assert tokens.current() == "t1"
        assert (files / "refresh-token").read_text() == "second\n"
        assert (files / "refresh-token").stat().st_mode & 0o777 == 0o600
        assert tokens.renew() == "t2"
    assert [form["refresh_token"] for form in endpoint.forms] == ["first", "second"]
    assert (files / "refresh-token").read_text() == "second\n"
    assert sorted(path.name for path in files.iterdir()) == ["client-secret", "refresh-token"]


def test_a_refresh_token_that_cannot_be_written_is_used_all_the_same(
    files: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with token_endpoint(token("t1", refresh_token="second"), token("t2"), token("t3")) as endpoint:
        tokens = AccessTokens(consented(endpoint, files), monotonic=clock)
        with monkeypatch.context() as disk:
            disk.setattr("helpdesk.gateway.oauth.os.fsync", full)
            assert tokens.current() == "t1"
            assert (files / "refresh-token").read_text() == "first\n"
        assert tokens.renew() == "t2"
        assert (files / "refresh-token").read_text() == "second\n"
    assert [form["refresh_token"] for form in endpoint.forms] == ["first", "second"]
    assert sorted(path.name for path in files.iterdir()) == ["client-secret", "refresh-token"]


def test_a_refresh_token_that_another_node_replaced_meanwhile_is_taken_from_its_file(files: Path, clock: Clock) -> None:
    with token_endpoint(refusal("invalid_grant"), token("t1")) as endpoint:
        endpoint.before_answer = lambda: None if len(endpoint.forms) > 1 else write(files / "refresh-token", "second\n")
        assert AccessTokens(consented(endpoint, files), monotonic=clock).current() == "t1"
    assert [form["refresh_token"] for form in endpoint.forms] == ["first", "second"]


def write(file: Path, text: str) -> None:
    file.write_text(text)


@pytest.mark.parametrize(
    "error",
    ["invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"],
)
@pytest.mark.parametrize("status", [400, 401])
def test_a_refusal_is_permanent_and_says_why(files: Path, clock: Clock, error: str, status: int) -> None:
    with token_endpoint(refusal(error, status, error_description="secret\r\nexpired")) as endpoint:
        tokens = AccessTokens(client(endpoint, files), monotonic=clock)
        with pytest.raises(TokenRefused, match=rf"answered {status} {error}: secret  expired$") as refused:
            tokens.current()
        assert "s3cret" not in str(refused.value)
        assert len(endpoint.forms) == 1


@pytest.mark.parametrize(
    "answer",
    [
        refusal("temporarily_unavailable", 503),
        refusal("invalid_grant", 500),
        refusal("slow_down"),
        (400, {}),
        (429, {"error": {"code": 8}}),
        (200, {"error": "no"}),
        (200, {}),
        (200, []),
        (200, None),
        (200, b""),
        (200, b"<html>Sign in</html>"),
        (200, b"\xff\xfe"),
        (200, b"[" * 60000),
        (200, b" " * 70000 + b"{}"),
        (200, {"access_token": 7}),
        (200, {"access_token": ""}),
        (200, {"access_token": "two words"}),
        (200, {"access_token": "a\1auth=Bearer b"}),
        (200, {"access_token": "t", "token_type": "mac"}),
        (302, b""),
        (307, b""),
        CLOSE,
    ],
)
def test_anything_else_is_worth_another_try_and_no_redirect_is_followed(files: Path, clock: Clock, answer: Answer) -> None:
    with token_endpoint(answer, token("t1")) as endpoint:
        tokens = AccessTokens(client(endpoint, files), monotonic=clock)
        with pytest.raises(TokenUnavailable, match=r"^[^\n]+$"):
            tokens.current()
        assert len(endpoint.forms) == 1
        assert tokens.current() == "t1"


@pytest.mark.parametrize("how", [HANG, DRIP])
def test_a_slow_endpoint_is_cut_off(files: Path, clock: Clock, how: str) -> None:
    with token_endpoint(how) as endpoint, pytest.raises(TokenUnavailable):
        AccessTokens(client(endpoint, files), timeout=0.2, monotonic=clock).current()


def test_nobody_listening(files: Path, clock: Clock) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        endpoint = TokenEndpoint([], url=f"http://127.0.0.1:{taken.getsockname()[1]}/")
        with pytest.raises(TokenUnavailable, match="no answer from .*refused"):
            AccessTokens(client(endpoint, files), monotonic=clock).current()


@pytest.fixture
def unasked() -> Iterator[TokenEndpoint]:
    with token_endpoint(token("t1")) as endpoint:
        yield endpoint
        assert endpoint.forms == []


@pytest.mark.parametrize("content", [None, b"", b"\n", b"  \nx", b"\xff"])
def test_a_secret_that_cannot_be_read_is_refused_before_anything_is_asked(
    files: Path, clock: Clock, unasked: TokenEndpoint, content: bytes | None
) -> None:
    (files / "client-secret").unlink()
    if content is not None:
        (files / "client-secret").write_bytes(content)
    with pytest.raises(TokenRefused, match="client-secret"):
        AccessTokens(client(unasked, files), monotonic=clock).current()


def test_initial_responses_are_those_of_the_standards() -> None:
    # RFC 7628 §4.1, and the example of Google's documentation of XOAUTH2.
    assert oauthbearer("user@example.com", "server.example.com", 143, "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==") == (
        b"n,a=user@example.com,\1host=server.example.com\1port=143\1auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\1\1"
    )
    assert xoauth2("someuser@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg") == (
        b"user=someuser@example.com\1auth=Bearer ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg\1\1"
    )
    assert oauthbearer("a=b,c", "h", 1, "t").startswith(b"n,a=a=3Db=2Cc,\1")
    assert dict(AFTER_CHALLENGE) == {"XOAUTH2": b"", "OAUTHBEARER": b"\1"}


@pytest.mark.parametrize("user", ["a\1auth=Bearer x", "a\r\nb", "a\0"])
def test_a_user_name_cannot_add_a_field(user: str) -> None:
    with pytest.raises(ValueError, match="control character"):
        xoauth2(user, "t")
    with pytest.raises(ValueError, match="control character"):
        oauthbearer(user, "h", 1, "t")


@given(st.one_of(st.binary(), st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists).map(
    lambda value: json.dumps({"status": value}).encode())))  # fmt: skip
def test_a_challenge_never_raises_and_gives_one_word(challenge: bytes) -> None:
    status = challenge_status(challenge)
    assert status == "" or (status.isascii() and status.isprintable() and " " not in status)


def test_the_status_of_a_challenge() -> None:
    assert challenge_status(b'{"status":"invalid_token","schemes":"bearer"}') == "invalid_token"
    assert challenge_status(b'{"status":"401"}') == "401"
    assert challenge_status(b"[1]") == ""


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.none())))
def test_a_lifetime_is_always_a_sane_number(expires_in: object) -> None:
    assert 0 <= lifetime(expires_in) <= 86400
