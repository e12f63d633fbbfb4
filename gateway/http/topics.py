"""The categories that a customer can choose for a new request, each with the questions that staff would ask about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.datastructures import FormData

from helpdesk.config.policy import Policy
from helpdesk.gateway.http.sent import line_in
from helpdesk.templates.catalogue import Speech
from helpdesk.threading.sorting.answers import with_answers

LONGEST_ANSWER = 1_000  # characters
CATEGORY = "category"  # the field with the chosen one


@dataclass(frozen=True, slots=True)
class Topic:
    """A category as a form shows it. `questions` are in the reader's language, by the names of their fields."""

    name: str
    label: str
    questions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ChosenTopic:
    """What a customer has chosen, and every answer that they typed, by the name of its field. `name` is "" for none of the categories."""

    name: str = ""
    answers: Mapping[str, str] | None = None

    def answer(self, field: str) -> str:
        """What they typed there."""
        return (self.answers or {}).get(field, "")


NO_TOPIC = ChosenTopic()


def topics_of(policy: Policy, speech: Speech) -> Sequence[Topic]:
    """The categories of the desk, in their order."""
    return [
        Topic(
            name,
            (label := speech.category(name))[:1].upper() + label[1:],
            {f"ask-{place}-{number}": item.question(speech.language) for number, item in enumerate(category.missing.values())},
        )
        for place, (name, category) in enumerate(policy.categories.items())
    ]


def chosen_topic(sent: FormData, topics: Sequence[Topic]) -> ChosenTopic:
    """What a form says of them. A category that the desk does not have counts as none."""
    name = line_in(sent, CATEGORY)
    answers = {field: line_in(sent, field)[:LONGEST_ANSWER] for topic in topics for field in topic.questions}
    return ChosenTopic(name if any(topic.name == name for topic in topics) else "", answers)


def words_with_answers(text: str, chosen: ChosenTopic, topics: Sequence[Topic]) -> str:
    """The customer's words, and below them their answers to the questions of the chosen category."""
    questions = next((topic.questions for topic in topics if topic.name == chosen.name), {})
    return with_answers(text, {question: chosen.answer(field) for field, question in questions.items()})
