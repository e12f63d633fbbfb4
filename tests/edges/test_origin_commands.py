"""`why`, `simulate`, `check` and `dkim key` say in plain words where mail comes from, and where ours seems to."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.desk.origin_desk import COLLEAGUE, DESK_HOST, OMAR, letter, origin_desk, publish
from support.desk.story import SUPPORT, configured
from support.servers.dns_server import dns_server

from helpdesk.config.shapes import nameserver
from helpdesk.gateway.reader import Reader

PROGRAM = Path(sys.executable).with_name("helpdesk")


def helpdesk(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(PROGRAM), *words], capture_output=True, text=True, timeout=120, check=False)


def test_why_tells_each_check(tmp_path: Path, reader: Reader) -> None:
    with origin_desk(tmp_path, reader) as stage:
        content = COLLEAGUE.sign(letter(f"From: {OMAR}", SUPPORT, "Hello.", stage.desk.now, "signed@desk.example"))
        stage.arrives(content, SUPPORT, "x@desk.example", peer=DESK_HOST, helo="mx.desk.example")
        config = str(tmp_path / "helpdesk.toml")
        said = helpdesk("why", "signed@desk.example", "--config", config).stdout
        told = json.loads(helpdesk("why", "signed@desk.example", "--json", "--config", config).stdout)
    assert "SPF pass: desk.example lets 192.0.2.25 send." in said
    assert "DKIM pass: the signature of desk.example by its key d1 holds." in said
    assert "DMARC pass: the mail is by omar@desk.example; the policy of desk.example is none." in said
    assert told["origin"]["dmarc"]["result"] == "pass"
    assert told["origin"]["signatures"][0]["selector"] == "d1"


def test_simulate_checks_as_the_door_does(tmp_path: Path) -> None:
    config = configured(tmp_path)
    with dns_server() as zone:
        publish(zone)
        assumed = "[authentication]"
        config.write_text(config.read_text().replace(assumed, f'{assumed}\nnameservers = ["{zone.address}"]'))
        assert helpdesk("migrate", "--config", str(config)).returncode == os.EX_OK
        file = tmp_path / "mail.eml"
        file.write_bytes(b"From: omar@desk.example\r\nSubject: x\r\n\r\nhello\r\n")
        words = ("simulate", str(file), "--from", OMAR, "--to", SUPPORT, "--config", str(config))
        checked = helpdesk(*words, "--peer", "198.51.100.66", "--helo", "mx.evil.example").stdout
        plain = helpdesk(*words).stdout
    assert "SPF fail: desk.example does not let 198.51.100.66 send." in checked
    assert "DKIM none: the mail is not signed." in checked
    assert "SPF" not in plain


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_key_is_made_once_for_its_owner_s_eyes(tmp_path: Path, kind: str) -> None:
    config, file = configured(tmp_path), tmp_path / "s1.key"
    words = ("dkim", "key", str(file), "--selector", "s1", "--type", kind, "--config", str(config))
    done = helpdesk(*words)
    assert done.returncode == os.EX_OK
    assert "s1._domainkey.support.example.com. IN TXT" in done.stdout
    assert file.stat().st_mode & 0o777 == 0o600
    key = file.read_text()
    again = helpdesk(*words)
    assert again.returncode != os.EX_OK
    assert len(again.stderr.strip().splitlines()) == 1
    assert file.read_text() == key
    config.write_text(config.read_text() + f'\n[[dkim]]\nselector = "s1"\nkey_file = "{file}"\n')
    assert helpdesk("check", "--config", str(config)).stdout.count("warning: letters are not signed") == 0


def test_check_asks_the_name_servers_of_the_configuration(tmp_path: Path) -> None:
    config = configured(tmp_path)
    with dns_server() as zone:
        config.write_text(config.read_text().replace("[authentication]", f'[authentication]\nnameservers = ["{zone.address}"]'))
        assert helpdesk("migrate", "--config", str(config)).returncode == os.EX_OK
        done = helpdesk("check", "--config", str(config))
    assert done.returncode == os.EX_OK
    assert "warning: no mail reaches support.example.com" in done.stdout
    assert "warning: letters are not signed; make a key with: helpdesk dkim key FILE" in done.stdout


WRONG = [
    ('[[dkim]]\nselector = "a b"\nkey_file = "x"', "dkim[0].selector"),
    ('[[dkim]]\nselector = "a"\nkey_file = "nowhere.key"', "dkim[0].key_file"),
    ('[[dkim]]\nselector = "a"', "dkim[0].key_file"),
]


@pytest.mark.parametrize(("more", "key"), WRONG)
def test_a_key_that_is_not_there_is_a_problem_of_the_configuration(tmp_path: Path, more: str, key: str) -> None:
    done = helpdesk("check", "--config", str(configured(tmp_path, more=more)))
    assert done.returncode == os.EX_CONFIG
    assert key in done.stderr


NAMESERVERS = [
    ("127.0.0.1", "127.0.0.1:53"), ("127.0.0.1:5353", "127.0.0.1:5353"), ("::1", "[::1]:53"), ("[::1]:53", "[::1]:53"),
    ("2001:db8::1", "[2001:db8::1]:53"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), NAMESERVERS)
def test_name_servers_with_and_without_a_port(text: str, expected: str) -> None:
    assert nameserver(text) == expected


@pytest.mark.parametrize(
    "text", ["", "dns.example", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:70000", "[::1", "1.2.3", "dns.example:53"]
)
def test_what_is_no_name_server(text: str) -> None:
    with pytest.raises(ValueError, match="write an IP address"):
        nameserver(text)
