"""`helpdesk template`: previews of letters to customers, and the check of a desk's own words and templates."""

import os
from collections.abc import Iterator
from contextlib import closing, nullcontext
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import click

from helpdesk.config.load import Configuration
from helpdesk.config.private_files import make_folder, write_private
from helpdesk.gateway.cli.options import config_option, load_or_exit
from helpdesk.gateway.cli.store import print_rows
from helpdesk.gateway.template_child import limited_renderer, limited_templates
from helpdesk.gateway.terminal import echo
from helpdesk.templates.appearance import NO_PAGES, PLAIN, looks_of, pages_of
from helpdesk.templates.catalogue import LANGUAGES
from helpdesk.templates.overrides import Overrides, customer_notices, read_overrides
from helpdesk.templates.render import Renderer
from helpdesk.templates.samples import Dress, sample_letter, sample_order
from helpdesk.templates.trial import problems_of, replacements
from helpdesk.threading.model.notice import Notice

NO_FOLDER = 'No folder for your own templates is configured; name one in [desk]: templates = "letters"'
PARTS = {"txt": "plain", "html": "html"}


@click.group("template")
def template_group() -> None:
    """Letters to customers, and your own words in them."""


@template_group.command("list")
@click.option("json_lines", "--json", is_flag=True, help="Print one JSON object a line.")
@config_option
def list_command(json_lines: bool, config: Path) -> None:
    """List the files that can be replaced, and what of each you have replaced."""
    overrides = overrides_of(load_or_exit(config))
    if json_lines:
        rows = ({"file": part.file, "own": part.own} for part in replacements(overrides))
        print_rows(rows, ("file", "own"), json_lines=True)
        return
    for part in replacements(overrides):
        echo(f"{part.file:<38}  {', '.join(part.own) or '-'}")


@template_group.command("preview")
@click.argument("notice", required=False, metavar="[NOTICE]", type=click.Choice(customer_notices()))
@click.option("--language", type=click.Choice(LANGUAGES), help="Default: all languages.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("previews"),
    metavar="DIR",
    help="The folder for the files; default: previews.",
)
@config_option
def preview_command(notice: str | None, language: str | None, out: Path, config: Path) -> None:
    """Write sample letters as .txt, .html and .eml: those of NOTICE, or of every notice."""
    loaded = load_or_exit(config)
    renderer = limited_renderer(overrides_of(loaded), lambda fault: echo(f"problem: {fault}; the built-in one is used", err=True))
    with closing(renderer):
        written = [
            path
            for tag in ((language,) if language else LANGUAGES)
            for name in ((notice,) if notice else customer_notices())
            for path in _write_samples(Notice(name), tag, renderer, out, loaded)
        ]
    echo(f"{len(written)} files are in {out}; the addresses in them do not exist.")


@template_group.command("check")
@config_option
def check_command(config: Path) -> None:
    """Print what is wrong with your own words and templates, one problem a line."""
    loaded = load_or_exit(config)
    if not loaded.settings.desk.templates:
        echo(NO_FOLDER)
        return
    problems = template_problems(loaded)
    for problem in problems:
        echo(f"problem: {problem}")
    if problems:
        raise click.exceptions.Exit(os.EX_CONFIG)
    own = sum(len(part.own) for part in replacements(overrides_of(loaded)))
    echo(f"ok: {loaded.settings.desk.templates}: {own} parts replaced; every letter can be written in every language")


def overrides_of(loaded: Configuration) -> Overrides:
    """The desk's own strings and templates."""
    folder = loaded.settings.desk.templates
    return read_overrides(Path(folder) if folder else None)


def template_problems(loaded: Configuration) -> tuple[str, ...]:
    """What is wrong with a desk's own words and templates; empty where it has none."""
    overrides = overrides_of(loaded)
    own = limited_templates(overrides)
    with nullcontext() if own is None else closing(own):
        return problems_of(overrides, loaded.settings.desk.name, loaded.policy.calendar.zone, own)


def _write_samples(notice: Notice, language: str, renderer: Renderer, out: Path, loaded: Configuration) -> Iterator[Path]:
    """Write the files of one sample letter, and yield their paths. Raise ClickException where a file cannot be written."""
    policy, desk = loaded.policy, loaded.settings.desk
    dress = Dress(
        looks_of(policy).get(policy.addresses[0].address, PLAIN),
        pages_of(policy).get(policy.default_plan, NO_PAGES),
        loaded.settings.request_page,
    )
    letter = sample_letter(sample_order(notice, language), renderer, desk.name, policy.calendar.zone, dress)
    for kind, content in {"eml": letter.content, **_parts(letter.content)}.items():
        path = out / language / f"{notice}.{kind}"
        try:
            make_folder(path.parent)
            write_private(path, content)
        except OSError as fault:
            raise click.ClickException(f"{path} cannot be written: {fault.strerror}") from None
        yield path


def _parts(content: bytes) -> dict[str, bytes]:
    """The text and the HTML of a mail, as a mail client shows them."""
    mail = message_from_bytes(content, EmailMessage, policy=policy.default)
    bodies = {kind: mail.get_body((subtype,)) for kind, subtype in PARTS.items()}
    return {kind: str(body.get_content()).encode() for kind, body in bodies.items() if body is not None}
