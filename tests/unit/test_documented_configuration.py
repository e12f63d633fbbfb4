"""The documented configuration says what the models say: every key once, with its meaning and its default."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpdesk.config.example import example_configuration
from helpdesk.config.layout import PartForm
from helpdesk.config.load import Configuration, load
from helpdesk.config.reference import Key, SectionReference, reference
from helpdesk.config.settings import Lmtp

FILE = Path(__file__).parents[2] / "config" / "helpdesk.toml"
SMALL = """
[desk]
name = "Accoraze Support"
domain = "support.example.com"
[[address]]
address = "help@support.example.com"
[[staff]]
name = "Omar Haddad"
address = "omar@desk.example"
"""
SECTIONS = tuple(reference())


def loaded(folder: Path, text: str) -> Configuration:
    (folder / "helpdesk.toml").write_text(text, "utf-8")
    (folder / "secret").write_text(f"a {'ab' * 32}\n", "utf-8")
    (folder / "secret").chmod(0o600)
    return load(folder / "helpdesk.toml", {})


def key(section: str, name: str) -> Key:
    [found] = [key for known in SECTIONS if known.header == section for key in known.keys if key.name == name]
    return found


def test_the_shipped_file_is_the_one_that_the_models_give() -> None:
    assert FILE.read_text("utf-8") == example_configuration(), "`make reference` writes it anew"


@pytest.mark.parametrize("section", SECTIONS, ids=[section.name or section.keys[0].name for section in SECTIONS])
def test_every_section_and_every_key_says_what_it_means(section: SectionReference) -> None:
    for words in (section.description if section.name else "Outside any section.", *(key.description for key in section.keys)):
        assert words[:1].isupper() or words[:1] in '"mv', words  # a sentence, or one that begins with a value
        assert words.endswith("."), words
    assert all(key.kind for key in section.keys)


def test_it_loads(tmp_path: Path) -> None:
    found = loaded(tmp_path, example_configuration())
    assert [member.role for member in found.policy.staff] == ["agent", "senior"]
    assert len(found.policy.accounts) == 2


def test_it_says_the_defaults(tmp_path: Path) -> None:
    """What stands there in comment is what holds without it, and what is written for plans and categories is what is built in."""
    plain = loaded(tmp_path, example_configuration())
    spoken = loaded(tmp_path, "\n".join(_uncomment(example_configuration())))
    assert spoken.settings.lmtp == Lmtp()
    assert (
        spoken.settings.model_copy(update=dict.fromkeys(("lmtp", "http", "request_form", "metrics", "alarm", "canary")))
        == plain.settings
    )
    assert spoken.policy == plain.policy
    built_in = loaded(tmp_path, SMALL).policy
    assert (plain.policy.plans, plain.policy.categories) == (built_in.plans, built_in.categories)
    assert list(plain.policy.categories) == list(built_in.categories)


def _uncomment(text: str) -> Iterator[str]:
    """Every key and section in comment written out, but no lists and inner tables, and no examples of keys that have no default."""
    skipping = False
    for line in text.splitlines():
        header = HEADER.fullmatch(line)
        skipping = bool(header and header[1] in INNER) or (skipping and bool(line))
        if not skipping and not line.startswith(EXAMPLES):
            yield line[2:] if header or KEY.match(line) else line


HEADER = re.compile(r"# (\[+[a-z_.]+\]+)")
KEY = re.compile(r"# [a-z_]+ = ")
INNER = {section.header for section in SECTIONS if section.form is PartForm.LIST or "." in section.name}
EXAMPLES = tuple(f"# {key.name} = {key.example or '{ }'}" for section in SECTIONS for key in section.keys if not key.default)


def test_the_reference_tells_type_default_and_limits_of_a_key() -> None:
    assert key("[relay]", "connections") == Key(
        "connections", "whole number", "4", "1 to 50", "Most connections at once.", False, ""
    )
    assert (key("[[staff]]", "role").kind, key("[[staff]]", "role").default) == ('"agent", "senior" or "manager"', '"agent"')
    assert (key("[[mailbox]]", "poll_every").default, key("[[mailbox]]", "poll_every").limits) == ('"1m"', "1s to 9m")
    assert key("[desk]", "domain").required
    assert key("[[account]]", "contacts").kind == "list of mail addresses"


def test_the_reference_names_every_section_and_describes_none_twice() -> None:
    headers = [section.header for section in SECTIONS if section.header]
    assert len(headers) == len(set(headers))
    assert {"[relay]", "[relay.oauth]", "[[staff]]", "[plans.NAME]", "[categories.NAME.missing.NAME]"} <= set(headers)
    [calendars] = [section for section in SECTIONS if section.name == "calendars"]
    assert (calendars.form, calendars.keys) == (PartForm.TABLE, ())
    assert calendars.description.endswith("The keys are those of [calendar].")
