"""Containers that are no multiparts, written by their grammars: winmail.dat, and opaque signed mail (RFC 5652)."""

import struct

from helpdesk.threading.reading.smime import DATA, SIGNED_DATA

VERSION, DIGESTS, SIGNERS = b"\x02\x01\x01", b"\x31\x00", b"\x31\x00"


def tnef(*attributes: bytes) -> bytes:
    return bytes.fromhex("789f3e22") + b"\x01\x00" + b"".join(attributes)


def attribute(identity: int, value: bytes, level: int = 2) -> bytes:
    return struct.pack("<BHHI", level, identity, 6, len(value)) + value + struct.pack("<H", sum(value) % 65536)


RENDERING = attribute(0x9002, b"\0" * 14)


def element(tag: int, content: bytes) -> bytes:
    length = len(content)
    return bytes([tag]) + (bytes([length]) if length < 128 else b"\x82" + length.to_bytes(2, "big")) + content


def endless(tag: int, content: bytes) -> bytes:
    return bytes([tag, 0x80]) + content + b"\0\0"


def signed(entity: bytes) -> bytes:
    enclosed = element(0x30, DATA + element(0xA0, element(0x04, entity)))
    return element(0x30, SIGNED_DATA + element(0xA0, element(0x30, VERSION + DIGESTS + enclosed + SIGNERS)))


def streamed(entity: bytes) -> bytes:
    pieces = element(0x04, entity[:20]) + endless(0x24, element(0x04, entity[20:40])) + element(0x24, element(0x04, entity[40:]))
    enclosed = endless(0x30, DATA + endless(0xA0, endless(0x24, pieces)))
    return endless(0x30, SIGNED_DATA + endless(0xA0, endless(0x30, VERSION + DIGESTS + enclosed + SIGNERS)))
