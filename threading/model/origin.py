"""The origin of a mail: what the gateway's own checks of SPF, DKIM, DMARC and ARC found.

An origin is stored with its mail. A decision can therefore be explained, and made again, after keys and DNS records have changed.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")


class Result(StrEnum):
    """The result of one check, in the words of RFC 8601 §2.7."""

    PASS = "pass"
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    NONE = "none"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


@dataclass(frozen=True, slots=True)
class SenderPolicy:
    """SPF (RFC 7208): whether `domain` allows the peer to send. `aligned` says that the domain is the author's."""

    result: Result
    domain: str
    aligned: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """One DKIM signature (RFC 6376). `covers` says that From, Subject, Date and the whole body stand once and are signed.

    What else the signature covers is read in the mail itself (`Coverage`), which is stored as it came.
    """

    result: Result
    domain: str
    selector: str
    algorithm: str
    aligned: bool
    covers: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Alignment:
    """DMARC (RFC 7489). `domain` publishes the policy; `policy` is what its owner asks for: none, quarantine, reject, or ""."""

    result: Result
    domain: str
    policy: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Seal:
    """ARC (RFC 8617): what the last sealer found, where the configuration trusts that sealer. `dmarc` is its verdict on the author."""

    result: Result
    sealer: str
    dmarc: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """All results for one mail, as they were found for `author`: an address, "" where the mail names no certain author."""

    author: str
    dmarc: Alignment
    spf: SenderPolicy | None = None
    signatures: tuple[Signature, ...] = ()
    arc: Seal | None = None

    @property
    def sent_by_its_domain(self) -> bool:
        """Whether SPF proves that the author's own domain sent the mail."""
        return self.spf is not None and self.spf.result is Result.PASS and self.spf.aligned

    @property
    def unsettled(self) -> bool:
        """Whether a later check may give another result, because DNS did not answer."""
        results = [self.dmarc.result, *(signature.result for signature in self.signatures if signature.aligned)]
        return Result.TEMPERROR in results or (self.spf is not None and self.spf.result is Result.TEMPERROR)


def origin_as_json(origin: Origin) -> dict[str, Any]:
    """The origin as it is stored."""
    return asdict(origin)


def origin_from_json(stored: Mapping[str, Any]) -> Origin:
    """The origin that `origin_as_json` wrote. Raises KeyError, TypeError or ValueError for anything else."""
    return Origin(
        author=stored["author"],
        dmarc=_typed(Alignment, stored["dmarc"]),
        spf=None if stored["spf"] is None else _typed(SenderPolicy, stored["spf"]),
        signatures=tuple(_typed(Signature, signature) for signature in stored["signatures"]),
        arc=None if stored["arc"] is None else _typed(Seal, stored["arc"]),
    )


def _typed(kind: type[T], stored: Mapping[str, Any]) -> T:
    return kind(**{**stored, "result": Result(stored["result"])})
