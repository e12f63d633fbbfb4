"""A scripted relay and our relay against it, in one event loop."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Literal, TypeVar

from support.servers.scripted_relay import ScriptedRelay, scripted_relay

from helpdesk.config.settings import OAuth
from helpdesk.config.settings import Relay as RelaySettings
from helpdesk.gateway.delivery.relay import LetterRelay, relay_for
from helpdesk.gateway.delivery.reply import RelayReply

OURS = "bounces+x@support.example.com"
Told = TypeVar("Told")
Tls = Literal["", "required", "opportunistic", "none"]


def section(
    url: str,
    *,
    connections: int = 4,
    timeout: float = 20,
    final_dot: float = 20,
    password_file: str = "",
    ca_file: str = "",
    tls: Tls = "",
    oauth: OAuth | None = None,
) -> RelaySettings:
    return RelaySettings(
        url=url,
        tls=tls,
        oauth=oauth,
        connections=connections,
        timeout=timedelta(seconds=timeout),
        final_dot_timeout=timedelta(seconds=final_dot),
        password_file=password_file,
        ca_file=ca_file,
    )


def replies_of(port: int, *letters: tuple[str, bytes]) -> list[RelayReply]:
    """What a real relay on this port says about letters of ours, each with its recipient, one after another. It is not thought to be away."""

    async def send(relay: LetterRelay) -> list[RelayReply]:
        try:
            said = [await relay.send(OURS, recipient, octets, envelope_id="7") for recipient, octets in letters]
            assert not relay.trouble
            return said
        finally:
            await relay.close()

    return asyncio.run(send(relay_for(section(f"smtp://127.0.0.1:{port}"), "mail.desk.test")))


def over_the_wire(
    server: ScriptedRelay,
    story: Callable[[LetterRelay], Awaitable[Told]],
    *,
    url: str = "smtp://127.0.0.1:{port}",
    connections: int = 4,
    timeout: float = 20,
    final_dot: float = 20,
    password_file: str = "",
    ca_file: str = "",
    tls: Tls = "",
    oauth: OAuth | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Told:
    """Play a story with the relay that `url` describes; times in seconds."""

    async def play() -> Told:
        async with scripted_relay(server):
            written = section(
                url.format(port=server.port),
                connections=connections,
                timeout=timeout,
                final_dot=final_dot,
                password_file=password_file,
                ca_file=ca_file,
                tls=tls,
                oauth=oauth,
            )
            relay = relay_for(written, "mail.desk.test", monotonic)
            try:
                return await story(relay)
            finally:
                await relay.close()

    return asyncio.run(play())
