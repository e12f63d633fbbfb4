"""A worker holds the desk's secret, so what strangers write meets native code in reading children alone."""

import pickle
import subprocess
import sys
from pathlib import Path

from support.desk.story import configured
from support.mails.plain_reader import PlainReader

from helpdesk.gateway.reader import Reader
from helpdesk.threading.parsing.degraded import read_degraded
from helpdesk.threading.reading.parsed import Reading

NATIVE = ("lingua", "selectolax")
ASKED = b"""From: Anna <anna@acme.example>\r\nTo: help@support.example.com\r\nSubject: Rechnung\r\nMessage-ID: <a@acme.example>\r
Date: Mon, 23 Nov 2026 09:00:00 +0000\r\nContent-Type: text/html; charset=utf-8\r\n\r
<p>Die Rechnung ist falsch, und the invoice is urgent: der Drucker druckt nicht mehr und wir warten alle darauf.</p>\r\n"""

# The worker's part of a mail, in a process that has imported what a node's processes import.
WORK = f"""
import pickle, sys
from datetime import UTC, datetime
from pathlib import Path

import helpdesk.gateway.node.roles
import helpdesk.gateway.work.causes
from helpdesk.config.load import load
from helpdesk.gateway.work.desk import desk_of
from helpdesk.gateway.work.mail import mail_item
from helpdesk.gateway.work.spine import decide, outcome_of
from helpdesk.store.mail_claims import ClaimedMail
from helpdesk.threading.matching.known import Known
from helpdesk.threading.model.mail import Envelope, RawMessage
from helpdesk.threading.model.people import Contact

content, readings = pickle.loads(sys.stdin.buffer.read())
desk, now = desk_of(load(Path(sys.argv[1]), {{}}), "node"), datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
for reading in readings:
    raw = RawMessage("smtp", Envelope("anna@acme.example", ("help@support.example.com",)), content, now)
    item = mail_item(ClaimedMail(1, 1, 1, raw), reading, desk)
    decision = decide(item, Known(Contact("anna@acme.example", "", None, "free")), desk, now)
    outcome_of(item, decision, desk, now)
    print(decision.disposition.value)
print(*sorted({NATIVE!r} & sys.modules.keys()))
desk.letterhead.renderer.close()
""".replace(repr(NATIVE), repr(set(NATIVE)))


def test_deciding_and_writing_letters_loads_no_native_code_for_what_strangers_write(tmp_path: Path) -> None:
    readings: list[Reading] = [PlainReader().read(ASKED), read_degraded(ASKED)]
    given = pickle.dumps((ASKED, readings))
    command = [sys.executable, "-P", "-c", WORK, str(configured(tmp_path))]
    done = subprocess.run(command, input=given, capture_output=True, check=False)
    assert done.stdout.decode().splitlines() == ["opened", "opened", ""], done.stderr.decode()


def test_a_reading_child_tells_the_language_of_a_text(reader: Reader) -> None:
    assert reader.language("Der Drucker druckt nicht mehr und wir warten alle darauf.") == "de"
    assert reader.language("Anna") == ""
    assert reader.language("Der Drucker druckt nicht mehr \ud800 und wir warten alle darauf.") == "de"


def test_a_mail_says_its_own_language_whatever_it_declares() -> None:
    declared = ASKED.replace(b"Subject:", b"Content-Language: fr\r\nSubject:")
    message = PlainReader().read(declared).message
    assert (message.language, message.told_language) == ("fr", "de")
    answer = PlainReader().read(declared.replace(b"Subject:", b"In-Reply-To: <b@support.example>\r\nSubject:")).message
    assert (answer.language, answer.told_language) == ("fr", "de")
    undeclared = PlainReader().read(ASKED).message
    assert (undeclared.language, undeclared.told_language) == ("de", "de")


def test_the_subject_completes_a_text_of_few_words() -> None:
    short = (
        ASKED.replace(b"Rechnung\r", "Der Drucker im Büro druckt nicht mehr\r".encode()).split(b"\r\n\r\n")[0]
        + b"\r\n\r\n<p>Hilfe!</p>\r\n"
    )
    message = PlainReader().read(short).message
    assert (message.language, message.told_language) == (None, "de")
