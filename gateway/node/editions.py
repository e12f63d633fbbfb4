"""Editions: all that a node has read at one moment. A node runs with one, and takes the next one as a whole or not at all.

The processes of a node get an edition over memory that they share, so that one process reads the files and all have the same. A process that
is started in the place of one that died gets the edition that the node runs with, whatever stands in the files by then.
"""

import os
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from helpdesk.config.changes import Changes, changes_of, identity_changes, secret_changes, settings_taken
from helpdesk.config.load import Configuration, ConfigurationProblems, load
from helpdesk.config.secret import Secret, prints_of, read_secret
from helpdesk.gateway.template_child import limited_templates
from helpdesk.templates.overrides import Overrides, read_overrides
from helpdesk.templates.trial import problems_of

EX_CONFIG, EX_TEMPFAIL = os.EX_CONFIG, os.EX_TEMPFAIL


class Refused(Exception):
    """The node keeps the edition that it has. `reasons` has one line for each problem, `code` is the exit code for it."""

    def __init__(self, reasons: tuple[str, ...], code: int = EX_CONFIG) -> None:
        super().__init__("; ".join(reasons))
        self.reasons, self.code = reasons, code


@dataclass(frozen=True, slots=True)
class Edition:
    """A configuration, and the desk's own templates. `prints` tell the keys of reply tokens apart without showing them."""

    configuration: Configuration
    overrides: Overrides = field(default_factory=Overrides)
    prints: tuple[tuple[str, str], ...] = ()

    def without_secret(self) -> "Edition":
        return replace(self, configuration=replace(self.configuration, secret=Secret()))


def edition_of(configuration: Configuration) -> Edition:
    """The edition with this configuration, and the templates that its folder has now."""
    folder = configuration.settings.desk.templates
    return Edition(configuration, read_overrides(Path(folder) if folder else None), prints_of(configuration.secret))


def next_edition(file: Path, environment: Mapping[str, str], running: Edition) -> tuple[Edition, Changes]:
    """Read everything anew, and say what differs from the running edition. Raises Refused where anything is wrong."""
    try:
        read = load(file, environment)
    except ConfigurationProblems as fault:
        raise Refused(tuple(map(str, fault.problems))) from None
    before = running.configuration
    if lines := identity_changes(before.settings, read.settings):
        raise Refused(tuple(f"{line} needs a restart, and nothing else of this file fits the node until then" for line in lines))
    found = edition_of(replace(read, settings=settings_taken(before.settings, read.settings)))
    if found.overrides != running.overrides:
        _try_templates(found)
    changes = changes_of((before.settings, before.policy), (read.settings, read.policy))
    more = (*_template_changes(running.overrides, found.overrides), *secret_changes(before.secret, read.secret))
    return found, replace(changes, taken=(*changes.taken, *more))


def secret_of(edition: Edition, environment: Mapping[str, str]) -> Secret:
    """The keys of reply tokens, which no edition in shared memory has. Raises ConfigurationProblems."""
    desk = edition.configuration.settings.desk
    secret, problems, _ = read_secret(edition.configuration.settings.folder / Path(desk.secret_file).expanduser(), environment)
    if problems:
        raise ConfigurationProblems(problems)
    return secret


def _try_templates(edition: Edition) -> None:
    """Write every letter in every language with the desk's own templates, in a limited child. Raises Refused."""
    own = limited_templates(edition.overrides)
    try:
        settings, policy = edition.configuration.settings, edition.configuration.policy
        problems = problems_of(edition.overrides, settings.desk.name, policy.calendar.zone, own)
    finally:
        if own is not None:
            own.close()
    if problems:
        raise Refused(tuple(f"templates: {problem}" for problem in problems))


def _template_changes(old: Overrides, new: Overrides) -> list[str]:
    before = {**{f"{language}.toml": strings for language, strings in old.strings.items()}, **old.templates}
    after = {**{f"{language}.toml": strings for language, strings in new.strings.items()}, **new.templates}
    return [f"templates: {name}" for name in sorted({*before, *after}) if before.get(name) != after.get(name)]


class SharedEditions:
    """Room for two editions in memory that the processes of a node share: the one that runs, and the next one.

    The supervisor keeps this memory open for the processes that it starts, and never reads it. It holds no key of reply tokens.
    """

    def __init__(self) -> None:
        self._writers = [os.memfd_create(f"edition-{number}") for number in range(2)]
        self._readers = [os.open(f"/proc/self/fd/{writer}", os.O_RDONLY | os.O_CLOEXEC) for writer in self._writers]
        self.running = 0  # the number of the edition that runs; known to processes that are forked from now on

    def write(self, number: int, edition: Edition) -> None:
        content = memoryview(pickle.dumps(edition.without_secret()))
        os.ftruncate(self._writers[number], 0)
        written = 0
        while written < len(content):
            written += os.pwrite(self._writers[number], content[written:], written)

    def read(self, number: int) -> Edition:
        size = os.fstat(self._readers[number]).st_size
        content = b""
        while len(content) < size and (more := os.pread(self._readers[number], size - len(content), len(content))):
            content += more
        edition = pickle.loads(content)
        assert isinstance(edition, Edition)
        return edition

    def only_read(self) -> None:
        """Keep what a process needs that makes no edition: what it got wrong must not reach the others."""
        while self._writers:
            os.close(self._writers.pop())

    def close(self) -> None:
        """Keep nothing, as processes do that never see a configuration."""
        self.only_read()
        while self._readers:
            os.close(self._readers.pop())
