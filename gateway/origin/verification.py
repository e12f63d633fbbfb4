"""The result of verifying one signature, and the interface of a verifier: what both sides of the process boundary share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from helpdesk.threading.model.origin import Result
from helpdesk.threading.trust.signature_fields import SignatureClaim

TOO_COSTLY = "verifying it took too much"


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of one signature. `covers` as in `Signature`; `reason` is "" where the signature holds."""

    result: Result
    covers: bool
    reason: str


class Verifier(Protocol):
    """Verify signatures in a process with limits. Raises where the process did not survive."""

    def verify(self, content: bytes, claims: Sequence[SignatureClaim], keys: Mapping[str, bytes]) -> tuple[Verification, ...]:
        """The result of each claim; `keys` has key records by name."""

    def verify_chain(self, content: bytes, keys: Mapping[str, bytes]) -> Verification:
        """The result of the ARC chain."""
