"""How the desk conducts itself: escalations, closings, answers, letters, limits, what is kept, busy times and incidents."""

from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Literal

from helpdesk.config.section import (
    Duration,
    DurationOrNever,
    Field,
    Section,
    Timeout,
    duration,
    model_validator,
)
from helpdesk.config.values import (
    Address,
    BannerText,
    Clock,
    Domain,
)


class Escalation(Section):
    """What happens when a promise is missed."""

    highest_level: int = Field(default=2, ge=1, le=9, description="How often a ticket can escalate.")


class Closing(Section):
    """How tickets end by silence."""

    settle_after: DurationOrNever = Field(
        default=duration("5d"),
        description="Silence after an answer, in working time, before the request counts as resolved and the customer is asked "
        'whether the answer solved it: "5d" are five working days. "" for never.',
    )
    close_after: Duration = Field(default=duration("5d"), description="Silence after a resolution before the ticket closes.")
    reopen_within: Duration = Field(
        default=duration("30d"),
        description="How long after the closing a reply reopens the ticket. A later reply opens a linked follow-up ticket.",
    )
    remind_after: tuple[Annotated[int, Field(ge=1, le=60)], ...] = Field(
        default=(2, 5),
        description="Working days after a question to the customer without a reply, 1 to 60: one reminder each. [] for no reminders.",
    )
    close_after_reminders: int = Field(
        default=5, ge=1, le=60, description="Working days after the last reminder before the ticket closes."
    )

    @model_validator(mode="after")
    def _reminders_follow_each_other(self) -> "Closing":
        if any(later <= earlier for earlier, later in pairwise(self.remind_after)):
            raise ValueError("remind_after counts working days from the question, so each is more than the one before: [2, 5]")
        return self


class Answering(Section):
    """How staff work by mail."""

    undo_window: Duration = Field(
        default=duration("30s"),
        description='How long a letter to a customer waits before it leaves. Until then #undo takes it back; "0s" for no wait.',
    )
    undo_within: Duration = Field(default=duration("1d"), description="How long other steps can be taken back.")
    permission_within: Timeout = Field(
        default=duration("14d"),
        description="How long a customer can answer #permission, the question whether support may change their data. Halfway it is repeated once.",
    )
    hold_for: Duration = Field(default=duration("7d"), description="How long #send lets a held mail go.")
    prove_within: Duration = Field(
        default=duration("30m"), description="How long #send lets a held mail go where the answer has to prove who its author is."
    )
    stale_guard: Literal["anyone", "colleague", "off"] = Field(
        default="anyone",
        description='Whose newer message holds an answer back: that of anyone, or only of a colleague; "off" holds none back.',
    )
    digest_at: Clock = Field(
        default="08:00",
        description='When each member of staff gets the list of their open requests, on working days; "" for never.',
    )
    weekly_at: Clock = Field(
        default="08:00",
        description='When managers get the report of the week before, on the first working day of a week; "" for never.',
    )


class Letters(Section):
    """What letters carry."""

    attachments: int = Field(
        default=20_000_000,
        ge=10_000,
        le=1_000_000_000,
        description="Octets that the files of one letter may have together. In a letter they take 37 percent more, and relay and recipients "
        "must accept that. What is larger stays behind and is named, with a way to get it.",
    )


class Permissions(Section):
    """Whose requests agents read and act on. Seniors and managers may do so everywhere."""

    agents: Literal["", "queues", "all"] = Field(
        default="",
        description='"queues": requests that are in their queues or their hands, or were; "all": every request. "" is "all" where '
        'every agent works in every queue, and "queues" elsewhere.',
    )


class Participants(Section):
    """People whom customers copied on their mail and who answer all."""

    colleagues: Literal["join", "ask", "record"] = Field(
        default="join",
        description='"join": colleagues of the requester\'s account, proved by their mail, take part from then on; "ask": the requester is '
        'asked first; "record": their words are kept and shown to staff, as those of everybody else whom a customer copied.',
    )


class Threading(Section):
    """Which request a mail belongs to."""

    several_addresses: Literal["first", "each"] = Field(
        default="first",
        description='A new mail to several support addresses: "first" opens one request, in the queue of the address that stands first in '
        'To, or else in Cc; "each" opens one in each of their queues.',
    )


class ReadingRules(Section):
    """How mail is read."""

    banners: tuple[BannerText, ...] = Field(
        default=(),
        max_length=50,
        description="Whole texts that a mail filter of yours, or of your customers, puts above or below mail, word by word; 1 to 60 words "
        "each. Such lines are nobody's words. The usual ones are known without this list.",
        examples=[["This message came through the Globex gateway. Think before you reply."]],
    )


class Retry(Section):
    """Letters that the relay could not take yet."""

    waits: tuple[Timeout, ...] = Field(
        default=tuple(map(duration, ("1m", "5m", "15m", "30m", "1h", "2h", "4h"))),
        min_length=1,
        description="Waits between tries. The last one repeats.",
    )
    give_up_after: Timeout = Field(
        default=timedelta(days=5), description="Time after which the letter has failed, and the ticket's team is told."
    )
    delay_notice_after: Timeout = Field(
        default=timedelta(hours=4), description="Time after which the team is told once that a letter to a customer still waits."
    )


class Automatic(Section):
    """How many automatic letters the desk sends. Above these counts it withholds them; requests open all the same.

    The counts whose names begin with unsure are for letters that answer mail without proof of its author, whose address may belong to
    somebody else. Such letters are counted apart, so that a flood of unproved mail takes no letter from people who have proved who they are.
    """

    address_hour: int = Field(
        default=10,
        ge=1,
        description="Letters to one address within an hour. Its spellings with dots or after a plus count as one.",
    )
    address_day: int = Field(default=40, ge=1, description="Letters to one address within a day.")
    domain_hour: int = Field(default=1000, ge=1, description="Letters to all addresses of one domain within an hour.")
    unsure_confirmations_hour: int = Field(
        default=1,
        ge=1,
        description="Confirmations within an hour to one address in whose name unproved mail came. It may be a forger's victim.",
    )
    unsure_address_day: int = Field(default=5, ge=1, description="Letters of all kinds to such an address within a day.")
    unsure_domain_hour: int = Field(default=50, ge=1, description="Letters to all such addresses of one domain within an hour.")
    unsure_desk_minute: int = Field(
        default=150,
        ge=1,
        description="Letters of the whole desk to such authors within a minute, and never more than desk_minute.",
    )
    unsure_desk_hour: int = Field(
        default=1500, ge=1, description="Letters of the whole desk to such authors within an hour, and never more than desk_hour."
    )
    unsure_staff_ten_minutes: int = Field(
        default=20,
        ge=1,
        description="Letters to one member of staff about mail of such authors within ten minutes. One letter lists the requests above that.",
    )
    desk_minute: int = Field(
        default=300,
        ge=1,
        description="Letters of the whole desk to all others within a minute. When it is reached, managers get one letter about it.",
    )
    desk_hour: int = Field(default=3000, ge=1, description="Letters of the whole desk to all others within an hour.")
    held_hour: int = Field(
        default=3,
        ge=1,
        description="Letters to one member of staff within an hour about held mail that nothing proves to be theirs. Then comes one alarm.",
    )
    loop_letters: int = Field(
        default=3,
        ge=2,
        description="So many letters to one address within an hour, each answered at once in words that are alike, are a loop: "
        "another machine answers.",
    )
    loop_answer_within: Timeout = Field(default=duration("2m"), description="What counts as answered at once.")


class SuppressionSpans(Section):
    """How long letters to an address are kept back. `helpdesk suppress lift ADDRESS` ends it."""

    unknown_mailbox: Timeout = Field(
        default=duration("30d"), description="After a report that says for good that there is no such mailbox."
    )
    full_mailbox: Timeout = Field(default=duration("1d"), description="After a report that the mailbox is full or out of order.")
    complaint: Timeout = Field(
        default=duration("365d"), description="After its reader called a letter spam: nothing automatic goes there."
    )


class Retention(Section):
    """How long the desk keeps what it has. Each span is a day at least; without one, all of it stays.

    A node looks every ten minutes, and takes in small steps what is over. A request that is not closed keeps everything.
    """

    raw_mail: DurationOrNever = Field(
        default=None,
        description="How long the octets of a mail stay as they came. Its words on the request stay. Mail in quarantine stays.",
        examples=["90d"],
    )
    files: DurationOrNever = Field(
        default=None,
        description='How long files stay. They lie in the mail that brought them, which stays as long. "" stands for raw_mail.',
        examples=["180d"],
    )
    letters: DurationOrNever = Field(
        default=None,
        description="How long the octets of a letter stay after it has been sent or given up. What it says stays.",
        examples=["30d"],
    )
    closed_tickets: DurationOrNever = Field(
        default=None,
        description="How long a request stays with all that belongs to it, counted from its closing. The same span holds for mail and letters "
        "of no request.",
        examples=["730d"],
    )
    legal_hold: tuple[str, ...] = Field(
        default=(),
        description="Whose requests and mail are neither purged nor erased: addresses, domains as @acme.example, ids of accounts, references.",
        examples=[["anna@acme.example", "HD-K7Q2M9"]],
    )

    @model_validator(mode="after")
    def _spans_are_days(self) -> "Retention":
        for name in ("raw_mail", "files", "letters", "closed_tickets"):
            span = getattr(self, name)
            if span is not None and span < timedelta(days=1):
                raise ValueError(f'{name} must be a day at least, such as "90d", or "" for ever')
        return self

    @property
    def mail_with_files(self) -> timedelta | None:
        """How long a mail stays that has files."""
        return self.files if self.files is not None else self.raw_mail


class Form(Section):
    """A machine that writes for people, such as a web form or a shop. The desk answers the person in its Reply-To.

    No-reply addresses and the usual names of web forms are known. Write one [[form]] for each other one.
    """

    address: Address | None = Field(
        default=None,
        description="The address in its From. Write address or domain, one of both.",
        examples=["orders@webshop.example"],
    )
    domain: Domain | None = Field(
        default=None, description="Domain of which all addresses are such machines.", examples=["forms.example"]
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> "Form":
        if (self.address is None) == (self.domain is None):
            raise ValueError("write address or domain, one of both")
        return self

    def covers(self, address: str) -> bool:
        """Whether a canonical address is one of the form's."""
        if self.address is not None:
            return address == self.address.lower()
        return address.rpartition("@")[2] == self.domain


class Busy(Section):
    """When a queue counts as busy. Its confirmations then tell the time that answers really take.

    That time is measured: the working time within which nine of ten first answers come.
    """

    enter_above: Timeout = Field(default=duration("8h"), description="Above this measured time the queue is busy.")
    leave_below: Timeout = Field(default=duration("6h"), description="Below this measured time it is not busy any more.")
    answers: int = Field(
        default=30, ge=10, le=500, description="With fewer first answers than these within the window nothing is measured."
    )
    window: Timeout = Field(default=duration("28d"), description="How far back first answers are measured.")

    @model_validator(mode="after")
    def _it_ends_below_where_it_begins(self) -> "Busy":
        if self.leave_below >= self.enter_above:
            raise ValueError("leave_below must be less than enter_above, or a queue would be busy and not busy by turns")
        return self


class Incidents(Section):
    """When requests that are alike are proposed to a senior as one incident."""

    propose_from: int = Field(
        default=5, ge=0, le=100, description="Number of customers whose requests are alike, 2 at least; 0 for never."
    )
    within: Timeout = Field(default=duration("4h"), le=duration("7d"), description="Span within which these requests came.")

    @model_validator(mode="after")
    def _one_customer_is_no_incident(self) -> "Incidents":
        if self.propose_from == 1:
            raise ValueError("propose_from counts customers whose requests are alike: 2 at least, or 0 for never")
        return self
