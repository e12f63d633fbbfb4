"""How a node shows the others, and `helpdesk status`, that it runs, with which policy and which keys."""

import os
import socket
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib.metadata import version

from helpdesk.config.secret import Secret, prints_of
from helpdesk.gateway.counts import counts
from helpdesk.gateway.node.node import Node
from helpdesk.gateway.observe import Log
from helpdesk.store.condition import beat, leave, nodes_of
from helpdesk.store.database import DatabaseAway
from helpdesk.threading.reporting.condition import Heartbeat, alive_at, who_lacks

LONGEST_REASON = 400  # characters of what a sign of life says about a refused configuration

log = Log("helpdesk.node")


class UnknownKey(Exception):
    """Letters would be signed with a key that another node does not know."""


class SignsOfLife:
    """The row by which `helpdesk status` knows that a node runs, by which policy it decides, and which keys of reply tokens it knows."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._host = socket.gethostname()
        self._name = f"{self._host}:{os.getpid()}"
        self._started_at = self._policy_since = node.clock()
        self._refusal = ""
        self._refused_at: datetime | None = None

    def beat(self) -> None:
        node = self._node
        configuration = node.configuration
        sign = Heartbeat(
            self._name,
            self._host,
            version("helpdesk-gateway"),
            configuration.policy.digest,
            self._started_at,
            node.clock(),
            policy_since=self._policy_since,
            keys=" ".join(f"{name}:{key_print}" for name, key_print in prints_of(configuration.secret)),
            refusal=self._refusal,
            refused_at=self._refused_at,
        )
        if self._write(lambda: beat(node.database, sign)):
            counts.set("node_last_heartbeat_timestamp_seconds", sign.beat_at.timestamp())

    def check_signing_key(self, secret: Secret) -> None:
        """Raise UnknownKey where another key than now would sign, and a node that runs does not verify with it."""
        before, after = prints_of(self._node.configuration.secret), prints_of(secret)
        if before[:1] == after[:1]:
            return
        with self._node.database.reading() as connection:
            others = [node for node in nodes_of(connection) if node.node != self._name]
        name, key_print = after[0]
        if lacking := who_lacks(f"{name}:{key_print}", alive_at(self._node.clock(), others)):
            raise UnknownKey(
                f"secret: key {name} would sign, and {', '.join(node.node for node in lacking)} does not verify with it: let {name} stand "
                "below the key that signs now, reload every node, then put it on top (helpdesk token add, then token use)"
            )

    def taken(self) -> None:
        """Show that the node has taken what it runs with now."""
        self._policy_since, self._refusal, self._refused_at = self._node.clock(), "", None
        self.beat()

    def refused(self, reasons: Sequence[str]) -> None:
        """Show that the node keeps what it has, and why, until it takes something."""
        more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
        self._refusal, self._refused_at = f"{reasons[0][:LONGEST_REASON]}{more}", self._node.clock()
        self.beat()

    def end(self) -> None:
        self._write(lambda: leave(self._node.database, self._name))

    def _write(self, write: Callable[[], None]) -> bool:
        try:
            write()
        except DatabaseAway as fault:
            log.warning("store.away", reason=str(fault))
            return False
        return True
