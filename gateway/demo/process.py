"""The process that shows the demo's pages beside the node. It ends when the node has ended."""

import asyncio
import os
import secrets
import signal
import socket
from datetime import UTC, datetime
from pathlib import Path

from helpdesk.config.load import Configuration
from helpdesk.config.policy import Policy
from helpdesk.config.shapes import endpoint, is_loopback
from helpdesk.gateway.demo.app import DemoPages, DemoPerson
from helpdesk.gateway.demo.letters import LetterCatcher
from helpdesk.gateway.demo.platform import DemoPlatform
from helpdesk.gateway.process_name import name_process
from helpdesk.gateway.terminal import echo, fault_in_one_line
from helpdesk.gateway.web_server import WebServer
from helpdesk.store.database import HTTP, Database

USUAL_PORT = 8080
MAILDIR = "maildir:"
SENT = "demo-sent"  # beside the configuration
STOP_SECONDS = 2.0
NAMES = {"anna@acme.example": "Anna Berg", "carla@globex.example": "Carla Rossi"}


def may_have_pages(configuration: Configuration) -> bool:
    """Whether a desk is one for trying out: its letters stay on this machine, and its listener is reached from there alone."""
    settings = configuration.settings
    door = settings.smtp
    return settings.relay.url.startswith(MAILDIR) and door is not None and is_loopback(endpoint(door.listen)[0])


def begin_pages(configuration: Configuration) -> str:
    """Begin to show the pages in a process of their own, and return their address. They end with the process that calls this."""
    bound = _bind()
    port = bound.getsockname()[1]
    lifeline, held = os.pipe()  # `held` stays open in the node's processes, as long as one of them lives
    child = os.fork()
    if child == 0:
        if os.fork() == 0:  # so that the node has no child that it does not know
            os.close(held)
            _live(configuration, bound, port, lifeline)
        os._exit(0)
    os.waitpid(child, 0)
    os.close(lifeline)
    bound.close()
    return f"http://127.0.0.1:{port}/"


def people_of(policy: Policy) -> dict[str, DemoPerson]:
    """Everybody whose mailbox is shown: a customer of each account, and the staff."""
    people = []
    for account in policy.accounts:
        for address in account.contacts or tuple(f"carla@{domain}" for domain in account.domains[:1]):
            name = NAMES.get(address, address.partition("@")[0].capitalize())
            people.append(DemoPerson(address, name, f"customer of {account.id}, plan {account.plan}", account.id))
    people += [DemoPerson(member.address, member.name, f"staff, {member.role}") for member in policy.staff]
    return {person.address: person for person in people}


def _bind() -> socket.socket:
    """The usual port, or another one where that is taken."""
    try:
        return socket.create_server(("127.0.0.1", USUAL_PORT))
    except OSError:
        return socket.create_server(("127.0.0.1", 0))


def _live(configuration: Configuration, bound: socket.socket, port: int, lifeline: int) -> None:
    """Serve until the last process of the node has ended. Never returns."""
    code = os.EX_OK
    try:
        name_process("demo pages")
        asyncio.run(_serve(configuration, bound, port, lifeline))
    except Exception as fault:
        echo(f"the pages of the demo have ended: {fault_in_one_line(fault)}", err=True)
        code = os.EX_SOFTWARE
    finally:
        os._exit(code)


async def _serve(configuration: Configuration, bound: socket.socket, port: int, lifeline: int) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to every process; the node decides
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_reader(lifeline, stop.set)
    database = Database(configuration.settings.database.url, role=HTTP)
    server = WebServer(f"127.0.0.1:{port}", pages_of(configuration, database).application(), bound=bound)
    await server.start()
    await stop.wait()
    await server.stop(STOP_SECONDS)
    database.close()


def pages_of(configuration: Configuration, database: Database) -> DemoPages:
    """The pages of a desk for trying out, whose database is read with the rights of the side that customers reach."""
    settings, policy = configuration.settings, configuration.policy
    assert settings.smtp is not None
    folder = Path(settings.relay.url.removeprefix(MAILDIR))
    return DemoPages(
        people=people_of(policy),
        support=policy.addresses[0].address,
        catcher=LetterCatcher(folder, folder.parent / SENT),
        platform=DemoPlatform(database),
        door=endpoint(settings.smtp.listen),
        undo_seconds=int(policy.answering.undo_window.total_seconds()),
        secret=secrets.token_urlsafe(32),
        clock=lambda: datetime.now(UTC),
    )
