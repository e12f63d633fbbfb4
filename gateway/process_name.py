"""Names the processes of a node, so that `ps` and `top` tell them apart."""

from contextlib import suppress
from pathlib import Path

OWN_NAME = Path("/proc/self/comm")  # Linux; elsewhere the processes keep the name of their program
PREFIX = "hd: "


def name_process(name: str) -> None:
    """Name this process in the lists of the system. The kernel keeps 15 octets, of which four are `hd: `."""
    with suppress(OSError):
        OWN_NAME.write_text(PREFIX + name)
