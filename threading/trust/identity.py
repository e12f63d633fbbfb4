"""An author: who wrote something, how that is proved, and what the proof is enough for.

An identity is made from the From field and from the proofs of it (`trust.assurance`), never from a Reply-To. The person to whom a letter is
sent is a `Correspondent`; that is another type, which no permission check accepts.
"""

from dataclasses import dataclass

from helpdesk.threading.model.assurance import SURE, Assurance
from helpdesk.threading.trust.meant import Meant


@dataclass(frozen=True, slots=True)
class Identity:
    """The author of a mail or of a platform reply.

    `address` is a canonical addr-spec, "" if the author is in doubt. `authority` says that the proof is strong enough for a staff member;
    permission is another question. `reason` tells people what proves the author, or why nothing does. If a signature proves the author,
    `meant` is what the signed parts name of this desk, and `signed_content` is a hash that all copies of the mail share.
    """

    address: str
    assurance: Assurance
    authority: bool
    reason: str
    meant: Meant | None = None
    signed_content: str = ""

    @property
    def is_none(self) -> bool:
        """Whether the author is unknown or in doubt. Such a mail speaks for nobody."""
        return not self.address

    @property
    def may_be_customer(self) -> bool:
        """Whether the author counts as the customer of that address. An address that was probably forged counts for nobody."""
        return bool(self.address) and self.assurance is not Assurance.FAILED

    @property
    def is_proved(self) -> bool:
        """Whether the author can change a ticket on which they take part without a reply token."""
        return bool(self.address) and self.assurance in SURE

    @property
    def may_act_as_staff(self) -> bool:
        """Whether the proof is strong enough to obey a staff member of that address."""
        return self.is_proved and self.authority


def identity_on_platform(address: str) -> Identity:
    """The author of a message on the platform, who has signed in there. `address` is canonical, "" for a customer without e-mail."""
    return Identity(address, Assurance.PLATFORM, False, "written in the platform")


def identity_on_record(address: str, assurance: Assurance) -> Identity:
    """The author of a message that is already part of a conversation, with the assurance of that time. `address` may be ""."""
    return Identity(address, assurance, False, "as the conversation has it")


def identity_by_word(address: str, teller: str) -> Identity:
    """A person whom a staff member names as the author, by a forward or by a command. Nothing else proves that they wrote it."""
    return Identity(address, Assurance.UNVERIFIED, False, f"{teller} says so")
