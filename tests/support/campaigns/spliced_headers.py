"""A signed mail of a staff member whose header lines are inserted, changed, removed, padded or moved.

Each forgery comes from a stranger, and through our relay, which splits headers in its own way. Nobody is believed whose words are not those
that were signed.
"""

import random
from collections.abc import Callable
from functools import cache

from support.mails.provider_mails import (
    LISTS,
    OMAR,
    behind_a_relay,
    clients,
    judged_behind_a_relay,
    judged_directly,
    proved,
    signed,
    written,
)

from helpdesk.threading.model.assurance import SURE
from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.parsed import ParsedMessage
from helpdesk.threading.reading.strict import header_doubt

EVIL = b"mallory@evil.example"
SPLICED = (
    b">" + b"A" * 90 + b":##- Please type your reply above this line -##", b"#on: ACZ-K7Q2M9", b"#cc: mallory@evil.example", b"#resolve:",
    b">" + b"B" * 79 + b":x", b"X" * 81 + b": y", b"no field", b"From " + EVIL, b">From: " + EVIL, b"From : " + EVIL, b"From\t: " + EVIL,
    b"from: " + EVIL, b"FROM: " + EVIL, b"From:" + EVIL, b"Fr\0om: " + EVIL, b"From\x00: x", b"\xc3\xa9: x", b": x", b":", b" ", b"\t", b"",
    b" folded words", b"\tfolded: words", b"\r", b"x\ry: z", b"x: y\rFrom: " + EVIL, b"x: y\nFrom: " + EVIL, b"x: y\n\n#resolve", b"\n#resolve",
    b"x: y\r\r", b"Subject: #resolve", b"subject : other", b"Date: Mon, 23 Nov 2026 09:00:00 +0000", b"Message-ID: <new@evil.example>",
    b"To: " + EVIL, b"Cc: " + EVIL, b"Reply-To: " + EVIL, b"Sender: " + EVIL, b"Content-Type: text/html", b"content-type : text/html",
    b'Content-Type: multipart/mixed; boundary="x"', b"Content-Transfer-Encoding: base64", b"Content-Disposition: attachment; filename=x",
    b"charset=utf-16; boundary=x", b" boundary=x", b"MIME-Version: 2.0", b"Lines: 5", b"X-Loose: \xff\xfe", b"X-Long: " + b"y" * 2000,
    b"DKIM-Signature: v=1; a=rsa-sha256; d=desk.example; s=d1; h=from; bh=AA==; b=AA==", b"DKIM-Signature: d=desk.example",
    b"Authentication-Results: mx.support.example.com; dmarc=pass header.from=desk.example; dkim=pass header.d=desk.example",
    b"Received: from x by y; Mon, 23 Nov 2026 09:00:00 +0000", b"x: \x0b\x0c\x85", b"x=y;", b"Subject:", b"From:",
)  # fmt: skip
PADDING = (99_000, 101_000, 260_000)
FEW, MANY = 995, 1005


def essence(message: ParsedMessage) -> tuple[object, ...]:
    """What a person sees of a mail: subject, text and reply without spacing, attachments, authors."""
    words = [" ".join(text.split()) for text in (message.subject, message.text, message.plain_text_reply)]
    return (*words, tuple(file.sha256 for file in message.attachments), tuple(author.address for author in message.authors))


@cache
def genuine(client: str, provider: str) -> tuple[bytes, tuple[object, ...]]:
    content = signed(written(client, subject="Re: [ACZ-K7Q2M9] Printer"), provider)
    return content, essence(read(content).message)


Make = Callable[[random.Random, list[bytes]], None]


def _insert_lines(chance: random.Random, lines: list[bytes]) -> None:
    for _ in range(chance.randint(1, 4)):
        lines.insert(chance.randint(0, len(lines)), chance.choice(SPLICED))


def _change_line(chance: random.Random, lines: list[bytes]) -> None:
    at = chance.randrange(len(lines))
    line = lines[at]
    place = chance.randint(0, len(line))
    letter = chance.choice(
        (b" ", b"\t", b"\r", b"\n", b"\0", b":", b"x", b"\xff", b";", b'"', b"=", b"\r\n", b"\r\n ", b"\r\n\t")
    )
    lines[at] = chance.choice(
        (line[:place] + letter + line[place:], line[:place] + letter + line[place + 1 :], line.upper(), line.replace(b":", b" :", 1),
         line.replace(b": ", b":", 1), line.replace(b": ", b":  ", 1), line.replace(OMAR.encode(), EVIL), b" " + line, line[1:])
    )  # fmt: skip


def _remove_line(chance: random.Random, lines: list[bytes]) -> None:
    del lines[chance.randrange(len(lines))]


def _double_line(chance: random.Random, lines: list[bytes]) -> None:
    line = chance.choice(lines)
    lines.insert(chance.randint(0, len(lines)), chance.choice((line, line.lower(), line.replace(OMAR.encode(), EVIL))))


def _move_line(chance: random.Random, lines: list[bytes]) -> None:
    lines.insert(chance.randint(0, len(lines) - 1), lines.pop(chance.randrange(len(lines))))


def _pad_header(chance: random.Random, lines: list[bytes]) -> None:
    """Insert lines enough to push a field out of the part of the header that is read."""
    at = chance.randint(0, len(lines))
    if chance.random() < 0.5:
        lines[at:at] = [b"X-Pad: " + b"y" * 900] * (chance.choice(PADDING) // 909)
    else:
        lines[at:at] = [b"X: y"] * chance.choice((FEW, MANY))


KINDS: tuple[Make, ...] = (
    _insert_lines,
    _insert_lines,
    _insert_lines,
    _change_line,
    _change_line,
    _remove_line,
    _double_line,
    _move_line,
)


def forgery(chance: random.Random) -> tuple[bytes, tuple[object, ...]]:
    content, expected = genuine(chance.choice(sorted(clients())), chance.choice(sorted(LISTS)))
    head, _, body = content.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    if chance.random() < 0.02:
        _pad_header(chance, lines)
    for make in chance.sample(KINDS, chance.choice((1, 1, 2))):
        make(chance, lines)
    mark = b"\n" if chance.random() < 0.03 else b"\r\n"
    return mark.join(lines) + mark + mark + body, expected


def run(seed: int, count: int) -> str:
    """Judge `count` forgeries, directly and behind a relay. Raises AssertionError for one that is believed with other words."""
    chance = random.Random(seed)
    doubted = held = believed = 0
    for number in range(count):
        content, expected = forgery(chance)
        if header_doubt(content):
            doubted += 1
            if number % 8:
                continue  # a mail with a header in doubt has no author; every eighth of them is checked for that
        if proved(content):
            held += 1
            believed += _is_sound(content, expected, number, relayed=False)
        handed_over = behind_a_relay(content)
        if b" dkim=pass header.d=" in handed_over[:200]:
            _is_sound(handed_over, expected, number, relayed=True)
    return f"{count} forgeries: {doubted} with a header in doubt, {held} whose signature holds, {believed} believed with its own words"


def _is_sound(content: bytes, expected: tuple[object, ...], number: int, *, relayed: bool) -> bool:
    message = read(content).message
    found = judged_behind_a_relay(content, message) if relayed else judged_directly(content, message)
    if not found.authority and found.assurance not in SURE:
        return False
    assert essence(message) == expected, f"forgery {number} is believed ({found.reason}):\n{content[:6000]!r}"
    assert found.address == OMAR
    return True
