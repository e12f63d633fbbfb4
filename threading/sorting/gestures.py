"""What one press of a button sends: a reaction, a recall, a receipt in words, an answer to an invitation. It is no message.

Somebody who writes words of their own beside it is heard: each kind here needs that nothing else stands in the mail. A reaction by one emoji
is told from a request by the mail that it answers.
"""

import json
import re
import unicodedata
from collections.abc import Iterable

from helpdesk.threading.reading.parsed import Gesture, GestureKind
from helpdesk.threading.reading.subjects import base_subject
from helpdesk.threading.sorting.evidence import MailEvidence
from helpdesk.threading.sorting.gesture_words import (
    APPROVING,
    APPROVING_FACES,
    APPROVING_WORDS,
    FACES,
    FIRST_PERSONS,
    INVITATION_LABELS,
    INVITATION_PHRASES,
    INVITATION_SUBJECTS,
    REACTED,
    READ_PHRASES,
    READ_SUBJECTS,
    RECALLS,
    TAPBACKS,
)

REACTION_TYPE = "text/vnd.google.email-reaction+json"
RECALL_CLASS = "recallmessage"  # in Content-Class
LARGEST_REACTION = 1000  # octets of the JSON of a reaction
LONGEST_REACTION = 16  # characters of emoji
LONGEST_SENTENCE = 400  # characters of a reaction or recall in words
LONGEST_RECEIPT = 1500  # characters of a receipt in words
MOST_LINE_ENDS = 6  # of a reaction in words
NAME_WORDS = 6
TAPBACK_NAME_WORDS = 3
PICTURES = frozenset(("So", "Sk", "Mn", "Cf", "Me"))  # categories of emoji, their modifiers and joiners
WRITES_AT_LENGTH = "google calendar"  # its answers explain themselves in many lines, and have no words of their author
LINK = re.compile(r"[<(\[]?https?://\S{1,1000}")
ALTERNATIVE = re.compile(r"\[(?:image: ?)?([^\[\]]{1,30})\]")  # of a picture, as plain text shows it
APOSTROPHES = dict.fromkeys(map(ord, "’‘`´ʼ"), "'")
OPENING_QUOTES = '“„"«‹「『”'
CLOSING_QUOTES = '”“"»›」』'


def gesture(mail: MailEvidence) -> Gesture | None:
    """The gesture that a mail is, or None."""
    return next((found for way in WAYS if (found := way(mail)) is not None), None)


def _reaction_part(mail: MailEvidence) -> Gesture | None:
    """A reaction of Gmail, which has a part of its own with the emoji."""
    for content_type, content in mail.parts:
        if content_type == REACTION_TYPE:
            emoji = _emoji_in(content[:LARGEST_REACTION])
            return Gesture(GestureKind.REACTION, emoji, _approves(emoji))
    return None


def _emoji_in(content: bytes) -> str:
    try:
        found = json.loads(content.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return ""
    emoji = found.get("emoji") if isinstance(found, dict) else ""
    return emoji[:LONGEST_REACTION] if isinstance(emoji, str) and _is_picture(emoji) else ""


def _reaction_in_words(mail: MailEvidence) -> Gesture | None:
    """`👍 Ida Moss reacted to your message:`, and nothing else."""
    own = mail.own.strip()
    if not own or len(own) > LONGEST_SENTENCE * 2 or own.count("\n") > MOST_LINE_ENDS or mail.files:
        return None
    said = _sentence(LINK.sub(" ", own))
    phrase = next((phrase for phrase in REACTED if phrase in said), "")
    if not phrase or len(said) > LONGEST_SENTENCE:
        return None
    named = ALTERNATIVE.search(said)
    before, _, after = ALTERNATIVE.sub(" ", said).partition(phrase)
    pictures = "".join(letter for letter in own if unicodedata.category(letter) == "So")[:LONGEST_REACTION]
    if len(_letters(before).split()) > NAME_WORDS or _letters(after):
        return None
    shown = pictures or (named[1] if named else "")
    return Gesture(GestureKind.REACTION, shown, _approves(shown))


def _tapback(mail: MailEvidence) -> Gesture | None:
    """`Liked “the whole message”`, as telephones write it through gateways."""
    own = _sentence(mail.own) if len(mail.own) <= LONGEST_SENTENCE * 2 and not mail.files else ""
    opened = min((at for quote in OPENING_QUOTES if (at := own.find(quote)) > 0), default=0)
    closed = max(own.rfind(quote) for quote in CLOSING_QUOTES)
    if not opened or closed <= opened + 1:
        return None
    before, after = own[:opened].strip(), own[closed + 1 :].strip(" .")
    emoji = "".join(letter for letter in before if unicodedata.category(letter) == "So")
    said = _letters(before)
    for prefix, suffix, approves in TAPBACKS:
        if after != suffix:
            continue
        by_name = said.endswith(f" {prefix}") and _is_name_of_another(mail.own.strip(), len(said.split()) - len(prefix.split()))
        if said == prefix or by_name or (emoji and said.startswith(f"{prefix} ") and len(said.split()) <= NAME_WORDS):
            return Gesture(GestureKind.REACTION, mail.own.strip()[:LONGEST_SENTENCE], _approves(emoji) if emoji else approves)
    return None


def _is_name_of_another(text: str, count: int) -> bool:
    """Whether the first words of a text are the name of somebody else than its writer."""
    words = text.split()[:count]
    return count <= TAPBACK_NAME_WORDS and all(word[:1].isupper() for word in words) and words[0].lower() not in FIRST_PERSONS


def _lone_emoji(mail: MailEvidence) -> Gesture | None:
    """One emoji, or a few, as the whole answer to a mail."""
    own = mail.own.strip()
    face = own.lower() in FACES
    if mail.files or not (face or _is_picture(own)) or not mail.answers:
        return None
    return Gesture(GestureKind.REACTION, own, own.lower() in APPROVING_FACES if face else _approves(own))


def _is_picture(text: str) -> bool:
    if len(text) > LONGEST_REACTION:
        return False
    kinds = {unicodedata.category(letter) for letter in text if not letter.isspace()}
    return "So" in kinds and kinds <= PICTURES


def _approves(shown: str) -> bool:
    pictures = [letter for letter in shown if unicodedata.category(letter) == "So"]
    if pictures:
        return all(letter in APPROVING for letter in pictures)
    return bool(shown) and shown.lower().split()[0] in APPROVING_WORDS


def _recall(mail: MailEvidence) -> Gesture | None:
    """A wish of Outlook to take a mail back, in one sentence."""
    by_class = RECALL_CLASS in mail.header("content-class").lower()
    own = _sentence(mail.own) if len(mail.own) <= LONGEST_SENTENCE * 2 else ""
    by_words = len(own) <= LONGEST_SENTENCE and any(all(words in own for words in parts) for parts in RECALLS)
    if not by_class and not (by_words and "?" not in own and len(mail.own.strip().splitlines()) <= 3):
        return None
    return Gesture(GestureKind.RECALL, " ".join(mail.own.split())[:LONGEST_SENTENCE])


def _receipt(mail: MailEvidence) -> Gesture | None:
    """A receipt (RFC 8098), or one in words alone: a subject such as `Gelesen: Printer` above the words of the program."""
    if mail.report_type == "disposition-notification":
        return Gesture(GestureKind.RECEIPT, mail.subject[:LONGEST_SENTENCE])
    if mail.files or len(mail.text) > LONGEST_RECEIPT or not _begins_with(mail.subject, READ_SUBJECTS):
        return None
    text = _sentence(mail.text)
    read = not text or ("?" not in text and any(words in text for words in READ_PHRASES))
    return Gesture(GestureKind.RECEIPT, mail.subject[:LONGEST_SENTENCE]) if read else None


def _calendar_answer(mail: MailEvidence) -> Gesture | None:
    """An answer to an invitation (RFC 5546 §3.2.3) without words of its author."""
    replied = mail.calendar_method == "REPLY"
    if not replied and not _begins_with(mail.subject, INVITATION_SUBJECTS):
        return None
    own = mail.own.lower()
    words = [line for line in _lines(mail.own) if not _is_of_invitation(line, base_subject(mail.subject))]
    if mail.files or (words and WRITES_AT_LENGTH not in own):
        return None
    return Gesture(GestureKind.CALENDAR_ANSWER, mail.subject[:LONGEST_SENTENCE])


def _is_of_invitation(line: str, subject: str) -> bool:
    """Whether a line is what a calendar program writes: its sentence, a line with a label, a rule, or the title again."""
    lowered = _sentence(line)
    label = lowered.partition(":")[0].strip("* ")
    title = _sentence(subject.partition(":")[2] or subject)
    return (
        any(phrase in lowered for phrase in INVITATION_PHRASES)
        or (label in INVITATION_LABELS and ":" in lowered)
        or lowered.startswith("[answer to an invitation:")
        or not _letters(lowered)
        or (bool(title) and lowered.strip(" *-") == title)
        or bool(LINK.fullmatch(line.strip()))
    )


def _begins_with(subject: str, words: Iterable[str]) -> bool:
    """Whether a subject begins with one of the words and a colon, which French sets apart by a blank."""
    head, colon, _ = subject[:LONGEST_SENTENCE].replace("：", ":").partition(":")
    return bool(colon) and " ".join(head.lower().split()) in words


def _lines(text: str) -> list[str]:
    return [line for line in text[: LONGEST_RECEIPT * 2].splitlines() if line.strip()]


def _sentence(text: str) -> str:
    return " ".join(text[: LONGEST_RECEIPT * 2].translate(APOSTROPHES).lower().split())


def _letters(text: str) -> str:
    """The words of a text, without punctuation and emoji."""
    return " ".join("".join(letter if letter.isalpha() or letter in "'-“”\"" else " " for letter in text).split()).strip(
        "-'\"“” "
    )


WAYS = (_reaction_part, _reaction_in_words, _tapback, _lone_emoji, _recall, _receipt, _calendar_answer)
