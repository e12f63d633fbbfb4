"""`helpdesk check` says how requests are sorted, `helpdesk simulate` how one mail would be."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.desk.story import configured, direct_desk

from helpdesk.config.load import ConfigurationProblems, load
from helpdesk.config.sentences import sentences
from helpdesk.config.triage import DEFAULT_CATEGORIES
from helpdesk.gateway.reader import Reader

PROGRAM = Path(sys.executable).with_name("helpdesk")
MORE = """
[[account]]
id = "initech"
severity = "high"
[triage]
impact = { business = "high" }
[[route]]
queue = "billing"
category = "billing and plans"
language = ["de", "nl"]
[[route]]
queue = "general"
"""
MAIL = """From: Anna <anna@acme.example>
To: help@support.example.com
Subject: Rechnung vom Mai
Message-ID: <m@acme.example>

Guten Tag, die Rechnung ist falsch und das ist dringend, bitte erstatten Sie uns den Betrag.
"""


def helpdesk(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(PROGRAM), *words], capture_output=True, text=True, timeout=120, check=False)


def test_simulate_shows_the_triage_with_its_reasons(tmp_path: Path, reader: Reader) -> None:
    config, file = configured(tmp_path, more=MORE), tmp_path / "mail.eml"
    file.write_text(MAIL)
    with direct_desk(config, reader):  # knows its staff by now
        pass
    found = json.loads(helpdesk("simulate", "--json", str(file), "--config", str(config)).stdout)["triage"]
    said = helpdesk("simulate", str(file), "--config", str(config)).stdout
    assert {name: found[name] for name in ("category", "severity", "priority", "queue", "assignee", "missing")} == {
        "category": "billing and plans",
        "severity": "high",
        "priority": "critical",
        "queue": "billing",
        "assignee": "bela@desk.example",
        "missing": ["invoice number"],
    }
    assert "Queue billing: route 1 is for category billing and plans, language de." in said
    assert 'Severity high: "dringend*" in the mail.' in said and "Missing in it: invoice number." in said


def test_check_says_it_in_plain_sentences(tmp_path: Path) -> None:
    loaded = load(configured(tmp_path, more=MORE), {})
    told = list(sentences(loaded.settings.desk, loaded.policy))
    for sentence in (
        "Route 1: a request with category billing and plans and language de or nl waits in queue billing.",
        "Route 2: every other request waits in queue general.",
        "Plan free has normal impact, plan starter has normal impact, plan business has high impact, plan custom has normal impact.",
        "Severity high gives priority normal with low impact, high with normal impact, critical with high impact.",
        "Requests of account initech have severity high at least.",
    ):
        assert sentence in told
    assert any("A mail with none of these words gets category technical issue" in line for line in told)
    assert "A request waits in the queue of its support address." in list(
        sentences(loaded.settings.desk, loaded.policy.model_copy(update={"routes": ()}))
    )


FAULTS = {
    "route without a queue": ('[[route]]\nlanguage = "de"', "route[0].queue: is missing"),
    "no last route": ('[[route]]\nqueue = "general"\nlanguage = "de"', "route[0]: some requests fit no route"),
    "a route behind the last": ('[[route]]\nqueue = "general"\n[[route]]\nqueue = "billing"', "route[0]: it fits every request"),
    "unknown queue": ('[[route]]\nqueue = "vip"', 'route[0].queue: nobody works in the queue "vip"'),
    "unknown category": ('[[route]]\nqueue = "general"\ncategory = "x"', 'route[0].category: there is no category "x"'),
    "unknown plan": ('[triage]\nimpact = { gold = "high" }', 'triage.impact."gold": there is no plan "gold"'),
    "unknown level": ('[[route]]\nqueue = "general"\nseverity = "bad"', "route[0].severity"),
    "language": ('[categories."technical issue"]\nwords = { english = ["x"] }', "write a code of two small letters"),
    "no words in it": ('[severities]\nhigh = ["!!"]', 'severities.high[0]: "!!": write 1 to 8 whole words'),
    "a star within": ('[severities]\nhigh = ["ur*gent thing ?"]', "severities.high[0]"),
    "priority": ('[priorities]\nlow = { low = "low" }', "priorities.low"),
    "hours": ('[[staff]]\nname = "X"\naddress = "x@desk.example"\nhours = "all day"', "staff[3].hours"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, name: str) -> None:
    more, problem = FAULTS[name]
    with pytest.raises(ConfigurationProblems) as caught:
        load(configured(tmp_path, more=more), {})
    assert any(problem in str(found) for found in caught.value.problems), [str(found) for found in caught.value.problems]


def test_a_category_of_a_built_in_name_keeps_what_it_does_not_say(tmp_path: Path) -> None:
    more = '[categories."technical issue"]\nqueue = "billing"\n[categories.other]\nwords = ["x"]'
    assert DEFAULT_CATEGORIES["technical issue"].lexicon.found_in(["error"])  # what was built for use is no key
    policy = load(configured(tmp_path, more=more), {}).policy
    assert list(policy.categories) == ["technical issue", "other"]
    kept = policy.categories["technical issue"]
    assert kept.queue == "billing" and "fehler" in kept.words["de"] and "version" in kept.missing
    assert policy.categories["other"].words == {"": ("x",)}
