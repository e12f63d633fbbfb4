"""What counts as an address of the desk, in every shape that an address can have; and that nothing else decides it."""

import re
from pathlib import Path

import pytest

from helpdesk.config.our_addresses import our_addresses
from helpdesk.threading.matching.correspondent import correspondent_of
from helpdesk.threading.reading.read import read
from helpdesk.threading.trust.identity import identity_by_word

ROOT = Path(__file__).parents[2]
DESK, SUPPORT = (
    "support.example.com",
    ("help@support.example.com", "billing@support.example.com", "rat@hilfe.xn--bcher-kva.example"),
)
TOKEN = "k" * 45
PLUS, DASH, OWN_DOMAIN = "{local}+{token}@{domain}", "{local}-{token}@{domain}", "{token}@reply.example.com"
OTHER_HOST, IN_FRONT = "{local}+{token}@mail.example.com", "re-{token}@{domain}"
EVERY = (PLUS, DASH, OWN_DOMAIN, OTHER_HOST, IN_FRONT)
OURS = {  # an address, and the patterns of reply addresses under which it is ours
    "help@support.example.com": EVERY,
    "HELP@Support.Example.COM": EVERY,
    "help@support.example.com.": EVERY,
    '"help"@support.example.com': EVERY,
    "help(desk)@support.example.com": EVERY,
    "help @ support.example.com": EVERY,
    "<help@support.example.com>": EVERY,
    "help+anything@support.example.com": EVERY,
    f"help+{TOKEN}@support.example.com": EVERY,
    f"Help+{TOKEN.upper()}@SUPPORT.example.com": EVERY,
    "help+no-token!@support.example.com": EVERY,
    "rat@hilfe.bücher.example": EVERY,
    "RAT+x@hilfe.BÜCHER.example": EVERY,
    "rat@hilfe.xn--bcher-kva.example": EVERY,
    "bounces@support.example.com": EVERY,
    f"bounces+{TOKEN}@support.example.com": EVERY,
    "postmaster@support.example.com": EVERY,
    "abuse+x@support.example.com": EVERY,
    f"billing-{TOKEN}@support.example.com": (DASH,),
    f"{TOKEN}@reply.example.com": (OWN_DOMAIN,),
    "anna.somebody@Reply.Example.com": (OWN_DOMAIN,),
    f"help+{TOKEN}@mail.example.com": (OTHER_HOST,),
    f"re-{TOKEN}@support.example.com": (IN_FRONT,),
}
THEIRS = (
    "anna@support.example.com", "helper@support.example.com", "anna+help@support.example.com", "help@example.com", "help@mail.example.com",
    "help@support.example.com.evil.example", "help@support.example.comx", "anna@reply.example.org", f"anna-{TOKEN}@support.example.com",
    f"anna+{TOKEN}@mail.example.com", "postmaster@acme.example", "bounces@acme.example", "rat@bücher.example", "", "@", "help", "help@",
    "@support.example.com", "anna@acme.example", "h" * 2000 + "@support.example.com",
)  # fmt: skip


@pytest.mark.parametrize("pattern", EVERY)
@pytest.mark.parametrize("address", [*OURS, *THEIRS])
def test_an_address_is_ours_in_each_of_its_shapes_and_no_other_one_is(address: str, pattern: str) -> None:
    ours = our_addresses(DESK, pattern, SUPPORT)
    assert ours.is_ours(address) is (pattern in OURS.get(address, ()))


def test_a_door_accepts_of_a_reply_domain_what_can_be_a_token_alone() -> None:
    """A mistyped address there is refused at once, and its author hears of it; a letter there would still come back to us."""
    ours = our_addresses(DESK, OWN_DOMAIN, SUPPORT)
    assert ours.takes_mail_for(f"{TOKEN}@reply.example.com") and not ours.takes_mail_for("anna.somebody@reply.example.com")


def test_mail_of_other_hosts_postmasters_is_no_loop_of_ours() -> None:
    ours = our_addresses(DESK, PLUS, SUPPORT)
    assert ours.is_own_author("help+x@support.example.com") and not ours.is_own_author("postmaster@support.example.com")


@pytest.mark.parametrize("address", [address for address, patterns in OURS.items() if PLUS in patterns and '"' not in address])
def test_nobody_is_answered_at_an_address_of_ours(address: str) -> None:
    """Neither the author, nor the person in the Reply-To of a robot, nor a robot of ours."""
    ours = our_addresses(DESK, PLUS, SUPPORT)
    for author, other in ((address, ""), ("no-reply@shop.example", address), (address, address)):
        mail = read(f"From: {author}\nReply-To: {other}\nSubject: x\n\nText\n".encode()).message
        found = correspondent_of(identity_by_word(author.strip("<>").lower(), "x"), mail, is_ours=ours.is_ours)
        assert not ours.is_ours(found.address)


READS_THE_POLICY = re.compile(r"\bpolicy\.addresses\b|\.support_address\(")
# What the policy says of the address that was written to, or the names of all of them: no recipient is chosen or refused by any of these.
OTHER_QUESTIONS = {
    "threading/lifecycle/scene.py": 1,  # queue and plan of the address that was written to
    "threading/lifecycle/customer.py": 3,  # the same, the first one in its place; and which names another one looks like
    "threading/lifecycle/steps/care.py": 1,  # the names of queues
    "threading/matching/gather.py": 1,  # makes the rule itself
    "gateway/desk.py": 1,  # From of letters about no request
    "gateway/worker.py": 1,  # what a reply of the platform was written to
}


def test_nothing_else_decides_whether_an_address_is_ours() -> None:
    """Whoever compares with the policy's addresses overlooks tokens, subaddresses and spellings: ask `ours.is_ours`."""
    rooms = [path for room in ("threading", "gateway", "store", "templates") for path in sorted((ROOT / room).rglob("*.py"))]
    lines = {str(path.relative_to(ROOT)): READS_THE_POLICY.findall(path.read_text()) for path in rooms}
    assert {name: len(found) for name, found in lines.items() if found} == OTHER_QUESTIONS
