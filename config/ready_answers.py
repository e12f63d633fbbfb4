"""Ready answers: texts by language that `#use NAME` puts into a reply, with the customer's values in them.

They stand in [[ready_answer]], or in the folder `answers` beside the configuration file as NAME.LANG.md. The four that every desk has are in
`ready_texts`. A desk's own text in a language takes the place of the built-in one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated

from helpdesk.config import ready_texts
from helpdesk.config.problems import Problem, did_you_mean
from helpdesk.config.section import AfterValidator, Field, Section, ValueType
from helpdesk.config.triage_words import words
from helpdesk.config.values import LETTER_LANGUAGES, Words

FOLDER = "answers"
LONGEST_TEXT = 20_000  # characters
MOST_FILES = 1_000
VALUES = ("name", "address", "account", "plan", "reference", "subject", "staff", "request_page")  # what may stand in braces
VALUE = re.compile(r"( ?)\{(\w{1,40})\}")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
FILE = re.compile(r"([^.]+)\.([^.]+)\.md")


def answer_name(text: str) -> str:
    """A name as it stands behind `#use`. Raises ValueError that says what is allowed."""
    if not NAME.fullmatch(text):
        raise ValueError(f'"{text}": write a name of small letters, digits and hyphens, such as "refund-policy"')
    return text


def answer_text(text: str) -> str:
    """A text whose values in braces are all known. Raises ValueError that names the first one that is not."""
    unknown = next((match[2] for match in VALUE.finditer(text) if match[2] not in VALUES), None)
    if unknown is not None:
        raise ValueError(f"{{{unknown}}} is no value of a ready answer, {did_you_mean(unknown, VALUES)}")
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise ValueError(f"write a text of 1 to {LONGEST_TEXT:,} characters")
    return text.strip()


def letter_language(text: str) -> str:
    """A language in which letters are written. Raises ValueError that names them all."""
    if text not in LETTER_LANGUAGES:
        raise ValueError(f'"{text}" is no language of letters, {did_you_mean(text, LETTER_LANGUAGES)}')
    return text


LetterLanguage = Annotated[str, AfterValidator(letter_language), ValueType("language of letters")]


class ReadyAnswer(Section):
    """A text that `#use NAME` puts into a reply to a customer, in their language. Write one [[ready_answer]] for each.

    The folder answers beside this file holds ready answers too: answers/refund-policy.de.md is the German text of refund-policy. A text may have
    these values in braces: {name}, {address}, {account}, {plan} (of the customer), {reference}, {subject} (of the request), {staff} (the
    staff member who writes) and {request_page} (of [desk]). The desk has four ready answers of its own, for what support cannot do: other-account, permission, dates and scope. A
    text of yours with one of these names takes the place of the desk's.
    """

    name: Annotated[str, AfterValidator(answer_name), ValueType("name")] = Field(
        description="Its name, of small letters, digits and hyphens.", examples=["refund-policy"]
    )
    texts: dict[LetterLanguage, Annotated[str, AfterValidator(answer_text)]] = Field(
        default_factory=dict,
        description='The text in each language: { en = "…", de = "…" }. Where the customer\'s is missing, the desk\'s default_language counts, '
        "then English. It may be left out where the folder has the texts.",
        examples=[{"en": "You can return it within 30 days, {name}."}],
    )
    words: Words = Field(
        default_factory=dict,
        description="Phrases of requests that it fits, as in [categories]. The letter to staff then proposes it.",
        examples=[["refund*", "money back"]],
    )

    def text_in(self, language: str, default: str) -> tuple[str, str]:
        """The text for a customer of a language, and the language it is in. `default` is the desk's."""
        wanted = (language.partition("-")[0], default.partition("-")[0], "en", *self.texts)
        found = next(code for code in wanted if code in self.texts)
        return self.texts[found], found


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its values. A value that is "" takes the space before it away: "Hello {name}," becomes "Hello,".

    What a value says is not looked at again, so nothing in it counts as a value.
    """
    return VALUE.sub(lambda match: f"{match[1]}{value}" if (value := values.get(match[2], "")) else "", text)


def built_in_answers() -> tuple[ReadyAnswer, ...]:
    """The answers that every desk has."""
    return tuple(
        ReadyAnswer(name=name, texts=texts, words=words(ready_texts.WORDS[name])) for name, texts in ready_texts.TEXTS.items()
    )


def merged(answers: Iterable[ReadyAnswer]) -> dict[str, ReadyAnswer]:
    """The answers by name. Of several of one name, a later one adds its texts and words to the earlier ones, or takes their place."""
    found: dict[str, ReadyAnswer] = {}
    for answer in answers:
        known = found.get(answer.name)
        if known is not None:
            answer = ReadyAnswer(name=answer.name, texts=known.texts | answer.texts, words={**known.words, **answer.words})
        found[answer.name] = answer
    return {name: answer for name, answer in found.items() if answer.texts}


def answers_in(folder: Path) -> tuple[list[ReadyAnswer], list[Problem]]:
    """The answers of a folder of files NAME.LANG.md, and what is wrong with them. A folder that is not there has none."""
    answers: list[ReadyAnswer] = []
    problems: list[Problem] = []
    files = sorted(folder.glob("*.md"))[:MOST_FILES] if folder.is_dir() else []
    for file in files:
        try:
            answers.append(_read(file))
        except ValueError as fault:  # also of the encoding
            reason = "is not UTF-8" if isinstance(fault, UnicodeDecodeError) else str(fault)
            problems.append(Problem(str(file), "", reason))
        except OSError as fault:
            problems.append(Problem(str(file), "", f"cannot be read: {fault.strerror}"))
    return answers, problems


def _read(file: Path) -> ReadyAnswer:
    named = FILE.fullmatch(file.name)
    if named is None:
        raise ValueError("call the file NAME.LANG.md, such as refund-policy.de.md")
    name, language = answer_name(named[1]), letter_language(named[2])
    return ReadyAnswer(name=name, texts={language: answer_text(file.read_text("utf-8"))})


def twice(answers: Mapping[str, ReadyAnswer]) -> Iterator[tuple[str, str]]:
    """The key and reason of each entry of the file whose name an earlier one has."""
    names: set[str] = set()
    for key, answer in answers.items():
        if answer.name in names:
            yield f"{key}.name", f'"{answer.name}" stands here twice; write one entry with both texts'
        names.add(answer.name)
