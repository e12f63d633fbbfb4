"""The step of `#use`: the ready answer stands in the words already, and the receipt names it."""

from helpdesk.threading.commands.grammar import Command
from helpdesk.threading.decisions.staff.steps.act import Act, Done
from helpdesk.threading.lifecycle.draft import Draft
from helpdesk.threading.model.sentence import sentence


def use(act: Act, draft: Draft, command: Command) -> Done:
    """Name the ready answer that stands in the words, and its language."""
    policy, name = draft.context.policy, command.value.lower()
    _, language = policy.all_ready_answers[name].text_in(draft.ticket.language, policy.default_language)
    return Done(draft, sentence("The ready answer {name} ({language}) stands in your text.", name=name, language=language))


def at_its_time(act: Act, draft: Draft, command: Command) -> Done:
    """Name the time for which the mail has waited. Before that time it is not carried out."""
    return Done(draft, sentence("It has waited for its time ({time}).", time=command.value))
