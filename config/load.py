"""Read a configuration: file, environment and secret; and report every problem at once."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from helpdesk.config.cautions import cautions
from helpdesk.config.overlay import Overlay, overlaid
from helpdesk.config.paths import missing_files, settled
from helpdesk.config.pieces import SCALARS, SECTIONS, Pieces
from helpdesk.config.policy import (
    DEFAULT_PLANS,
    Account,
    Answering,
    Automatic,
    Busy,
    Calendar,
    Closing,
    Escalation,
    Form,
    Incidents,
    Permissions,
    Plan,
    Policy,
    Retry,
    Staff,
    SupportAddress,
    SuppressionSpans,
)
from helpdesk.config.problems import ConfigurationProblems, Problem
from helpdesk.config.references import Draft, findings
from helpdesk.config.secret import Secret, read_secret
from helpdesk.config.settings import Authentication, Database, Desk, Dkim, Lmtp, Mailbox, Relay, Settings, Smtp
from helpdesk.config.triage import DEFAULT_CATEGORIES, Category, Priorities, Route, Severities, Triage

AT_LINE = re.compile(r" \(at (line [0-9]+), column [0-9]+\)$")
BYTE_ORDER_MARK = "\ufeff"

__all__ = ["Configuration", "ConfigurationProblems", "Problem", "Secret", "digest_of", "load"]


@dataclass(frozen=True, slots=True)
class Configuration:
    """One node's settings, the desk's policy, the keys of its reply tokens (newest first), and what to be warned of."""

    settings: Settings
    policy: Policy
    secret: Secret
    warnings: tuple[str, ...] = ()


def load(path: Path, environment: Mapping[str, str]) -> Configuration:
    """The configuration of a file, with HELPDESK_… variables laid over it and relative paths made absolute against its folder.

    Raises ConfigurationProblems with everything that is wrong.
    """
    overlay = overlaid(_tree(path), environment, SECTIONS, SCALARS)
    pieces = Pieces(str(path), overlay.tree, overlay.origins, list(overlay.problems))
    folder = path.absolute().parent
    pieces.unknown()
    desk = pieces.section("desk", Desk)
    mailboxes = pieces.rows("mailbox", Mailbox)
    for key, mailbox in mailboxes.items():
        if mailbox.password_variable and mailbox.password_variable not in environment:
            pieces.problem(f"{key}.password_variable", f"{mailbox.password_variable} is not set in the environment")
    settings, policy = _settings(pieces, desk, mailboxes, folder), _policy(pieces, desk, mailboxes)
    secret, problems, warnings = read_secret(_secret_file(overlay, folder), environment)
    pieces.problems.extend(problems)
    if settings is None or policy is None or pieces.problems:
        raise ConfigurationProblems(dict.fromkeys(pieces.problems))
    return Configuration(settings, policy, secret, (*cautions(settings, policy), *warnings))


def digest_of(policy: Policy) -> str:
    """SHA-256 of what a policy says. The order of categories counts, because the first one that fits wins."""
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
    """Where the secret should be, also in a file whose [desk] is faulty."""
    desk = overlay.tree.get("desk")
    name = desk.get("secret_file") if isinstance(desk, dict) else None
    return folder / Path(name if isinstance(name, str) and name else Desk.model_fields["secret_file"].default).expanduser()


def _settings(pieces: Pieces, desk: Desk | None, mailboxes: Mapping[str, Mailbox], folder: Path) -> Settings | None:
    database = pieces.section("database", Database)
    smtp = pieces.section("smtp", Smtp) if "smtp" in pieces.tree else None
    lmtp = pieces.section("lmtp", Lmtp) if "lmtp" in pieces.tree else None
    relay, authentication = pieces.section("relay", Relay), pieces.section("authentication", Authentication)
    dkim = pieces.rows("dkim", Dkim)
    log_format = pieces.scalar("log_format", Settings)
    for key, reason in missing_files(folder, desk, smtp, relay, mailboxes, dkim):
        pieces.problem(key, reason)
    if log_format not in ("text", "json"):
        pieces.problem("log_format", "allowed: text, json")
    elif desk and database and relay and authentication:
        doors = {"smtp": smtp, "lmtp": lmtp}
        sections = {
            "desk": desk,
            "database": database,
            "relay": relay,
            "authentication": authentication,
            **doors,
            "mailboxes": tuple(mailboxes.values()),
            "dkim": tuple(dkim.values()),
        }
        return settled(Settings.model_validate({"folder": folder, "log_format": log_format, **sections}))
    return None


def _policy(pieces: Pieces, desk: Desk | None, mailboxes: Mapping[str, Mailbox]) -> Policy | None:
    addresses, staff = pieces.rows("address", SupportAddress), pieces.rows("staff", Staff)
    accounts = pieces.rows("account", Account)
    plans = pieces.table("plans", Plan, DEFAULT_PLANS)
    categories = pieces.table("categories", Category, DEFAULT_CATEGORIES, inherits=True)
    calendar, escalation = pieces.section("calendar", Calendar), pieces.section("escalation", Escalation)
    calendars = pieces.table("calendars", Calendar, {})
    closing, retry = pieces.section("closing", Closing), pieces.section("retry", Retry)
    answering, permissions = pieces.section("answering", Answering), pieces.section("permissions", Permissions)
    automatic, suppression = pieces.section("automatic", Automatic), pieces.section("suppression", SuppressionSpans)
    busy, incidents = pieces.section("busy", Busy), pieces.section("incidents", Incidents)
    routes, forms = pieces.rows("route", Route), pieces.rows("form", Form)
    severities, priorities = pieces.section("severities", Severities), pieces.section("priorities", Priorities)
    triage = pieces.section("triage", Triage)
    named = ("default_category", "default_plan", "default_queue", "default_language")
    defaults = {name: pieces.scalar(name, Policy) for name in named}
    draft = Draft(
        desk=desk or pieces.remains("desk", Desk, {"name": "Desk"}),
        addresses=addresses,
        staff=staff,
        accounts=accounts,
        categories=categories,
        mailboxes=mailboxes,
        routes=routes,
        impact=triage.impact if triage and "impact" in triage.model_fields_set else {},
        defaults=defaults,
        plan_names=pieces.names("plans", DEFAULT_PLANS),
        category_names=pieces.names("categories", DEFAULT_CATEGORIES),
        account_ids=pieces.written("account", "id"),
        queues=pieces.written("staff", "queues", ("general",)),
        calendar_names=pieces.names("calendars", {}),
    )
    for key, reason in findings(draft):
        pieces.problem(key, reason)
    if not (calendar and escalation and closing and answering and permissions and retry and automatic and suppression):
        return None
    if not (severities and priorities and triage and busy and incidents):
        return None
    policy = Policy(
        addresses=tuple(addresses.values()),
        staff=tuple(staff.values()),
        accounts=tuple(accounts.values()),
        plans=plans,
        categories=categories,
        calendar=calendar,
        calendars=calendars,
        escalation=escalation,
        closing=closing,
        answering=answering,
        permissions=permissions,
        retry=retry,
        automatic=automatic,
        suppression=suppression,
        busy=busy,
        incidents=incidents,
        routes=tuple(routes.values()),
        forms=tuple(forms.values()),
        severities=severities,
        priorities=priorities,
        triage=triage,
        **defaults,
    )
    return policy.model_copy(update={"digest": digest_of(policy)})
