"""The header with which a balancer says whose connection it passes on: PROXY protocol, versions 1 and 2 (HAProxy's proxy-protocol.txt).

Exactly the octets of the header are taken from the socket, because TLS may follow at once.
"""

import asyncio
import ipaddress
import socket
import struct

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"  # version 2
FIRST = b"PROXY "  # version 1
LONGEST_LINE = 107  # octets of version 1, its line end included
FIXED = 16  # octets of version 2 before the addresses
LONGEST_ADDRESSES = 4096  # octets; real ones have 36 and some extensions
LOCAL, PROXIED = 0x20, 0x21
IPV4, IPV6 = 0x10, 0x20  # the family, in the upper half of an octet


class BadHeader(Exception):
    """What came is no header of this protocol. The text is one sentence."""


async def read_header(loop: asyncio.AbstractEventLoop, connection: socket.socket) -> str:
    """The address of the client; "" where the balancer speaks for itself or does not know. Raises BadHeader or OSError."""
    start = await _exactly(loop, connection, len(FIRST))
    if start == FIRST:
        return client_of_line(await _rest_of_line(loop, connection))
    if not SIGNATURE.startswith(start):
        raise BadHeader("the connection does not begin with a PROXY header")
    fixed = start + await _exactly(loop, connection, FIXED - len(start))
    (length,) = struct.unpack("!H", fixed[14:])
    if not fixed.startswith(SIGNATURE) or length > LONGEST_ADDRESSES:
        raise BadHeader("the PROXY header is not one of version 2")
    return client_of_addresses(fixed[12], fixed[13], await _exactly(loop, connection, length))


def client_of_line(line: bytes) -> str:
    """The client that version 1 names: `TCP4 192.0.2.7 198.51.100.1 5555 25`; "" for UNKNOWN. Raises BadHeader."""
    words = line.decode("ascii", "replace").split(" ")
    if words[0] == "UNKNOWN":
        return ""
    if len(words) != 5 or words[0] not in ("TCP4", "TCP6"):
        raise BadHeader("the line of the PROXY header has not the words that it needs")
    return _address(words[1], 4 if words[0] == "TCP4" else 6)


def client_of_addresses(command: int, family: int, addresses: bytes) -> str:
    """The client that version 2 names; "" for a check by the balancer itself (LOCAL) and for other families. Raises BadHeader."""
    if command == LOCAL:
        return ""
    if command != PROXIED:
        raise BadHeader("the PROXY header has an unknown command")
    octets = {IPV4: 4, IPV6: 16}.get(family & 0xF0)
    if octets is None:
        return ""
    if len(addresses) < 2 * octets + 4:
        raise BadHeader("the PROXY header is too short for its addresses")
    return str(ipaddress.ip_address(addresses[:octets]))


def _address(text: str, version: int) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise BadHeader("the PROXY header names no address") from None
    if address.version != version:
        raise BadHeader("the PROXY header names an address of another family")
    return str(address)


async def _rest_of_line(loop: asyncio.AbstractEventLoop, connection: socket.socket) -> bytes:
    line = bytearray()
    while not line.endswith(b"\r\n"):
        if len(line) >= LONGEST_LINE - len(FIRST):
            raise BadHeader("the line of the PROXY header has no end")
        line += await _exactly(loop, connection, 1)
    return bytes(line[:-2])


async def _exactly(loop: asyncio.AbstractEventLoop, connection: socket.socket, count: int) -> bytes:
    octets = bytearray()
    while len(octets) < count:
        more = await loop.sock_recv(connection, count - len(octets))
        if not more:
            raise BadHeader("the connection ended within the PROXY header")
        octets += more
    return bytes(octets)
