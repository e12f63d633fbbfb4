"""The processes of a running node by their roles, as an operator sees them with `ps`."""

from pathlib import Path

from helpdesk.gateway.process_name import PREFIX

SUPERVISOR = "supervisor"


def processes_of(group: int) -> dict[int, str]:
    """The roles of all living processes of a process group by their ids. The supervisor is the leader of the group."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (role := _role_in(folder, group)):
            found[int(folder.name)] = role
    return found


def _role_in(folder: Path, group: int) -> str | None:
    """The role of a process; None if it is of another group, or has ended."""
    try:
        head, _, rest = (folder / "stat").read_text().rpartition(")")
    except OSError:  # it has ended meanwhile
        return None
    state, _, its_group, *_ = rest.split()
    if int(its_group) != group or state in "ZX":
        return None
    if int(folder.name) == group:
        return SUPERVISOR
    return head.partition("(")[2].removeprefix(PREFIX)
