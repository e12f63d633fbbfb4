"""Looking at a door of this host as a client does."""

import asyncio
from collections.abc import Awaitable

from helpdesk.config.settings import Settings, Smtp
from helpdesk.config.shapes import endpoint, socket_path
from helpdesk.gateway.monitor.patience import PATIENCE
from helpdesk.gateway.terminal import fault_in_one_line


async def look_at_doors(settings: Settings) -> dict[str, tuple[str, str]]:
    """Connect to each door of this node, and return by its name where it listens and what it does wrong.

    A door that was given port 0 is left out, because only its own process knows where it listens.
    """
    smtp = smtp_doors(settings)
    silent = {name for name, door in smtp.items() if door.tls == "implicit" or door.proxy_from}
    doors = {name: door.listen for name, door in smtp.items()}
    if settings.lmtp is not None:
        doors["lmtp"] = settings.lmtp.listen
    known = {name: listen for name, listen in doors.items() if socket_path(listen) or endpoint(listen)[1]}
    faults = await asyncio.gather(*(fault_of_door(listen, greets=name not in silent) for name, listen in known.items()))
    return {name: (listen, fault) for (name, listen), fault in zip(known.items(), faults, strict=True)}


def smtp_doors(settings: Settings) -> dict[str, Smtp]:
    """The SMTP doors by their names: `smtp`, and those after the first one with the place where they listen."""
    return {"smtp" if not number else f"smtp {door.listen}": door for number, door in enumerate(settings.smtp_doors)}


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
