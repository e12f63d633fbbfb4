"""What became of one signature when it was verified, and who verifies: what both sides of the process boundary share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from helpdesk.threading.model.origin import Result
from helpdesk.threading.trust.signature_fields import Claim


@dataclass(frozen=True, slots=True)
class Verification:
    """`covers` as in `Signature`; `reason` is "" where all is well."""

    result: Result
    covers: bool
    reason: str


class Verifier(Protocol):
    """Verifies signatures under limits. Raises when it did not survive them."""

    def verify(self, content: bytes, claims: Sequence[Claim], keys: Mapping[str, bytes]) -> tuple[Verification, ...]: ...

    def verify_chain(self, content: bytes, keys: Mapping[str, bytes]) -> Verification: ...
