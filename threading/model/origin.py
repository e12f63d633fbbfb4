"""What our own checks found out about where a mail comes from: SPF, DKIM, DMARC and ARC. Values only, complete when they exist.

An origin is stored with its mail, so that a decision can be explained, and taken again, after keys and records have changed.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")


class Result(StrEnum):
    """The words of RFC 8601 §2.7."""

    PASS = "pass"
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    NONE = "none"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


@dataclass(frozen=True, slots=True)
class SenderPolicy:
    """SPF (RFC 7208): whether `domain` lets the peer send. `aligned`: that domain is the author's."""

    result: Result
    domain: str
    aligned: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """One DKIM signature (RFC 6376). `covers`: From, Subject, Date and all of the body, each of which stands once.

    What else it covers is read in the mail itself (`Coverage`), which is stored as it came.
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
    """DMARC (RFC 7489). `domain` is where the policy is published; `policy` is what its owner asks for: none, quarantine, reject, ""."""

    result: Result
    domain: str
    policy: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Seal:
    """ARC (RFC 8617): what the last sealer, whom the configuration trusts, says that it found. `dmarc` is its verdict on the author."""

    result: Result
    sealer: str
    dmarc: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """All results for one mail, as they were for `author` (an identity, "" where the mail names none)."""

    author: str
    dmarc: Alignment
    spf: SenderPolicy | None = None
    signatures: tuple[Signature, ...] = ()
    arc: Seal | None = None

    @property
    def sent_by_its_domain(self) -> bool:
        return self.spf is not None and self.spf.result is Result.PASS and self.spf.aligned

    @property
    def unsettled(self) -> bool:
        """Whether asking again may give another answer: DNS did not answer."""
        results = [self.dmarc.result, *(one.result for one in self.signatures if one.aligned)]
        return Result.TEMPERROR in results or (self.spf is not None and self.spf.result is Result.TEMPERROR)


def origin_as_json(origin: Origin) -> dict[str, Any]:
    return asdict(origin)


def origin_from_json(stored: Mapping[str, Any]) -> Origin:
    """The origin that `origin_as_json` wrote. Raises KeyError, TypeError or ValueError for anything else."""
    return Origin(
        author=stored["author"],
        dmarc=_typed(Alignment, stored["dmarc"]),
        spf=None if stored["spf"] is None else _typed(SenderPolicy, stored["spf"]),
        signatures=tuple(_typed(Signature, one) for one in stored["signatures"]),
        arc=None if stored["arc"] is None else _typed(Seal, stored["arc"]),
    )


def _typed(kind: type[T], stored: Mapping[str, Any]) -> T:
    return kind(**{**stored, "result": Result(stored["result"])})
