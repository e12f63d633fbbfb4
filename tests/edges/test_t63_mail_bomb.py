"""Mail in other people's names: it is accepted, told of and counted, and whoever is named in it is left alone.

`run_spoofed(seed, count)` sends so many mails within a day: most in the name of one customer in all spellings, some in made-up names
of one domain, some in anybody's. Every one goes through the real path, from the store to the outbox.
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
MORE = '[[staff]]\nname = "Mia"\naddress = "mia@desk.example"\nrole = "manager"\n[[account]]\nid = "weber"\nplan = "business"\ncontacts = ["anna.weber@acme.example"]\n'


def run_spoofed(seed: int, count: int) -> str:
    with (
        tempfile.TemporaryDirectory() as folder,
        Reader() as reader,
        direct_desk(configured(Path(folder), more=MORE), reader) as desk,
    ):
        return bombed(desk, seed, count)


def test_a_slice_of_the_bomb(tmp_path: Path, reader: Reader) -> None:
    with direct_desk(configured(tmp_path, more=MORE), reader) as desk:
        bombed(desk, 63, 300)


def bombed(desk: StoryDesk, seed: int, count: int) -> str:
    for raws in batches(random.Random(seed), count):
        desk.now = max(desk.now, raws[-1].received_at)
        settings = desk.node.configuration.settings.database
        store_raw(desk.database, desk.node.blobs, settings.blob_threshold, raws, desk.now)
        desk.node.worker.work()
    desk.now = max(desk.now, MONDAY + timedelta(hours=12))
    desk.node.worker.work()
    return audited(desk, count)


def batches(chance: random.Random, count: int) -> Iterator[list[RawMessage]]:
    """Mails of a day, in bursts."""
    for start in range(0, count, AT_ONCE):
        at = MONDAY + DAY * 0.9 * (start / count)
        yield [spoofed(chance, number, at) for number in range(start, min(start + AT_ONCE, count))]


def spoofed(chance: random.Random, number: int, at: datetime) -> RawMessage:
    author = author_of(chance)
    fields = [f"From: {author}", "To: help@support.example.com", f"Subject: Offer {number}", f"Message-ID: <{number}@x.example>"]
    if chance.random() < 0.1:
        fields[0] = f"From: no-reply@shop{number}.example\r\nReply-To: {author}"
    content = "\r\n".join(fields) + f"\r\n\r\nBuy {chance.random()} now.\r\n"
    return RawMessage("smtp", Envelope(author, ("help@support.example.com",)), content.encode(), at, STRANGE)


def author_of(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.7:
        return spelled(chance)
    if kind < 0.9:
        return f"person{chance.randrange(10**9)}@{DOMAIN}"
    return f"person@firm{chance.randrange(10**6)}.example"


def spelled(chance: random.Random) -> str:
    local_part = VICTIM.partition("@")[0].replace(".", "")
    if chance.random() < 0.5:
        return VICTIM
    cut = chance.randrange(1, len(local_part))
    dotted = f"{local_part[:cut]}.{local_part[cut:]}{chance.choice(['', '+', f'+{chance.randrange(10**6)}'])}"
    return "".join(chance.choice((letter, letter.upper())) for letter in f"{dotted}@acme.example")


def audited(desk: StoryDesk, count: int) -> str:
    with desk.database.reading() as connection:
        opened = len(list_tickets(connection, limit=count + 1))
        letters = connection.execute(
            select(outbox.c.recipient, outbox.c.notice, outbox.c.created_at, outbox.c.audience).where(
                outbox.c.state != "suppressed"
            )
        ).all()
    to_customers = [one for one in letters if one.audience == "customer"]
    to_victim = [one for one in to_customers if rate_key(one.recipient) == rate_key(VICTIM)]
    in_hour = Counter((domain_of(one.recipient), f"{one.created_at:%d %H}") for one in to_customers)
    of_domain = max((most for (domain, _), most in in_hour.items() if domain == DOMAIN), default=0)
    desk_wide = max(Counter(f"{one.created_at:%d %H}" for one in to_customers).values(), default=0)
    alarms = sum(one.notice == "alarm" for one in letters)
    assert opened == count, f"{count} mails opened {opened} tickets"
    assert 1 <= len(to_victim) <= MOST_TO_ONE, f"{len(to_victim)} letters to one victim"
    assert of_domain <= 2 * MOST_TO_DOMAIN, f"{of_domain} letters an hour to one domain"  # a clock hour may cut two sliding ones
    assert desk_wide <= 2 * MOST_OF_DESK
    assert alarms <= 25
    return f"{len(to_victim)} letters to the victim, at most {of_domain} an hour to its domain, {desk_wide} of the desk, {alarms} alarms"


def test_every_spelling_of_the_victim_is_the_victim() -> None:
    chance = random.Random(1)
    assert {rate_key(spelled(chance)) for _ in range(200)} == {"annaweber@acme.example"}
