"""Addresses as identities. The rules are strict, because permissions depend on them.

An address is an identity only when it is a plain dot-atom at a domain (RFC 5322 §3.2.3): no comment, quoted string, route, group or
encoded word, because parsers differ about who is meant by those. Mail from any other address is read, but it has no identity.
"""

import re
import unicodedata

from helpdesk.config.domain_names import a_labels

LONGEST_LOCAL_PART = 64  # RFC 5321 §4.5.3.1.1
LONGEST_ADDRESS = 254
ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
LABEL = r"[a-z0-9\u0080-\U0010ffff](?:[a-z0-9\u0080-\U0010ffff-]*[a-z0-9\u0080-\U0010ffff])?"
IDENTITY = re.compile(rf"{ATOM}(?:\.{ATOM})*@{LABEL}(?:\.{LABEL})*")
# Nobody reads mail at these addresses, even if a person wrote it. Hyphens, dots and underscores are left out of the comparison.
UNREAD = frozenset(
    {"mailerdaemon", "noreply", "noreplies", "donotreply", "dontreply", "noanswer", "bounce", "bounces", "nichtantworten", "keineantwort",
     "nepasrepondre", "noresponder", "naoresponda", "naoresponder", "nonrispondere", "nietbeantwoorden"}
)  # fmt: skip
# A person may sit behind the other names of robots.
ROBOTS = UNREAD | {"postmaster", "root"}
PUNCTUATION = str.maketrans("", "", "-._")
COMMENT = re.compile(r"\([^()]*\)|\s")
INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp")


def canonical(address: str) -> str:
    """The form in which addresses are compared: NFC, lower case, domain in A-labels; "" if the address cannot be an identity.

    The local part is made lower case too. RFC 5321 §2.4 lets a host distinguish case, but no host in use does, and people retype addresses.
    """
    written = address.strip()
    folded = unicodedata.normalize("NFC", written).lower()
    if sum(map(str.isascii, folded)) > sum(map(str.isascii, written)):
        return ""  # lower() turns a Kelvin sign into the letter k, which is another address
    if len(folded) > LONGEST_ADDRESS or not IDENTITY.fullmatch(folded):
        return ""
    if not folded.isascii() and any(unicodedata.category(letter) in INVISIBLE for letter in folded):
        return ""
    local_part, _, domain = folded.rpartition("@")
    if len(local_part.encode()) > LONGEST_LOCAL_PART or local_part.startswith("=?"):
        return ""
    ascii_domain = a_labels(domain)
    return f"{local_part}@{ascii_domain}" if ascii_domain else ""


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]


def reachable(address: str) -> str:
    """The address to which a letter can be sent, "" without one. Addresses that are no identity may be reachable: some providers gave
    out `a..b@` and `a.@`."""
    known = canonical(address)
    if known:
        return known
    folded = address.strip().lower()
    local_part, _, domain = folded.rpartition("@")
    plain = local_part.replace(".", "")
    return folded if plain and len(local_part) <= LONGEST_LOCAL_PART and canonical(f"{plain}@{domain}") else ""


def rate_key(address: str) -> str:
    """One spelling for all addresses that may reach the same mailbox: without comments, dots and subaddress.

    Use it only to count mail, because two people may share one key.
    """
    local_part, _, domain = COMMENT.sub("", address.strip().lower()).rpartition("@")
    bare = local_part.strip('"').partition("+")[0].replace(".", "")
    return f"{bare or local_part}@{a_labels(domain.rstrip('.')) or domain}"


def is_unread_address(address: str) -> bool:
    """Whether nobody reads mail at this address, even if a person wrote it."""
    return _is_named(address.rpartition("@")[0].partition("+")[0].lower(), UNREAD)


def is_robot_address(address: str) -> bool:
    """Whether the local part says that nobody reads mail at this address."""
    local_part = address.rpartition("@")[0].partition("+")[0].lower()
    return (
        _is_named(local_part, ROBOTS)
        or local_part.endswith(("-request", "-owner", "-bounces"))
        or local_part.startswith("owner-")
    )


def _is_named(local_part: str, names: frozenset[str]) -> bool:
    """Whether a local part has one of these names. Services write `shop-noreply` and `noreply-4711` too."""
    bare = local_part.translate(PUNCTUATION)
    return bare in names or bare.startswith("noreply") or bare.endswith("noreply")
