"""The steps of a reload: nobody puts a new object in the place of an old one before everybody has said that theirs are sound."""

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from helpdesk.config.load import Configuration, Secret
from helpdesk.gateway.node.control import NoNode, ask_node, close_control, open_control
from helpdesk.gateway.node.editions import Edition, Refused, SharedEditions
from helpdesk.gateway.node.outcome import MOST_LINES, ReloadOutcome, shortened
from helpdesk.gateway.node.reload import KEEP, PREPARE, READ, TAKE, Answer, AskAll, ReloadLine, ReloadPart, Reloads, reload_all

NAMES = ("door", "worker 1", "housekeeper")
READER = "housekeeper"


class Node:
    """Processes that answer as told, and what they were asked."""

    def __init__(self, refusals: Mapping[tuple[str, str], Answer]) -> None:
        self.refusals, self.asked = refusals, list[tuple[str, str]]()

    def ask(self, names: Collection[str], message: Mapping[str, Any]) -> Mapping[str, Answer]:
        step = message["do"]
        self.asked += [(name, step) for name in names]
        sound = {"changed": [f"by {step}"], "restart": ["[smtp] listen"], "policy": "aa"} if step == READ else {}
        return {name: self.refusals.get((name, step), sound) for name in names}

    def who(self, step: str) -> list[str]:
        return [name for name, asked in self.asked if asked == step]


WRONG: Answer = {"problems": ["desk.name: write a name"], "code": os.EX_CONFIG}


def test_all_take_what_all_have_found_sound_and_the_reader_takes_first() -> None:
    node = Node({})
    outcome = reload_all(node.ask, NAMES, READER, 1)
    assert (outcome.code, outcome.changed, outcome.restart, outcome.policy) == (0, ("by read",), ("[smtp] listen",), "aa")
    assert node.who(READ) == [READER]
    assert sorted(node.who(PREPARE)) == sorted(NAMES)
    assert node.who(TAKE) == [READER, "door", "worker 1"]
    assert node.asked.index((READER, TAKE)) > max(node.asked.index((name, PREPARE)) for name in NAMES)


@pytest.mark.parametrize(("who", "step"), [(READER, READ), ("door", PREPARE), ("worker 1", PREPARE), (READER, TAKE)])
def test_nobody_takes_what_one_of_them_refuses(who: str, step: str) -> None:
    node = Node({(who, step): WRONG})
    outcome = reload_all(node.ask, NAMES, READER, 1)
    assert (outcome.code, outcome.problems) == (os.EX_CONFIG, ("desk.name: write a name",))
    assert sorted(node.who(KEEP)) == sorted(NAMES)
    assert set(node.who(TAKE)) <= ({READER} if step == TAKE else set())


class Role:
    """A role with one object, which a sound edition replaces."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault, self.object, self.reasons = fault, "old", list[str]()

    def renewal(self, edition: Edition) -> tuple[Any, Sequence[str]]:
        if self.fault is not None:
            raise self.fault
        return (lambda: setattr(self, "object", "new")), ("object",)

    def keep(self, reasons: Sequence[str]) -> None:
        self.reasons = list(reasons)


def part_of(role: Role) -> ReloadPart:
    return ReloadPart(role, lambda number: None)  # type: ignore[arg-type, return-value]  # the role looks at no edition


def test_a_process_keeps_its_objects_until_it_is_told_to_take() -> None:
    role = Role()
    part = part_of(role)
    assert part.answer({"do": PREPARE, "edition": 1}) == {"changed": ["object"]}
    assert role.object == "old"
    part.answer({"do": KEEP, "reasons": ["no"]})
    part.answer({"do": TAKE})  # what was given up is not taken
    assert (role.object, role.reasons) == ("old", ["no"])
    part.answer({"do": PREPARE, "edition": 1})
    part.answer({"do": TAKE})
    assert role.object == "new"


@pytest.mark.parametrize(
    ("fault", "code"), [(Refused(("later",), os.EX_TEMPFAIL), os.EX_TEMPFAIL), (ValueError("later"), os.EX_CONFIG)]
)
def test_a_fault_is_an_answer(fault: Exception, code: int) -> None:
    assert dict(part_of(Role(fault)).answer({"do": PREPARE})) in (
        {"problems": ("later",), "code": code},
        {"problems": ["later"], "code": code},
    )


class Dying:
    """Processes of which one ends after the supervisor has begun to wait for it."""

    def __init__(self) -> None:
        self.names = {"door", READER}

    def alive(self) -> set[str]:
        found, self.names = self.names, {READER}
        return found


def test_a_process_that_ends_meanwhile_has_refused_and_the_supervisor_is_seen_to_live(monkeypatch: pytest.MonkeyPatch) -> None:
    told = list[str]()
    monkeypatch.setattr("helpdesk.gateway.node.reload.tell_alive", lambda: told.append("alive"))
    monkeypatch.setattr("helpdesk.gateway.node.reload.reload_all", reload_door_alone)
    lines = {name: ReloadLine() for name in ("door", READER)}
    editions = SharedEditions()
    outcome = Reloads(lines, READER, editions).reload(Dying())
    assert (outcome.code, editions.running) == (os.EX_TEMPFAIL, 0)
    assert "the door process ended meanwhile" in outcome.problems[0] and told
    for line in lines.values():
        line.close()
    editions.close()


def reload_door_alone(ask: AskAll, names: Sequence[str], reader: str, number: int) -> ReloadOutcome:
    answers = ask(["door"], {"do": PREPARE, "edition": number}) if "door" in names else {}
    problems = tuple(line for answer in answers.values() for line in answer["problems"])
    return ReloadOutcome(os.EX_TEMPFAIL if problems else os.EX_OK, problems=problems)


def test_who_makes_no_edition_cannot_write_one() -> None:
    editions = SharedEditions()
    editions.only_read()
    edition = Edition(Configuration(None, None, Secret()))  # type: ignore[arg-type]
    with pytest.raises(IndexError):
        editions.write(0, edition)
    editions.close()
    with pytest.raises(IndexError):
        editions.read(0)


def test_a_long_answer_is_shortened_and_says_so() -> None:
    assert shortened({"problems": [str(number) for number in range(MOST_LINES + 7)]})["problems"][-1] == "and 7 more"


def test_a_control_socket_works_below_any_path_and_belongs_to_one_node(tmp_path: Path) -> None:
    place = tmp_path.joinpath(*["a-long-name-of-a-folder"] * 6) / "control"
    with pytest.raises(NoNode):
        ask_node(place, {}, 1)
    first = open_control(place)
    assert first is not None and place.stat().st_mode & 0o777 == 0o600
    assert open_control(place) is None
    first.close()  # as when the node is killed
    again = open_control(place)
    assert again is not None
    close_control(again, place)
    assert not place.exists()
