"""Random sequences of commands, compared with a small model of what the SMTP and LMTP doors must answer; and random bytes."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from support.servers.dialog import Client
from support.servers.memory_door import MemoryClient, MemoryIntake, memory_lmtp_door, memory_smtp_door
from support.servers.smtp_door import ListStore, RunningDoor, running_door

from helpdesk.threading.model.mail import Envelope, RawMessage

AT_ONCE = 250  # sessions in memory
COMMANDS = (
    "EHLO client.test",
    "HELO client.test",
    "EHLO",
    "MAIL FROM:<anna@acme.test>",
    "MAIL FROM:<>",
    "MAIL FROM:<bad",
    "MAIL FROM:<anna@acme.test> SIZE=999999999",
    "RCPT TO:<help@desk.test>",
    "RCPT TO:<billing+x@desk.test>",
    "RCPT TO:<nobody@desk.test>",
    "RCPT TO:<fault@desk.test>",
    "RCPT TO:<Postmaster>",
    "DATA good",
    "DATA poison",
    "DATA bare",
    "DATA huge",
    "DATA loop",
    "DATA!",
    "RSET",
    "NOOP",
    "VRFY help",
    "XYZZY",
)
CONTENT = {
    "good": b"Subject: good\r\n\r\n..dot\r\n",
    "poison": b"poison\r\n",
    "bare": b"bare\n.\r\nDATA\r\n",
    "huge": b"x" * 70_000 + b"\r\n",
    "loop": b"Received: x\r\n" * 101 + b"\r\n",
}
AFTER_DATA = {"good": "250 2.0.0", "poison": "451 4.3.0", "bare": "550 5.6.11", "huge": "552 5.3.4", "loop": "554 5.4.6"}


def ours(address: str) -> bool:
    if address.startswith("fault"):
        raise RuntimeError("out of order")
    return address.partition("@")[0].partition("+")[0] in ("help", "billing")


def is_poison(raw: RawMessage) -> bool:
    return raw.content == CONTENT["poison"]


@dataclass
class Model:
    """RFC 5321 §4.1.4 in twenty lines: what was say, what is stored, how many errors are left."""

    greeted: bool = False
    sender: str | None = None
    recipients: list[str] = field(default_factory=list)
    stored: list[Envelope] = field(default_factory=list)
    errors: int = 0
    greetings: tuple[str, ...] = ("EHLO", "HELO")

    def forget(self) -> None:
        self.sender, self.recipients = None, []

    def expected(self, command: str) -> str:
        reply = self.reply_to(command)
        self.errors = 0 if command == "DATA good" and reply == "250 2.0.0" else self.errors + (reply[0] == "5")
        return "421 4.7.0" if self.errors > 20 else reply

    def reply_to(self, command: str) -> str:
        verb, _, argument = command.partition(" ")
        if verb in self.greetings:
            if not argument:
                return "501 5.5.4"
            self.greeted = True
            self.forget()
            return "250"
        if verb == "MAIL":
            return self.mail(argument)
        if verb == "RCPT":
            return self.rcpt(argument)
        if verb in ("DATA", "DATA!"):
            return self.data(argument)
        if verb == "RSET":
            self.forget()
        return {"RSET": "250 2.0.0", "NOOP": "250 2.0.0", "VRFY": "252 2.0.0"}.get(verb, "500 5.5.1")

    def mail(self, argument: str) -> str:
        if not self.greeted or self.sender is not None:
            return "503 5.5.1"
        if "SIZE" in argument:
            return "552 5.3.4"
        if not argument.endswith(">"):
            return "501 5.5.4"
        self.sender = argument[6:-1]
        return "250 2.1.0"

    def rcpt(self, argument: str) -> str:
        if self.sender is None:
            return "503 5.5.1"
        address = argument[4:-1]
        if address.startswith("fault"):
            self.forget()
            return "451 4.3.0"
        if address.startswith("nobody"):
            return "550 5.1.1"
        self.recipients.append(address)
        return "250 2.1.5"

    def data(self, argument: str) -> str:
        envelope, allowed = Envelope(self.sender or "", tuple(self.recipients)), bool(self.recipients)
        self.forget()
        if not allowed:
            return "503 5.5.1"
        if not argument:
            return "501 5.5.4"
        if argument == "good":
            self.stored.append(envelope)
        return AFTER_DATA[argument]


def play(door: RunningDoor, commands: list[str]) -> None:
    """Say the commands to a door over a socket, and compare every reply and every stored mail with the model."""
    model = Model()
    door.mails.clear()
    with Client(door.port, greet=False) as client:
        assert client.reply().startswith("220 ")
        for number, command in enumerate(commands):
            expected = model.expected(command)
            reply = say(client, command)
            assert reply.startswith(expected), (commands[: number + 1], expected, reply)
            if expected.startswith("421"):
                assert client.is_closed()
                break
    door.settled()
    assert [mail.envelope for mail in door.mails] == model.stored
    assert all(mail.content == b"Subject: good\r\n\r\n.dot\r\n" for mail in door.mails)


def say(client: Client, command: str) -> str:
    if not command.startswith("DATA"):
        return client.says(command)
    content = command.partition(" ")[2]
    reply = client.says("DATA" if content else "DATA now")
    if not reply.startswith("354"):
        return reply
    client.send(CONTENT[content] + b".\r\n")
    return client.reply()


def run_sockets(seed: int, count: int) -> None:
    """`count` random sequences of up to sixty commands, likelier than not in a useful order, over real sockets."""
    numbers = random.Random(seed)
    usual = [COMMANDS[0], COMMANDS[3], COMMANDS[7]]
    with running_door(ours=ours, store=ListStore(failure=is_poison), max_size=65536) as door:
        for _ in range(count):
            play(door, [numbers.choice(usual if numbers.random() < 0.4 else COMMANDS) for _ in range(numbers.randint(1, 60))])


def run(seed: int, count: int) -> None:
    """`count` random sequences of up to ten commands, in memory."""
    intake = MemoryIntake(is_poison)
    door = memory_smtp_door(intake, ours, AT_ONCE)

    async def play_one(number: int, commands: list[str]) -> None:
        await play_in_memory(MemoryClient(door, str(number)), commands, Model(), intake.of_peer[str(number)])
        del intake.of_peer[str(number)]

    with without_log():
        asyncio.run(play_all(random.Random(seed), count, COMMANDS, play_one))


def run_lmtp(seed: int, count: int) -> None:
    """`count` random sequences by LMTP, in memory; there each accepted recipient has a reply of its own."""
    intake = MemoryIntake(is_poison)
    door = memory_lmtp_door(intake, ours, AT_ONCE)
    commands = ("LHLO client.test", "LHLO", *COMMANDS)

    async def play_one(number: int, commands: list[str]) -> None:
        await play_in_memory(MemoryClient(door, str(number)), commands, Model(greetings=("LHLO",)), intake.of_peer[str(number)])
        del intake.of_peer[str(number)]

    with without_log():
        asyncio.run(play_all(random.Random(seed), count, commands, play_one))


async def play_all(
    numbers: random.Random, count: int, commands: tuple[str, ...], play_one: Callable[[int, list[str]], Awaitable[None]]
) -> None:
    """Play `count` sequences, `AT_ONCE` of them beside each other, so that one turn of the loop serves many."""
    usual = [commands[0], COMMANDS[3], COMMANDS[7]]
    sequences = iter(range(count))

    async def one_after_another() -> None:
        for number in sequences:
            chosen = [numbers.choice(usual if numbers.random() < 0.5 else commands) for _ in range(numbers.randint(1, 10))]
            await play_one(number, chosen)

    await asyncio.gather(*(one_after_another() for _ in range(min(AT_ONCE, count))))


async def play_in_memory(client: MemoryClient, commands: list[str], model: Model, stored: list[RawMessage]) -> None:
    assert (await client.reply()).startswith("220 ")
    for number, command in enumerate(commands):
        accepted = max(len(model.recipients), 1) if "LHLO" in model.greetings else 1
        expected = model.expected(command)
        replies = await say_in_memory(client, command, accepted)
        assert all(reply.startswith(expected) for reply in replies), (commands[: number + 1], expected, replies)
        if expected.startswith("421"):
            assert await client.reply() == ""
            break
    await client.leave()
    assert [mail.envelope for mail in stored] == model.stored, commands
    assert all(mail.content == b"Subject: good\r\n\r\n.dot\r\n" for mail in stored)


async def say_in_memory(client: MemoryClient, command: str, accepted: int) -> list[str]:
    if not command.startswith("DATA"):
        return [await client.says(command)]
    content = command.partition(" ")[2]
    reply = await client.says("DATA" if content else "DATA now")
    if not reply.startswith("354"):
        return [reply]
    client.send(CONTENT[content] + b".\r\n")
    return [await client.reply() for _ in range(accepted)]


@contextmanager
def without_log() -> Iterator[None]:
    """No log lines while faults are made on purpose."""
    before = logging.root.manager.disable
    logging.disable()
    try:
        yield
    finally:
        logging.disable(before)


def run_bytes(seed: int, count: int) -> None:
    """`count` sessions of any bytes, half of them around real commands: only well-formed replies, and a door that still works."""
    numbers = random.Random(seed)
    with running_door(ours=ours, max_size=65536, max_sessions_per_peer=100) as door:
        for _ in range(count):
            with Client(door.port, greet=False) as client:
                client.reply()
                try:
                    client.send(noise(numbers))
                    client.socket.shutdown(1)
                except OSError:
                    continue  # it was thrown out already
                while reply := client.reply():
                    assert all(line[:3].isdigit() and line[3] in " -" and line.isprintable() for line in reply.split("\r\n")), (
                        reply
                    )
        with Client(door.port) as client:
            assert client.mail().startswith("250 2.0.0")
        door.settled()
        assert not door.door.sessions
        assert door.door.buffered == 0


def noise(numbers: random.Random) -> bytes:
    def piece() -> bytes:
        if numbers.random() < 0.5:
            return numbers.choice(COMMANDS).encode() + numbers.choice([b"\r\n", b"\r\n", b"\n", b"\r", b""])
        if numbers.random() < 0.2:
            return numbers.choice([b"\r\n.\r\n", b".\r\n", b"\0", b"\xff\xfe", b"<" * 3000, b"x" * 20_000])
        return numbers.randbytes(numbers.randint(0, 40))

    return b"".join(piece() for _ in range(numbers.randint(1, 40)))
