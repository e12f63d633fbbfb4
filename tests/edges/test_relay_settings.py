"""What may stand in `[relay]`, and what is said about the rest."""

from pathlib import Path

import pytest
from support.servers.relay_stories import section

from helpdesk.gateway.delivery.maildir import MaildirRelay
from helpdesk.gateway.delivery.relay import relay_for
from helpdesk.gateway.delivery.smarthost import smarthost
from helpdesk.gateway.delivery.smtp_relay import SmtpRelay


@pytest.fixture
def password_file(tmp_path: Path) -> str:
    file = tmp_path / "password"
    file.write_text("s3cret\n")
    return str(file)


@pytest.mark.parametrize(
    ("url", "host", "port", "user"),
    [
        ("smtp+starttls://desk@mail.test", "mail.test", 587, "desk"),
        ("smtp+starttls://desk@mail.test:2587/", "mail.test", 2587, "desk"),
        ("smtps://desk@acme.test@mail.test", "mail.test", 465, "desk@acme.test"),
        ("smtps://desk%2Fone@mail.test:4465", "mail.test", 4465, "desk/one"),
        ("smtps://desk@[::1]:465", "::1", 465, "desk"),
    ],
)
def test_a_smarthost_with_login(password_file: str, url: str, host: str, port: int, user: str) -> None:
    host_of_url = smarthost(section(url, password_file=password_file))
    assert (host_of_url.host, host_of_url.port, host_of_url.user, host_of_url.password) == (host, port, user, "s3cret")
    assert host_of_url.tls is not None and host_of_url.tls.check_hostname
    assert "s3cret" not in repr(host_of_url)


def test_a_smarthost_without_login_and_the_usual_ports() -> None:
    assert (smarthost(section("smtp://mail.test")).port, smarthost(section("smtp://mail.test")).tls) == (25, None)
    assert smarthost(section("smtps://mail.test")).user == ""


@pytest.mark.parametrize(
    ("url", "key", "file"),
    [
        ("smtp://mail.test", "ca_file", "password"),
        ("smtps://mail.test", "ca_file", "password"),
        ("smtps://mail.test", "ca_file", "absent"),
        ("smtps://desk@mail.test", "password_file", "absent"),
        ("smtps://desk@mail.test", "password_file", "empty"),
        ("smtps://desk@mail.test", "password_file", "latin"),
    ],
)
def test_a_file_that_is_of_no_use_is_named_in_one_sentence(
    password_file: str, tmp_path: Path, url: str, key: str, file: str
) -> None:
    (tmp_path / "empty").write_text("\nsecond\n")
    (tmp_path / "latin").write_bytes(b"\xff\n")
    assert Path(password_file).parent == tmp_path
    written = section(url, password_file=password_file if "@" in url else "").model_copy(update={key: str(tmp_path / file)})
    with pytest.raises(ValueError, match=r"^relay\.[a-z_]+: [^\n]+$") as problem:
        relay_for(written, "mail.desk.test")
    assert "s3cret" not in str(problem.value)


def test_a_login_in_clear_is_refused_also_when_the_section_was_never_checked(password_file: str) -> None:
    unchecked = section("smtp://mail.test").model_copy(update={"url": "smtp://desk@mail.test", "password_file": password_file})
    with pytest.raises(ValueError, match=r"^relay\.url"):
        smarthost(unchecked)


@pytest.mark.parametrize("name", ["", "two words", "a\r\nQUIT", "bücher.test", "-a", "a-", "[::1"])
def test_a_name_that_ehlo_cannot_carry(name: str) -> None:
    with pytest.raises(ValueError, match=r"^desk\.hostname"):
        relay_for(section("smtp://mail.test"), name)


@pytest.mark.parametrize(
    ("url", "form"), [("maildir:var/outgoing", MaildirRelay), ("maildir:/var/out", MaildirRelay), ("smtp://mail.test", SmtpRelay)]
)
def test_the_url_picks_the_relay(url: str, form: type) -> None:
    assert isinstance(relay_for(section(url), "[127.0.0.1]"), form)
