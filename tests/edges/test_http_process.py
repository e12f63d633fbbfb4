"""The HTTP API as an operator runs it: a process of the node, keys from the command line, and the page on it with its client."""

import json
import os
import re
import runpy
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.campaigns.kill_rig import HELPDESK
from support.desk.story import configured
from support.servers.peers import free_ports, wait_for

from helpdesk.config.load import load
from helpdesk.gateway.cli.key import key_group
from helpdesk.gateway.http.problems import KINDS, TYPE
from helpdesk.store import directory_side, form_side
from helpdesk.store.customer_side import grants

PAGE = (Path(__file__).parents[2] / "docs" / "http-api.md").read_text()
FORM_PAGE = (Path(__file__).parents[2] / "docs" / "request-form.md").read_text()
CLIENT = re.compile(r"```python\n(.*?)```", re.DOTALL)
KEY = re.compile(r"hdk_([0-9a-f]{16})_[0-9a-f]{72}")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    api, operator = free_ports(2)
    listeners = f'listen = "127.0.0.1:{api}"\noperator_listen = "127.0.0.1:{operator}"\n'
    return configured(
        tmp_path, more=f'[http]\naddress = "https://support.example.com"\n{listeners}[request_form]\n[node]\nworkers = 1\n'
    )


def command(config: Path, *words: str) -> Result:
    return CliRunner().invoke(key_group, [*words, "--config", str(config)])


def new_key(config: Path, *words: str) -> str:
    made = command(config, "add", "the portal", *words)
    assert made.exit_code == 0, made.output
    found = KEY.search(made.output)
    assert found
    return found[0]


@pytest.fixture
def address(config: Path) -> Iterator[str]:
    """The address of a node that runs, and stops with 0."""
    node = subprocess.Popen(
        [*HELPDESK, "serve", "--config", str(config)], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert node.stdout is not None
    lines: list[str] = []
    while not lines or lines[-1] not in ("ready", ""):
        lines.append(node.stdout.readline().strip())
    try:
        yield next(line.removeprefix("http: ") for line in lines if line.startswith("http: "))
        node.send_signal(signal.SIGTERM)
        assert node.wait(60) == 0
    finally:
        node.kill()
        node.wait()
        node.stdout.close()


def status_of(address: str, key: str) -> int:
    try:
        with urllib.request.urlopen(
            urllib.request.Request(f"{address}/threads", headers={"Authorization": f"Bearer {key}"})
        ) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as fault:
        return fault.code
    except OSError:
        return 0


def test_the_client_of_the_page_reads_and_writes(config: Path, address: str, tmp_path: Path) -> None:
    """A request, its confirmation and a reply to it, through a node with all its processes."""
    (tmp_path / "client.py").write_text(CLIENT.findall(PAGE)[0])
    names = runpy.run_path(str(tmp_path / "client.py"))
    desk = names["Desk"](address, new_key(config, "--account", "acme"))
    reply = desk.reply("acme", "anna@acme.example", "Where is my invoice?")
    assert (reply["state"], reply["problem"]) == ("taken", None)
    wait_for(lambda: bool(desk.threads("acme")), "the conversation is listed")
    [thread] = desk.threads("acme")
    wait_for(lambda: thread["id"] in [entry["thread"] for entry, _ in desk.events(None)], "the feed has it")
    assert desk.messages(thread["id"])[0]["text"] == "Where is my invoice?"
    assert desk.reply("acme", "anna@acme.example", "I mean the newest.", thread["id"])["state"] == "taken"
    foreign = names["Desk"](address, new_key(config, "--account", "globex"))
    with pytest.raises(names["Refused"], match="not-found"):
        foreign.messages(thread["id"])


def test_a_key_is_shown_once_and_opens_nothing_when_it_is_revoked(config: Path, address: str) -> None:
    key = new_key(config, "--all-accounts", "--scope", "inbox:read")
    assert status_of(address, key) == 200
    with urllib.request.urlopen(f"{address.removesuffix('/api/v1')}/request") as form:  # anybody may ask for that
        assert b'name="mark"' in form.read()
    [row] = [json.loads(line) for line in command(config, "list", "--json").output.splitlines()]
    assert (row["name"], row["scopes"], row["accounts"], row["state"]) == ("the portal", ["inbox:read"], ["*"], "valid")
    secret = key.split("_")[2]
    stored = b"".join(file.read_bytes() for file in config.parent.glob("helpdesk.db*"))
    assert secret[:64].encode() not in stored
    assert secret not in command(config, "list").output
    assert command(config, "revoke", row["key"]).exit_code == 0
    assert status_of(address, key) == 401
    again = command(config, "revoke", key)
    assert (again.exit_code, secret in again.output) == (1, False)


def test_another_process_answers_when_the_one_of_the_api_was_killed(config: Path, address: str) -> None:
    """The operator's page is another process with another listener, and does not notice."""
    key = new_key(config, "--all-accounts")
    assert status_of(address, key) == 200
    [first] = processes_named("hd: http", config)
    [operator] = processes_named("hd: operator", config)
    os.kill(first, signal.SIGKILL)
    listen = load(config, {}).settings.http
    assert listen is not None
    with urllib.request.urlopen(f"http://{listen.operator_listen}/operator") as page:
        assert (page.geturl().endswith("/operator/sign-in"), page.status) == (True, 200)
    wait_for(lambda: processes_named("hd: http", config) not in ([], [first]), "another process of the API")
    wait_for(lambda: status_of(address, key) == 200, "it answers")
    assert processes_named("hd: operator", config) == [operator]


def processes_named(name: str, config: Path) -> list[int]:
    """The processes of this node by their name in the lists of the system."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (folder / "comm").read_text().strip() == name and str(config) in (folder / "cmdline").read_text():
                found.append(int(folder.name))
    return found


@pytest.mark.parametrize("words", [(), ("--account", "acme", "--all-accounts"), ("--account", "*")])
def test_a_key_needs_a_word_on_whose_conversations_it_reaches(config: Path, words: tuple[str, ...]) -> None:
    assert command(config, "add", "the portal", *words).exit_code == 2


def test_without_the_section_nothing_of_the_api_is_imported() -> None:
    program = (
        "import sys, helpdesk.gateway.cli.serve, helpdesk.gateway.node.one_process\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('fastapi', 'starlette', 'uvicorn') or '.gateway.http' in name])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_page_names_every_problem_and_every_right() -> None:
    told = re.findall(rf"\| `{TYPE}([a-z-]+)` \| (\d+) \|", PAGE)
    assert sorted(told) == sorted((kind.name, str(kind.status)) for kind in KINDS)
    needed = [*grants("helpdesk_http"), *directory_side.grants("helpdesk_http_directory")]
    assert [statement for statement in needed if f"{statement};\n" not in PAGE] == []
    assert [grant for grant in form_side.grants("helpdesk_http_form") if f"{grant};\n" not in FORM_PAGE] == []
