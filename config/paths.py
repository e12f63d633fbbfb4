"""Files and folders that a configuration names: made absolute against its own folder, and looked for."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from helpdesk.config.section import PathValue, Section, mark_of

S = TypeVar("S", bound=Section)
IS_THERE = {"file": Path.is_file, "folder": Path.is_dir}

Place = tuple[str, PathValue, str]  # a key of a section, its mark, and the path or URL that stands there


def with_absolute_paths(section: S, folder: Path) -> S:
    """The same section, and those in it, with every path absolute; an empty path stays empty."""
    changes: dict[str, object] = {key: _absolute(folder, mark, path) for key, mark, path in _own_places(section)}
    for key, value in _entries(section):
        if isinstance(value, Section):
            changes[key] = with_absolute_paths(value, folder)
        elif isinstance(value, tuple) and any(isinstance(entry, Section) for entry in value):
            changes[key] = tuple(with_absolute_paths(entry, folder) for entry in value)
    return section.model_copy(update=changes)


def missing_places(key: str, section: Section, folder: Path) -> Iterator[tuple[str, str]]:
    """The keys of a section, and of those in it, that name a file or a folder which is not there; each with the reason."""
    for name, mark, path in places_in(section):
        place = Path(_absolute(folder, mark, path))
        if path and mark.must_be and not IS_THERE[mark.must_be](place):
            yield f"{key}.{name}", f"no such {mark.must_be}: {place}"


def places_in(section: Section) -> Iterator[Place]:
    """Every file and folder that a section names, and that a section at one of its keys names, such as `oauth.client_secret_file`."""
    yield from _own_places(section)
    for key, value in _entries(section):
        if isinstance(value, Section):
            yield from ((f"{key}.{name}", mark, path) for name, mark, path in places_in(value))


def _own_places(section: Section) -> Iterator[Place]:
    for key, info in type(section).model_fields.items():
        if mark := mark_of(info, PathValue):
            yield key, mark, getattr(section, key)


def _entries(section: Section) -> Iterator[tuple[str, object]]:
    return ((key, getattr(section, key)) for key in type(section).model_fields)


def _absolute(folder: Path, mark: PathValue, path: str) -> str:
    """A path, or the URL whose path stands behind the scheme; any other URL, such as that of a bucket, as it is."""
    if not path or not path.startswith(mark.scheme) or (not mark.scheme and "://" in path):
        return path
    return mark.scheme + str(folder / Path(path.removeprefix(mark.scheme)).expanduser())
