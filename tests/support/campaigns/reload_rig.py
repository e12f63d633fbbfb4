"""Reloads a running node again and again while people write to it; each tenth time a file is wrong.

Each reload brings another policy, another certificate of the door, another key that signs, or another ready answer. No session is cut: every
client has one connection all the time, and one of them stays under TLS. No mail is lost or doubled, and each is decided by a policy that the
node had taken, never by one that was refused.
"""

import json
import smtplib
import sqlite3
import ssl
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import trustme
from support.campaigns import kill_audit
from support.campaigns.kill_rig import Report, Run
from support.servers.peers import PATIENCE, Hang, wait_for

from helpdesk.gateway.node.control import ask_node

WRONG_EACH = 10
NOOP_EACH = 5  # the door ends a session after a thousand commands without a mail
MAILS = 3  # that people write between two reloads
KINDS = (trustme.KeyType.RSA, trustme.KeyType.ECDSA)
KEYS = {name: f"{name} {digit * 64}\n" for name, digit in zip("abc", "5ef", strict=True)}
CERTIFICATE, KEY, SECRET, CONFIG = "cert.pem", "key.pem", "secret", "helpdesk.toml"


class Files:
    """The files of the desk, and what an operator does to them."""

    def __init__(self, folder: Path, random: Random) -> None:
        self._folder, self._random = folder, random
        self.authority = trustme.CA()
        issued = [self.authority.issue_cert("desk.test", key_type=kind) for kind in KINDS for _ in range(2)]
        self._pairs = [(b"".join(part.bytes() for part in each.cert_chain_pems), each.private_key_pem.bytes()) for each in issued]
        self._show(*self._pairs[0])
        self._write(SECRET, KEYS["a"])
        text = (folder / CONFIG).read_text().replace("[smtp]\n", f'[smtp]\ncertificate = "{CERTIFICATE}"\nkey = "{KEY}"\n')
        self._text = f"{text}\n[closing]\nsettle_after = "
        self._change_policy(0)

    def change(self, number: int) -> str:
        """Change one thing, and say what."""
        changes: dict[str, Callable[[int], None]] = {
            "policy": self._change_policy,
            "certificate": lambda number: self._show(*self._random.choice(self._pairs)),
            "secret": self._change_secret,
            "ready answer": lambda number: self._write("answers/refund.en.md", f"You can return it, says rule {number}."),
        }
        (self._folder / "answers").mkdir(exist_ok=True)
        what = self._random.choice(tuple(changes))
        changes[what](number)
        return what

    def spoil(self, number: int) -> Callable[[], None]:
        """Make one file wrong in a way of its own. Return what makes it sound again."""
        ways: dict[str, Callable[[str], str]] = {
            CONFIG: lambda text: text.replace("[desk]\n", '[desk]\ncolour = "blue"\n'),
            SECRET: lambda text: text + "d 00\n",
            KEY: lambda text: self._pairs[0][1].decode() if text != self._pairs[0][1].decode() else self._pairs[1][1].decode(),
            CERTIFICATE: lambda text: text[: len(text) // 3],
        }
        name = tuple(ways)[number // WRONG_EACH % len(ways)]
        sound = (self._folder / name).read_text()
        self._write(name, "[[[" if name == CONFIG and self._random.random() < 0.5 else ways[name](sound))
        if name == CONFIG:
            return lambda: self._write(name, sound)
        # A policy beside the wrong file: no mail may ever be decided by it.
        policy = (self._folder / CONFIG).read_text()
        self._change_policy(number)

        def mend() -> None:
            self._write(name, sound)
            self._write(CONFIG, policy)

        return mend

    def _change_policy(self, number: int) -> None:
        self._write(CONFIG, f'{self._text}"{1 + number}h"\n')

    def _change_secret(self, number: int) -> None:
        """Every key verifies all the time, and each of them signs in turn."""
        names = self._random.sample(tuple(KEYS), len(KEYS))
        self._write(SECRET, "".join(KEYS[name] for name in names))

    def _show(self, certificate: bytes, key: bytes) -> None:
        self._write(CERTIFICATE, certificate.decode())
        self._write(KEY, key.decode())

    def _write(self, name: str, text: str) -> None:
        file = self._folder / name
        file.write_text(text)
        file.chmod(0o600)


def campaign(folder: Path, seed: int, reloads: int, progress: Callable[[str], None] = lambda line: None) -> Report:
    """Reload a node that many times under load in an empty folder, let it come to rest, and check the books."""
    folder.mkdir(parents=True, exist_ok=True)
    random, begin, took = Random(seed), time.monotonic(), list[float]()
    policies: set[str] = set()
    with (folder / "log").open("ab") as log:
        run = Run(folder, seed, log)
        files = Files(folder, random)
        try:
            run.begin()
            policies.add(_ask(folder)["policy"])
            session = _under_tls(run, files.authority)
            for number in range(1, reloads + 1):
                _round(run, files, number, policies, took)
                if number % NOOP_EACH == 0 and session.noop()[0] != 250:
                    raise Hang(f"the session under TLS was cut at reload {number}")
                if number % 50 == 0:
                    progress(f"reload: {number} of {reloads}, {run.books.acknowledged} mails, {time.monotonic() - begin:.0f} s")
            session.quit()
            run.rest()
            _check_sessions(run)
        except (Hang, OSError, smtplib.SMTPException) as fault:
            run.report.faults.append(repr(fault))
        finally:
            run.end()
    run.report.seconds = time.monotonic() - begin
    run.report.figures, broken = kill_audit.audit(run.database, folder / "outgoing", run.books)
    run.report.faults += [*broken, *_of_policies(run, policies)]
    run.report.figures["policies"] = len(policies)
    if took:
        took.sort()
        run.report.figures |= {"median reload in ms": _in_ms(took[len(took) // 2]), "slowest reload in ms": _in_ms(took[-1])}
    return run.report


def _round(run: Run, files: Files, number: int, policies: set[str], took: list[float]) -> None:
    before = run.books.closed
    for _ in range(MAILS):
        run.permits.put(True)
    wrong = number % WRONG_EACH == 0
    mend = files.spoil(number) if wrong else None
    what = "wrong" if wrong else files.change(number)
    begin = time.monotonic()
    outcome = _ask(run.folder)
    took.append(time.monotonic() - begin)
    run.report.kills[what] += 1
    if mend is not None:
        mend()
    if wrong != bool(outcome["problems"]) or outcome["code"] not in ((78,) if wrong else (0,)):
        run.report.faults.append(f"reload {number} ({what}) ended with {json.dumps(outcome)}")
    if not wrong:
        policies.add(outcome["policy"])
    wait_for(lambda: run.books.closed > before or run.has_faults(), "one more mail is acknowledged", every=0.002)


def _ask(folder: Path) -> dict[str, Any]:
    return ask_node(folder / "var" / "control", {"do": "reload", "config": str(folder / CONFIG)}, PATIENCE)


def _under_tls(run: Run, authority: trustme.CA) -> smtplib.SMTP:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    session = smtplib.SMTP("127.0.0.1", run.clients[0].port, "client.example", timeout=PATIENCE)
    session._host = "desk.test"  # type: ignore[attr-defined]  # the name that smtplib checks
    session.starttls(context=context)
    return session


def _check_sessions(run: Run) -> None:
    for client in run.clients:
        if client.connections > 1:
            run.report.faults.append(f"{client.name} was cut off {client.connections - 1} times")


def _of_policies(run: Run, policies: set[str]) -> list[str]:
    with closing(sqlite3.connect(run.database, timeout=60)) as connection:
        rows = connection.execute("SELECT json_extract(decision, '$.policy') FROM inbound WHERE decision IS NOT NULL").fetchall()
    used = Counter(policy for (policy,) in rows)
    run.report.figures["policies that decided mail"] = len(used)
    return [
        f"{count} mails were decided by {policy}, which was refused" for policy, count in used.items() if policy not in policies
    ]


def _in_ms(seconds: float) -> int:
    return round(seconds * 1000)


def run(seed: int, count: int) -> str:
    """`count` reloads; the report. Raises AssertionError when a promise was broken."""
    folder = Path(tempfile.mkdtemp(prefix="desk-reload-"))
    report = campaign(folder, seed, count, lambda line: print(line, flush=True))
    assert not report.faults, f"{report}\nleft in {folder}"
    return str(report)
