"""What reading a mail costs, beside the bare MIME reader and the bare standard library, in one run: `make bench-reading`.

    python tests/benchmarks/bench_reading.py [--rounds N]

Each way of reading is a process of its own. Times are CPU time of that process and its children, in rounds in which every way reads the
same mail in turn: what else the machine does costs little, and meets all of them; medians, and the median of each round's ratio. Memory is
the peak of a fresh process (and its children) that has read this one mail. Linux only.
"""

import argparse
import base64
import contextlib
import email
import logging
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

SIZES = (1_000, 10_000, 100_000, 1_000_000, 20_000_000)
STANDARD_LIBRARY, MAIL_PARSER, READING, COMMAND = "email", "mail-parser", "reading", "parse --stdin"
WAYS = (STANDARD_LIBRARY, MAIL_PARSER, READING, COMMAND)
ROUND_SECONDS = 0.15  # of one way in one round, at least one mail
TINY = b"From: a@example.org\r\nSubject: x\r\n\r\nHello\r\n"
WORDS = "Hello I cannot log in to my account since the update of yesterday and the page shows an error please help thanks".split()


def sample(size: int, dice: random.Random) -> bytes:
    """A usual mail of about `size` octets: trace fields, plain text and HTML, and for the rest an attachment."""
    top = "".join(
        f"Received: from mx{hop}.example.org ([192.0.2.{hop}]) by mail.example.com\r\n\twith ESMTPS id a{hop}; Mon, 6 May 2024 10:12:0{hop} +0200\r\n"
        for hop in range(min(size // 2_000, 4))
    )
    top += (
        "From: Anna Jones <anna@example.org>\r\nTo: Help <help@example.com>\r\nSubject: =?utf-8?q?Caf=C3=A9?= order\r\n"
        "Date: Mon, 6 May 2024 10:12:00 +0200\r\nMessage-ID: <one@example.org>\r\nMIME-Version: 1.0\r\n"
    )
    if size < 2_000:
        return (top + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + _prose(size - 400, dice)).encode()
    text = _prose(min(size, 20_000) * 3 // 10, dice)
    html = "".join(f"<div>{line}</div>\r\n" for line in text.split("\r\n"))
    start = (
        f"{top}Content-Type: multipart/mixed; boundary=b0\r\n\r\n--b0\r\nContent-Type: multipart/alternative; boundary=b1\r\n\r\n"
        f"--b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        f"--b1\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body>{html}</body></html>\r\n--b1--\r\n"
    )
    rest = max(size - len(start) - 200, 0) * 3 // 4
    encoded = base64.encodebytes(dice.randbytes(rest)).decode().replace("\n", "\r\n")
    named = 'Content-Type: application/pdf; name="a.pdf"\r\nContent-Disposition: attachment; filename="a.pdf"'
    return f"{start}--b0\r\n{named}\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n--b0--\r\n".encode()


def _prose(length: int, dice: random.Random) -> str:
    lines: list[str] = []
    while sum(map(len, lines)) < length:
        lines.append(" ".join(dice.choices(WORDS, k=11)))
    return "\r\n".join(lines)


def function_of(way: str) -> Callable[[bytes], object]:
    """The reading function of that name; imported here, so that each process holds what it uses."""
    if way == STANDARD_LIBRARY:
        return email.message_from_bytes
    if way == MAIL_PARSER:
        import mailparser

        logging.getLogger("mailparser").setLevel(logging.CRITICAL)
        return lambda content: mailparser.parse_from_bytes(content)
    from helpdesk.threading.parsing.read import read

    logging.getLogger("mailparser").setLevel(logging.CRITICAL)
    return read


def serve(way: str) -> None:
    """A child's life: a file name and a number of times on each line of standard input; a line for an answer when they are read."""
    read = function_of(way)
    for line in sys.stdin:
        name, _, times = line.rpartition(" ")
        content = Path(name).read_bytes()
        for _ in range(int(times)):
            read(content)
        print("{}", flush=True)


class Process:
    """One way of reading."""

    def __init__(self, way: str) -> None:
        self.is_command = way == COMMAND
        helpdesk = [str(Path(sys.executable).with_name("helpdesk")), "parse", "--json", "--stdin"]
        command = helpdesk if self.is_command else [sys.executable, __file__, "--child", way]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def read(self, file: Path, times: int) -> float:
        """CPU seconds for that many times."""
        lines = [str(file)] * times if self.is_command else [f"{file} {times}"]
        started = self._cpu()
        for line in lines:
            assert self._ask(line).startswith(b"{")
        return self._cpu() - started

    def _cpu(self) -> float:
        return sum(_cpu(pid) for pid in _family(self._process.pid))

    def _ask(self, line: str) -> bytes:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the process ended"
        return answer

    def peak(self) -> int:
        """Octets of physical memory, at most so far, of the process and its children together."""
        return sum(_peak(pid) for pid in _family(self._process.pid))

    def stop(self) -> None:
        self._process.communicate()


@contextlib.contextmanager
def processes(ways: Sequence[str]) -> Iterator[dict[str, Process]]:
    running = {way: Process(way) for way in ways}
    try:
        yield running
    finally:
        for process in running.values():
            process.stop()


def _family(pid: int) -> list[int]:
    found = [pid]
    for result in found:
        for task in Path(f"/proc/{result}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def _cpu(pid: int) -> float:
    """Seconds; the kernel counts nanoseconds here, and ticks elsewhere."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def _peak(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


@dataclass(frozen=True)
class Cost:
    """Of one size: CPU seconds of each round and octets of memory, by way."""

    octets: int
    seconds: dict[str, list[float]]
    memory: dict[str, int]

    def rate(self, way: str) -> float:
        return 1 / median(self.seconds[way])

    def ratio(self, way: str, to: str) -> float:
        """Time for time."""
        return median(one / other for one, other in zip(self.seconds[way], self.seconds[to], strict=True))


def timed(file: Path, running: dict[str, Process], rounds: int) -> dict[str, list[float]]:
    """Seconds for one mail in each round, by way; the first reading of each is not counted."""
    times = {way: max(1, round(ROUND_SECONDS / max(one.read(file, 1), 1e-6))) for way, one in running.items()}
    found: dict[str, list[float]] = {way: [] for way in running}
    for number in range(rounds):
        turn = number % len(WAYS)
        for way in (*WAYS[turn:], *WAYS[:turn]):
            found[way].append(running[way].read(file, times[way]) / times[way])
    return found


def peaks(file: Path) -> dict[str, int]:
    found = {}
    for way in WAYS:
        with processes([way]) as running:
            running[way].read(file, 1)
            found[way] = running[way].peak()
    return found


def measured(folder: Path, rounds: int, sizes: Sequence[int] = SIZES) -> Iterator[Cost]:
    dice = random.Random(1)
    with processes(WAYS) as running:
        for size in sizes:
            content = sample(size, dice)
            file = folder / f"{size}.eml"
            file.write_bytes(content)
            yield Cost(len(content), timed(file, running, rounds), peaks(file))


def lines(costs: Sequence[Cost], idle: dict[str, int]) -> Iterator[str]:
    """Two tables in Markdown: time and memory."""
    yield f"| mails a CPU second | {' | '.join(WAYS)} | reading : mail-parser | reading : email | parse : mail-parser |"
    yield "| --- |" + " --: |" * (len(WAYS) + 3)
    for cost in costs:
        rates = " | ".join(f"{cost.rate(way):,.{0 if cost.rate(way) >= 100 else 1}f}" for way in WAYS)
        pairs = ((READING, MAIL_PARSER), (READING, STANDARD_LIBRARY), (COMMAND, MAIL_PARSER))
        ratios = " | ".join(f"{cost.ratio(way, to):.2f}" for way, to in pairs)
        yield f"| {_size(cost.octets)} | {rates} | {ratios} |"
    yield ""
    yield f"| peak MiB | {' | '.join(WAYS)} | reading : mail-parser |"
    yield "| --- |" + " --: |" * (len(WAYS) + 1)
    for name, memory in [("a tiny mail", idle), *((_size(cost.octets), cost.memory) for cost in costs)]:
        cells = " | ".join(f"{memory[way] / 2**20:.0f}" for way in WAYS)
        yield f"| {name} | {cells} | {memory[READING] / memory[MAIL_PARSER]:.2f} |"


def _size(octets: int) -> str:
    return f"{octets / 1e6:.0f} MB" if octets >= 950_000 else f"{octets / 1e3:.0f} kB"


def main() -> None:
    parser = argparse.ArgumentParser(description="What reading a mail costs.")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--size", type=int, action="append", help="octets of a mail; may be given again")
    parser.add_argument("--child", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        serve(options.child)
        return
    with tempfile.TemporaryDirectory() as folder:
        tiny = Path(folder) / "tiny.eml"
        tiny.write_bytes(TINY)
        idle, costs = peaks(tiny), list(measured(Path(folder), options.rounds, options.size or SIZES))
    for line in lines(costs, idle):
        print(line)


if __name__ == "__main__":
    main()
