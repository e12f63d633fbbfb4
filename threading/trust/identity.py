"""Who wrote something, how that is proved, and for what it is enough: the one value that everything which asks "who" asks.

An identity is made from what the author claims in From and from the proofs of that claim (`trust.assurance`), never from a Reply-To: whom a
letter is sent to is a `Correspondent`, a value of another type that no check of a person accepts.
"""

from dataclasses import dataclass

from helpdesk.threading.model.assurance import SURE, Assurance
from helpdesk.threading.trust.meant import Meant


@dataclass(frozen=True, slots=True)
class Identity:
    """The author of a mail or of a platform reply.

    `address` is a canonical addr-spec, "" where nobody can be named without doubt. `authority` says that the proof is strong enough for a
    staff member; permission is another question. `reason` is a plain sentence for people: what proves the author, or why nothing does.
    Where a signature proves it, `meant` is what its author signed of this desk, and `signed_content` what all copies of the mail share.
    """

    address: str
    assurance: Assurance
    authority: bool
    reason: str
    meant: Meant | None = None
    signed_content: str = ""

    @property
    def is_none(self) -> bool:
        """Whether the mail names no author without doubt. Such a mail speaks for nobody."""
        return not self.address

    @property
    def may_be_customer(self) -> bool:
        """Whether the author is taken for the customer of that address: nobody is where the address was probably forged."""
        return bool(self.address) and self.assurance is not Assurance.FAILED

    @property
    def is_proved(self) -> bool:
        """Whether the author alone, without a token, moves a ticket on which they take part."""
        return bool(self.address) and self.assurance in SURE

    @property
    def may_act_as_staff(self) -> bool:
        """Whether the origin is proved strongly enough to obey a staff member of that address."""
        return self.is_proved and self.authority


def identity_on_platform(address: str) -> Identity:
    """Whoever wrote in the platform: as sure as the platform's own sign-in. `address` is canonical, "" for a customer without e-mail."""
    return Identity(address, Assurance.PLATFORM, False, "written in the platform")


def identity_on_record(address: str, assurance: Assurance) -> Identity:
    """Whoever wrote a message that stands in a conversation already, as sure as it was then; "" where nobody certain did."""
    return Identity(address, assurance, False, "as the conversation has it")


def identity_by_word(address: str, teller: str) -> Identity:
    """Somebody for whom a staff member speaks, by forwarding their mail or by naming them: nothing else proves them."""
    return Identity(address, Assurance.UNVERIFIED, False, f"{teller} says so")
