"""A mail filter (milter) that says in an Authentication-Results field what it was told to say about a domain.

It stands where OpenDKIM and OpenDMARC stand with Postfix, and puts its field at the same place as they do: index 1. Only as much of
the protocol as Postfix speaks by default (version 6) with nothing switched off.
"""

import socket
import struct
from email.utils import parseaddr
from threading import Thread

VERSION, ADDS_HEADERS, LEAVES_OUT_NOTHING = 6, 0x01, 0
INDEX = 1
SILENT = b"DAK"  # macros, abort, new connection: nobody expects an answer


class Milter:
    """Listens on 127.0.0.1 until it is closed. `verdicts` maps the domain of the From field to dmarc's word; others pass."""

    def __init__(self, port: int, authserv_id: str) -> None:
        self.verdicts: dict[str, str] = {}
        self._authserv_id = authserv_id
        self._listener = socket.create_server(("127.0.0.1", port))
        self._thread = Thread(target=self._accept, name="milter", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            Thread(target=self._serve, args=(connection,), name="milter session", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as packets:
            domain = ""
            while len(head := packets.read(4)) == 4:
                packet = packets.read(struct.unpack(">I", head)[0])
                command, data = packet[:1], packet[1:]
                if command == b"Q":
                    return
                if command == b"L" and data.lower().startswith(b"from\0"):
                    domain = parseaddr(data.split(b"\0")[1].decode())[1].rpartition("@")[2]
                for answer in self._answers(command, domain):
                    connection.sendall(struct.pack(">I", len(answer)) + answer)

    def _answers(self, command: bytes, domain: str) -> list[bytes]:
        if command == b"O":
            return [b"O" + struct.pack(">III", VERSION, ADDS_HEADERS, LEAVES_OUT_NOTHING)]
        if command in SILENT:
            return []
        if command == b"E":
            field = b"Authentication-Results\0" + self._results(domain).encode() + b"\0"
            return [b"i" + struct.pack(">I", INDEX) + field, b"c"]
        return [b"c"]

    def _results(self, domain: str) -> str:
        verdict = self.verdicts.get(domain, "pass")
        return f"{self._authserv_id}; dmarc={verdict} header.from={domain}; dkim={verdict} header.d={domain}"
