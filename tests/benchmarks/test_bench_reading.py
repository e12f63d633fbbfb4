"""One small run of the measure of reading. What it measures is not looked at, only that it is there."""

import subprocess
import sys
from pathlib import Path


def test_a_run_prints_time_and_memory_of_every_way() -> None:
    program = Path(__file__).with_name("bench_reading.py")
    done = subprocess.run(
        [sys.executable, str(program), "--rounds", "1", "--size", "1000"], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stderr == ""
    times, memory = (block.splitlines() for block in done.stdout.split("\n\n"))
    assert times[0].startswith("| mails a CPU second | email | mail-parser | reading | parse --stdin |")
    assert [line.split(" | ")[0] for line in (*times[2:], *memory[2:])] == ["| 1 kB", "| a tiny mail", "| 1 kB"]
    assert all(float(cell.replace(",", "")) > 0 for line in times[2:] + memory[2:] for cell in line.strip("| ").split(" | ")[1:])
