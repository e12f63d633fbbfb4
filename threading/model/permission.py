"""A question to the requester whether support may make a change to their business data, and the answer with its proof."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Self

LONGEST_QUESTION = 2_000  # characters


class PermissionAnswer(StrEnum):
    """What the requester said, or that the time for an answer ended."""

    OPEN = "open"
    YES = "yes"
    NO = "no"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class PermissionProof:
    """How it is known who answered.

    `way` is how they answered, `assurance` and `reason` are those of their identity. `cause` is the cause that brought the answer, such as
    `mail:4711`, and `sha256` that of the octets of that mail (of the text, for a platform reply).
    """

    by: str = ""
    way: str = ""
    assurance: str = ""
    reason: str = ""
    cause: str = ""
    sha256: str = ""


NO_PROOF = PermissionProof()


@dataclass(frozen=True, slots=True)
class PermissionChoice:
    """An answer that the platform hands over as such, beside any words. `number` is that of the question, None for the only open one."""

    answer: PermissionAnswer
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Permission:
    """One question, with its answer. `number` counts from 1 on the ticket; `asked_of` is the requester's address at that time.

    `contradicted_at` is when the requester later said the opposite. `record` is a hash of everything else but that and `reminded`, as
    `sealed` writes it with the answer; "" while the question is open.
    """

    number: int
    text: str
    asked_by: str
    asked_of: str
    asked_at: datetime
    until: datetime
    reminded: bool = False
    answer: PermissionAnswer = PermissionAnswer.OPEN
    answered_at: datetime | None = None
    proof: PermissionProof = NO_PROOF
    record: str = ""
    contradicted_at: datetime | None = field(default=None)

    @property
    def is_open(self) -> bool:
        return self.answer is PermissionAnswer.OPEN

    @property
    def remind_at(self) -> datetime:
        """When the question is repeated: halfway to its end."""
        return self.asked_at + (self.until - self.asked_at) / 2

    def sealed(self, answer: PermissionAnswer, at: datetime, proof: PermissionProof, reference: str) -> Self:
        """The permission with its answer, and the record of both for the ticket of this reference."""
        answered = replace(self, answer=answer, answered_at=at, proof=proof)
        return replace(answered, record=record_of(answered, reference))


def record_of(permission: Permission, reference: str) -> str:
    """The hash of a question, its answer and the proof, for the ticket of this reference. Anybody can compute it again from the store."""
    proof = permission.proof
    said = [
        reference,
        permission.number,
        permission.text,
        permission.asked_by,
        permission.asked_of,
        permission.asked_at.isoformat(),
        permission.until.isoformat(),
        permission.answer.value,
        permission.answered_at.isoformat() if permission.answered_at else "",
        *(proof.by, proof.way, proof.assurance, proof.reason, proof.cause, proof.sha256),
    ]
    return sha256(json.dumps(said, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()
