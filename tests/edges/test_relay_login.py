"""Login with an access token: OAUTHBEARER and XOAUTH2, a token that is not taken any more, and no way back to a password."""

import base64
import ssl
from pathlib import Path

import pytest
import trustme
from support.servers.relay_stories import over_the_wire
from support.servers.scripted_relay import CLOSE, ScriptedRelay
from support.servers.token_endpoint import Answer, TokenEndpoint, refusal, token, token_endpoint

from helpdesk.config.settings import OAuth
from helpdesk.gateway.delivery.relay import LetterRelay
from helpdesk.gateway.delivery.reply import RelayReply

LETTER = b"Subject: x\r\n\r\nHello\r\n"
BOTH = ("AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER",)
ACCEPTED = "235 2.7.0 accepted"
CHALLENGE = "334 " + base64.b64encode(b'{"status":"invalid_token","schemes":"bearer","scope":"mail"}').decode()
DENIED = "535 5.7.8 not accepted"


@pytest.fixture
def authority(tmp_path: Path) -> trustme.CA:
    one = trustme.CA()
    one.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    (tmp_path / "client-secret").write_text("s3cret\n")
    return one


def played(
    server: ScriptedRelay, authority: trustme.CA, folder: Path, *answers: Answer, letters: int = 1
) -> tuple[list[RelayReply], TokenEndpoint]:
    """Letters one after another to a relay that wants a token, as user desk."""
    server.tls, server.tls_at_once = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), True
    authority.issue_cert("localhost").configure_cert(server.tls)

    async def story(relay: LetterRelay) -> list[RelayReply]:
        return [await relay.send("bounce@desk.test", "anna@acme.test", LETTER) for _ in range(letters)]

    with token_endpoint(*answers) as endpoint:
        oauth = OAuth(token_endpoint=endpoint.url, client_id="desk", client_secret_file=str(folder / "client-secret"))
        replies = over_the_wire(server, story, url="smtps://desk@localhost:{port}", oauth=oauth, ca_file=str(folder / "ca.pem"))
    return replies, endpoint


def said(server: ScriptedRelay) -> list[str]:
    """AUTH commands and what followed them, in clear."""
    at = [number for number, line in enumerate(server.lines) if line.startswith("AUTH ")]
    return [f"{line.split()[1]} {base64.b64decode(line.split()[2]).decode()}" for line in (server.lines[number] for number in at)]


def test_oauthbearer_is_taken_before_xoauth2_and_the_password_mechanisms_never(authority: trustme.CA, tmp_path: Path) -> None:
    server = ScriptedRelay({"AUTH": [ACCEPTED]}, extensions=BOTH)
    (reply,), _ = played(server, authority, tmp_path, token("t1"))
    assert reply.code == 250
    assert said(server) == [f"OAUTHBEARER n,a=desk,\1host=localhost\1port={server.port}\1auth=Bearer t1\1\1"]


def test_xoauth2_where_that_is_all_there_is(authority: trustme.CA, tmp_path: Path) -> None:
    server = ScriptedRelay({"AUTH": [ACCEPTED]}, extensions=("AUTH LOGIN XOAUTH2",))
    (reply,), _ = played(server, authority, tmp_path, token("t1"))
    assert reply.code == 250 and said(server) == ["XOAUTH2 user=desk\1auth=Bearer t1\1\1"]


def test_one_token_serves_many_connections(authority: trustme.CA, tmp_path: Path) -> None:
    server = ScriptedRelay({"AUTH": [ACCEPTED], "DOT": ["421 enough"]}, extensions=BOTH)
    _, endpoint = played(server, authority, tmp_path, token("t1"), letters=3)
    assert server.connections == 3 and len(endpoint.forms) == 1


@pytest.mark.parametrize(("mechanism", "ending"), [("XOAUTH2", ""), ("OAUTHBEARER", "AQ==")])
def test_a_challenge_is_answered_and_the_token_renewed_once(
    authority: trustme.CA, tmp_path: Path, mechanism: str, ending: str
) -> None:
    server = ScriptedRelay({"AUTH": [CHALLENGE, ACCEPTED], ending: [DENIED]}, extensions=(f"AUTH {mechanism}",))
    (reply,), endpoint = played(server, authority, tmp_path, token("old"), token("new"))
    assert reply.code == 250 and len(endpoint.forms) == 2
    assert server.lines[2] == ending
    assert [line.partition("Bearer ")[2].rstrip("\1") for line in said(server)] == ["old", "new"]


def test_a_refusal_without_a_challenge_renews_too(authority: trustme.CA, tmp_path: Path) -> None:
    server = ScriptedRelay({"AUTH": [DENIED, ACCEPTED]}, extensions=BOTH)
    (reply,), endpoint = played(server, authority, tmp_path, token("old"), token("new"))
    assert reply.code == 250 and len(endpoint.forms) == 2


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ({"AUTH": [DENIED]}, "535 5.7.8 not accepted"),
        ({"AUTH": [CHALLENGE], "AQ==": [DENIED]}, "535 5.7.8 not accepted (invalid_token)"),
        ({"AUTH": ["334 not base64"], "AQ==": [DENIED]}, "535 5.7.8 not accepted"),
        ({"AUTH": [CHALLENGE], "AQ==": ["334 more"]}, "334 more"),
    ],
)
def test_a_token_that_is_never_taken_leaves_letters_untried(
    authority: trustme.CA, tmp_path: Path, script: dict[str, list[str]], expected: str
) -> None:
    server = ScriptedRelay(script, extensions=BOTH)
    (reply,), endpoint = played(server, authority, tmp_path, token("t1"), token("t2"), token("t3"))
    assert reply.untried and reply.code is None and expected in reply.text and reply.text.isprintable()
    assert len(endpoint.forms) <= 2
    assert server.count("MAIL") == 0 and {line.split()[0] for line in said(server)} == {"OAUTHBEARER"}


@pytest.mark.parametrize("answer", ["454 4.7.0 try later", CLOSE])
def test_a_passing_refusal_renews_nothing(authority: trustme.CA, tmp_path: Path, answer: str) -> None:
    server = ScriptedRelay({"AUTH": [answer]}, extensions=BOTH)
    (reply,), endpoint = played(server, authority, tmp_path, token("t1"))
    assert reply.untried and len(endpoint.forms) == 1


@pytest.mark.parametrize("answer", [refusal("invalid_client", 401), refusal("server_error", 503), (200, b"<html>")])
def test_without_a_token_nothing_is_said_to_the_relay(authority: trustme.CA, tmp_path: Path, answer: Answer) -> None:
    server = ScriptedRelay(extensions=BOTH)
    (reply,), endpoint = played(server, authority, tmp_path, answer)
    assert reply.untried and reply.text.startswith(f"no access token: {endpoint.url}")
    assert server.count("AUTH") == server.count("MAIL") == 0


def test_a_relay_that_takes_no_tokens_gets_no_password_either(authority: trustme.CA, tmp_path: Path) -> None:
    server = ScriptedRelay(extensions=("AUTH PLAIN LOGIN",))
    (reply,), endpoint = played(server, authority, tmp_path, token("t1"))
    assert reply.untried and "OAUTHBEARER" in reply.text
    assert server.count("AUTH") == 0 and endpoint.forms == []
