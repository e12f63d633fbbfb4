"""The change to TLS, and logging in under it."""

import base64
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from support.servers.dialog import Client
from support.servers.smtp_door import RunningDoor, running_door

ANNA = "omar@desk.test"


def passwords(name: str, password: str) -> str | None:
    if name == "fault":
        raise RuntimeError("password=secret")
    return ANNA if (name.lower(), password) == (ANNA, "correct hörse") else None


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def files(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder: Path = tmp_path_factory.mktemp("tls")
    issued = authority.issue_cert("desk.test")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    for part in issued.cert_chain_pems:
        part.write_to_path(folder / "certificate.pem", append=True)
    return {"certificate": str(folder / "certificate.pem"), "key": str(folder / "key.pem")}


@contextmanager
def secured(door: RunningDoor, authority: trustme.CA) -> Iterator[Client]:
    """A client after STARTTLS, before EHLO."""
    with Client(door.port) as client:
        assert client.says("STARTTLS") == "220 2.0.0 ready to start TLS"
        wrap(client, authority)
        yield client


def wrap(client: Client, authority: trustme.CA) -> None:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    client.socket = context.wrap_socket(client.socket, server_hostname="desk.test")


def plain(name: str, password: str, identity: str = "") -> str:
    return base64.b64encode(f"{identity}\0{name}\0{password}".encode()).decode()


def test_a_mail_goes_under_tls(authority: trustme.CA, files: dict[str, Any]) -> None:
    with running_door(**files) as door, secured(door, authority) as client:
        greeting = client.says("EHLO client.test")
        assert "STARTTLS" not in greeting
        assert "AUTH" not in greeting
        assert client.mail(b"x" * 3_000_000 + b"\r\n").startswith("250 2.0.0")
        assert client.says("STARTTLS").startswith("503 5.5.1")
        assert client.says("AUTH PLAIN " + plain(ANNA, "correct hörse")).startswith("502 5.5.1")
        assert client.says("QUIT").startswith("221")
        assert door.mails[0].authenticated_as is None


def test_tls_is_offered_in_clear_alone_and_auth_under_tls_alone(authority: trustme.CA, files: dict[str, Any]) -> None:
    with running_door(passwords=passwords, **files) as door, Client(door.port) as client:
        greeting = client.says("EHLO client.test")
        assert "STARTTLS" in greeting
        assert "AUTH" not in greeting
        assert client.says("AUTH PLAIN " + plain(ANNA, "correct hörse")).startswith("538 5.7.11")
        assert client.says("STARTTLS now").startswith("501 5.5.4")
        assert client.says("STARTTLS").startswith("220 2.0.0")
        wrap(client, authority)
        greeting = client.says("EHLO client.test")
        assert "250-AUTH PLAIN LOGIN" in greeting.split("\r\n")
        assert "STARTTLS" not in greeting


def test_tls_forgets_what_was_said_in_clear(authority: trustme.CA, files: dict[str, Any]) -> None:
    with running_door(**files) as door, Client(door.port) as client:
        client.envelope(sender="injected@evil.test")
        assert client.says("STARTTLS").startswith("220")
        wrap(client, authority)
        assert client.says("MAIL FROM:<anna@acme.test>").startswith("503 5.5.1")
        assert client.says("EHLO client.test").startswith("250")
        assert client.says("DATA").startswith("503 5.5.1")


def test_commands_behind_starttls_in_clear_are_forgotten(authority: trustme.CA, files: dict[str, Any]) -> None:
    with running_door(**files) as door, Client(door.port) as client:
        client.send("STARTTLS\r\nEHLO evil.test\r\nMAIL FROM:<injected@evil.test>\r\nRCPT TO:<help@desk.test>\r\n")
        assert client.reply().startswith("220")
        wrap(client, authority)
        assert client.says("DATA").startswith("503 5.5.1")  # the very first reply under TLS
        assert client.says("MAIL FROM:<anna@acme.test>").startswith("503 5.5.1")
        assert client.says("EHLO client.test").startswith("250")
        assert client.mail().startswith("250")
        (mail,) = door.mails
        assert mail.envelope is not None
        assert mail.envelope.reverse_path == "anna@acme.test"


def test_clear_text_in_place_of_the_handshake_ends_the_session(files: dict[str, Any]) -> None:
    with running_door(**files) as door, Client(door.port) as client:
        assert client.says("STARTTLS").startswith("220")
        client.send("EHLO client.test\r\n" * 10)
        while True:  # a TLS alert at most, never a reply
            try:
                answer = client.socket.recv(4096)
            except ConnectionError:
                break
            if not answer:
                break
            assert b"250" not in answer
        door.settled()
        assert door.mails == []


def test_a_client_that_leaves_during_the_handshake_is_forgotten(files: dict[str, Any]) -> None:
    with running_door(max_sessions_per_peer=1, **files) as door:
        for end in (socket.SHUT_WR, socket.SHUT_RDWR):
            with Client(door.port) as client:
                assert client.says("STARTTLS").startswith("220")
                client.socket.shutdown(end)
            door.settled()


@pytest.mark.parametrize("dialogue", ["plain at once", "plain later", "login", "login with name"])
def test_a_staff_member_logs_in(dialogue: str, authority: trustme.CA, files: dict[str, Any]) -> None:
    name, password = (base64.b64encode(text.encode()).decode() for text in (ANNA, "correct hörse"))
    steps = {
        "plain at once": ["auth plain " + plain(ANNA, "correct hörse")],
        "plain later": ["AUTH PLAIN", plain(ANNA, "correct hörse", ANNA)],
        "login": ["AUTH LOGIN", name, password],
        "login with name": [f"AUTH LOGIN {name}", password],
    }[dialogue]
    with running_door(passwords=passwords, **files) as door, secured(door, authority) as client:
        assert client.says("AUTH PLAIN").startswith("503 5.5.1")
        client.says("EHLO client.test")
        for step in steps[:-1]:
            assert client.says(step).startswith("334 ")
        assert client.says(steps[-1]).startswith("235 2.7.0")
        assert client.says("AUTH LOGIN").startswith("503 5.5.1")
        assert client.mail().startswith("250")
        assert client.mail().startswith("250")
        assert [mail.authenticated_as for mail in door.mails] == [ANNA, ANNA]


@pytest.mark.parametrize(
    ("steps", "reply"),
    [
        (["AUTH PLAIN " + plain(ANNA, "wrong")], "535 5.7.8"),
        (["AUTH PLAIN " + plain(ANNA, "correct hörse", "boss@desk.test")], "535 5.7.8"),
        (["AUTH PLAIN " + plain("fault", "x")], "451 4.3.0"),
        (["AUTH PLAIN ="], "501 5.5.2"),
        (["AUTH PLAIN ???"], "501 5.5.2"),
        (["AUTH PLAIN /////w=="], "501 5.5.2"),
        (["AUTH PLAIN", "*"], "501 5.7.0"),
        (["AUTH LOGIN", "*"], "501 5.7.0"),
        (["AUTH LOGIN", "b21hcg==", "*"], "501 5.7.0"),
        (["AUTH CRAM-MD5"], "504 5.5.4"),
        (["AUTH"], "504 5.5.4"),
    ],
)
def test_a_failed_login_proves_nothing(steps: list[str], reply: str, authority: trustme.CA, files: dict[str, Any]) -> None:
    with running_door(passwords=passwords, **files) as door, secured(door, authority) as client:
        client.says("EHLO client.test")
        for step in steps[:-1]:
            assert client.says(step).startswith("334")
        assert client.says(steps[-1]).startswith(reply)
        assert client.mail().startswith("250")
        assert door.mails[0].authenticated_as is None


def test_the_third_wrong_password_ends_the_session(authority: trustme.CA, files: dict[str, Any]) -> None:
    with running_door(passwords=passwords, **files) as door, secured(door, authority) as client:
        client.says("EHLO client.test")
        for _ in range(2):
            assert client.says("AUTH PLAIN " + plain(ANNA, "guess")).startswith("535 5.7.8")
        assert client.says("AUTH PLAIN " + plain(ANNA, "guess")).startswith("421 4.7.0")


def test_nobody_logs_in_during_a_transaction(authority: trustme.CA, files: dict[str, Any]) -> None:
    with running_door(passwords=passwords, **files) as door, secured(door, authority) as client:
        client.says("EHLO client.test")
        client.envelope()
        assert client.says("AUTH PLAIN " + plain(ANNA, "correct hörse")).startswith("503 5.5.1")
        assert client.data(b"x\r\n").startswith("250")
        assert door.mails[0].authenticated_as is None


def test_a_client_that_leaves_during_login_or_data_is_forgotten(authority: trustme.CA, files: dict[str, Any]) -> None:
    settings: dict[str, Any] = {"passwords": passwords, **files}
    with running_door(**settings) as door:
        for last in ("AUTH LOGIN", "DATA"):
            with secured(door, authority) as client:
                client.says("EHLO client.test")
                if last == "DATA":
                    client.envelope()
                assert client.says(last).startswith("3")
                client.socket.close()
            door.settled()
        assert door.mails == []
