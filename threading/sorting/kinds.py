"""The kind of a mail, by an ordered table of questions (`QUESTIONS`). The first question with the answer yes decides.

The rules are made so that mail of a person is never sorted as automatic. Each kind needs this evidence:

| kind | evidence |
| --- | --- |
| complaint | multipart/report of feedback (RFC 5965), or a notification of the sending service about a complaint |
| delivery report | a mail system wrote the mail (`reports`) and names a recipient; or multipart/report of delivery status (RFC 3464) |
| challenge | a robot's mark, and words of confirmation in the subject, with words of a filter in the text or no thread of ours |
| out of office | a robot's mark, and words of absence in subject or text; or, where nothing is asked for: a responder's subject exactly, and an absence in the first lines or a trace of a responder; or an answer that a trace of a responder is on, and an absence in the first lines; or an answer that is a note of absence and nothing else |
| automatic | an answer by which another desk closes a request of its own; "This is an automatic reply." as the first sentence, and nothing asked for; or a robot's mark: Auto-Submitted, a responder's field, a null path, a mail system's address, a report of another type, `Precedence: auto_reply`, or bulk mail that neither a list nor a person's client marked |
| list | list fields (RFC 2369, RFC 2919), an owner's address, or `Precedence: list` |
| person | everything else |

A trace is no mark: people's mail has X-Auto-Response-Suppress too, or passes a rule of Exchange, or is sent with `Precedence: bulk`.
These are no evidence: list fields, because they stand on mail of
the list's members; noreply@, because web forms write it on mail of people; a subject alone.
"""

import re
from collections.abc import Callable

from helpdesk.threading.reading.forwards import subject_says_forward
from helpdesk.threading.reading.parsed import DeliveryReport, Kind
from helpdesk.threading.sorting.evidence import (
    MailEvidence,
    has_null_path,
    has_robot_field,
    has_trace_of_responder,
    is_answer_of_person,
    is_auto_replied,
    is_auto_reply_by_precedence,
    is_bulk,
    is_from_list,
    is_from_mail_system,
    is_submitted_by_machine,
)
from helpdesk.threading.sorting.gratitude_words import FAILING, NEGATIONS
from helpdesk.threading.sorting.kind_words import (
    ABSENCE_IN_SUBJECT,
    ABSENCE_IN_TEXT,
    ASKS_FOR_HELP,
    AUTO_REPLY,
    AUTO_REPLY_SENTENCES,
    CHALLENGE_IN_TEXT,
    CHALLENGES,
    CLOSED_THERE,
    ILLNESS_IN_TEXT,
    LASTS,
    MAY_ASK,
    NOTES_SAY,
    OTHERS_REQUEST,
    QUESTION_MARKS,
    QUESTION_WORDS,
    SPEAKS_OF_REPLIES,
)
from helpdesk.threading.sorting.notifications import is_complaint_notification

OPENING = 400  # characters in which a note of absence says what it is
SEARCHED = 4000  # characters of the text
LONGEST_NOTE = 900  # characters of a note of absence that no mark shows
SUBJECT = 300  # characters
SENTENCES = re.compile(r"[.!。！\n]+")
WORD = re.compile(r"[^\W\d_]+")
SENTENCE_END = re.compile(r"[.!。！]| [-–—] ")


def kind_of(mail: MailEvidence, report: DeliveryReport | None) -> Kind:
    """The kind of a mail. `report` is the delivery report that was found in it."""
    if report is not None:
        return Kind.DELIVERY_REPORT
    return next((kind for question, kind in QUESTIONS if question(mail)), Kind.PERSON)


def _is_complaint(mail: MailEvidence) -> bool:
    return mail.report_type == "feedback-report" or is_complaint_notification(mail)


def _is_report(mail: MailEvidence) -> bool:
    return mail.report_type == "delivery-status"


def _is_challenge(mail: MailEvidence) -> bool:
    if not _is_automatic(mail):
        return False
    subject = _subject(mail)
    if not _mentions(subject, CHALLENGES):
        return False
    return subject.startswith(CHALLENGES) or _mentions(_lower(mail.text[:SEARCHED]), CHALLENGE_IN_TEXT)


def _is_out_of_office(mail: MailEvidence) -> bool:
    subject = _subject(mail)
    if not _is_automatic(mail):
        return _is_unmarked_absence(mail, subject)
    if _mentions(subject, AUTO_REPLY):
        return True
    if _is_response(mail) and (_is_exactly(subject, ABSENCE_IN_SUBJECT) or _opens_with(mail, ILLNESS_IN_TEXT)):
        return True
    return _opens_with_absence(mail) and (_is_response(mail) or _mentions(subject, ABSENCE_IN_SUBJECT))


def _opens_with_absence(mail: MailEvidence) -> bool:
    return _opens_with(mail, ABSENCE_IN_TEXT)


def _opens_with(mail: MailEvidence, words: tuple[str, ...]) -> bool:
    return _mentions(_lower(mail.text[:SEARCHED])[:OPENING], words)


def _asks_for_help(mail: MailEvidence) -> bool:
    """Whether the author asks for something, or speaks of automatic replies that they get; not the mail that they quote."""
    text = _lower((mail.own or mail.text)[:SEARCHED])
    if _mentions(text, ASKS_FOR_HELP) or _mentions(text[:OPENING], SPEAKS_OF_REPLIES):
        return True
    asks = _mentions(text, QUESTION_MARKS)
    return asks and (_mentions(text, MAY_ASK) or not QUESTION_WORDS.isdisjoint(WORD.findall(text)))


def _is_response(mail: MailEvidence) -> bool:
    """Whether a robot answers one mail with it, and does not send it to many."""
    return is_auto_replied(mail) or is_auto_reply_by_precedence(mail) or has_robot_field(mail)


def _is_unmarked_absence(mail: MailEvidence, subject: str) -> bool:
    """Whether a responder that leaves no mark wrote it: by its subject, by a trace, or by words that only a note of absence has."""
    named = _is_exactly(subject, AUTO_REPLY) or _is_by_notes(subject)
    traced = has_trace_of_responder(mail)
    if not (named or mail.answers) or _asks_for_help(mail):
        return False
    absent = _opens_with_absence(mail)
    return (named and (absent or traced)) or (absent and not mail.files and _is_only_note(mail, traced=traced))


def _is_only_note(mail: MailEvidence, *, traced: bool) -> bool:
    """Whether the author's words are a note of absence and nothing else: few words, which also say who helps or when they answer.

    With a trace of a responder it is enough that they say how long the absence lasts.
    """
    own = _lower(mail.own)
    if len(own) > LONGEST_NOTE or _mentions(own, QUESTION_MARKS):
        return False
    lasts = traced and _mentions(own, LASTS) and any(letter.isdecimal() for letter in own)
    return lasts or _mentions(own, NOTES_SAY)


def _is_by_notes(subject: str) -> bool:
    """Whether the subject is that of Notes and Domino: `AUTO: Anna Weber is out of the office (returning 12.05.2024)`."""
    return subject.startswith(("auto:", "auto :")) and _mentions(subject, ABSENCE_IN_TEXT)


def _is_exactly(subject: str, words: tuple[str, ...]) -> bool:
    head = subject.split(":", 1)[0].split("：", 1)[0].split("(", 1)[0].strip(" []").rstrip()
    return head in words


def _is_automatic(mail: MailEvidence) -> bool:
    return (
        is_submitted_by_machine(mail)
        or has_robot_field(mail)
        or has_null_path(mail)
        or is_from_mail_system(mail)
        or is_auto_reply_by_precedence(mail)
        or bool(mail.report_type)
        or (is_bulk(mail) and not is_from_list(mail) and not is_answer_of_person(mail))
    )


def _is_list(mail: MailEvidence) -> bool:
    return is_from_list(mail) or is_bulk(mail)


def _says_what_it_is(mail: MailEvidence) -> bool:
    """Whether the first sentence, below a greeting at most, is `This is an automatic reply.`, and the mail asks for nothing."""
    lines = [line.strip() for line in _lower(mail.text[:OPENING]).split("\n") if line.strip()]
    greets = bool(lines) and lines[0].endswith((",", "!"))
    sentence = SENTENCE_END.split("".join(lines[greets : greets + 1]), maxsplit=1)[0].strip("*_-=#[]( ")
    return sentence in AUTO_REPLY_SENTENCES and not subject_says_forward(mail.subject) and not _asks_for_help(mail)


def _closes_elsewhere(mail: MailEvidence) -> bool:
    """Whether an answer is the note by which another desk closes a request of its own: one sentence says so, and nothing is asked for.

    A customer who writes that theirs was closed says "but", "not" or "still" in that sentence, or asks.
    """
    if mail.files or not mail.answers or len(mail.own) > LONGEST_NOTE:
        return False
    own = _lower(mail.own)
    sentence = next(
        (
            words
            for words in SENTENCES.split(own[:OPENING])
            if _mentions(words, OTHERS_REQUEST) and _mentions(words, CLOSED_THERE)
        ),
        "",
    )
    if not sentence or _mentions(own, QUESTION_MARKS) or _asks_for_help(mail):
        return False
    return (NEGATIONS | FAILING).isdisjoint(WORD.findall(sentence))


def _mentions(lowered: str, phrases: tuple[str, ...]) -> bool:
    return any(map(lowered.__contains__, phrases))


def _subject(mail: MailEvidence) -> str:
    return _lower(mail.subject[:SUBJECT].strip())


def _lower(text: str) -> str:
    """Lower case. The Turkish capital İ leaves no combining dot behind."""
    return text.lower().replace("i\u0307", "i")


QUESTIONS: tuple[tuple[Callable[[MailEvidence], bool], Kind], ...] = (
    (_is_complaint, Kind.COMPLAINT),
    (_is_report, Kind.DELIVERY_REPORT),
    (_is_challenge, Kind.CHALLENGE),
    (_is_out_of_office, Kind.OUT_OF_OFFICE),
    (_is_automatic, Kind.AUTOMATIC),
    (_says_what_it_is, Kind.AUTOMATIC),
    (_closes_elsewhere, Kind.AUTOMATIC),
    (_is_list, Kind.LIST),
)
