"""Doors beside the MX port: submission, TLS from the first octet, balancers, and every address of the machine."""

import asyncio
import smtplib
import socket
import ssl
import struct
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
import trustme
from click.testing import CliRunner
from support.desk.story import configured
from support.servers.peers import PATIENCE
from support.servers.smtp_door import RunningDoor, running_door

from helpdesk.config.load import ConfigurationProblems, load
from helpdesk.gateway.cli.deliver import deliver_command
from helpdesk.gateway.doors.proxy_header import SIGNATURE, BadHeader, client_of_line, read_header

CONTENT = b"From: omar@desk.test\r\nSubject: x\r\n\r\nHello\r\n"
LOOPBACK = "127.0.0.0/8"
V1 = b"PROXY TCP4 192.0.2.7 198.51.100.1 5555 25\r\n"
V2 = (
    SIGNATURE
    + b"\x21\x11"
    + struct.pack("!H", 15)
    + bytes([192, 0, 2, 7, 198, 51, 100, 1])
    + b"\x15\xb3\x00\x19"
    + b"\x04\x00\x00"
)
V2_IPV6 = (
    SIGNATURE + b"\x21\x21" + struct.pack("!H", 36) + socket.inet_pton(socket.AF_INET6, "2001:db8::7") * 2 + b"\x15\xb3\x00\x19"
)
V2_LOCAL = SIGNATURE + b"\x20\x00" + struct.pack("!H", 0)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def certificate(authority: trustme.CA, tmp_path: Path) -> dict[str, Any]:
    """The keys of a configuration that name a certificate for 127.0.0.1."""
    own = authority.issue_cert("127.0.0.1", "localhost")
    (tmp_path / "certificate").write_bytes(own.private_key_and_cert_chain_pem.bytes())
    return {"certificate": str(tmp_path / "certificate")}


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def prove(name: str, password: str) -> str | None:
    return name if password == "secret" else None


def raw(door: RunningDoor, first: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", door.port), PATIENCE)
    connection.sendall(first)
    return connection


def mail_over(connection: socket.socket) -> None:
    """One mail by hand, over a connection whose greeting has not come yet."""
    client = smtplib.SMTP(timeout=PATIENCE)
    client.sock, client.file = connection, connection.makefile("rb")
    assert client.getreply()[0] == 220
    client.sendmail("anna@acme.example", ["help@desk.test"], CONTENT)
    client.quit()


def test_a_submission_door_takes_mail_after_a_login_alone(certificate: dict[str, Any], trusting: ssl.SSLContext) -> None:
    with running_door(passwords=prove, submission=True, **certificate) as door:
        with smtplib.SMTP("127.0.0.1", door.port, timeout=PATIENCE) as client:
            client.ehlo("omar.desk.test")
            assert client.mail("omar@desk.test") == (530, b"5.7.0 authentication required")
            client.starttls(context=trusting)
            client.ehlo("omar.desk.test")
            assert client.mail("omar@desk.test")[0] == 530
            client.login("omar@desk.test", "secret")
            client.sendmail("omar@desk.test", ["help@desk.test"], CONTENT)
        [mail] = door.mails
        assert mail.authenticated_as == "omar@desk.test" and mail.transmission == "ESMTPSA"


def test_tls_may_begin_with_the_first_octet(certificate: dict[str, Any], trusting: ssl.SSLContext) -> None:
    with running_door(passwords=prove, submission=True, tls="implicit", **certificate) as door:
        with smtplib.SMTP_SSL("127.0.0.1", door.port, timeout=PATIENCE, context=trusting) as client:
            client.ehlo("omar.desk.test")
            assert "starttls" not in client.esmtp_features and "auth" in client.esmtp_features
            client.login("omar@desk.test", "secret")
            client.sendmail("omar@desk.test", ["help@desk.test"], CONTENT)
        assert [mail.transmission for mail in door.mails] == ["ESMTPSA"]


def test_whoever_speaks_in_clear_to_a_tls_door_holds_up_nobody(certificate: dict[str, Any], trusting: ssl.SSLContext) -> None:
    with running_door(tls="implicit", **certificate) as door, closing(raw(door, b"EHLO x\r\n")) as clear:
        assert not clear.recv(100).startswith(b"220")
        with smtplib.SMTP_SSL("127.0.0.1", door.port, timeout=PATIENCE, context=trusting) as client:
            assert client.noop()[0] == 250


@pytest.mark.parametrize(
    ("header", "peer"),
    [
        (V1, "192.0.2.7"),
        (b"PROXY TCP6 2001:db8::7 2001:db8::1 5555 25\r\n", "2001:db8::7"),
        (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
        (V2, "192.0.2.7"),
        (V2_IPV6, "2001:db8::7"),
        (V2_LOCAL, "127.0.0.1"),
    ],
    ids=["v1", "v1 IPv6", "v1 unknown", "v2 with extension", "v2 IPv6", "v2 check"],
)
def test_a_balancer_names_the_client(header: bytes, peer: str) -> None:
    with running_door(proxy_from=[LOOPBACK]) as door, closing(raw(door, header)) as connection:
        mail_over(connection)
        assert [mail.peer for mail in door.mails] == [peer]


def test_tls_may_follow_the_header_in_one_segment(certificate: dict[str, Any], trusting: ssl.SSLContext) -> None:
    with running_door(proxy_from=[LOOPBACK], tls="implicit", **certificate) as door:
        coming, going = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = trusting.wrap_bio(coming, going, server_hostname="127.0.0.1")
        with pytest.raises(ssl.SSLWantReadError):
            session.do_handshake()
        with closing(raw(door, V2 + going.read())) as connection:
            while True:
                coming.write(connection.recv(65536))
                try:
                    session.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    connection.sendall(going.read())
            connection.sendall(going.read())
            greeting = b""
            while not greeting:
                try:
                    greeting = session.read(100)
                except ssl.SSLWantReadError:
                    coming.write(connection.recv(65536))
            assert greeting.startswith(b"220")
            assert [client.peer for client in door.clients()] == ["192.0.2.7"]


@pytest.mark.parametrize(
    "first",
    [
        b"EHLO mail.example\r\n",
        b"PROXY TCP4 192.0.2.7\r\n",
        b"PROXY TCP4 2001:db8::7 ::1 1 2\r\n",
        b"PROXY TCP4 999.0.2.7 198.51.100.1 1 2\r\n",
        b"PROXY " + b"x" * 500,
        SIGNATURE + b"\x2f\x11\x00\x0c" + bytes(12),
        SIGNATURE + b"\x21\x11\xff\xff",
        SIGNATURE + b"\x21\x11\x00\x04" + bytes(4),
        b"\r\n\r\n\x00\rwrong",
    ],
)
def test_a_balancer_without_its_header_is_not_served(first: bytes) -> None:
    """Else strangers could pass for the balancer's own address."""
    with running_door(proxy_from=[LOOPBACK]) as door, closing(raw(door, first)) as connection:
        connection.settimeout(PATIENCE)
        with suppress(ConnectionResetError):
            assert connection.recv(100) == b""
        assert door.clients() == []


def test_a_stranger_is_asked_for_no_header_and_cannot_bring_one() -> None:
    with running_door(proxy_from=["198.51.100.0/24"]) as door:
        with closing(socket.create_connection(("127.0.0.1", door.port), PATIENCE)) as plain:
            mail_over(plain)
        assert [mail.peer for mail in door.mails] == ["127.0.0.1"]
        with closing(raw(door, V1 + b"QUIT\r\n")) as connection, connection.makefile("rb") as said:
            replies = [line[:3] for line in said]  # the header comes before the greeting, or is a command that nobody knows
        assert replies in ([b"554"], [b"220", b"500", b"221"])


@pytest.mark.parametrize("listen", ["*:0", "[::]:0", ":0"])
def test_every_address_means_both_families(listen: str) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    with running_door(listen=listen) as door:
        for host in ("127.0.0.1", "::1"):
            with smtplib.SMTP(host, door.port, timeout=PATIENCE) as client:
                client.sendmail("anna@acme.example", ["help@desk.test"], CONTENT)
        assert [mail.peer for mail in door.mails] == ["127.0.0.1", "::1"]


@pytest.mark.parametrize("cut", range(len(V2)))
def test_a_header_that_ends_too_soon_is_none(cut: int) -> None:
    async def read() -> str:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            theirs.sendall(V2[:cut])
            theirs.shutdown(socket.SHUT_WR)
            return await read_header(asyncio.get_running_loop(), ours)

    with pytest.raises(BadHeader):
        asyncio.run(read())


@pytest.mark.parametrize(
    "line", [b"", b"TCP4", b"TCP4 a b c d", b"UDP4 192.0.2.7 198.51.100.1 1 2", b"TCP4  192.0.2.7 198.51.100.1 1 2"]
)
def test_a_line_without_an_address_names_nobody(line: bytes) -> None:
    with pytest.raises(BadHeader):
        client_of_line(line)


# ---- the configuration


def with_doors(tmp_path: Path, written: str) -> Path:
    config = configured(tmp_path)
    lines = config.read_text().splitlines()
    begin = lines.index("[smtp]")
    end = next((number for number in range(begin + 1, len(lines)) if lines[number].startswith("[")), len(lines))
    config.write_text("\n".join([*lines[:begin], written, *lines[end:], ""]))
    return config


def test_any_number_of_listeners_may_stand_in_the_file(tmp_path: Path) -> None:
    config = with_doors(tmp_path, '[[smtp]]\nlisten = "127.0.0.1:2525"\n[[smtp]]\nlisten = ":2587"\nmax_size = 70000000')
    settings = load(config, {}).settings
    assert [door.listen for door in settings.smtp_doors] == ["127.0.0.1:2525", "*:2587"]
    assert settings.smtp is settings.smtp_doors[0] and settings.largest_mail == 70_000_000


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ('[[smtp]]\nlisten = "127.0.0.1:25"\n[[smtp]]\nlisten = "127.0.0.1:25"', "smtp[1].listen: another"),
        ('[[smtp]]\nlisten = "127.0.0.1:25"\n[[smtp]]\nlisten = "nowhere"', "smtp[1].listen: write host and port"),
        ("[smtp]\nsubmission = true", "smtp: submission and implicit TLS need a certificate"),
        ('[smtp]\ntls = "implicit"', "smtp: submission and implicit TLS need a certificate"),
        ('[smtp]\nproxy_from = ["10.0.0.1/8"]', "smtp.proxy_from[0]"),
    ],
)
def test_a_listener_that_cannot_be_is_told_with_its_place(tmp_path: Path, written: str, fault: str) -> None:
    with pytest.raises(ConfigurationProblems) as caught:
        load(with_doors(tmp_path, written), {})
    assert fault in str(caught.value)


def test_options_behind_the_recipients_are_told_and_the_mail_is_kept(tmp_path: Path) -> None:
    config = configured(tmp_path)
    words = ["--from", "a@b.example", "--", "help@support.example.com", "--config", str(config)]
    ended = CliRunner().invoke(deliver_command, words, input=CONTENT, env={"HELPDESK_CONFIG": str(config)})
    assert ended.exit_code == 75 and "--config: stands behind" in ended.output
