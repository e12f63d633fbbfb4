"""What differs between two configurations of a desk, and what of it a running node can take without a restart."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpdesk.config.layout import DESK, NODE, FilePart, PartForm
from helpdesk.config.policy import Policy
from helpdesk.config.secret import Secret
from helpdesk.config.section import Section
from helpdesk.config.settings import Settings, Smtp

# Keys of this node that a running node takes; the whole policy is taken as well. Every other key of the node needs a restart.
TAKEN = {
    "desk": ("name", "prefix", "secret_file", "request_page", "templates"),
    "smtp": ("certificate", "key"),
    "dkim": (),
    "webhook": (),
}
# The desk's addresses are built from these, so that nothing of a file that changes them can be taken by itself.
IDENTITY = frozenset({"desk.domain", "desk.reply_address"})
DOORS_OF_SMTP = "smtp"
MOST_NAMED = 20  # entries of one list that are named; more are counted
NAMED_BY = (
    "address",
    "id",
    "name",
    "selector",
    "sender",
    "recipient",
    "target",
    "listen",
)  # the key that tells the entries of a list apart


@dataclass(frozen=True, slots=True)
class Changes:
    """One line for each difference: what a running node takes, and what waits for a restart. No value is shown, since some are secret."""

    taken: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Difference:
    place: str  # such as `smtp.listen`
    line: str


def changes_of(old: tuple[Settings, Policy], new: tuple[Settings, Policy]) -> Changes:
    """The differences between two pairs of settings and policy."""
    node = list(_differences(NODE, old[0], new[0]))
    taken = [difference.line for difference in node if _is_taken(difference.place)]
    restart = [difference.line for difference in node if not _is_taken(difference.place)]
    taken += [difference.line for difference in _differences(DESK, old[1], new[1])]
    return Changes(tuple(taken), tuple(restart))


def identity_changes(old: Settings, new: Settings) -> tuple[str, ...]:
    """The changes after which nothing of the new file fits the running node."""
    return tuple(difference.line for difference in _differences(NODE, old, new) if difference.place in IDENTITY)


def settings_taken(running: Settings, new: Settings) -> Settings:
    """The settings of a running node that has taken a new file: all that it can take of it."""
    changed: dict[str, Any] = {}
    for name, keys in TAKEN.items():
        if name == DOORS_OF_SMTP:
            changed["smtp_doors"] = _doors_taken(running.smtp_doors, new.smtp_doors, keys)
            continue
        before, after = getattr(running, name), getattr(new, name)
        if not keys:
            changed[name] = after
        elif before is not None and after is not None:
            changed[name] = before.model_copy(update={key: getattr(after, key) for key in keys})
    return running.model_copy(update=changed)


def _doors_taken(running: Sequence[Smtp], new: Sequence[Smtp], keys: Sequence[str]) -> tuple[Smtp, ...]:
    """The doors that are open, each with what it can take from the new one that listens in the same place."""
    by_place = {door.listen: door for door in new}
    return tuple(
        door.model_copy(update={key: getattr(by_place[door.listen], key) for key in keys}) if door.listen in by_place else door
        for door in running
    )


def secret_changes(old: Secret, new: Secret) -> Iterator[str]:
    """The differences between two lists of keys, by the names of the keys alone."""
    before, after = dict(old), dict(new)
    yield from (f"secret: key {name} is new" for name in after if name not in before)
    yield from (f"secret: key {name} is gone" for name in before if name not in after)
    yield from (f"secret: key {name} is another one" for name in after if name in before and after[name] != before[name])
    if old and new and new[0][0] != old[0][0]:
        yield f"secret: key {new[0][0]} signs from now on"


def _is_taken(place: str) -> bool:
    section, _, key = place.partition(".")
    return section in TAKEN and (not TAKEN[section] or key in TAKEN[section])


def _differences(parts: Iterable[FilePart], old: Section, new: Section) -> Iterator[_Difference]:
    for part in parts:
        before, after = getattr(old, part.field), getattr(new, part.field)
        if before != after:
            yield from (_Difference(place, line) for place, line in COMPARE[part.form](part.name, before, after))


Lines = Iterator[tuple[str, str]]


def _of_key(name: str, before: object, after: object) -> Lines:
    yield name, name


def _of_section(name: str, before: Section | None, after: Section | None) -> Lines:
    if before is None or after is None:
        yield name, f"[{name}] {'is new' if before is None else 'is gone'}"
        return
    for key in _changed_keys(before, after):
        yield f"{name}.{key}", f"[{name}] {key}"


def _of_doors(name: str, before: Sequence[Section], after: Sequence[Section]) -> Lines:
    """A single door is compared as a section, several by the places where they listen."""
    if len(before) <= 1 and len(after) <= 1:
        yield from _of_section(name, next(iter(before), None), next(iter(after), None))
        return
    old, new = _by_name(before), _by_name(after)
    yield from ((name, f"[[{name}]] {place} is new") for place in new if place not in old)
    yield from ((name, f"[[{name}]] {place} is gone") for place in old if place not in new)
    for place in (place for place in new if place in old):
        yield from ((f"{name}.{key}", f"[[{name}]] {place} {key}") for key in _changed_keys(old[place], new[place]))


def _of_table(name: str, before: Mapping[str, Section], after: Mapping[str, Section]) -> Lines:
    return ((name, line) for line in _of_entries(f"[{name}]", before, after, lambda entry: f"[{name}.{entry}]"))


def _of_list(name: str, before: Sequence[Section], after: Sequence[Section]) -> Lines:
    lines = list(_of_entries(f"[[{name}]]", _by_name(before), _by_name(after), lambda entry: f"[[{name}]] {entry}"))
    return ((name, line) for line in lines or [f"[[{name}]] have another order"])


def _of_entries(whole: str, before: Mapping[str, Any], after: Mapping[str, Any], title: Any) -> Iterator[str]:
    new, gone = [name for name in after if name not in before], [name for name in before if name not in after]
    changed = [name for name in after if name in before and before[name] != after[name]]
    if len(new) + len(gone) + len(changed) > MOST_NAMED:
        yield f"{whole}: {len(new)} are new, {len(gone)} are gone, {len(changed)} differ"
        return
    yield from (f"{title(name)} is new" for name in new)
    yield from (f"{title(name)} is gone" for name in gone)
    yield from (f"{title(name)}{_keys_in_words(before[name], after[name])}" for name in changed)


def _keys_in_words(before: object, after: object) -> str:
    if isinstance(before, Section) and isinstance(after, Section):
        return f" {', '.join(_changed_keys(before, after))}"
    return " differs"


def _changed_keys(before: Section, after: Section) -> list[str]:
    return [key for key in type(after).model_fields if getattr(before, key, None) != getattr(after, key)]


def _by_name(entries: Sequence[Section]) -> dict[str, Section]:
    """The entries of a list by what tells them apart; those that nothing tells apart by their number."""
    named: dict[str, Section] = {}
    for number, entry in enumerate(entries, 1):
        name = next((str(getattr(entry, key)) for key in NAMED_BY if getattr(entry, key, "")), "")
        named[name if name and name not in named else f"{name or 'number'} {number}".strip()] = entry
    return named


COMPARE: dict[PartForm, Any] = {
    PartForm.KEY: _of_key,
    PartForm.SECTION: _of_section,
    PartForm.DOOR: _of_section,
    PartForm.DOORS: _of_doors,
    PartForm.TABLE: _of_table,
    PartForm.LIST: _of_list,
}
