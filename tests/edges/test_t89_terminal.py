"""Nothing that strangers wrote is obeyed by the operator's terminal, whichever command prints it; JSON has its own escapes."""

import ast
import io
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from support.desk.story import MONDAY, StoryDesk, configured, direct_desk

from helpdesk.gateway import terminal
from helpdesk.gateway.cli.faults import _usage_text
from helpdesk.gateway.observe import JsonLines, TextLines
from helpdesk.gateway.reader import Reader
from helpdesk.gateway.terminal import UNFIT, echo, echo_octets, escape, in_one_line, json_text
from helpdesk.store.inbound import store_raw
from helpdesk.store.suppressions import suppress
from helpdesk.threading.model.mail import Envelope, RawMessage
from helpdesk.threading.model.suppression import Suppression, SuppressionReason
from helpdesk.threading.trust.addresses import canonical

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(sys.executable).with_name("helpdesk")

# What a terminal obeys, and what shows letters in a false order or not at all.
CONTROLS = (
    *(chr(code) for code in (*range(0x20), 0x7F, *range(0x80, 0xA0)) if chr(code) not in "\n\t"),
    *"\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    *"\u2028\u2029\u00ad\u200b\u2060\ufeff\ufff9",
    *"\U000e0001\U000e0041\U000e007f\ud800\udcff",
)
ATTACK = "\x1b]0;owned\x07\x1b[2J\x9b31m\x7f\u202e\u2066\u2028\u200f\U000e0041\rREAD"


def hostile_in(text: str) -> list[str]:
    return sorted({f"U+{ord(letter):04X}" for letter in text if letter in CONTROLS})


@pytest.mark.parametrize("letter", CONTROLS, ids=ascii)
def test_every_control_is_escaped_for_people_and_in_json(letter: str) -> None:
    code = ord(letter)
    expected = f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    assert escape(f"a{letter}b\n\tc") == f"a{expected}b\n\tc"
    written = json_text({"a": f"b{letter}\n\t"})
    assert hostile_in(written) == [] and "\n" not in written and "\t" not in written
    assert json.loads(written) == {"a": f"b{letter}\n\t"}
    assert hostile_in(in_one_line(f"a{letter}\nb\tc")) == [] and len(in_one_line(f"a{letter}\nb\tc").splitlines()) == 1


@pytest.mark.parametrize("text", ["Grüße, 你好, שלום, می‌خواهم, हिन्दी", "👩‍👩‍👧 ❤️", "a\nb\tc", 'quo"ted \\x1b', ""])
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert escape(text) == text
    assert json_text(text) == json.dumps(text, ensure_ascii=False)


def test_the_layout_of_json_stays() -> None:
    assert json_text({"a": ["\x9b"]}, indent=2) == '{\n  "a": [\n    "\\u009b"\n  ]\n}'


def test_a_terminal_of_another_charset_gets_escapes_for_what_it_has_no_letter_for(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", written)
    echo("Grüße \x1b")
    written.seek(0)
    assert written.read() == "Gr\\xfc\\xdfe \\x1b\n"


class Terminal(io.TextIOWrapper):
    """Standard output that says that it is a terminal, or a pipe."""

    def __init__(self, *, interactive: bool) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", newline="")
        self._interactive = interactive

    def isatty(self) -> bool:
        return self._interactive

    def content(self) -> bytes:
        self.flush()
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue()


OCTETS = b"Subject: \x1b[2J\r\n\r\n\x07 \xff \xe2\x80\xae gr\xc3\xbc\xc3\x9fe\r\n"


def test_raw_octets_go_into_a_pipe_as_they_are_and_to_a_terminal_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    for interactive, expected in (
        (False, OCTETS),
        (True, "Subject: \\x1b[2J\n\n\\x07 \\udcff \\u202e grüße\n".encode()),
    ):
        output = Terminal(interactive=interactive)
        monkeypatch.setattr(sys, "stdout", output)
        echo_octets(OCTETS)
        assert output.content() == expected


def test_what_click_says_about_the_words_of_a_command_is_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    for fault in (click.ClickException(ATTACK), click.UsageError(ATTACK), click.BadParameter(ATTACK)):
        echo(_usage_text(fault), err=True, nl=False)
        said = capsys.readouterr().err
        assert hostile_in(said) == [] and "\\x1b]0;owned\\x07" in said


def test_faults_of_the_program_are_escaped_with_and_without_their_trace(tmp_path: Path) -> None:
    for words in (("parse", "--json"), ("--debug", "ticket", "list")):
        done = subprocess.run(
            [PROGRAM, *words, "--config", "a\x1b[2J\u202e", "x\x1b[2J\u202e"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != os.EX_OK
        assert hostile_in(done.stdout + done.stderr) == []


def test_a_trace_in_the_log_has_no_controls_and_no_line_that_looks_like_an_event() -> None:
    try:
        raise ValueError(f"{ATTACK}\n12:00:00 mail.opened ticket=ACZ-FORGED")
    except ValueError:
        record = logging.makeLogRecord({"msg": "mail.failed", "levelno": 40, "levelname": "ERROR", "exc_info": sys.exc_info()})
    text, lines = TextLines().format(record), JsonLines().format(record)
    assert hostile_in(text) == [] and hostile_in(lines) == []
    assert [line for line in text.splitlines() if not line.startswith("    ")] == [text.splitlines()[0]]


STRAY = """
import logging, threading
from helpdesk.gateway.observe import escape_stray_faults
escape_stray_faults()
def fail(): raise ValueError("\x1b[2J\u202e\\n12:00:00 mail.opened")
thread = threading.Thread(target=fail)
thread.start(); thread.join()
try: fail()
except ValueError: logging.getLogger("helpdesk.x").exception("mail.failed")
"""


def test_faults_that_nobody_takes_are_escaped() -> None:
    """A command without a log, and a thread that fails."""
    done = subprocess.run([sys.executable, "-c", STRAY], capture_output=True, text=True, check=True)
    assert hostile_in(done.stderr) == [] and done.stderr.count("\\x1b[2J\\u202e") >= 2
    assert [line.split()[2] for line in done.stderr.splitlines() if line[:1] != " "] == ["thread.failed", "mail.failed"]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoryDesk]:
    """A desk with hostile words wherever strangers' words are kept."""
    with Reader(processes=1) as reader, direct_desk(configured(tmp_path_factory.mktemp("desk") / "desk"), reader) as desk:
        for number in range(3):
            put(desk, hostile_mail(number))
        put(
            desk,
            b"From: mailer-daemon@evil.example\r\nSubject: "
            + ATTACK.encode("utf-8", "surrogatepass")
            + b"\r\nAuto-Submitted: auto-replied\r\n\r\nx\r\n",
        )
        put(desk, b"\x1b[2J\r\n\r\nnothing\r\n", peer=f"192.0.2.1{ATTACK}")
        with desk.database.writing() as connection:
            one = Suppression("x@evil.example", SuppressionReason.MANUAL, ATTACK, MONDAY, MONDAY + timedelta(days=9000))
            suppress(connection, one)
        yield desk


def hostile_mail(number: int) -> bytes:
    attack = ATTACK.replace("\r", "")
    encoded = "=?utf-8?q?" + "".join(f"={octet:02X}" for octet in attack.encode()) + "?="
    references = "".join(f"&#{ord(letter)};" for letter in "\x1b\x07\x1f\u202e")
    head = [
        f"From: {encoded} <mallory@evil.example>", f"To: {encoded} <help@support.example.com>", f"Cc: {encoded} <other@evil.example>",
        f"Subject: {encoded} {number}", f"Message-ID: <{number}\x1b[2J@evil.example>", f"References: <a\x1b[2J{number}@evil.example>",
        "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b",
    ]  # fmt: skip
    kind = ("text/plain", "text/html", "text/plain")[number]
    body = f"--b\r\nContent-Type: {kind}; charset=utf-8\r\n\r\nHello {attack} {references}\r\n\x0b\x0c\x1e lines\r\n"
    file = f'--b\r\nContent-Type: application/{attack[:9]}; name="a"\r\nContent-Disposition: attachment; filename="{encoded}"\r\n\r\nx\r\n--b--\r\n'
    return ("\r\n".join(head) + "\r\n\r\n" + body + file).encode()


def put(desk: StoryDesk, content: bytes, peer: str = "203.0.113.9") -> None:
    desk.now += timedelta(seconds=1)
    raw = RawMessage("smtp", Envelope(f"m{ATTACK}@evil.example", ("help@support.example.com",)), content, desk.now, peer)
    store_raw(desk.database, desk.node.blobs, 1_000_000, [raw], desk.now)
    desk.settle()


def commands() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command of the program with its words."""
    program = import_module("helpdesk.gateway.cli.main")
    waiting: list[tuple[tuple[str, ...], click.Command]] = [
        ((name,), program.Commands("all").get_command(None, name)) for name in program.COMMANDS
    ]
    while waiting:
        words, command = waiting.pop()
        if isinstance(command, click.Group):
            waiting.extend(((*words, name), below) for name, below in command.commands.items())
        else:
            yield words, command


# Commands that print nothing of strangers, run for ever, or change the desk.
OTHERS = {
    "init", "export", "demo", "serve", "tick", "migrate", "check", "import", "deliver", "bench", "replay", "quarantine replay", "quarantine drop", "outbox hold",
    "outbox release", "quarantine release", "sender allow", "sender block", "sender remove", "suppress add", "suppress lift", "staff password", "token rotate", "token add", "token use", "token remove", "token show", "key add", "key revoke", "dkim key", "template preview", "template check",
    "template list", "mailbox reconcile", "search rebuild", "reload", "backup", "restore", "postfix", "purge", "account join", "webhook test", "webhook replay", "link revoke",
    *(f"{kind} {verb}" for kind in ("account", "contact", "staff") for verb in ("import", "add", "set", "deactivate", "rename")),
}  # fmt: skip
ARGUMENTS = {
    "ticket show": "ticket",
    "ticket verify": "ticket",
    "why": "mail",
    "outbox show": "letter",
    "quarantine show": "mail",
    "erase": "person",
    "parse": "file",
    "simulate": "file",
}


def output_of(words: tuple[str, ...], command: click.Command, desk: StoryDesk, *options: str) -> str:
    folder = desk.node.configuration.settings.folder
    file = folder / "hostile.eml"
    file.write_bytes(hostile_mail(1))
    asked = ARGUMENTS.get(" ".join(words))
    given = {
        "ticket": [ticket.reference for ticket in desk.tickets()],
        "mail": [str(mail.id) for mail in desk.mails()],
        "letter": [str(letter.id) for letter in desk.history().letters],
        "file": [str(file)],
        "person": [person.address for ticket in desk.tickets() for person in ticket.participants if canonical(person.address)],
        None: [""],
    }[asked]
    told = ""
    for argument in given:
        line = [*([argument] if argument else []), *options, "--config", str(folder / "helpdesk.toml")]
        done = CliRunner().invoke(command, line)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        told += done.output
    return told


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["people", "json"])
def test_no_command_prints_a_control_of_strangers(attacked: StoryDesk, options: tuple[str, ...]) -> None:
    seen = {}
    for words, command in commands():
        if (name := " ".join(words)) in OTHERS:
            continue
        output = output_of(words, command, attacked, *options)
        assert hostile_in(output) == [], name
        if options:
            for line in output.splitlines() if name != "report" else [output]:
                json.loads(line)
        seen[name] = output
    assert set(ARGUMENTS) < set(seen)
    for name in ("ticket list", "ticket show", "parse", "suppress list", "quarantine show", "outbox show"):
        assert "owned" in seen[name], name


def test_words_are_kept_without_controls(attacked: StoryDesk) -> None:
    """So that no other program that reads them, such as the platform, has to take them out again."""
    with attacked.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT body_text FROM platform_inbox").all()
    histories = [attacked.history(place + 1) for place in range(len(attacked.tickets()))]
    texts = [row[0] for row in rows] + [message.text for history in histories for message in history.messages]
    assert len(texts) >= 3
    assert [text for text in texts if re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)] == []


# The one place; and what only asks the interpreter for its arguments, or which words the operator has given.
WRITERS = re.compile(r"^(print|click\.(echo|secho|echo_via_pager|style)|sys\.(__)?std(out|err)(__)?\b.*|os\.write|os\.writev)$")
ALLOWED = {"gateway/terminal.py"}


def writers_in(source: str) -> Iterator[str]:
    """Whatever could write to standard output or standard error."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and WRITERS.match(name := ast.unparse(node.func))
            or isinstance(node, ast.Attribute)
            and WRITERS.match(name := ast.unparse(node))
        ):
            yield name
        elif isinstance(node, ast.ImportFrom) and node.module in ("sys", "click"):
            yield from (alias.name for alias in node.names if re.match("(echo|secho|std|__std)", alias.name))


def test_one_place_writes_to_the_terminal() -> None:
    found = {
        (str(path.relative_to(ROOT)), name)
        for room in ("config", "gateway", "store", "templates", "threading")
        for path in (ROOT / room).rglob("*.py")
        if str(path.relative_to(ROOT)) not in ALLOWED
        for name in writers_in(path.read_text())
    }
    # These wake a thread of their own, or tell another process of the node something.
    pipes = ("gateway/doors/mailbox/watcher.py", "gateway/listener.py", "gateway/node/supervisor.py", "gateway/cli/serve.py")
    assert found == {(file, "os.write") for file in pipes}


@pytest.mark.parametrize(
    "source",
    [
        "print(1)",
        "click.echo('x')",
        "sys.stdout.write('x')",
        "sys.stderr.buffer",
        "from sys import stdout",
        "from click import echo",
    ],
)
def test_a_writer_is_noticed(source: str) -> None:
    assert list(writers_in(source))


def test_the_progress_of_an_import_is_one_line_that_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    output = Terminal(interactive=True)
    monkeypatch.setattr(sys, "stderr", output)
    terminal.echo_again("1 of 2", err=True)
    terminal.echo_again("2 of 2 \x1b[2J", err=True, last=True)
    assert output.content() == b"\r1 of 2\x1b[K\r2 of 2 \\x1b[2J\x1b[K\n"
    assert UNFIT.search("\x1b")
