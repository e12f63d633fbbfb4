"""The claims of a node that was killed as a whole, which its next start ends.

Claims are leases, and a letter's lease lasts for as long as its transfer may take. So that nothing waits for that after the machine lost its
power, a node keeps the owners of its claims in a file beside its control socket.
"""

from collections.abc import Sequence
from pathlib import Path

from helpdesk.config.private_files import make_folder, write_private
from helpdesk.gateway.node.control import has_node
from helpdesk.gateway.observe import Log
from helpdesk.store.identifiers import ClaimTokens

ENDING = ".claims"
REMEMBERED = 64  # owners, each of one process of one start

log = Log("helpdesk.node")


def take_over_claims(control: Path, tokens: Sequence[ClaimTokens]) -> list[ClaimTokens]:
    """Return the owners of claims of earlier starts, and write those of this start beside them.

    None are returned while another node answers at this control socket, since then they are alive. Where the file cannot be written, claims
    of a node that is killed end with their leases.
    """
    file = control.with_name(control.name + ENDING)
    if has_node(control):
        return []
    try:
        make_folder(control.parent)
        earlier = _owners_in(file)
        owners = [*earlier, *(token.owner for token in tokens)][-REMEMBERED:]
        write_private(file, "".join(f"{owner}\n" for owner in owners).encode(), durably=True)
    except OSError as fault:
        log.warning("claims.not_kept", file=str(file), reason=fault.strerror or str(fault))
        return []
    return [ClaimTokens(owner) for owner in earlier]


def _owners_in(file: Path) -> list[int]:
    """The owners that the file names. Lines that a lost power has left unfinished are passed over."""
    try:
        lines = file.read_text("ascii", "replace").splitlines()
    except FileNotFoundError:
        return []
    return [int(line) for line in lines if line.isascii() and line.isdigit() and len(line) <= len(str(2**23))]
