"""A desk's own words and templates: what replaces ours, what is refused and why, and that no mistake keeps a letter back."""

import json
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.desk.story import StoryDesk, configured, direct_desk
from support.mails.composed_mail import html_of, read, text_of
from support.slices import some_of

from helpdesk.gateway.cli.check import check_command as desk_check
from helpdesk.gateway.cli.template import template_group
from helpdesk.gateway.reader import Reader
from helpdesk.gateway.template_child import limited_renderer
from helpdesk.templates.catalogue import LANGUAGES
from helpdesk.templates.overrides import LARGEST_FILE, customer_notices, read_overrides
from helpdesk.templates.samples import sample_letter, sample_order
from helpdesk.threading.model.notice import Notice

TEXT = '{% extends "ours/customer/closing.txt.j2" %}\n{% block message %}\nGoodbye, {{ letter.reference }}.\n{% endblock %}\n'
HTML = TEXT.replace(".txt.j2", ".html.j2")
Written = Callable[[dict[str, str]], Path]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = configured(tmp_path / "desk")
    path.write_text(path.read_text().replace('prefix = "ACZ"', 'prefix = "ACZ"\ntemplates = "letters"'))
    (tmp_path / "desk" / "letters").mkdir()
    return path


@pytest.fixture
def written(config: Path) -> Written:
    def write(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = config.parent / "letters" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return config.parent / "letters"

    return write


def run(*words: str) -> Result:
    cleared: dict[str, str | None] = {name: None for name in os.environ if name.startswith("HELPDESK_")}
    return CliRunner().invoke(template_group, list(words), env=cleared)


def letter_of(folder: Path, notice: Notice, language: str, faults: list[str] | None = None) -> str:
    with closing(limited_renderer(read_overrides(folder), (faults if faults is not None else []).append)) as renderer:
        mail = read(sample_letter(sample_order(notice, language), renderer, "Accoraze Support", "UTC").content)
    return text_of(mail) + html_of(mail)


def test_a_string_of_the_desk_replaces_ours_in_its_language_alone(config: Path, written: Written) -> None:
    folder = written({"de.toml": '[closing]\nclosed = "Fertig. Alles Gute von {desk}!"\n'})
    assert "no such" not in run("check", "--config", str(config)).output
    assert "unknown placeholder {desk}; known here: none" in run("check", "--config", str(config)).output
    written({"de.toml": '[closing]\nclosed = "Fertig. Alles Gute!"\n[letter]\nwhy = "Gruß zu {reference}."\n'})
    assert run("check", "--config", str(config)).exit_code == 0
    german = letter_of(folder, Notice.CLOSING, "de")
    assert german.count("Fertig. Alles Gute!") == 3  # in the text, in the HTML, and first in lists of mails
    assert german.count("Gruß zu HD-K7Q2M9.") == 2
    assert "Your request is now closed." in letter_of(folder, Notice.CLOSING, "en")


def test_a_template_of_the_desk_replaces_ours_and_may_build_upon_it(config: Path, written: Written) -> None:
    folder = written({"customer/closing.txt.j2": TEXT, "customer/closing.html.j2": HTML})
    result = run("check", "--config", str(config))
    assert (result.exit_code, result.output.partition(":")[0]) == (0, "ok")
    for language in LANGUAGES:
        assert letter_of(folder, Notice.CLOSING, language).count("Goodbye, HD-K7Q2M9.") == 3
    written({"de/customer/closing.txt.j2": "Servus!", "de/customer/closing.html.j2": "<p>Servus!</p>"})
    assert "Servus!" in letter_of(folder, Notice.CLOSING, "de") and "Goodbye" in letter_of(folder, Notice.CLOSING, "fr")


PROBLEMS = {
    "not TOML": ({"de.toml": "[closing\n"}, "de.toml: not TOML: "),
    "unknown key": (
        {"de.toml": '[closing]\nclose = "x"\n'},
        "de.toml: closing.close: no such string; [closing] has closed, confirmed, silent, reply",
    ),
    "unknown section": ({"de.toml": '[good]\nbye = "x"\n'}, "de.toml: good.bye: no such string"),
    "empty": (
        {"de.toml": '[closing]\nclosed = " "\n'},
        "de.toml: closing.closed: is empty; remove the line to use the built-in string",
    ),
    "no text": ({"de.toml": "[closing]\nclosed = 3\n"}, "de.toml: closing.closed: is not text"),
    "placeholder": (
        {"de.toml": '[letter]\nwhy = "{Desk} {desks}"\n'},
        "de.toml: letter.why: unknown placeholder {desks}; known here: {reference}",
    ),
    "brace": ({"de.toml": '[letter]\nwhy = "{desk.__class__}"\n'}, "de.toml: letter.why: a brace that belongs to no placeholder"),
    "boundary": ({"de.toml": '[letter]\nboundary = "x"\n'}, "de.toml: letter.boundary: cannot be replaced"),
    "unknown file": ({"customer/goodbye.txt.j2": ""}, "customer/goodbye.txt.j2: replaces nothing"),
    "a letter to staff": ({"en/staff/held.txt.j2": "x"}, "en/staff/held.txt.j2: replaces nothing"),
    "other language": ({"pl.toml": ""}, "pl.toml: replaces nothing"),
    "alone": ({"customer/closing.txt.j2": TEXT}, "customer/closing.txt.j2: missing beside it: customer/closing.html.j2"),
    "too large": (
        {"de.toml": "#" * (LARGEST_FILE + 1)},
        f"de.toml: cannot be read as UTF-8 text of at most {LARGEST_FILE} octets",
    ),
    "syntax": (
        {"customer/closing.txt.j2": TEXT, "customer/closing.html.j2": "one\n{% if %}"},
        "customer/closing.html.j2: line 2: Expected an expression",
    ),
    "unknown value": (
        {"customer/closing.txt.j2": TEXT, "customer/closing.html.j2": "one\n\n{{ letter.password }}"},
        "customer/closing.html.j2: line 3: 'helpdesk.templates.view.CustomerView object' has no attribute 'password'",
    ),
    "out of the sandbox": (
        {"customer/closing.txt.j2": TEXT, "customer/closing.html.j2": "{{ letter.__class__.__mro__ }}"},
        "customer/closing.html.j2: line 1: access to attribute '__class__'",
    ),
    "a file of the system": (
        {"customer/closing.txt.j2": TEXT, "customer/closing.html.j2": '{% include "../../../etc/passwd" %}'},
        "../../../etc/passwd",
    ),
    "unknown string": (
        {"customer/closing.txt.j2": TEXT, "customer/closing.html.j2": '{{ say("good.bye") }}'},
        "customer/closing.html.j2: line 1: there is no string good.bye",
    ),
    "a word that is missing": (
        {"customer/closing.txt.j2": TEXT, "customer/closing.html.j2": '{{ say("letter.why") }}'},
        "customer/closing.html.j2: line 1: the string letter.why needs the word reference",
    ),
    "arithmetic": (
        {"customer/closing.txt.j2": TEXT, "customer/closing.html.j2": "{{ 1 / 0 }}"},
        "customer/closing.html.j2: line 1: division by zero",
    ),
    "endless": (
        {"customer/closing.txt.j2": TEXT, "customer/closing.html.j2": "{% for one in range(90000) %}{{ 'x' * 900 }}{% endfor %}"},
        "customer/closing.html.j2: more than 8388608 characters",
    ),
}


@pytest.mark.parametrize("name", some_of(PROBLEMS, 2))
def test_what_is_wrong_is_one_line_and_ours_stands_in_its_place(config: Path, written: Written, name: str) -> None:
    files, problem = PROBLEMS[name]
    folder = written(files)
    result = run("check", "--config", str(config))
    assert result.exit_code == os.EX_CONFIG
    (line,) = result.output.splitlines()
    assert line.startswith("problem: ") and problem in line
    shown = letter_of(folder, Notice.CLOSING, "de")
    assert shown.count("Ihre Anfrage ist jetzt geschlossen.") == 3
    assert "antworten Sie oberhalb dieser Zeile" in shown


def test_a_letter_leaves_although_the_desk_s_template_fails(config: Path, written: Written, reader: Reader) -> None:
    written({"customer/confirmation.txt.j2": "{{ nothing }}", "customer/confirmation.html.j2": "{{ nothing }}"})
    with direct_desk(config, reader) as desk:
        assert "We’ve got your request" in confirmation(desk)


def test_a_desk_speaks_with_its_own_words(config: Path, written: Written, reader: Reader) -> None:
    written({"en.toml": '[confirmation]\nreceived = "Got it, {{7*7}} thanks."\n[letter]\ngreeting_named = "Dear {name},"\n'})
    assert "a brace that belongs" in run("check", "--config", str(config)).output
    with direct_desk(config, reader) as desk:
        assert "Dear {{7*x}}," in confirmation(desk, "{{7*x}}")


def confirmation(desk: StoryDesk, name: str = "Anna") -> str:
    anna = desk.person("anna@acme.example", name)
    anna.writes("Cannot log in", "The page says locked.")
    return anna.letter(Notice.CONFIRMATION).text


def test_the_list_names_every_file_and_what_is_replaced(config: Path, written: Written) -> None:
    written({"fr.toml": '[closing]\nreply = "x"\n', "customer/closing.txt.j2": TEXT, "customer/closing.html.j2": HTML})
    lines = run("list", "--config", str(config)).output.splitlines()
    rows = {line.split()[0]: line.split()[1:] for line in lines}
    assert rows["fr.toml"] == ["closing.reply"] and rows["de.toml"] == ["-"] and rows["customer/closing.html.j2"] == ["all"]
    assert {f"customer/{notice}.txt.j2" for notice in customer_notices()} <= set(rows)
    found = [json.loads(line) for line in run("list", "--json", "--config", str(config)).output.splitlines()]
    assert {one["file"]: one["own"] for one in found}["customer/closing.txt.j2"] == ["all"]


def test_previews_are_written_for_every_letter_and_language(config: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run("preview", "--out", str(out), "--config", str(config))
    count = 3 * len(LANGUAGES) * len(customer_notices())
    assert result.exit_code == 0 and result.output.startswith(f"{count} files are in ")
    assert {path.suffix for path in out.rglob("*.*")} == {".txt", ".html", ".eml"}
    assert "Wie zufrieden sind Sie?" in (out / "de" / "closing.txt").read_text()
    assert '<html lang="nl"' in (out / "nl" / "closing.html").read_text()
    assert read((out / "fr" / "closing.eml").read_bytes())["Subject"] == "Re: Connexion impossible"


def test_one_preview_in_one_language(config: Path, tmp_path: Path) -> None:
    result = run("preview", "reopened", "--language", "it", "--out", str(tmp_path / "out"), "--config", str(config))
    assert result.exit_code == 0
    assert sorted(path.name for path in (tmp_path / "out").rglob("*.*")) == ["reopened.eml", "reopened.html", "reopened.txt"]


def test_the_check_of_the_desk_mentions_what_is_wrong(config: Path, written: Written) -> None:
    written({"de.toml": '[closing]\nclose = "x"\n'})
    output = CliRunner().invoke(desk_check, ["--config", str(config)]).output
    assert "letters: de.toml: closing.close: no such string" in output


def test_a_folder_that_is_not_there_is_a_problem_of_the_configuration(config: Path) -> None:
    (config.parent / "letters").rmdir()
    result = run("list", "--config", str(config))
    assert result.exit_code == os.EX_CONFIG and "desk.templates: no such folder: " in result.output


def test_without_a_folder_nothing_is_checked(tmp_path: Path) -> None:
    result = run("check", "--config", str(configured(tmp_path / "desk")))
    assert result.exit_code == 0 and "templates = " in result.output
