"""The processes of a node: what wakes them, what restarts them, and what they do when they are told to stop or left alone."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from support.desk.story import configured
from support.servers.peers import wait_for

from helpdesk.gateway.fork_server import ForkServerLine, serve_forks
from helpdesk.gateway.limited_child import NoChild
from helpdesk.gateway.node.bells import Bell, SharedFlag
from helpdesk.gateway.node.supervisor import Lifeline, ProcessFailed, ProcessPlan, Supervisor


def test_a_bell_that_rings_wakes_one_who_waits() -> None:
    bell = Bell()
    assert not bell.wait(0)
    for _ in range(10_000):
        bell.ring()
    assert bell.wait(0)
    assert not bell.wait(0)
    bell.close()


def test_each_ring_wakes_one_of_those_who_wait_without_an_end() -> None:
    bell, woken = Bell(), Bell()
    answers: list[bool] = []

    def wait() -> None:
        answers.append(bell.wait())
        woken.ring()

    waiting = [threading.Thread(target=wait) for _ in range(2)]
    for thread in waiting:
        thread.start()
    for _ in waiting:
        bell.ring()
        assert woken.wait(60)
    for thread in waiting:
        thread.join(60)
    assert answers == [True, True]
    for part in (bell, woken):
        part.close()


def test_a_bell_wakes_an_event_loop() -> None:
    async def woken() -> bool:
        bell, event = Bell(), asyncio.Event()
        bell.connect(asyncio.get_running_loop(), event)
        threading.Thread(target=bell.ring).start()
        await asyncio.wait_for(event.wait(), 60)
        bell.disconnect(asyncio.get_running_loop())
        bell.close()
        return True

    assert asyncio.run(woken())


def test_a_bell_and_a_flag_reach_other_processes() -> None:
    bell, answer, flag = Bell(), Bell(), SharedFlag()

    def wait_then_answer() -> None:
        bell.wait(60)
        flag.set(True)
        answer.ring()

    with forked(wait_then_answer):
        bell.ring()
        assert answer.wait(60)
        assert flag.is_set()
    for part in (bell, answer, flag):
        part.close()


@contextmanager
def forked(run: Callable[[], None]) -> Iterator[int]:
    """A child of this process, which is killed at the end."""
    pid = os.fork()
    if pid == 0:
        try:
            run()
        finally:
            os._exit(0)
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def echo_back(pipe: Connection, word: str) -> None:
    while True:
        try:
            pipe.send((word, os.getpid(), pipe.recv()))
        except EOFError:
            os._exit(3)


@pytest.fixture
def line() -> Iterator[ForkServerLine]:
    served = ForkServerLine()
    cut, keep = os.pipe()

    def fork_children() -> None:
        os.close(keep)
        serve_forks([served], cut)

    with forked(fork_children):
        yield served
    served.close()
    os.close(cut)
    os.close(keep)


def test_the_fork_server_forks_what_it_is_asked_for(line: ForkServerLine) -> None:
    one, other = (line.launch("echo", echo_back, (word,)) for word in ("one", "other"))
    one.pipe.send("question")
    other.pipe.send("question")
    assert [child.pipe.recv() for child in (one, other)] == [("one", one.pid, "question"), ("other", other.pid, "question")]
    one.pipe.close()
    assert one.exit_code(60) == 3
    one.kill()
    other.kill()
    other.kill()
    assert other.pipe.poll(60)
    with pytest.raises(EOFError):
        other.pipe.recv()
    other.pipe.close()


def test_a_forked_child_that_is_killed_says_so(line: ForkServerLine) -> None:
    child = line.launch("echo", echo_back, ("word",))
    assert child.exit_code(0) is None
    os.kill(child.pid, signal.SIGKILL)
    assert child.exit_code(60) == -signal.SIGKILL
    child.kill()
    child.pipe.close()


def test_a_fork_server_without_supervisor_serves_until_nobody_is_left_who_asks() -> None:
    served = ForkServerLine()
    cut, keep = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(keep)
        serve_forks([served], cut)
        os._exit(0)
    os.close(cut)
    os.close(keep)
    for word in ("one", "other"):
        child = served.launch("echo", echo_back, (word,))
        child.pipe.send("question")
        assert child.pipe.recv() == (word, child.pid, "question")
        child.kill()
        child.pipe.close()
    served.asking.close()
    assert os.waitpid(pid, 0) == (pid, 0)
    served.answering.close()


def test_a_worker_without_fork_server_and_supervisor_is_told_at_once() -> None:
    served = ForkServerLine()
    served.only_ask()
    for _ in range(2):
        with pytest.raises(NoChild, match="the fork server is gone"):
            served.launch("echo", echo_back, ("word",))
    served.close()


SUPERVISED = r"""
import os, signal, sys, time
from pathlib import Path
from helpdesk.gateway.node.supervisor import ProcessPlan, Supervisor

folder = Path(sys.argv[1])

def life(name):
    def run(lifeline, replaces):
        stop = []
        signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
        (folder / f"{name}.{os.getpid()}").write_text("again" if replaces else "first")
        lifeline.say([f"{name} began"])
        os.set_blocking(lifeline.cut, False)
        while not stop:
            try:
                if os.read(lifeline.cut, 1) == b"":
                    break
            except BlockingIOError:
                time.sleep(0.01)
        with (folder / "ended").open("a") as ended:
            ended.write(f"{name}\n")
        return 0
    return run

plans = [ProcessPlan(name, stage, life(name)) for name, stage in (("late", 2), ("early", 0))]
sys.exit(Supervisor(plans).run(lambda lines: print(*lines, sep="\n", flush=True)))
"""


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen([sys.executable, "-c", SUPERVISED, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert [process.stdout.readline().strip() for _ in range(2)] == ["late began", "early began"]
        yield process
        process.kill()


def pids(folder: Path, name: str) -> dict[int, str]:
    return {int(path.suffix[1:]): path.read_text() for path in folder.glob(f"{name}.*")}


def test_processes_drain_stage_after_stage(supervised: "subprocess.Popen[str]", tmp_path: Path) -> None:
    supervised.send_signal(signal.SIGTERM)
    assert supervised.wait(60) == 0
    assert (tmp_path / "ended").read_text().splitlines() == ["early", "late"]


def test_a_process_that_dies_is_started_again(supervised: "subprocess.Popen[str]", tmp_path: Path) -> None:
    [first] = pids(tmp_path, "early")
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: sorted(pids(tmp_path, "early").values()) == ["again", "first"], "it runs again")
    supervised.send_signal(signal.SIGTERM)
    assert supervised.wait(60) == 0


def test_processes_drain_when_their_supervisor_is_gone(supervised: "subprocess.Popen[str]", tmp_path: Path) -> None:
    supervised.kill()
    wait_for(
        lambda: (tmp_path / "ended").exists() and len((tmp_path / "ended").read_text().splitlines()) == 2, "both processes end"
    )


def test_a_process_that_does_not_start_ends_the_node() -> None:
    ended: list[str] = []

    def fails(lifeline: Lifeline, replaces: bool) -> int:
        return 75

    with pytest.raises(ProcessFailed, match="door") as fault:
        Supervisor([ProcessPlan("door", 0, fails)]).run(ended.extend)
    assert (fault.value.code, ended) == (75, [])


def serve(config: Path) -> "subprocess.Popen[str]":
    command = [str(Path(sys.executable).with_name("helpdesk")), "--config", str(config), "serve"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def running(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    with serve(configured(tmp_path)) as process:
        yield process
        process.kill()


def test_a_node_whose_port_is_taken_says_so_in_one_line(running: "subprocess.Popen[str]", tmp_path: Path) -> None:
    first = running
    assert first.stdout is not None
    port = int(first.stdout.readline().rpartition(":")[2])
    config = tmp_path / "helpdesk.toml"
    config.write_text(config.read_text().replace("127.0.0.1:0", f"127.0.0.1:{port}"))
    _, errors = serve(config).communicate(timeout=120)
    lines = [line for line in errors.splitlines() if "warning" not in line]
    assert len(lines) == 1 and "address already in use" in lines[0]
    first.send_signal(signal.SIGTERM)
    assert first.wait(120) == 0
