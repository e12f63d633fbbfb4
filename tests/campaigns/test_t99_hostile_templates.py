"""An operator's template cannot take the node: what needs more time, memory or output than a letter may is reported once, and our own letter
is sent.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support.campaigns.template_limits import REASONS, SOUND, TEXT, assert_ours_is_sent, closing_letter, own
from support.desk.story import configured, direct_desk
from support.hostile.hostile_templates import HOSTILE, SLICE

from helpdesk.gateway import template_child
from helpdesk.gateway.reader import Reader
from helpdesk.gateway.template_child import LimitedTemplates, limited_renderer
from helpdesk.templates.overrides import Overrides
from helpdesk.templates.render import Renderer
from helpdesk.templates.samples import sample_letter, sample_order
from helpdesk.threading.model.notice import Notice


@pytest.mark.parametrize("name", SLICE)
def test_a_slice_of_the_hostile_templates(name: str) -> None:
    overrides = own(HOSTILE[name]) if SLICE.index(name) % 2 else own(SOUND, HOSTILE[name])
    assert_ours_is_sent(overrides, REASONS.get(name, ""))


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The parts of letters that the template children were asked to render."""
    asked: list[str] = []
    ask = template_child._TemplateChild.ask

    def note(child: template_child._TemplateChild, letter: template_child.PartOrder) -> bytes:
        asked.append(f"{letter[1]}.{letter[0]}")
        return ask(child, letter)

    monkeypatch.setattr(template_child._TemplateChild, "ask", note)
    yield asked


def test_a_template_that_broke_a_limit_is_not_tried_again(counted: list[str]) -> None:
    with closing(limited_renderer(own(HOSTILE["a long string"]), print)) as renderer:
        for _ in range(3):
            closing_letter(renderer)
    assert counted == ["closing.txt"]


def test_a_fault_of_some_letters_is_tried_again_and_told_once(counted: list[str]) -> None:
    faults: list[str] = []
    with closing(limited_renderer(own("{{ nothing }}"), faults.append)) as renderer:
        for _ in range(3):
            closing_letter(renderer)
    assert counted == ["closing.txt"] * 3
    assert faults == [f"{TEXT}: line 1: 'nothing' is undefined"]


def test_letters_that_nothing_of_the_operator_concerns_ask_no_child(counted: list[str]) -> None:
    with closing(limited_renderer(own(SOUND), print)) as renderer:
        sample_letter(sample_order(Notice.CONFIRMATION, "en"), renderer, "Desk", "UTC")
        assert counted == []
        assert "Goodbye, HD-K7Q2M9." in closing_letter(renderer)
    assert counted == ["closing.txt", "closing.html"]


def test_a_child_lives_under_limits_of_memory_and_of_the_processor() -> None:
    with closing(limited_renderer(own(SOUND), print)) as renderer:
        closing_letter(renderer)
        templates = renderer._own
        assert isinstance(templates, LimitedTemplates) and templates._child is not None
        process = Path(f"/proc/{templates._child.pid}")
        limits = {line[:26].strip(): line[26:].split()[0] for line in (process / "limits").read_text().splitlines()}
        [used] = [
            int(line.split()[1]) << 10 for line in (process / "status").read_text().splitlines() if line.startswith("VmSize")
        ]
    assert int(limits["Max address space"]) <= used + template_child.MEMORY
    assert int(limits["Max cpu time"]) <= 10


def test_what_all_letters_share_is_rendered_by_a_child_too(counted: list[str]) -> None:
    shared = Overrides({}, {"customer_letter.txt.j2": HOSTILE["two loops"], "customer_letter.html.j2": HOSTILE["two loops"]})
    faults: list[str] = []
    with closing(limited_renderer(shared, faults.append)) as renderer:
        assert "Your request is now closed." in closing_letter(renderer)
        sample_letter(sample_order(Notice.CONFIRMATION, "en"), renderer, "Desk", "UTC")
    assert (counted, len(faults)) == (["closing.txt"], 1)


def test_without_a_child_no_template_of_an_operator_is_compiled() -> None:
    assert "Your request is now closed." in closing_letter(Renderer(own(SOUND)))


def test_a_child_that_is_killed_from_outside_gives_way_to_ours_once() -> None:
    faults: list[str] = []
    with closing(limited_renderer(own(SOUND), faults.append)) as renderer:
        assert "Goodbye" in closing_letter(renderer)
        templates = renderer._own
        assert isinstance(templates, LimitedTemplates) and templates._child is not None
        os.kill(templates._child.pid, signal.SIGKILL)
        assert "Your request is now closed." in closing_letter(renderer)
        assert "Goodbye" in closing_letter(renderer)
    assert faults == [f"{TEXT}: the process that rendered it was killed"]


def test_a_desk_sends_its_letter_and_the_log_says_why_once(
    tmp_path: Path, reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    config = configured(tmp_path / "desk")
    config.write_text(config.read_text().replace('prefix = "ACZ"', 'prefix = "ACZ"\ntemplates = "letters"'))
    (tmp_path / "desk" / "letters" / "customer").mkdir(parents=True)
    for kind in ("txt", "html"):
        (tmp_path / "desk" / "letters" / "customer" / f"confirmation.{kind}.j2").write_text(HOSTILE["a long string"])
    with direct_desk(config, reader) as desk:
        anna = desk.person("anna@acme.example")
        anna.writes("Cannot log in", "The page says locked.")
        anna.writes("Printer", "It jams.")
        texts = [letter.text for letter in anna.letters() if letter.notice is Notice.CONFIRMATION]
    assert len(texts) == 2 and all("We’ve got your request" in text for text in texts)
    assert [record.message for record in caplog.records if record.message == "template.failed"] == ["template.failed"]
