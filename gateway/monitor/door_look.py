"""Looking at a door of this host as a client does."""

import asyncio
from collections.abc import Awaitable

from helpdesk.config.shapes import endpoint, socket_path
from helpdesk.gateway.monitor.patience import PATIENCE
from helpdesk.gateway.terminal import fault_in_one_line


async def fault_of_door(listen: str, *, greets: bool = True) -> str:
    """Connect to a door as a client does, and return what it does wrong in one line, without a subject; "" where it greets.

    A door that says nothing before TLS or a balancer's header has only to take the connection.
    """
    path = socket_path(listen)
    try:
        async with asyncio.timeout(PATIENCE):
            opening: Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = (
                asyncio.open_unix_connection(path) if path else asyncio.open_connection(*reachable(listen))
            )
            reader, writer = await opening
            try:
                greeting = await reader.readline() if greets else b"220"
                writer.write(b"QUIT\r\n")
            finally:
                writer.close()
    except TimeoutError:
        return "gives no greeting."
    except (OSError, ValueError) as fault:
        return f"cannot be reached: {fault_in_one_line(fault)}."
    if greeting.startswith(b"220"):
        return ""
    return f"says: {fault_in_one_line(ValueError(greeting.decode('ascii', 'replace')))}." if greeting else "hangs up."


def reachable(listen: str) -> tuple[str, int]:
    """Where to connect to a door on this host: a door that listens everywhere is reached by loopback."""
    host, port = endpoint(listen)
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "*": "127.0.0.1"}.get(host, host), port
