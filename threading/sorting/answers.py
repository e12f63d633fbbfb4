"""Answers to the questions that the desk asks about a new request, each on a line of its own below the customer's words.

The desk's forms write such lines. A customer who copies the questions of a letter and answers behind each of them writes them too.
"""

from collections.abc import Iterable, Mapping


def with_answers(text: str, answers: Mapping[str, str]) -> str:
    """The customer's words, and below them a line for each question that has an answer. A line is `- QUESTION: ANSWER`."""
    lines = [f"- {question}: {' '.join(answer.split())}" for question, answer in answers.items() if answer.strip()]
    return "\n\n".join(filter(None, (text, "\n".join(lines))))


def is_answered(text: str, question: Iterable[str]) -> bool:
    """Whether a line of a text answers a question, which is given in all its languages."""
    asked = tuple(f"{words.casefold()}:" for words in question)
    lines = (line.strip(" \t-*•").casefold() for line in text.splitlines())
    return any(line.removeprefix(words).strip() for line in lines for words in asked if line.startswith(words))
