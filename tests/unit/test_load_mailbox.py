"""What may be written about a mailbox, and what is said about the rest."""

from pathlib import Path

import pytest

from helpdesk.config.load import ConfigurationProblems, load
from helpdesk.config.settings import MailboxSettings
from helpdesk.gateway.doors.mailbox.address import ServerAddress, server_of
from helpdesk.gateway.doors.mailbox.login import Login, Password

DESK = """
[desk]
name = "Desk"
domain = "support.example.com"
[[address]]
address = "help@support.example.com"
[[staff]]
name = "Omar"
address = "omar@desk.example"
[relay]
url = "smtp://mail.example"
"""
URL = 'url = "imaps://help@mail.example"\n'
SOUND = '[[mailbox]]\nname = "support"\n' + URL + 'password_file = "password"\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    for name in ("secret", "password"):
        (tmp_path / name).touch(mode=0o600)
    (tmp_path / "secret").write_text("a " + "5e" * 32)
    return tmp_path / "helpdesk.toml"


def problems(config: Path, text: str) -> list[str]:
    config.write_text(DESK + text)
    with pytest.raises(ConfigurationProblems) as caught:
        load(config, {})
    return [problem.key + ": " + problem.reason for problem in caught.value.problems]


FAULTS = {
    "no user": (SOUND.replace("help@", ""), "mailbox[0].url: write the user in front of the host"),
    "a password": (SOUND.replace("help@", "help:x@"), "mailbox[0].url: take the password out"),
    "another scheme": (SOUND.replace("imaps", "https"), "mailbox[0].url: allowed: imaps://USER@HOST:PORT"),
    "a folder in the url": (SOUND.replace("mail.example", "mail.example/INBOX"), "mailbox[0].url: allowed:"),
    "in clear": (SOUND.replace("imaps", "imap"), "mailbox[0]: imap:// sends the password in clear"),
    "pop3 in clear": (SOUND.replace("imaps", "pop3"), "mailbox[0]: pop3:// sends the password in clear"),
    "no password": (SOUND.replace("password_file", "#"), "mailbox[0]: write one of password_file, password_variable and oauth"),
    "two passwords": (SOUND + 'password_variable = "X"', "mailbox[0]: write one of password_file"),
    "no such file": (SOUND.replace('"password"', '"nothing"'), "mailbox[0].password_file: no such file"),
    "no such variable": (SOUND.replace("password_file", "password_variable").replace('"password"', '"MAIL_PASSWORD"'),
                         "mailbox[0].password_variable: MAIL_PASSWORD is not set"),
    "no variable": (SOUND.replace("password_file", "password_variable"), "mailbox[0].password_variable: write the name of"),
    "no name": (SOUND.replace("name", "#"), "mailbox[0].name: is missing"),
    "a step": (SOUND + 'after = "burn"', 'mailbox[0].after: write "move:FOLDER"'),
    "no folder": (SOUND + 'after = "move:"', 'mailbox[0].after: write "move:FOLDER"'),
    "a flag": (SOUND + 'after = "flag:a b"', 'mailbox[0].after: write "move:FOLDER"'),
    "into itself": (SOUND + 'after = "move:INBOX"', "mailbox[0]: each folder stands in folders once, and mail is not moved"),
    "a folder twice": (SOUND + 'folders = ["INBOX", "INBOX"]', "mailbox[0]: each folder stands in folders once"),
    "no folders": (SOUND + "folders = []", "mailbox[0].folders: write at least 1"),
    "pop3 flags": (SOUND.replace("imaps", "pop3s"), "mailbox[0]: POP3 has neither folders nor flags"),
    "pop3 folders": (SOUND.replace("imaps", "pop3s") + 'after = "keep"\nfolders = ["x"]', "mailbox[0]: POP3 has neither"),
    "too often": (SOUND + 'poll_every = "0s"', "mailbox[0].poll_every: at least"),
    "too seldom": (SOUND + 'poll_every = "10m"', "mailbox[0].poll_every: at most"),
    "another desk": (SOUND + 'support_address = "x@support.example.com"', "mailbox[0].support_address: there is no [[address]]"),
    "start": (SOUND + 'start_at = "now"', 'mailbox[0].start_at: "now" is not possible, allowed: new, all'),
    "the same name": (SOUND + SOUND.replace("mail.", "post."), "mailbox[1].name: support is written in mailbox[0].name already"),
    "the same box": (SOUND + SOUND.replace("support", "other"), "mailbox[1].url: imaps://help@mail.example is written in mailbox[0]"),
    "unknown": (SOUND + 'folder = "x"', 'mailbox[0].folder: unknown key, did you mean "folders"?'),
    "oauth": (SOUND.replace('password_file = "password"', "[mailbox.oauth]\nclient_id = 'x'"),
              "mailbox[0].oauth.token_endpoint: is missing"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FAULTS)
def test_faults_are_told(kind: str, config: Path) -> None:
    text, expected = FAULTS[kind]
    assert any(problem.startswith(expected) for problem in problems(config, text)), problems(config, text)


def test_every_fault_is_told_at_once(config: Path) -> None:
    text = SOUND.replace("imaps", "https") + SOUND + 'after = "burn"\n' + SOUND + 'idle = "perhaps"'
    assert len(problems(config, text)) == 3


def test_a_sound_one_is_read_with_absolute_paths(config: Path) -> None:
    config.write_text(DESK + SOUND + 'ca_file = "secret"\nallow_clear_text = true\n')
    loaded = load(config, {})
    [mailbox] = loaded.settings.mailboxes
    assert (mailbox.password_file, mailbox.ca_file) == (str(config.parent / "password"), str(config.parent / "secret"))
    assert (mailbox.folders, mailbox.after, mailbox.start_at, mailbox.idle) == (("INBOX",), "flag", "new", True)
    assert loaded.warnings == ("the password of mailbox support may go over the network in clear (allow_clear_text)",)
    (config.parent / "password").chmod(0o644)
    assert any("others can read this secret" in warning for warning in load(config, {}).warnings)


def test_a_password_may_stand_in_the_environment(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under any name, also one like those of our own keys."""
    config.write_text(DESK + SOUND.replace('password_file = "password"', 'password_variable = "HELPDESK_MAIL_PASSWORD"'))
    monkeypatch.setenv("HELPDESK_MAIL_PASSWORD", "open sesame")
    [mailbox] = load(config, {"HELPDESK_MAIL_PASSWORD": "open sesame"}).settings.mailboxes
    assert Login(mailbox).secret() == Password("open sesame")
    assert "sesame" not in repr(Login(mailbox).secret()) + repr(mailbox)


SERVERS = {
    "imaps://help@mail.example": ("imap", "mail.example", 993, "help", True, False),
    "imaps://help@acme.example@mail.example:1993": ("imap", "mail.example", 1993, "help@acme.example", True, False),
    "imap+starttls://he%3Alp@mail.example": ("imap", "mail.example", 143, "he:lp", False, True),
    "imap://help@[::1]:144": ("imap", "::1", 144, "help", False, False),
    "pop3s://help@mail.example": ("pop3", "mail.example", 995, "help", True, False),
    "pop3+starttls://help@mail.example": ("pop3", "mail.example", 110, "help", False, True),
    "pop3://help@localhost": ("pop3", "localhost", 110, "help", False, False),
}


@pytest.mark.parametrize("url", SERVERS)
def test_urls(url: str) -> None:
    mailbox = MailboxSettings.model_validate({"name": "x", "url": url, "password_file": "p", "after": "keep"})
    assert server_of(mailbox) == ServerAddress(*SERVERS[url], ca_file="", timeout=30.0)
