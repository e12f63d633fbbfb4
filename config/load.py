"""Reads a configuration from its file, the environment and the secret, and reports every problem at once."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from helpdesk.config.cautions import cautions
from helpdesk.config.layout import DESK, NODE, FilePart, PartForm
from helpdesk.config.overlay import Overlay, overlay_of
from helpdesk.config.paths import missing_places, with_absolute_paths
from helpdesk.config.people import PeopleInDatabase
from helpdesk.config.pieces import Pieces
from helpdesk.config.plans import DEFAULT_PLANS
from helpdesk.config.policy import Policy
from helpdesk.config.problems import ConfigurationProblems, Problem
from helpdesk.config.ready_answers import FOLDER, answers_in, twice
from helpdesk.config.references import ConfigurationDraft, findings
from helpdesk.config.secret import Secret, read_secret
from helpdesk.config.section import Section
from helpdesk.config.settings import DeskSettings, Settings
from helpdesk.config.triage import DEFAULT_CATEGORIES

AT_LINE = re.compile(r" \(at (line [0-9]+), column [0-9]+\)$")
BYTE_ORDER_MARK = "\ufeff"
SEVERAL = (PartForm.LIST, PartForm.DOORS)

__all__ = ["Configuration", "ConfigurationProblems", "Problem", "Secret", "digest_of", "load"]


@dataclass(frozen=True, slots=True)
class Configuration:
    """One node's settings, the desk's policy, the keys of its reply tokens (newest first), and what to be warned of."""

    settings: Settings
    policy: Policy
    secret: Secret
    warnings: tuple[str, ...] = ()


def load(path: Path, environment: Mapping[str, str], *, with_secret: bool = True) -> Configuration:
    """Read a configuration. Values of HELPDESK_… variables replace those of the file, and relative paths become absolute.

    Without `with_secret` the keys of reply tokens are not read, for processes that make and check no tokens. Raises ConfigurationProblems with everything that is wrong.
    """
    overlay = overlay_of(_tree(path), environment)
    pieces = Pieces(str(path), overlay.tree, overlay.origins, list(overlay.problems))
    folder = path.absolute().parent
    pieces.note_unknown_names()
    node, desk = pieces.read(NODE), pieces.read(DESK)
    outside = _missing_outside(node, folder, environment)
    for key, reason in (*outside, *findings(_draft(pieces, node, desk)), *twice(desk["ready_answers"])):
        pieces.note(key, reason)
    files, faults = answers_in(folder / FOLDER)
    pieces.problems.extend(faults)
    desk["ready_answers"] = {**dict(enumerate(files)), **desk["ready_answers"]}  # the file has the last word
    secret, problems, warnings = read_secret(_secret_file(overlay, folder), environment) if with_secret else (Secret(), [], [])
    pieces.problems.extend(problems)
    if pieces.problems:
        raise ConfigurationProblems(dict.fromkeys(pieces.problems))
    settings = _settings(node, folder)
    policy = Policy.model_validate(_values_of(DESK, desk))
    policy = policy.model_copy(update={"digest": digest_of(policy)})
    return Configuration(settings, policy, secret, (*cautions(settings, policy), *warnings))


def digest_of(policy: Policy) -> str:
    """SHA-256 of a policy, by which nodes compare theirs. The order of categories counts, because of equal categories the first wins."""
    said = policy.model_dump(mode="json", exclude={"digest"})
    said["categories"] = list(said["categories"].items())
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _tree(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8").removeprefix(BYTE_ORDER_MARK))
    except FileNotFoundError:
        reason = "no such file; `helpdesk init DIR` writes one, --config FILE or HELPDESK_CONFIG names another"
        raise ConfigurationProblems([Problem(str(path), "", reason)]) from None
    except OSError as fault:
        raise ConfigurationProblems([Problem(str(path), "", f"cannot be read: {fault.strerror}")]) from None
    except UnicodeDecodeError:
        raise ConfigurationProblems([Problem(str(path), "", "is not UTF-8")]) from None
    except tomllib.TOMLDecodeError as fault:
        line = AT_LINE.search(str(fault))
        reason = AT_LINE.sub("", str(fault))
        raise ConfigurationProblems([Problem(str(path), line[1] if line else "", f"not TOML: {reason}")]) from None


def _secret_file(overlay: Overlay, folder: Path) -> Path:
    """The file of the secret, also where [desk] is faulty otherwise."""
    desk = overlay.tree.get("desk")
    name = desk.get("secret_file") if isinstance(desk, dict) else None
    return (
        folder / Path(name if isinstance(name, str) and name else DeskSettings.model_fields["secret_file"].default).expanduser()
    )


def _missing_outside(node: Mapping[str, Any], folder: Path, environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Files, folders and environment variables that the node's sections name and that are not there, with key and reason."""
    for name, content in node.items():
        rows = content if isinstance(content, dict) else {name: content}
        for key, section in rows.items():
            if isinstance(section, Section):
                yield from missing_places(key, section, folder)
    for key, mailbox in node["mailboxes"].items():
        if mailbox.password_variable and mailbox.password_variable not in environment:
            yield f"{key}.password_variable", f"{mailbox.password_variable} is not set in the environment"


def _draft(pieces: Pieces, node: Mapping[str, Any], desk: Mapping[str, Any]) -> ConfigurationDraft:
    triage = desk["triage"]
    return ConfigurationDraft(
        desk=node["desk"] or pieces.sound_keys("desk", DeskSettings, {"name": "Desk"}),
        addresses=desk["addresses"],
        staff=desk["staff"],
        accounts=desk["accounts"],
        categories=desk["categories"],
        mailboxes=node["mailboxes"],
        webhooks=node["webhook"],
        routes=desk["routes"],
        rules=desk["rules"],
        impact=triage.impact if triage and "impact" in triage.model_fields_set else {},
        defaults={name: desk[name] for name in ("default_category", "default_plan", "default_queue", "default_language")},
        plan_names=pieces.entry_names("plans", DEFAULT_PLANS),
        category_names=pieces.entry_names("categories", DEFAULT_CATEGORIES),
        account_ids=pieces.texts_at("account", "id"),
        queues=pieces.texts_at("staff", "queues", ("general",)) | _queues_of_database(desk["directory"]),
        staff_addresses=pieces.texts_at("staff", "address") | pieces.texts_at("staff", "addresses"),
        calendar_names=pieces.entry_names("calendars", {}),
    )


def _queues_of_database(section: PeopleInDatabase | None) -> frozenset[str]:
    return frozenset(section.queues) if section else frozenset()


def _settings(node: Mapping[str, Any], folder: Path) -> Settings:
    settings = Settings.model_validate({"folder": folder, **_values_of(NODE, node)})
    dkim = tuple(key.model_copy(update={"domain": key.domain or settings.desk.domain}) for key in settings.dkim)
    return with_absolute_paths(settings.model_copy(update={"dkim": dkim}), folder)


def _values_of(parts: Iterable[FilePart], read: Mapping[str, Any]) -> dict[str, Any]:
    """The values for Settings or Policy, by field: those that were read, a list without the keys of its entries."""
    return {part.field: tuple(read[part.field].values()) if part.form in SEVERAL else read[part.field] for part in parts}
