"""A mail bomb in other people's names: it is accepted, reported and counted, and the people whose names it bears get few letters.

`run(seed, count)` sends `count` mails within a day: most in the name of one customer in all spellings, some in made-up names of one
domain, some in names of many domains. Every mail goes through the real path, from the store to the outbox.
"""

import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from support.desk.story import MONDAY, StoryDesk, configured, direct_desk

from helpdesk.gateway.reader import Reader
from helpdesk.store.inbound import store_raw
from helpdesk.store.schema import outbox
from helpdesk.store.tickets import list_tickets
from helpdesk.threading.model.mail import Envelope, RawMessage
from helpdesk.threading.trust.addresses import domain_of, rate_key

VICTIM = "anna.weber@acme.example"  # of an account with a promise of time, so that targets are missed too
DOMAIN = "victim.example"
AT_ONCE = 50
DAY = timedelta(days=1)
STRANGE = "203.0.113.9"
MOST_TO_ONE, MOST_TO_DOMAIN, MOST_OF_DESK = 5, 50, 3000  # a day, an hour, an hour
ACCOUNT_OF_VICTIM = '[[staff]]\nname = "Mia"\naddress = "mia@desk.example"\nrole = "manager"\n[[account]]\nid = "weber"\nplan = "business"\ncontacts = ["anna.weber@acme.example"]\n'


def run(seed: int, count: int) -> str:
    """Send `count` mails in other people's names to a desk of their own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Reader() as reader,
        direct_desk(configured(Path(folder), more=ACCOUNT_OF_VICTIM), reader) as desk,
    ):
        return bomb_desk(desk, seed, count)


def bomb_desk(desk: StoryDesk, seed: int, count: int) -> str:
    """Deliver the mails of a day in bursts, work until noon of the day, and audit the outbox."""
    for raws in batches(random.Random(seed), count):
        desk.now = max(desk.now, raws[-1].received_at)
        settings = desk.node.configuration.settings.database
        store_raw(desk.database, desk.node.blobs, settings.blob_threshold, raws, desk.now)
        desk.node.worker.work()
    desk.now = max(desk.now, MONDAY + timedelta(hours=12))
    desk.node.worker.work()
    return audit(desk, count)


def batches(chance: random.Random, count: int) -> Iterator[list[RawMessage]]:
    """`count` mails spread over a day, in bursts of `AT_ONCE`."""
    for start in range(0, count, AT_ONCE):
        at = MONDAY + DAY * 0.9 * (start / count)
        yield [spoofed_mail(chance, number, at) for number in range(start, min(start + AT_ONCE, count))]


def spoofed_mail(chance: random.Random, number: int, at: datetime) -> RawMessage:
    author = author_of(chance)
    fields = [f"From: {author}", "To: help@support.example.com", f"Subject: Offer {number}", f"Message-ID: <{number}@x.example>"]
    if chance.random() < 0.1:
        fields[0] = f"From: no-reply@shop{number}.example\r\nReply-To: {author}"
    content = "\r\n".join(fields) + f"\r\n\r\nBuy {chance.random()} now.\r\n"
    return RawMessage("smtp", Envelope(author, ("help@support.example.com",)), content.encode(), at, STRANGE)


def author_of(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.7:
        return spelling_of_victim(chance)
    if kind < 0.9:
        return f"person{chance.randrange(10**9)}@{DOMAIN}"
    return f"person@firm{chance.randrange(10**6)}.example"


def spelling_of_victim(chance: random.Random) -> str:
    """The victim's address, plain or with other dots, a subaddress and mixed case."""
    local_part = VICTIM.partition("@")[0].replace(".", "")
    if chance.random() < 0.5:
        return VICTIM
    cut = chance.randrange(1, len(local_part))
    dotted = f"{local_part[:cut]}.{local_part[cut:]}{chance.choice(['', '+', f'+{chance.randrange(10**6)}'])}"
    return "".join(chance.choice((letter, letter.upper())) for letter in f"{dotted}@acme.example")


def audit(desk: StoryDesk, count: int) -> str:
    """Raises AssertionError where a mail opened no ticket, or somebody got more letters than the limits allow."""
    with desk.database.reading() as connection:
        opened = len(list_tickets(connection, limit=count + 1))
        letters = connection.execute(
            select(outbox.c.recipient, outbox.c.notice, outbox.c.created_at, outbox.c.audience).where(
                outbox.c.state != "suppressed"
            )
        ).all()
    to_customers = [letter for letter in letters if letter.audience == "customer"]
    to_victim = [letter for letter in to_customers if rate_key(letter.recipient) == rate_key(VICTIM)]
    in_hour = Counter((domain_of(letter.recipient), f"{letter.created_at:%d %H}") for letter in to_customers)
    of_domain = max((most for (domain, _), most in in_hour.items() if domain == DOMAIN), default=0)
    desk_wide = max(Counter(f"{letter.created_at:%d %H}" for letter in to_customers).values(), default=0)
    alarms = sum(letter.notice == "alarm" for letter in letters)
    assert opened == count, f"{count} mails opened {opened} tickets"
    assert 1 <= len(to_victim) <= MOST_TO_ONE, f"{len(to_victim)} letters to one victim"
    assert of_domain <= 2 * MOST_TO_DOMAIN, f"{of_domain} letters an hour to one domain"  # a clock hour may cut two sliding ones
    assert desk_wide <= 2 * MOST_OF_DESK
    assert alarms <= 25
    return f"{len(to_victim)} letters to the victim, at most {of_domain} an hour to its domain, {desk_wide} of the desk, {alarms} alarms"
