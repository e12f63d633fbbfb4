"""The files that Postfix needs to hand the desk's mail over, made from the configuration, so that both always name the same addresses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from helpdesk.config.our_addresses import ROLES, OurAddresses

PREFIX = "helpdesk_"
WRITTEN = "# Written by `helpdesk postfix` from the configuration. Run it again instead of editing this file.\n"
PARTS = re.compile(r"(\{local\}|\{token\}|\{domain\})")  # of a pattern of reply addresses
SPECIAL = re.compile(r"([][().*+?{}^$|\\/])")  # in POSIX extended regular expressions, and the slash that ends one in a table


class HandOver(StrEnum):
    """How Postfix hands a mail over."""

    SMTP = "smtp"
    LMTP = "lmtp"
    PIPE = "pipe"


@dataclass(frozen=True, slots=True)
class PostfixSetup:
    """Tables by their file names, settings of main.cf, and services of master.cf by their names."""

    tables: Mapping[str, str]
    settings: Mapping[str, str]
    services: Mapping[str, str]


def postfix_setup(
    ours: OurAddresses, next_hop: str, way: HandOver, mx: str, largest_mail: int, folder: Path, deliver: str
) -> PostfixSetup:
    """Everything that Postfix needs. `next_hop` is where the door listens, `mx` Postfix's own name, `deliver` the command of the pipe."""
    domains = [ours.domain, *([ours.reply_addresses.own_domain] if ours.reply_addresses.own_domain else [])]
    service = {HandOver.SMTP: "helpdesk", HandOver.LMTP: "helpdesk-lmtp", HandOver.PIPE: "helpdesk-deliver"}[way]
    received = f"regexp:{folder}/{PREFIX}own_received"
    tables = {
        "recipients": recipients_table(ours),
        "transport": "".join(f"{domain}  {service}:{'' if way is HandOver.PIPE else next_hop}\n" for domain in domains),
        "strangers_claims": "/^Authentication-Results\\s*:/  IGNORE\n",
        "own_received": f"/^Received:.*\\sby {_literal(mx)} \\(Postfix\\)/  IGNORE\n",
    }
    settings = {
        "relay_domains": ", ".join(domains),
        "recipient_delimiter": "+",
        "transport_maps": f"texthash:{folder}/{PREFIX}transport",
        "relay_recipient_maps": f"regexp:{folder}/{PREFIX}recipients",
        "header_checks": f"regexp:{folder}/{PREFIX}strangers_claims",
        "message_size_limit": str(largest_mail),
        "smtpd_relay_restrictions": "permit_mynetworks, reject_unauth_destination",
        "smtpd_forbid_bare_newline": "normalize",
        "smtpd_forbid_bare_newline_exclusions": "",
        "smtpd_forbid_unauth_pipelining": "yes",
        "smtpd_data_restrictions": "reject_unauth_pipelining",
        "cleanup_replace_stray_cr_lf": "yes",
        "message_strip_characters": r"\0",
    }
    services = {
        HandOver.SMTP: f"helpdesk unix - - n - - smtp -o smtp_header_checks={received}",
        HandOver.LMTP: f"helpdesk-lmtp unix - - n - - lmtp -o lmtp_header_checks={received}",
        HandOver.PIPE: f"helpdesk-deliver unix - n n - 4 pipe user=helpdesk null_sender= argv={deliver}",
    }
    return PostfixSetup({f"{PREFIX}{name}": WRITTEN + text for name, text in tables.items()}, settings, {service: services[way]})


def recipients_table(ours: OurAddresses) -> str:
    """The addresses for which the doors take mail, so that Postfix refuses all others at once."""
    locals_ = dict.fromkeys((*(address.rpartition("@")[0] for address in ours.support), ours.bounce_local, *ROLES))
    names = "|".join(_literal(name) for name in locals_)
    lines = [f"/^({names})(\\+[a-z0-9]+)?@{_literal(ours.domain)}$/  OK"]
    pattern = ours.reply_addresses.pattern
    if pattern != "{local}+{token}@{domain}":
        parts = PARTS.split(pattern)
        written = {"{local}": f"({names})", "{token}": "[a-z0-9]+", "{domain}": _literal(ours.domain)}
        lines.append(f"/^{''.join(written.get(part) or _literal(part) for part in parts)}$/  OK")
    return "".join(f"{line}\n" for line in lines)


def differences(ours: OurAddresses, folder: Path) -> list[str]:
    """What is wrong with the tables of a Postfix that hands mail over; nothing where there are none, or they cannot be read."""
    found = []
    for name, wanted in {"recipients": recipients_table(ours)}.items():
        try:
            written = (folder / f"{PREFIX}{name}").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if _rules(written) != _rules(wanted):
            found.append(f"{folder / f'{PREFIX}{name}'} does not name the addresses of the configuration; run: helpdesk postfix")
    try:
        routed = {line.split()[0] for line in _rules((folder / f"{PREFIX}transport").read_text(encoding="utf-8"))}
    except (OSError, UnicodeDecodeError):
        return found
    if missing := {ours.domain, ours.reply_addresses.own_domain} - routed - {""}:
        found.append(f"{folder / f'{PREFIX}transport'} has no way for {', '.join(sorted(missing))}; run: helpdesk postfix")
    return found


def _rules(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _literal(text: str) -> str:
    return SPECIAL.sub(r"\\\1", text)
