"""The reading children: what they answer, and what happens when one is lost."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.mails.mails import mail
from support.servers.peers import wait_for

from helpdesk.gateway import reader as module
from helpdesk.gateway.cli.parse import parse_command
from helpdesk.gateway.limited_child import ChildHandle, NoChild, Serve, SpawnedChild
from helpdesk.gateway.reader import Reader, ReaderDied
from helpdesk.threading.parsing.read import read


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(processes=2) as pool:
        yield pool


def test_a_child_answers_what_reading_here_answers(reader: Reader) -> None:
    content = mail("Hello\n\n-- \nAnna", subject="Login")
    assert reader.read(content) == read(content)
    assert reader.read(content, keep_signature=True) == read(content, keep_signature=True)


def test_many_threads_share_the_children(reader: Reader) -> None:
    contents = [mail(f"Hello {number}", subject=f"Login {number}") for number in range(40)]
    with ThreadPoolExecutor(8) as threads:
        subjects = [reading.message.subject for reading in threads.map(reader.read, contents)]
    assert subjects == [f"Login {number}" for number in range(40)]


def test_a_killed_child_is_told_of_and_replaced() -> None:
    with Reader(processes=1) as pool:
        pool.read(mail())
        os.kill(child_of(pool), signal.SIGKILL)
        with pytest.raises(ReaderDied, match="ended on this mail"):
            pool.read(mail())
        assert pool.read(mail("Hello")).message.text == "Hello"


def test_a_hung_child_is_killed_and_replaced() -> None:
    with Reader(processes=1, wall_seconds=1.0) as pool:
        pool.read(mail())  # the time that a child takes to start is not the mail's
        stopped = child_of(pool)
        os.kill(stopped, signal.SIGSTOP)
        with pytest.raises(ReaderDied, match="did not finish within 1 seconds"):
            pool.read(mail())
        assert not Path(f"/proc/{stopped}").exists()
        assert pool.read(mail("Hello")).message.text == "Hello"


def test_a_slow_mail_holds_up_no_other() -> None:
    with Reader(processes=1) as pool, ThreadPoolExecutor(1) as other:
        pool.read(mail())
        slow = child_of(pool)
        os.kill(slow, signal.SIGSTOP)
        stalled = other.submit(pool.read, mail("Slow"))
        wait_for(pool._free.empty, "the slow mail is with its child")
        assert pool.read(mail("Hello")).message.text == "Hello"
        assert not stalled.done()
        os.kill(slow, signal.SIGCONT)
        assert stalled.result(60).message.text == "Slow"


def test_a_child_that_still_starts_is_not_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise each cold pool would start all children that it may have, where a process takes longer to start than a mail to read."""
    started: list[SpawnedChild] = []
    answers: list[bool] = []
    all_are_slow = Reader._all_are_slow

    def launch(name: str, serve: Serve, arguments: tuple[object, ...]) -> ChildHandle:
        started.append(SpawnedChild(name, serve, arguments))
        os.kill(started[-1].pid, signal.SIGSTOP)
        return started[-1]

    def noted(pool: Reader) -> bool:
        answers.append(all_are_slow(pool))
        monkeypatch.setattr(module, "SLOW", 60.0)
        os.kill(started[0].pid, signal.SIGCONT)
        return answers[-1]

    monkeypatch.setattr(module, "SLOW", 0.01)
    monkeypatch.setattr(Reader, "_all_are_slow", noted)
    with Reader(processes=1, launch=launch) as pool, ThreadPoolExecutor(2) as threads:
        subjects = [reading.message.subject for reading in threads.map(pool.read, [mail(subject="One"), mail(subject="Two")])]
    assert (subjects, answers, len(started)) == (["One", "Two"], [False], 1)


def test_signals_of_the_terminal_do_not_end_a_child() -> None:
    with Reader(processes=1) as pool:
        pool.read(mail())
        child = child_of(pool)
        os.kill(child, signal.SIGINT)
        os.kill(child, signal.SIGTERM)
        assert pool.read(mail("Hello")).message.text == "Hello"
        assert child_of(pool) == child


def test_children_live_under_limits() -> None:
    with Reader(processes=1) as pool:
        pool.read(mail())
        limits = Path(f"/proc/{child_of(pool)}/limits").read_text()
    rows = {line[:26].strip(): line[26:].split() for line in limits.splitlines()}
    assert rows["Max address space"][0] == str(module.MEMORY)
    assert int(rows["Max cpu time"][0]) <= module.CPU_SECONDS + 10


def test_a_pool_keeps_its_places_while_no_child_can_be_started() -> None:
    """Otherwise it would be empty for ever after a few such moments."""
    is_away = False

    def launch(name: str, serve: Serve, arguments: tuple[object, ...]) -> ChildHandle:
        if is_away:
            raise NoChild("no child can be started")
        return SpawnedChild(name, serve, arguments)

    with Reader(processes=1, launch=launch) as pool:
        pool.read(mail())
        is_away = True
        os.kill(child_of(pool), signal.SIGKILL)
        with pytest.raises(ReaderDied):
            pool.read(mail())
        for _ in range(2 * module.MOST):
            with pytest.raises(NoChild):
                pool.read(mail())
        is_away = False
        assert pool.read(mail("Hello")).message.text == "Hello"


def test_a_closed_reader_says_so() -> None:
    pool = Reader(processes=1)
    pool.close()
    pool.close()
    with pytest.raises(ValueError, match="closed"):
        pool.read(mail())


ORPHAN = """
from helpdesk.gateway.reader import Reader
import multiprocessing, sys
if __name__ == "__main__":
    reader = Reader(processes=1)
    reader.read(b"Subject: x\\n\\nHello")
    print(*[child.pid for child in multiprocessing.active_children()], flush=True)
    sys.stdin.read()
"""


def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "orphan.py"
    script.write_text(ORPHAN)
    parent = subprocess.Popen([sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    children = [int(word) for word in parent.stdout.readline().split()]
    parent.kill()
    # The children hold the other end of this pipe: its end of file is their end.
    assert parent.stdout.read() == ""
    parent.communicate()
    assert len(children) == 1
    assert not [child for child in children if is_running(child)]


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False
    return state.rpartition(")")[2].split()[0] not in ("Z", "X")


def child_of(pool: Reader) -> int:
    """The process of the only child of a pool that is at rest."""
    child = pool._free.get()
    pool._free.put(child)
    assert child is not None
    return child.pid


FIELDS = (
    "file message_id in_reply_to references date subject base_subject author sender reply_to to cc text html html_safe reply_text elided_text "
    "signature language attachments kind delivery_report forward defects degraded"
).split()


def test_parse_answers_with_the_public_fields(tmp_path: Path) -> None:
    file = tmp_path / "one.eml"
    file.write_bytes(
        mail("Hello\n\n-- \nAnna", subject="Re: Login", to="help@example.com", date="Mon, 6 May 2024 10:12:00 +0200")
    )
    result = CliRunner().invoke(parse_command, ["--json", str(file)])
    [line] = result.stdout.splitlines()
    answer = json.loads(line)
    assert result.exit_code == 0
    assert set(FIELDS) <= set(answer)
    assert answer["author"] == {"name": "Anna", "address": "anna@example.org"}
    assert (answer["date"], answer["base_subject"], answer["reply_text"]) == ("2024-05-06T08:12:00Z", "Login", "Hello")


def test_parse_goes_on_after_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    file = tmp_path / "one.eml"
    file.write_bytes(mail(subject="Login"))
    missing = str(tmp_path / "missing.eml")
    result = CliRunner().invoke(parse_command, ["--json", "--stdin"], input=f"{missing}\n{tmp_path}\n{file}\n")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 66
    assert [answer["file"] for answer in answers] == [missing, str(tmp_path), str(file)]
    assert answers[0]["error"] == "No such file or directory"
    assert answers[2]["subject"] == "Login"


def test_parse_keeps_the_signature_when_asked(tmp_path: Path) -> None:
    file = tmp_path / "one.eml"
    file.write_bytes(mail("Hello\n\n-- \nAnna"))
    result = CliRunner().invoke(parse_command, ["--json", "--keep-signature", str(file)])
    assert json.loads(result.stdout)["reply_text"] == "Hello\n\n-- \nAnna"


def test_parse_says_what_is_missing() -> None:
    result = CliRunner().invoke(parse_command, [])
    assert result.exit_code == 2
    assert "name a file" in result.stderr


def test_parse_has_a_summary_for_people(tmp_path: Path) -> None:
    file = tmp_path / "one.eml"
    file.write_bytes(mail("Hello", subject="Login"))
    result = CliRunner().invoke(parse_command, [str(file)])
    assert "Anna <anna@example.org>" in result.stdout
    assert result.stdout.rstrip().endswith("Hello")
