"""The people of the week: a desk of seven, and customers of four plans in several time zones."""

from dataclasses import dataclass

from support.oracles.time_oracle import Office

OFFICE = Office("Europe/Berlin", ("09:00-17:00",) * 5 + ("", ""), "DE", "BE")
HOUR = 3600
DIGEST_AT = 8  # o'clock at the office
UNDO_WINDOW = 30  # seconds
PROMISES = {  # seconds of working time, by plan and kind
    "free": {},
    "starter": {"first_response": 8 * HOUR},
    "business": {"first_response": 4 * HOUR, "next_response": 8 * HOUR, "resolution": 40 * HOUR},
    "custom": {"first_response": 2 * HOUR, "next_response": 4 * HOUR},
}
SELF_SERVICE = 'self_service = "https://help.example.com/"'
SEVERITIES = ("low", "normal", "high", "critical")


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the desk. `hours` are those of their shift, from and to."""

    name: str
    address: str
    role: str
    queues: tuple[str, ...]
    hours: tuple[int, int] = (9, 17)
    zone: str = "Europe/Berlin"
    language: str = "en"
    deputy: str = ""
    letters: str = "all"
    client: str = "gmail_en"

    @property
    def first_name(self) -> str:
        return self.name.partition(" ")[0]


BOTH = ("general", "billing")
TEAM = {
    member.address: member
    for member in (
        Colleague(
            "Omar Haddad", "omar@desk.example", "agent", ("general",), (9, 13), "Europe/London", deputy="nora@desk.example"
        ),
        Colleague("Lena Vogt", "lena@desk.example", "agent", BOTH, (13, 17), language="de", client="outlook_de"),
        Colleague("Nora Lind", "nora@desk.example", "agent", ("general",), client="thunderbird_en"),
        Colleague("Bela Kovacs", "bela@desk.example", "agent", BOTH, letters="own", client="apple_en"),
        Colleague("Ines Duarte", "ines@desk.example", "senior", BOTH, deputy="karl@desk.example", client="outlook_en"),
        Colleague("Karl Stein", "karl@desk.example", "senior", BOTH, language="de", client="gmail_de"),
        Colleague("Max Weber", "max@desk.example", "manager", BOTH, zone="America/New_York"),
    )
}
SENIORS = tuple(member.address for member in TEAM.values() if member.role != "agent")


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer with one mail client. The zone is that in which the desk writes times to them."""

    name: str
    address: str
    account: str
    plan: str
    zone: str = "Europe/Berlin"
    language: str = "en"
    client: str = "gmail_en"


FIRST_NAMES = (
    "Anna", "Paul", "Greta", "Hugo", "Carla", "Diana", "Erik", "Fred", "Mona", "Tina", "Raj", "Uma", "Ivo", "Zoe", "Ben", "Amy", "Sam",
    "Lea", "Nils", "Olga", "Pia", "Rosa", "Sven", "Tom", "Vera", "Wim", "Yara", "Ali", "Bo", "Cleo",
)  # fmt: skip
LAST_NAMES = ("Berg", "Moss", "Hahn", "Blanc", "Lund", "Rossi", "Prinz", "Novak", "Horn", "Sato", "Reyes", "Marsh", "Quist")
MAIL_CLIENTS = ("gmail_en", "outlook_en", "apple_en", "thunderbird_en", "iphone", "outlook_web", "roundcube", "k9", "gmx")
HOMES = (  # domain, account, plan, zone, language
    ("acme.example", "acme", "business", "Europe/Berlin", "en"),
    ("globex.example", "globex", "starter", "Europe/Berlin", "de"),
    ("initech.example", "initech", "custom", "America/New_York", "en"),
    ("umbra.example", "umbra", "business", "Europe/London", "en"),
    ("", "", "free", "Europe/Berlin", "en"),
)


def buyers(count: int) -> list[Buyer]:
    """So many customers. Those without an account have a domain of their own."""
    made = []
    for number in range(count):
        domain, account, plan, zone, language = HOMES[number % len(HOMES)]
        first, last = FIRST_NAMES[number % len(FIRST_NAMES)], LAST_NAMES[number // 3 % len(LAST_NAMES)]
        address = f"{first.lower()}{number}@{domain or f'house{number}.example'}"
        made.append(Buyer(f"{first} {last}", address, account, plan, zone, language, MAIL_CLIENTS[number % len(MAIL_CLIENTS)]))
    return made


def configuration(more: str = "") -> str:
    """The desk's helpdesk.toml, with more sections."""
    lines = [
        '[desk]\nname = "Accoraze Support"\nprefix = "ACZ"\ndomain = "support.example.com"',
        '[[address]]\naddress = "help@support.example.com"',
        '[[address]]\naddress = "billing@support.example.com"\nqueue = "billing"',
        '[database]\nurl = "sqlite:///helpdesk.db"\nblobs = "blobs"',
        '[smtp]\nlisten = "127.0.0.1:0"\n[relay]\nurl = "maildir:outgoing"',
        f'[answering]\nundo_window = "{UNDO_WINDOW}s"\ndigest_at = "{DIGEST_AT:02}:00"',
        '[authentication]\nassume_from = ["127.0.0.1/32"]',
        '[calendar]\nzone = "Europe/Berlin"\ncountry = "DE"\nsubdivision = "BE"',
        '[busy]\nenter_above = "1000h"\nleave_below = "900h"',  # the promise of the plan is what a confirmation names; measured times have a campaign of their own
    ]
    for member in TEAM.values():
        hours = "" if member.hours == (9, 17) else f'hours = "{member.hours[0]:02}:00-{member.hours[1]:02}:00"\n'
        deputy = f'deputy = "{member.deputy}"\n' if member.deputy else ""
        lines.append(
            f'[[staff]]\nname = "{member.name}"\naddress = "{member.address}"\nrole = "{member.role}"\n'
            f"queues = {list(member.queues)}\n{hours}{deputy}"
            f'zone = "{member.zone}"\nlanguage = "{member.language}"\nletters = "{member.letters}"'
        )
    for domain, account, plan, zone, language in HOMES:
        if account:
            lines.append(
                f'[[account]]\nid = "{account}"\nplan = "{plan}"\ndomains = ["{domain}"]\nzone = "{zone}"\nlanguage = "{language}"'
            )
    for plan, times in PROMISES.items():
        promised = "\n".join(f'{kind} = "{seconds // HOUR}h"' for kind, seconds in times.items())
        lines.append(f"[plans.{plan}]\n{promised or SELF_SERVICE}")
    return "\n".join((*lines, more)) + "\n"
