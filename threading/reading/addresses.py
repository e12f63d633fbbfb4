"""The addresses that a link of ours may have: http, https, mailto and tel."""

import re

LONGEST_ADDRESS = 2_000
UNSEEN = re.compile("[\t\r\n\f\0]")  # a browser reads an address without them (WHATWG URL §4.4)
WEB = re.compile(r"https?://[^\s<>\"'`\\/?#][^\s<>\"'`\\]*", re.IGNORECASE)
MAIL = re.compile(r"mailto:([^\s<>\"'`\\?#@]+@[^\s<>\"'`\\?#@]+)", re.IGNORECASE)
PHONE = re.compile(r"tel:([+0-9().-]+)", re.IGNORECASE)
ENCODED = {letter: f"%{ord(letter):02X}" for letter in " <>\"'`\\"}
TO_ENCODE = str.maketrans(ENCODED)


def link_address(written: str) -> str:
    """The address of a link as our own markup has it; "" for one that is not allowed.

    A mailto address has no subject and no body: what a link would write is in nobody's sight.
    """
    if len(written) > LONGEST_ADDRESS:
        return ""
    address = UNSEEN.sub("", written).strip()
    if not address.isprintable():
        return ""
    scheme = address[:8].lower()
    if scheme.startswith(("http://", "https://")):
        whole = WEB.fullmatch(address.translate(TO_ENCODE))
        return whole[0] if whole else ""
    mail = MAIL.match(address)
    if mail:
        return f"mailto:{mail[1]}"
    phone = PHONE.fullmatch(address.replace(" ", ""))
    return f"tel:{phone[1]}" if phone else ""
