"""The Postfix settings that the documentation shows are the files which the tests run."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from helpdesk.config.load import load
from helpdesk.config.new_desk import write_new_desk
from helpdesk.config.our_addresses import our_addresses
from helpdesk.config.postfix_maps import WRITTEN, HandOver, postfix_setup, recipients_table
from helpdesk.gateway.cli.check import postfix_differences
from helpdesk.gateway.cli.postfix import postfix_command

ROOT = Path(__file__).resolve().parents[2]
FRAGMENTS = ROOT / "config" / "postfix"
PAGE = (ROOT / "docs" / "doors.md").read_text("utf-8")


@pytest.mark.parametrize("fragment", sorted(FRAGMENTS.iterdir()), ids=lambda fragment: fragment.name)
def test_the_page_about_doors_shows_the_file_as_it_is(fragment: Path) -> None:
    assert f"```\n{fragment.read_text()}```\n" in PAGE


def test_the_fragments_name_only_tables_that_are_there() -> None:
    tables = {path.name for path in FRAGMENTS.iterdir()} | {"transport"}
    for name in ("main.cf", "master.cf"):
        words = (FRAGMENTS / name).read_text().split()
        named = {word.rpartition("/etc/postfix/helpdesk_")[2] for word in words if "/etc/postfix/helpdesk_" in word}
        assert named
        assert named <= tables


def test_the_command_writes_what_the_page_shows(tmp_path: Path) -> None:
    ours = our_addresses(
        "support.example.com", "{local}+{token}@{domain}", ["help@support.example.com", "billing@support.example.com"]
    )
    folder, deliver = Path("/etc/postfix"), "/opt/helpdesk/.venv/bin/helpdesk deliver"
    shown = dict(line.split(" =", 1) for line in (FRAGMENTS / "main.cf").read_text().splitlines() if not line.startswith("#"))
    shown.pop("smtpd_milters")  # filters are the administrator's own
    master = (FRAGMENTS / "master.cf").read_text()
    for way, hop in ((HandOver.SMTP, "[127.0.0.1]:2525"), (HandOver.LMTP, "unix:/run/helpdesk/lmtp"), (HandOver.PIPE, "")):
        setup = postfix_setup(ours, hop, way, "mx.support.example.com", 26214400, folder, deliver)
        assert setup.settings == {key.strip(): value.strip() for key, value in shown.items()}
        for name, text in setup.tables.items():
            fragment = name.removeprefix("helpdesk_") + (f".{way}" if name == "helpdesk_transport" else "")
            written = text.removeprefix(WRITTEN).replace("|abuse)", ")")
            assert written == (FRAGMENTS / fragment).read_text()
        [line] = setup.services.values()
        assert all(word in master for word in line.split())


@pytest.mark.parametrize(
    ("pattern", "address", "matches"),
    [
        ("{local}+{token}@{domain}", "help+abc123@support.example.com", True),
        ("{local}+{token}@{domain}", "strange@support.example.com", False),
        ("{local}-{token}@{domain}", "help-abc123@support.example.com", True),
        ("{token}@reply.example.com", "abc123@reply.example.com", True),
        ("{token}@reply.example.com", "abc.123@reply.example.com", False),
        ("{token}@reply.example.com", "help@supportXexample.com", False),
    ],
)
def test_postfix_takes_what_the_doors_take(pattern: str, address: str, matches: bool) -> None:
    ours = our_addresses("support.example.com", pattern, ["help@support.example.com"])
    expressions = [line.rpartition("/")[0].removeprefix("/") for line in recipients_table(ours).splitlines()]
    assert any(re.search(expression, address) for expression in expressions) is matches
    assert ours.takes_mail_for(address) is matches


def test_tables_that_are_out_of_date_are_named(tmp_path: Path) -> None:
    file = write_new_desk(tmp_path / "desk")[0]
    folder = tmp_path / "postfix"
    folder.mkdir()

    def run(*words: str) -> Result:
        return CliRunner().invoke(postfix_command, [*words, "--config", str(file)])

    assert postfix_differences(load(file, {}), folder) == []  # no Postfix, or one that does not know the desk
    assert run(str(folder)).exit_code == 0
    assert postfix_differences(load(file, {}), folder) == []
    assert "postfix reload" in run(str(folder), "--commands").output.splitlines()[-1]
    file.write_text(file.read_text().replace("help@support.example.com", "hilfe@support.example.com"))
    [line] = postfix_differences(load(file, {}), folder)
    assert line == f"{folder}/helpdesk_recipients does not name the addresses of the configuration; run: helpdesk postfix"
    (folder / "helpdesk_transport").write_text("elsewhere.example  smtp:\n")
    assert "has no way for support.example.com" in postfix_differences(load(file, {}), folder)[1]
    mine = run(str(folder))
    assert mine.exit_code == 73 and "was not written by this command" in mine.output
    assert run(str(folder), "--force").exit_code == 0
    assert postfix_differences(load(file, {}), folder) == []
