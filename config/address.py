"""Addresses and domains as the configuration writes them: strict, and brought to the one form in which they are compared."""

import re
import unicodedata

from helpdesk.config.domain_names import a_labels

LONGEST_LOCAL_PART = 64  # octets, RFC 5321 §4.5.3.1.1
LONGEST_ADDRESS = 254
LONGEST_DOMAIN = 253
LONGEST_LABEL = 63  # RFC 1035 §2.3.4
ATOM = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+")
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp")
WRITE_ADDRESS = "write a plain address: local-part@domain, without a name, quotes, brackets or spaces"


def address(text: str) -> str:
    """A plain dot-atom at a domain (RFC 5322 §3.2.3), in NFC and lower case, the domain in A-labels.

    Raises ValueError that says what is allowed.
    """
    folded = unicodedata.normalize("NFC", text.strip()).lower()
    local_part, at, host = folded.rpartition("@")
    if not at or not all(ATOM.fullmatch(atom) for atom in local_part.split(".")) or local_part.startswith("=?"):
        raise ValueError(WRITE_ADDRESS)
    if any(unicodedata.category(letter) in INVISIBLE for letter in folded):
        raise ValueError("the address holds an invisible character")
    if len(local_part.encode()) > LONGEST_LOCAL_PART or len(folded) > LONGEST_ADDRESS:
        raise ValueError(f"too long: at most {LONGEST_LOCAL_PART} octets before the @ and {LONGEST_ADDRESS} in all")
    return f"{local_part}@{domain(host)}"


def domain(text: str) -> str:
    """A domain name in lower case and A-labels.

    Raises ValueError that says what is allowed.
    """
    name = a_labels(unicodedata.normalize("NFC", text.strip()).lower())
    labels = name.split(".")
    if len(name) > LONGEST_DOMAIN or not all(LABEL.fullmatch(label) and len(label) <= LONGEST_LABEL for label in labels):
        raise ValueError("write a domain name such as support.example.com")
    return name


def domain_of(text: str) -> str:
    return text.rpartition("@")[2]


def local_part_of(text: str) -> str:
    return text.rpartition("@")[0]
