"""`helpdesk account`, `contact` and `staff`: import, export, list, add, set, deactivate and changes, as an operator types them."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.desk.story import StoryDesk

from helpdesk.gateway.cli.directory import account_group, contact_group, staff_group
from helpdesk.gateway.orphans import orphans_after_start, orphans_now
from helpdesk.threading.model.notice import Notice

Command = Callable[..., Result]


@pytest.fixture
def command(desk: StoryDesk) -> Command:
    config = str(Path(desk.node.configuration.settings.folder) / "helpdesk.toml")
    groups = {"account": account_group, "contact": contact_group, "staff": staff_group}

    def run(group: str, *words: str) -> Result:
        return CliRunner().invoke(groups[group], [*words, "--config", config])

    return run


def test_a_crm_brings_its_accounts_and_an_operator_changes_some(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "crm.csv"
    file.write_text("id;plan;external_id\nhooli;business;1\ninitech;starter;2\n")
    dry = command("account", "import", str(file), "--source", "crm", "--dry-run")
    assert dry.exit_code == 2
    assert "added account hooli" in dry.stdout
    assert "nothing was changed: 2 added" in dry.stdout
    done = command("account", "import", str(file), "--source", "crm", "--json")
    assert done.exit_code == os.EX_OK
    summary = json.loads(done.stdout.splitlines()[-1])
    assert (summary["counts"], summary["lines"]) == ({"added": 2}, 2)
    assert command("account", "import", str(file), "--source", "crm", "--dry-run").exit_code == os.EX_OK
    contacts = tmp_path / "people.json"
    contacts.write_text('{"address": "kim@hooli.example", "account": "hooli", "name": "Kim"}\n')
    assert command("contact", "import", str(contacts)).exit_code == os.EX_OK
    contacts.write_text(
        '{"address": "kim@hooli.example", "account": "initech"}\n{"address": "anna@acme.example", "account": "initech"}\n'
    )
    moved = command("contact", "import", str(contacts))
    assert moved.exit_code == os.EX_DATAERR
    assert "another account from now on" in moved.stdout
    assert "line 2: contact anna@acme.example belongs to toml" in moved.stdout
    assert command("contact", "import", str(contacts), "--skip-bad").exit_code == os.EX_OK
    assert "belongs to import:crm" in command("account", "set", "hooli", "plan=custom").output
    assert command("account", "set", "hooli", "plan=custom", "--source", "crm").exit_code == os.EX_OK
    assert "helpdesk.toml" in command("account", "set", "acme", "plan=custom").output
    assert "there is no plan" in command("account", "set", "hooli", "plan=gold", "--source", "crm").output
    assert "at least" not in command("account", "import", str(file), "--complete").stdout
    assert command("account", "import", str(file), "--complete").exit_code != os.EX_OK  # of which source?
    lists = {json.loads(line)["id"]: json.loads(line) for line in command("account", "list", "--json").stdout.splitlines()}
    assert (lists["hooli"]["plan"], lists["initech"]["contacts"]) == ("custom", ["kim@hooli.example"])
    exported = command("account", "export", "--source", "crm").stdout
    file.write_text(exported)
    again = command("account", "import", str(file), "--source", "crm", "--complete", "--json")
    assert json.loads(again.stdout.splitlines()[-1])["counts"] == {}
    changes = [json.loads(line) for line in command("account", "changes", "--json").stdout.splitlines()]
    assert command("account", "import", "--undo", str(changes[0]["id"])).exit_code == os.EX_OK
    assert command("account", "import", "--undo", str(changes[0]["id"])).exit_code == os.EX_DATAERR


def test_staff_come_and_go_by_commands(command: Command) -> None:
    assert command("staff", "add", "lea@desk.example", "name=Lea", "role=senior", "queues=general,billing").exit_code == os.EX_OK
    assert command("staff", "add", "lea@desk.example", "name=Lea").exit_code != os.EX_OK
    assert "role" in command("staff", "set", "lea@desk.example", "role=boss").output
    assert command("staff", "deactivate", "lea@desk.example", "--heir", "omar@desk.example").exit_code == os.EX_OK
    assert "there is no staff" in command("staff", "set", "zoe@desk.example", "name=Zoe").output
    rows = {json.loads(line)["address"]: json.loads(line) for line in command("staff", "list", "--json").stdout.splitlines()}
    lea = rows["lea@desk.example"]
    assert (lea["active"], lea["heir"], lea["source"], lea["queues"]) == (
        False,
        "omar@desk.example",
        "api",
        ["general", "billing"],
    )
    assert command("staff", "set", "lea@desk.example", "active=true").exit_code == os.EX_OK
    assert "lea@desk.example,Lea,senior,general|billing" in command("staff", "export").stdout


def test_accounts_and_staff_get_new_names_and_what_is_open_is_told(command: Command, desk: StoryDesk, tmp_path: Path) -> None:
    file = tmp_path / "accounts.json"
    file.write_text('{"id": "hooli", "contacts": ["kim@hooli.example"], "domains": ["hooli.example"]}\n{"id": "bighead"}\n')
    assert command("account", "import", str(file)).exit_code == os.EX_OK
    desk.person("kim@hooli.example").writes("Printer", "It jams.")
    assert "belongs to import:file" in command("account", "rename", "hooli", "hooli-group").output
    assert command("account", "rename", "hooli", "hooli-group", "--source", "file", "--dry-run").exit_code == 2
    assert "join" in command("account", "rename", "hooli", "bighead", "--source", "file").output
    assert "there is no account" in command("account", "join", "hooli", "raviga", "--source", "file").output
    assert "helpdesk.toml" in command("account", "rename", "acme", "acme-group").output
    renamed = command("account", "rename", "hooli", "hooli-group", "--source", "file")
    assert "moved contact kim@hooli.example" in renamed.stdout and "moved domain hooli.example" in renamed.stdout
    desk.passes(seconds=11)
    assert desk.ticket().account == "hooli-group"
    assert command("account", "join", "hooli-group", "bighead", "--source", "file").exit_code == os.EX_OK
    policy = desk.node.configuration.policy
    with desk.database.reading() as connection:
        [told] = orphans_now(connection, policy)
    assert "of the account hooli-group" in told and "bighead takes over" in told
    desk.passes(seconds=11)
    assert desk.ticket().account == "bighead"
    assert command("staff", "add", "lea@desk.example", "name=Lea").exit_code == os.EX_OK
    desk.person("omar@desk.example").replies(Notice.NEW_TICKET, "#assign lea@desk.example")
    assert command("staff", "rename", "lea@desk.example", "lea.ott@desk.example").exit_code == os.EX_OK
    desk.passes(seconds=11)
    assert desk.ticket().assignee == "lea.ott@desk.example"
    assert command("staff", "rename", "lea@desk.example", "omar@desk.example").exit_code == os.EX_OK  # another heir, afterwards
    others = policy.model_copy(update={"staff": policy.staff[1:], "accounts": (), "addresses": policy.addresses[:1]})
    with desk.database.reading() as connection:
        assert list(orphans_now(connection, policy)) == []
        told_before = " ".join(orphans_after_start(connection, others, desk.now))
    assert told_before == ""  # what is open names none of these
    without_queue = policy.model_copy(update={"staff": ()})
    command("staff", "deactivate", "lea.ott@desk.example")
    with desk.database.reading() as connection:
        told_before = " ".join(orphans_after_start(connection, without_queue, desk.now))
    assert "in the queue general, in which nobody works" in told_before
    assert "in the hands of lea.ott@desk.example" in told_before
    command("account", "set", "bighead", "plan=custom", "--source", "file")
    cheaper = policy.model_copy(update={"plans": {name: plan for name, plan in policy.plans.items() if name != "custom"}})
    with desk.database.reading() as connection:
        told_before = " ".join(orphans_after_start(connection, cheaper, desk.now))
    assert "1 account has the plan custom" in told_before
