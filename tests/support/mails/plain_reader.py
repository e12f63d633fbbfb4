"""Reads and verifies in the process of the test, without a child."""

from collections.abc import Mapping, Sequence

from helpdesk.gateway.origin.signatures import verify_chain, verify_signatures
from helpdesk.gateway.origin.verification import Verification
from helpdesk.threading.parsing.read import read
from helpdesk.threading.reading.html import readable_lines
from helpdesk.threading.reading.language import language_of
from helpdesk.threading.reading.lines import Line, NamedPicture
from helpdesk.threading.reading.parsed import Reading
from helpdesk.threading.trust.signature_fields import SignatureClaim


class InProcess:
    """Verifies without a child: what is tried there is only what it says."""

    def verify(self, content: bytes, claims: Sequence[SignatureClaim], keys: Mapping[str, bytes]) -> tuple[Verification, ...]:
        return verify_signatures(content, claims, keys)

    def verify_chain(self, content: bytes, keys: Mapping[str, bytes]) -> Verification:
        return verify_chain(content, keys)

    def language(self, text: str) -> str:
        return language_of(text) or ""

    def document(self, page: str, pictures: Mapping[str, NamedPicture]) -> tuple[Line, ...]:
        return tuple(readable_lines(page, pictures))


class PlainReader(InProcess):
    """Reads in this process: the reading children have no part in what is written."""

    def read(self, content: bytes, keep_signature: bool = False, banners: Sequence[str] = ()) -> Reading:
        return read(content, keep_signature=keep_signature, banners=banners)
