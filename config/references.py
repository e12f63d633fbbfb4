"""Checks of what one section says about another: that a queue has a member, that a plan exists, that an address is only one person's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from helpdesk.config.address import LONGEST_LOCAL_PART, address, domain_of, local_part_of
from helpdesk.config.our_addresses import our_addresses
from helpdesk.config.people import Account, Staff, SupportAddress
from helpdesk.config.rules import SortingRule
from helpdesk.config.settings import DeskSettings, MailboxSettings, WebhookSettings
from helpdesk.config.shapes import LANGUAGE
from helpdesk.config.triage import Category, Route

LONGEST_TOKEN = 45  # characters of a reply token

Finding = tuple[str, str]  # key, reason


@dataclass(frozen=True, slots=True)
class ConfigurationDraft:
    """The sound entries of a configuration by their keys such as `staff[0]`, and every name that is written, sound or not."""

    desk: DeskSettings | None
    addresses: Mapping[str, SupportAddress]
    staff: Mapping[str, Staff]
    accounts: Mapping[str, Account]
    categories: Mapping[str, Category]
    mailboxes: Mapping[str, MailboxSettings]
    defaults: Mapping[str, str]  # default_plan, default_queue, default_category, default_language
    plan_names: frozenset[str]
    category_names: frozenset[str]
    account_ids: frozenset[str]
    queues: frozenset[str]  # those with a member
    webhooks: Mapping[str, WebhookSettings] = field(default_factory=dict)
    routes: Mapping[str, Route] = field(default_factory=dict)
    rules: Mapping[str, SortingRule] = field(default_factory=dict)
    impact: Mapping[str, str] = field(default_factory=dict)  # by plan, as it is written
    calendar_names: frozenset[str] = frozenset()
    staff_addresses: frozenset[str] = frozenset()  # as they are written


def findings(draft: ConfigurationDraft) -> Iterator[Finding]:
    """What does not fit together: the key and the reason of each fault."""
    for check in (
        _addresses,
        _queues,
        _deputies,
        _plans,
        _accounts,
        _routes,
        _rules,
        _mailboxes,
        _webhooks,
        _defaults,
        _one_person_each,
    ):
        yield from check(draft)
    if draft.desk:
        yield from _reply_addresses(draft.desk, draft)
        yield from _people_at_our_addresses(draft.desk, draft)


def _addresses(draft: ConfigurationDraft) -> Iterator[Finding]:
    if not draft.addresses:
        yield "address", "write at least one [[address]] with an address and a queue"
    for key, row in draft.addresses.items():
        local_part = local_part_of(row.address)
        if draft.desk and domain_of(row.address) != draft.desk.domain:
            yield f"{key}.address", f"its domain is not desk.domain, {draft.desk.domain}"
        if not local_part.isascii():
            yield f"{key}.address", "write its local part in ASCII, so that every mail client can answer to it"
        if "+" in local_part:
            yield f"{key}.address", "write it without a +, because reply addresses have their token behind a +"


def _reply_addresses(desk: DeskSettings, draft: ConfigurationDraft) -> Iterator[Finding]:
    """Every support address must give a valid reply address, and none may look like a reply address itself."""
    token = "x" * LONGEST_TOKEN
    for key, row in draft.addresses.items():
        reply = desk.reply_address.format(local=local_part_of(row.address), token=token, domain=desk.domain)
        excess = len(local_part_of(reply).encode()) - LONGEST_LOCAL_PART
        if excess > 0:
            yield (
                f"{key}.address",
                f"too long: with a reply token it has {excess} octets more than the {LONGEST_LOCAL_PART} before an @",
            )
        elif not _is_address(reply):
            yield "desk.reply_address", f"gives {reply}, which is no address"
    behind = desk.reply_address.partition("{token}")[2].replace("{domain}", desk.domain).lower()
    front = desk.reply_address.partition("{token}")[0]
    if front == "" and behind in {f"@{domain_of(row.address)}" for row in draft.addresses.values()}:
        yield (
            "desk.reply_address",
            "every support address looks like a reply address; write a domain of its own, or {local}+ in front of {token}",
        )


def _is_address(text: str) -> bool:
    try:
        return bool(address(text))
    except ValueError:
        return False


def _queues(draft: ConfigurationDraft) -> Iterator[Finding]:
    named = {f"{key}.queue": row.queue for key, row in draft.addresses.items()}
    named |= {f'categories."{name}".queue': row.queue for name, row in draft.categories.items() if row.queue}
    named |= {f"{key}.queue": row.queue for key, row in draft.routes.items()}
    named |= {f"{key}.queue": rule.queue for key, rule in draft.rules.items() if rule.queue}
    named |= {"default_queue": draft.defaults["default_queue"]}
    for key, queue in named.items():
        if queue not in draft.queues:
            yield (
                key,
                f'nobody works in the queue "{queue}"; write it into the queues of a [[staff]], or of [directory], {_known(draft.queues)}',
            )


def _deputies(draft: ConfigurationDraft) -> Iterator[Finding]:
    """A deputy must be another member of staff, or nobody would be told while the first one is away."""
    known = frozenset(written.lower() for written in draft.staff_addresses)
    for key, member in draft.staff.items():
        deputy = (member.deputy or "").lower()
        if deputy and deputy in {member.address.lower(), *map(str.lower, member.addresses)}:
            yield f"{key}.deputy", "write the address of another member of staff; nobody stands in for themselves"
        elif deputy and deputy not in known:
            yield f"{key}.deputy", f"there is no [[staff]] with the address {deputy}, {_known(known)}"


def _plans(draft: ConfigurationDraft) -> Iterator[Finding]:
    rows: dict[str, Account | SupportAddress] = {**draft.accounts, **draft.addresses}
    for key, row in rows.items():
        if row.plan is not None and row.plan not in draft.plan_names:
            yield f"{key}.plan", f'there is no plan "{row.plan}", {_known(draft.plan_names)}'


def _accounts(draft: ConfigurationDraft) -> Iterator[Finding]:
    for key, account in draft.accounts.items():
        if account.calendar is not None and account.calendar not in draft.calendar_names:
            yield f"{key}.calendar", f'there is no calendar "{account.calendar}", {_known(draft.calendar_names)}'
    for key, row in draft.addresses.items():
        if row.account is not None and row.account not in draft.account_ids:
            yield f"{key}.account", f'there is no account "{row.account}", {_known(draft.account_ids)}'


def _routes(draft: ConfigurationDraft) -> Iterator[Finding]:
    """What a route names must exist. The last route, and no other, must fit every request."""
    addresses = frozenset(row.address.lower() for row in draft.addresses.values())
    known = {"address": addresses, "category": draft.category_names, "plan": draft.plan_names, "account": draft.account_ids}
    for key, row in draft.routes.items():
        for field_, values in row.conditions.items():
            for value in values:
                if field_ in known and value not in known[field_]:
                    yield f"{key}.{field_}", f'there is no {field_} "{value}", {_known(known[field_])}'
    last = list(draft.routes)[-1:]
    for key, row in draft.routes.items():
        if key in last and row.conditions:
            yield key, "some requests fit no route: write one more [[route]] with a queue alone, last"
        if key not in last and not row.conditions:
            yield key, "it fits every request, so the routes after it never count; write it last"
    for plan in draft.impact:
        if plan not in draft.plan_names:
            yield f'triage.impact."{plan}"', f'there is no plan "{plan}", {_known(draft.plan_names)}'


def _rules(draft: ConfigurationDraft) -> Iterator[Finding]:
    """Rules must have names of their own, name categories that exist, and keep out no mail of the desk's own people."""
    yield from _repeated({f"{key}.name": rule.name for key, rule in draft.rules.items()}, {})
    staff = {written.lower() for written in draft.staff_addresses}
    for key, rule in draft.rules.items():
        if rule.category and rule.category not in draft.category_names:
            yield f"{key}.category", f'there is no category "{rule.category}", {_known(draft.category_names)}'
        for sender in rule.sender if rule.stops else ():
            if sender in staff:
                yield f"{key}.sender", f"{sender} is a member of staff, whose mail no rule can {rule.stops}"


def _mailboxes(draft: ConfigurationDraft) -> Iterator[Finding]:
    """A mailbox must be written once, under one name, for an address of the desk."""
    known = frozenset(row.address for row in draft.addresses.values())
    for key, row in draft.mailboxes.items():
        if row.support_address and row.support_address not in known:
            yield f"{key}.support_address", f"there is no [[address]] {row.support_address}, {_known(known)}"
    yield from _repeated({f"{key}.name": row.name for key, row in draft.mailboxes.items()}, {})
    yield from _repeated({f"{key}.url": row.url for key, row in draft.mailboxes.items()}, {})


def _webhooks(draft: ConfigurationDraft) -> Iterator[Finding]:
    """A webhook must have a name of its own, because what is on its way to it is kept under that name."""
    yield from _repeated({f"{key}.name": row.name for key, row in draft.webhooks.items()}, {})


def _defaults(draft: ConfigurationDraft) -> Iterator[Finding]:
    for key, names in (("default_plan", draft.plan_names), ("default_category", draft.category_names)):
        if draft.defaults[key] not in names:
            yield key, f'there is no "{draft.defaults[key]}", {_known(names)}'
    if not LANGUAGE.fullmatch(draft.defaults["default_language"]):
        yield "default_language", 'write a language as "de", or with its region as "pt-BR"'


def _one_person_each(draft: ConfigurationDraft) -> Iterator[Finding]:
    """An address must be a support address, or one staff member's, or a contact of one account. An id or a domain must be one account's."""
    support = {f"{key}.address": row.address for key, row in draft.addresses.items()}
    staff, contacts = _staff(draft), _contacts(draft)
    domains = {f"{key}.domains[{at}]": domain for key, row in draft.accounts.items() for at, domain in enumerate(row.domains)}
    ids = {f"{key}.id": row.id for key, row in draft.accounts.items()}
    for values, taken in ((support, {}), (staff, support), (contacts, support), (domains, {}), (ids, {})):
        yield from _repeated(values, taken)


def _staff(draft: ConfigurationDraft) -> dict[str, str]:
    first = {f"{key}.address": row.address for key, row in draft.staff.items()}
    return first | {
        f"{key}.addresses[{at}]": further for key, row in draft.staff.items() for at, further in enumerate(row.addresses)
    }


def _contacts(draft: ConfigurationDraft) -> dict[str, str]:
    listed = {f"{key}.contacts[{at}]": contact for key, row in draft.accounts.items() for at, contact in enumerate(row.contacts)}
    return listed | {
        f'{key}.people."{name}"[{at}]': contact
        for key, row in draft.accounts.items()
        for name, contacts in row.people.items()
        for at, contact in enumerate(contacts)
    }


def _people_at_our_addresses(desk: DeskSettings, draft: ConfigurationDraft) -> Iterator[Finding]:
    """Letters to a person whose address is the desk's would come in again as that person's mail."""
    support = {row.address for row in draft.addresses.values()}
    ours = our_addresses(desk.domain, desk.reply_address, support)
    for key, written in (_staff(draft) | _contacts(draft)).items():
        if written not in support and ours.is_ours(written):
            yield (
                key,
                f"{written} is an address of the desk itself; write the address at which this person reads mail",
            )


def _repeated(values: Mapping[str, str], taken: Mapping[str, str]) -> Iterator[Finding]:
    first = {value: key for key, value in taken.items()}
    for key, value in values.items():
        if value in first:
            yield key, f"{value} is written in {first[value]} already"
        first.setdefault(value, key)


def _known(names: frozenset[str]) -> str:
    return f"known: {', '.join(sorted(names))}" if names else "there is none yet"
