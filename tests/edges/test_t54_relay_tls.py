"""TLS to the smarthost fails closed: without it, neither password nor letter leaves this machine."""

import base64
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from support.servers.relay_stories import Tls, over_the_wire, section
from support.servers.scripted_relay import ScriptedRelay

from helpdesk.gateway.delivery.relay import LetterRelay
from helpdesk.gateway.delivery.reply import RelayReply

LETTER = b"Subject: secret plans\r\n\r\nHello\r\n"
OURS, ANNA = "bounce+x@desk.test", "anna@acme.test"
EXTENSIONS = ("SIZE 50000000", "STARTTLS", "AUTH PLAIN")
STARTTLS = "smtp+starttls://desk@localhost:{port}"
SMTPS = "smtps://desk@localhost:{port}"


class Certificates:
    """An authority of our own, its file, and a password file beside it."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.ca_file = str(folder / "ca.pem")
        self.authority.cert_pem.write_to_path(self.ca_file)
        self.password_file = str(folder / "password")
        Path(self.password_file).write_text("pässword\nsecond line\n", "utf-8")

    def server(self, *names: str, not_after: datetime | None = None, authority: trustme.CA | None = None) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        (authority or self.authority).issue_cert(*names, not_after=not_after).configure_cert(context)
        return context

    def sent(self, server: ScriptedRelay, url: str) -> RelayReply:
        async def story(relay: LetterRelay) -> RelayReply:
            return await relay.send(OURS, ANNA, LETTER)

        return over_the_wire(server, story, url=url, timeout=20, password_file=self.password_file, ca_file=self.ca_file)


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


def in_clear(server: ScriptedRelay) -> set[bytes]:
    """The verbs that an eavesdropper saw."""
    return {line.split()[0].upper() for line in bytes(server.wire).splitlines() if line.strip()}


@pytest.mark.parametrize(("url", "at_once"), [(STARTTLS, False), (SMTPS, True)])
def test_a_letter_goes_out_under_tls_after_a_login(certificates: Certificates, url: str, at_once: bool) -> None:
    server = ScriptedRelay(extensions=EXTENSIONS, tls=certificates.server("localhost"), tls_at_once=at_once)
    assert certificates.sent(server, url).code == 250
    assert server.letters[0].content == LETTER
    login = base64.b64encode("\0desk\0pässword".encode()).decode()
    assert f"AUTH PLAIN {login}" in server.lines
    if not at_once:
        assert in_clear(server) == {b"EHLO", b"STARTTLS"}


def test_starttls_that_is_stripped_ends_the_attempt(certificates: Certificates) -> None:
    server = ScriptedRelay(extensions=("AUTH PLAIN",))
    reply = certificates.sent(server, STARTTLS)
    assert reply.code is None and reply.permanent is None and not reply.uncertain
    assert server.commands == ["EHLO"]


@pytest.mark.parametrize("refusal", ["454 TLS not available", "502 what", "250 ok"])
def test_starttls_that_is_refused_ends_the_attempt(certificates: Certificates, refusal: str) -> None:
    server = ScriptedRelay({"STARTTLS": [refusal]}, extensions=EXTENSIONS, tls=certificates.server("localhost"))
    assert certificates.sent(server, STARTTLS).code is None
    assert in_clear(server) == {b"EHLO", b"STARTTLS"}


@pytest.mark.parametrize(("url", "at_once"), [(STARTTLS, False), (SMTPS, True)])
@pytest.mark.parametrize("flaw", ["wrong name", "expired", "unknown authority"])
def test_a_wrong_certificate_ends_the_attempt(certificates: Certificates, url: str, at_once: bool, flaw: str) -> None:
    contexts = {
        "wrong name": lambda: certificates.server("relay.elsewhere.test"),
        "expired": lambda: certificates.server("localhost", not_after=datetime(2020, 1, 1, tzinfo=UTC)),
        "unknown authority": lambda: certificates.server("localhost", authority=trustme.CA()),
    }
    server = ScriptedRelay(extensions=EXTENSIONS, tls=contexts[flaw](), tls_at_once=at_once)
    reply = certificates.sent(server, url)
    assert reply.code is None and reply.permanent is None and not reply.uncertain
    assert "certificate" in reply.text.lower()
    assert server.count("AUTH") == server.count("MAIL") == 0
    assert in_clear(server) <= {b"EHLO", b"STARTTLS"}


def test_words_slipped_in_before_tls_are_not_believed(certificates: Certificates) -> None:
    """What follows the 220 in clear text could promise extensions in the server's name (RFC 3207 §4.2)."""
    server = ScriptedRelay(
        {"STARTTLS": ["220 go ahead\r\n250-relay.test\r\n250 AUTH LOGIN"]},
        extensions=EXTENSIONS,
        tls=certificates.server("localhost"),
    )
    certificates.sent(server, STARTTLS)
    assert "AUTH LOGIN" not in " ".join(server.lines)
    assert in_clear(server) == {b"EHLO", b"STARTTLS"}


@pytest.mark.parametrize("answer", ["535 5.7.8 wrong password", "454 4.7.0 try later", "500 what"])
def test_a_refused_login_defers_all_letters_and_fails_none(certificates: Certificates, answer: str) -> None:
    server = ScriptedRelay({"AUTH": [answer]}, extensions=EXTENSIONS, tls=certificates.server("localhost"))
    reply = certificates.sent(server, STARTTLS)
    assert reply.code is None and reply.permanent is None and answer in reply.text
    assert server.count("MAIL") == 0


def test_a_server_that_offers_no_login_gets_no_letter(certificates: Certificates) -> None:
    server = ScriptedRelay(extensions=("STARTTLS",), tls=certificates.server("localhost"))
    assert certificates.sent(server, STARTTLS).code is None
    assert server.count("MAIL") == 0


PLAIN = "smtp://localhost:{port}"


def spoken(server: ScriptedRelay, tls: Tls, ca_file: str = "") -> RelayReply:
    """One letter to a relay without login."""

    async def story(relay: LetterRelay) -> RelayReply:
        return await relay.send(OURS, ANNA, LETTER)

    return over_the_wire(server, story, url=PLAIN, tls=tls, ca_file=ca_file)


@pytest.mark.parametrize("flaw", ["", "relay.elsewhere.test", "expired"])
def test_opportunistic_tls_hides_the_letter_whatever_the_certificate(certificates: Certificates, flaw: str) -> None:
    not_after = datetime(2020, 1, 1, tzinfo=UTC) if flaw == "expired" else None
    server = ScriptedRelay(extensions=("STARTTLS",), tls=certificates.server(flaw or "localhost", not_after=not_after))
    assert spoken(server, "opportunistic").code == 250
    assert in_clear(server) == {b"EHLO", b"STARTTLS"}


def test_opportunistic_tls_goes_on_in_clear_where_none_is_offered() -> None:
    server = ScriptedRelay(extensions=())
    assert spoken(server, "opportunistic").code == 250
    assert b"MAIL" in in_clear(server)


@pytest.mark.parametrize("tls", ["", "none"])
def test_without_tls_none_is_tried(certificates: Certificates, tls: Tls) -> None:
    server = ScriptedRelay(extensions=("STARTTLS",), tls=certificates.server("localhost"))
    assert spoken(server, tls).code == 250
    assert server.count("STARTTLS") == 0


def test_tls_can_be_required_without_a_login(certificates: Certificates) -> None:
    good = ScriptedRelay(extensions=("STARTTLS",), tls=certificates.server("localhost"))
    assert spoken(good, "required", certificates.ca_file).code == 250
    assert in_clear(good) == {b"EHLO", b"STARTTLS"}
    stripped = ScriptedRelay(extensions=())
    reply = spoken(stripped, "required", certificates.ca_file)
    assert reply.untried and "STARTTLS" in reply.text and stripped.commands == ["EHLO"]
    unknown = ScriptedRelay(extensions=("STARTTLS",), tls=certificates.server("localhost", authority=trustme.CA()))
    assert "certificate" in spoken(unknown, "required", certificates.ca_file).text.lower()
    assert in_clear(unknown) == {b"EHLO", b"STARTTLS"}


@pytest.mark.parametrize("url", ["smtp+starttls://localhost", "smtps://localhost", "maildir:out"])
@pytest.mark.parametrize("tls", ["none", "opportunistic"])
def test_a_relay_under_tls_cannot_be_weakened(url: str, tls: Tls) -> None:
    with pytest.raises(ValueError, match="goes with smtp:// alone"):
        section(url, tls=tls)
