"""A mail server that takes every letter, notes when it came and which mail it answers, and forgets it.

It is a program of its own, so that its CPU time is not the gateway's. It prints its port, and for each letter one line: the moment by the
clock that all processes of a machine share, in nanoseconds, and the letter's In-Reply-To.
"""

import asyncio
import signal
import time
from functools import partial

from helpdesk.gateway.terminal import echo

LARGEST = 64 * 1024 * 1024
END_OF_DATA = b"\r\n.\r\n"
REPLIES = {b"EHLO": b"250-sink.example\r\n250 PIPELINING\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


async def converse(letters: list[tuple[int, str]], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection, to its end."""
    writer.write(b"220 sink.example\r\n")
    try:
        while line := await reader.readline():
            verb = line[:4].upper().strip()
            writer.write(REPLIES.get(verb, b"250 ok\r\n"))
            if verb == b"QUIT":
                break
            if verb == b"DATA":
                letter = await reader.readuntil(END_OF_DATA)
                letters.append((time.monotonic_ns(), answered_mail(letter)))
                writer.write(b"250 taken\r\n")
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


def answered_mail(letter: bytes) -> str:
    """The first Message-ID in the letter's In-Reply-To, without brackets; "" where it has none."""
    header = b"\n" + letter.partition(b"\r\n\r\n")[0]
    _, _, value = header.partition(b"\nIn-Reply-To:")
    return value.partition(b"<")[2].partition(b">")[0].decode("ascii", "replace") if value else ""


async def main() -> None:
    """Take letters until SIGTERM, then print the lines."""
    letters: list[tuple[int, str]] = []
    server = await asyncio.start_server(partial(converse, letters), "127.0.0.1", 0, limit=LARGEST)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    echo(f"smtp: 127.0.0.1:{server.sockets[0].getsockname()[1]}\nready")
    await stop.wait()
    for moment, answered in letters:
        echo(f"{moment} {answered}")


if __name__ == "__main__":
    asyncio.run(main())
