"""Greetings and closings of letters to customers: what a person wrote is not said twice, and a name is said as people say it."""

import re
from collections.abc import Iterable, Iterator

from helpdesk.threading.reading.signature_words import GREETINGS, SIGN_OFFS, THANKS

LONGEST_GREETING = 80  # characters of a line that may be a greeting
MOST_WORDS = 6
LAST_LINES = 4  # of a text, in which a closing may stand
SIGNATURE_LINES = 24  # of a text, in which a signature may stand that somebody typed
LONGEST_NAME = 80  # characters of a name that are read
IN_BRACKETS = re.compile(r"[(\[][^()\[\]]{0,80}[)\]]")
NO_NAME = frozenset("@<>/")  # signs of an address, of markup, of a link
SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "phd", "md", "inc", "ltd", "llc", "gmbh", "ag", "sa", "bv", "srl"})
# What stands between a person's name and their company, or the service that passes their mail on.
BEHIND_NAME = (
    *(" | ", " - ", " – ", " — ", " · ", ", via ", " via ", " on behalf of ", " c/o "),
    *(" im auftrag von ", " im namen von ", " par l'intermédiaire de ", " par l’intermédiaire de ", " au nom de ", " pour le compte de "),
    *(" a través de ", " por medio de ", " en nombre de ", " tramite ", " per conto di ", " através de ", " em nome de ", " namens "),
)  # fmt: skip
# Names of teams, machines and mailboxes. Nobody is greeted as one of them.
TEAMS = frozenset({
    "support", "helpdesk", "help desk", "service", "service desk", "servicedesk", "it", "it support", "it service", "info", "office", "admin", "administrator",
    "billing", "accounting", "accounts", "sales", "marketing", "hr", "reception", "mailbox", "shared mailbox", "noreply", "no reply", "no-reply", "do not reply", "postmaster", "webmaster", "scanner", "printer",
    "customer service", "customer support", "customer care", "back office", "purchasing", "procurement",
    "kundenservice", "kundendienst", "kundenbetreuung", "buchhaltung", "einkauf", "vertrieb", "verwaltung", "sekretariat", "empfang", "zentrale", "personalabteilung", "it-abteilung", "technik", "rechnung", "rechnungen",
    "service client", "service clients", "service clientèle", "comptabilité", "achats", "accueil", "secrétariat", "service informatique", "assistance",
    "soporte", "soporte técnico", "atención al cliente", "contabilidad", "compras", "ventas", "recepción", "administración", "secretaría", "informática",
    "assistenza", "assistenza clienti", "servizio clienti", "contabilità", "amministrazione", "acquisti", "vendite", "segreteria", "ufficio acquisti",
    "suporte", "apoio", "apoio ao cliente", "contabilidade", "vendas", "receção", "administração", "secretaria",
    "klantenservice", "klantendienst", "boekhouding", "inkoop", "verkoop", "receptie", "administratie", "secretariaat",
})  # fmt: skip
TEAM_WORDS = frozenset({"team", "équipe", "equipe", "equipo", "equipa"})
CLOSINGS = frozenset(words for part in (SIGN_OFFS, THANKS) for phrases in part.values() for words in phrases)


def spoken_name(name: str) -> str:
    """A name as a greeting says it: "Müller, Jörg (IT)" is Jörg Müller. "" for what is no name of a person.

    At most `LONGEST_NAME` characters are read.
    """
    plain = _without_company(" ".join(IN_BRACKETS.sub(" ", name[:LONGEST_NAME]).replace('"', " ").split())).strip(" ,;'’‘")
    last, comma, first = (part.strip() for part in plain.partition(","))
    if comma and "," not in first and first.casefold().strip(".") not in SUFFIXES:
        plain = f"{first} {last}"
    if NO_NAME & set(plain) or not any(letter.isalpha() for letter in plain) or _is_team(plain):
        return ""
    return _in_small_letters(plain)


def _without_company(name: str) -> str:
    """The name in front of a company or of a service that passes mail on: "Frau Schmidt via Portal" is Frau Schmidt."""
    low = name.casefold()
    places = [low.index(sign) for sign in BEHIND_NAME if sign in low] if len(low) == len(name) else []
    return name[: min(places)] if places and min(places) > 0 else name


def _is_team(name: str) -> bool:
    low = name.casefold().strip(" .")
    return low in TEAMS or not TEAM_WORDS.isdisjoint(low.split())


def _in_small_letters(name: str) -> str:
    """A name that was written in capitals alone, as people write it: "JÖRG MÜLLER" is Jörg Müller. Initials and companies stay."""
    words = name.split()
    if len(words) < 2 or not name.isupper() or any(word.casefold().strip(".") in SUFFIXES for word in words):
        return name
    return " ".join(word if word.endswith(".") or len(word) < 2 else word.title() for word in words)


def begins_with_greeting(text: str) -> bool:
    """Whether a text of staff begins with a greeting of its own."""
    line = text[:2000].lstrip().partition("\n")[0].strip().casefold()
    if not line or len(line) > LONGEST_GREETING or len(line.split()) > MOST_WORDS:
        return False
    greeting = max((words for words in GREETINGS if line.startswith(words)), key=len, default="")
    return bool(greeting) and not line[len(greeting) :][:1].isalpha()


def ends_with_closing(text: str) -> bool:
    """Whether the last lines of a text of staff have a closing, such as "Kind regards"."""
    return any(line in CLOSINGS for line in _last_lines(text))


def ends_with_name(text: str, author: str, signature: str = "") -> bool:
    """Whether a text of staff ends with the name of its author, or the first name, above lines of their signature at most."""
    names = {author.casefold(), author.casefold().partition(" ")[0]} - {""}
    below = {_bare(line) for line in signature.splitlines()}
    lines = _last_lines(text)
    while lines and lines[-1] in below - names:
        lines.pop()
    return any(line in names for line in lines[-1:])


def lines_unsaid(text: str, signature: Iterable[str]) -> Iterator[str]:
    """The lines of a signature that do not stand at the end of a text already."""
    said = set(_last_lines(text, SIGNATURE_LINES))
    return (line for line in signature if _bare(line) not in said or not _bare(line))


def _last_lines(text: str, most: int = LAST_LINES) -> list[str]:
    return [_bare(line) for line in text[-2000:].splitlines() if line.strip()][-most:]


def _bare(line: str) -> str:
    return line.strip(" \t\r\n,.!–-").casefold()
