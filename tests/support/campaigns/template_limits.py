"""Every hostile template of an operator, rendered in a child with limits: our own letter is sent, and the operator hears of it once."""

import resource
from contextlib import closing

from support.hostile.hostile_templates import HOSTILE

from helpdesk.gateway.template_child import limited_renderer
from helpdesk.templates.overrides import Overrides
from helpdesk.templates.render import Renderer
from helpdesk.templates.samples import sample_letter, sample_order
from helpdesk.threading.model.notice import Notice

TEXT, HTML = "customer/closing.txt.j2", "customer/closing.html.j2"
SOUND = "Goodbye, {{ letter.reference }}."
# The limit that each template must meet first. A later limit would stop it too, and so hide that the first one is gone.
REASONS = {
    "two loops": "more than 1 second of CPU time",
    "output": "more than 8388608 characters",
    "a long string": "MB of memory",
}
MOST_MEMORY = 700 << 10  # kilobytes of a child: what it has at its start and what a template may have, counted generously


def own(text: str, html: str = SOUND) -> Overrides:
    return Overrides({}, {TEXT: text, HTML: html})


def closing_letter(renderer: Renderer) -> str:
    return sample_letter(sample_order(Notice.CLOSING, "en"), renderer, "Desk", "UTC").content.decode()


def assert_ours_is_sent(overrides: Overrides, reason: str = "") -> None:
    """Our own text and HTML are sent instead, and the operator gets one line about it, however many letters there are."""
    faults: list[str] = []
    with closing(limited_renderer(overrides, faults.append)) as renderer:
        letters = {closing_letter(renderer) for _ in range(2)}
    [letter] = letters
    assert "Your request is now closed." in letter and "Goodbye" not in letter
    [fault] = faults
    assert "\n" not in fault and ".j2: " in fault and reason in fault


def run(seed: int, count: int) -> str:
    """Render all hostile templates, whatever the seed and count; neither this process nor a child may use more than `MOST_MEMORY`."""
    for name, template in HOSTILE.items():
        try:
            assert_ours_is_sent(own(template))
            assert_ours_is_sent(own(SOUND, template.replace(TEXT, HTML)))  # some templates include themselves
        except AssertionError as fault:
            raise AssertionError(f"{name}: {fault}") from fault
    own_kilobytes, children = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    assert max(own_kilobytes, children) < MOST_MEMORY, (own_kilobytes, children)
    return f"{len(HOSTILE)} templates, {children >> 10} MB in a child at most"
