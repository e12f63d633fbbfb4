"""A package that hangs, dies or raises costs one item, never the comparison."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from compare import foreign_packages
from compare.foreign_packages import Child, Fault, Hang, Missing, adapter_name

PACKAGE = """
import json, os, sys, time
print(json.dumps({"version": "1.0"}), flush=True)
for line in sys.stdin:
    word = json.loads(line)["text"]
    if word == "hang": time.sleep(600)
    if word == "die": os._exit(1)
    print(json.dumps({"fault": "ValueError: so"} if word == "raise" else {"answer": word.upper()}), flush=True)
"""


def package(program: str = PACKAGE, seconds: float = 30) -> Child:
    return Child("example", [sys.executable, "-c", program], seconds)


def test_a_package_answers_one_item_after_another() -> None:
    child = package()
    assert [child.ask(text=word) for word in ("one", "two", "x" * 300_000)] == ["ONE", "TWO", "X" * 300_000]
    assert child.version == "1.0"
    child.stop()


@pytest.mark.parametrize(("word", "fault"), [("die", Fault), ("raise", Fault)])
def test_the_next_item_is_answered_after_one_that_failed(word: str, fault: type[Exception]) -> None:
    child = package()
    with pytest.raises(fault):
        child.ask(text=word)
    assert child.ask(text="next") == "NEXT"
    child.stop()


def test_a_hang_ends_and_is_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "faults"
    monkeypatch.setenv("HELPDESK_COMPARE_FAULTS", str(log))
    child = package(seconds=0.2)
    with pytest.raises(Hang):
        foreign_packages.reply(child, "hang", None, None, None, False)
    assert json.loads(log.read_text())[:3] == ["example", "reply", "Hang"]
    assert child._process is None


def test_a_package_that_cannot_be_imported_says_why() -> None:
    program = "import json; print(json.dumps({'missing': 'ModuleNotFoundError: no such'}), flush=True)"
    with pytest.raises(Missing, match="ModuleNotFoundError"):
        package(program).started()
    with pytest.raises(Missing, match="make compare"):
        Child("example", ["/nonexistent/python"]).started()


def test_the_child_of_an_environment_without_packages_names_what_is_missing() -> None:
    """It runs in this environment, which has none of them."""
    done = subprocess.run(
        [sys.executable, str(foreign_packages.CHILD), "quotequail"], input="", capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {"missing": "ModuleNotFoundError: No module named 'quotequail'"}


def test_every_adapter_has_a_name_that_a_scorer_can_ask_for() -> None:
    names = [adapter_name(task, name) for task, packages in foreign_packages.TASKS.items() for name in packages]
    assert len(names) == 7
    assert all(callable(getattr(foreign_packages, name)) for name in names)
