"""A small DNS server on loopback, over UDP and TCP: it answers from a table, and misbehaves on request."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

SILENCE = "SILENCE"
GARBAGE = "GARBAGE"
TRUNCATED = "TRUNCATED"  # over UDP; whole over TCP
REFUSING = {"SERVFAIL": dns.rcode.SERVFAIL, "REFUSED": dns.rcode.REFUSED}


@dataclass
class Zone:
    """Records by name and type, in the words of a zone file; a name's behaviour where it has one. Everything else does not exist."""

    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    behaviour: dict[str, str] = field(default_factory=dict)
    everything: str = ""  # a behaviour for all names
    asked: list[str] = field(default_factory=list)
    address: str = ""

    def text(self, name: str, *texts: str) -> None:
        """TXT records of a name, each cut into strings that DNS can carry."""
        cut = [" ".join(f'"{string[at : at + 255]}"' for at in range(0, len(string) or 1, 255)) for string in texts]
        self.records[name, "TXT"] = [strings for strings in cut if strings]

    def answer(self, wire: bytes, over_tcp: bool) -> bytes | None:
        question = dns.message.from_wire(wire)
        asked = question.question[0]
        name, kind = asked.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(asked.rdtype)
        self.asked.append(f"{name} {kind}")
        behaviour = self.behaviour.get(name, self.everything)
        if behaviour == SILENCE:
            return None
        if behaviour == GARBAGE:
            return wire[:2] + b"\xff" * 40
        response = dns.message.make_response(question)
        response.flags |= dns.flags.RA
        if behaviour in REFUSING:
            response.set_rcode(REFUSING[behaviour])
        elif behaviour == TRUNCATED and not over_tcp:
            response.flags |= dns.flags.TC
        elif found := self.records.get((name, kind)):
            response.answer.append(dns.rrset.from_text_list(asked.name, 300, dns.rdataclass.IN, asked.rdtype, found))
        elif not any(known == name for known, _ in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response.to_wire(max_size=65535)


@contextmanager
def dns_server(given: Zone | None = None) -> Iterator[Zone]:
    """The zone, served; `address` is what `nameservers` takes."""
    zone = given or Zone()

    class Datagram(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, peer = self.request
            answer = zone.answer(data, over_tcp=False)
            if answer is not None:
                peer.sendto(answer, self.client_address)

    class Stream(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            length = self.request.recv(2)
            if len(length) == 2:
                answer = zone.answer(self.request.recv(struct.unpack("!H", length)[0]), over_tcp=True)
                if answer is not None:
                    self.request.sendall(struct.pack("!H", len(answer)) + answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Stream) as streams:
        port = streams.server_address[1]  # of all that are free for TCP, hardly one is taken for UDP
        with socketserver.ThreadingUDPServer(("127.0.0.1", port), Datagram) as datagrams:
            for server in (datagrams, streams):
                server.daemon_threads = True
                threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
            zone.address = f"127.0.0.1:{port}"
            try:
                yield zone
            finally:
                datagrams.shutdown()
                streams.shutdown()
