"""The site that `make docs` builds. Its pages are plain Markdown that a forge shows as it is; only this file knows the generator.

The source folder is the root of the repository, so that a link means the same on the site as in the repository.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Pages whose place in the sidebar has parts, and where the list of the parts stands; its headings are those of the sidebar.
LISTS = {"README": "docs/README", "docs/decisions/README": "docs/decisions/README"}
HEADING = re.compile(r"^## (.+)$")
PAGE = re.compile(r"^- \[([^]]+)\]\(([^)#]+)\.md\)")

project = "helpdesk-gateway"
author = "the authors of helpdesk-gateway"
root_doc = "README"
extensions = ["myst_parser"]
include_patterns = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/*.md",
    "docs/**/*.md",
    "tests/GUARDS.md",
    "tests/MUTANTS.md",
    "tests/README.md",
    "threading/README.md",
]
exclude_patterns = ["build", "var", ".*"]
html_theme = "furo"
html_title = "helpdesk-gateway"
html_copy_source = False
html_show_sourcelink = False
html_static_path = ["site.css"]
html_css_files = ["site.css"]
templates_path: list[str] = []
smartquotes = False  # words of the configuration stand there as they are written
highlight_language = "text"
myst_heading_anchors = 4
myst_enable_extensions = ["strikethrough"]


def sidebar(name: str) -> str:
    """The table of contents that the generator wants, made of a list of pages."""
    path = ROOT / f"{name}.md"
    parts: list[str] = []
    for line in path.read_text("utf-8").splitlines():
        if heading := HEADING.match(line):
            parts.append(f"```\n\n```{{toctree}}\n:hidden:\n:caption: {heading[1]}\n")
        elif page := PAGE.match(line):
            parts.append(f"{page[1]} </{(path.parent / page[2]).resolve().relative_to(ROOT)}>")
    return "\n".join(["```{toctree}\n:hidden:\n", *parts, "```"])


def add_sidebar(app: object, name: str, source: list[str]) -> None:
    """Append the table of contents, which the Markdown of the pages does not have."""
    if name in LISTS:
        own_list = f"\n\n```{{toctree}}\n:hidden:\n\n/{LISTS[name]}\n```" if LISTS[name] != name else ""
        source[0] = f"{source[0]}{own_list}\n\n{sidebar(LISTS[name])}\n"


def setup(app: object) -> None:
    app.connect("source-read", add_sidebar)  # type: ignore[attr-defined]  # Sphinx stands in an environment of its own
