"""A proxy on 127.0.0.1 that stands between the desk and a server, and fails as networks fail: cut, silent, refusing."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread


@dataclass(slots=True)
class Plan:
    """What happens to the connections from now on. Positions count octets of one connection, in one direction.

    After `cut_down` octets from the server, or `cut_up` octets to it, both sides are reset. After `silent_down` octets nothing passes any
    more in either direction, and nobody is told. `refuse` closes each connection as it comes.
    """

    cut_down: int | None = None
    cut_up: int | None = None
    silent_down: int | None = None
    refuse: bool = False


@dataclass
class Proxy:
    """`passed` holds for each connection the octets that passed: [from the server, to the server]."""

    target: int
    port: int = 0
    plan: Plan = field(default_factory=Plan)
    passed: list[list[int]] = field(default_factory=list)
    silenced: Event = field(default_factory=Event)

    async def serve(self, client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter) -> None:
        plan, counts = self.plan, [0, 0]
        self.passed.append(counts)
        if plan.refuse:
            client_out.transport.abort()
            return
        try:
            server_in, server_out = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            client_out.transport.abort()
            return
        down = self._pass(server_in, client_out, counts, 0, plan.cut_down, plan)
        up = self._pass(client_in, server_out, counts, 1, plan.cut_up, plan)
        both = [asyncio.ensure_future(down), asyncio.ensure_future(up)]
        try:
            with suppress(asyncio.CancelledError):
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            for writer in (client_out, server_out):
                writer.transport.abort()

    async def _pass(
        self, source: asyncio.StreamReader, to: asyncio.StreamWriter, counts: list[int], way: int, cut: int | None, plan: Plan
    ) -> None:
        """Returns when this connection is to end."""
        with suppress(OSError):
            while True:
                octets = await source.read(65536)
                if plan.silent_down is not None and counts[0] >= plan.silent_down:
                    self.silenced.set()
                    await asyncio.Event().wait()
                allowed = octets if cut is None else octets[: cut - counts[way]]
                counts[way] += len(allowed)
                to.write(allowed)
                await to.drain()
                if not octets or (cut is not None and counts[way] >= cut):
                    # What was allowed must arrive before the reset throws it away.
                    while to.transport.get_write_buffer_size():
                        await asyncio.sleep(0)
                    return


@contextmanager
def proxy_to(target: int) -> Iterator[Proxy]:
    """A running proxy in front of a port of 127.0.0.1, in a thread of its own."""
    proxy, loop, ready = Proxy(target), asyncio.new_event_loop(), Event()
    ended = asyncio.Event()

    async def run() -> None:
        server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
        proxy.port = server.sockets[0].getsockname()[1]
        ready.set()
        await ended.wait()
        server.close()
        await asyncio.sleep(0)  # whoever was just let in has a task by now
        while left := [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]:
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    thread = Thread(target=loop.run_until_complete, args=(run(),), name="proxy", daemon=True)
    thread.start()
    ready.wait(30)
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(30)
        loop.close()
