"""What the forms of the operator's page do: a table of deeds, each with the word for what became of it, and the sentence for each word."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from helpdesk.config.section import duration
from helpdesk.gateway.operator_acts import Operator
from helpdesk.threading.trust.addresses import reachable

LARGEST_NUMBER = 2**63 - 1
LONGEST_REASON = 200  # characters
Form = Mapping[str, str]

# The level and the sentence of each outcome. The word stands in the address of the page that is shown next, and nothing else of the form does.
SAID: Mapping[str, tuple[str, str]] = {
    "replayed": ("good", "The mail is pending again; a worker takes it within seconds."),
    "not-replayed": ("warn", "The mail was not processed again: it had its effect, or its content is gone."),
    "released": ("good", "The mail is let in; a worker takes it within seconds."),
    "not-released": ("warn", "The mail was not let in: nothing kept it out, or its content is gone."),
    "dropped": ("good", "The mail is dropped."),
    "not-dropped": ("warn", "The mail was not dropped: it is neither quarantined nor held any more."),
    "unsure": ("warn", "Nothing was dropped: tick the box that says you are sure."),
    "no-number": ("bad", "That is no number of a mail."),
    "held": ("good", "No letter leaves until the letters are released."),
    "held-already": ("warn", "The letters were held already."),
    "letters-released": ("good", "Letters go out again."),
    "not-held": ("warn", "The letters were not held."),
    "suppressed": ("good", "No letter goes to this address any more."),
    "no-address": ("bad", "That is not a mail address: write one such as anna@example.com."),
    "no-span": ("bad", 'That is no span of time: write one such as "30d", or nothing for no end.'),
    "lifted": ("good", "Letters go to this address again."),
    "not-lifted": ("warn", "This address is not suppressed."),
}


def _replay(operator: Operator, form: Form) -> str:
    number = _number(form)
    if number is None:
        return "no-number"
    return "replayed" if operator.replay_mail(number) else "not-replayed"


def _release(operator: Operator, form: Form) -> str:
    number = _number(form)
    if number is None:
        return "no-number"
    return "released" if operator.release_mail(number) else "not-released"


def _drop(operator: Operator, form: Form) -> str:
    number = _number(form)
    if number is None:
        return "no-number"
    if form.get("sure") != "yes":
        return "unsure"
    return "dropped" if operator.drop_mail(number) else "not-dropped"


def _hold(operator: Operator, form: Form) -> str:
    reason = form.get("reason", "").strip()[:LONGEST_REASON] or f"{operator.name} holds them"
    return "held" if operator.hold_letters(reason) else "held-already"


def _release_letters(operator: Operator, form: Form) -> str:
    return "not-held" if operator.release_letters() is None else "letters-released"


def _suppress(operator: Operator, form: Form) -> str:
    address = reachable(form.get("address", "").strip())
    if not address:
        return "no-address"
    try:
        span = _span(form.get("span", "").strip())
    except ValueError:
        return "no-span"
    operator.suppress_address(address, form.get("reason", "").strip()[:LONGEST_REASON], span)
    return "suppressed"


def _lift(operator: Operator, form: Form) -> str:
    address = reachable(form.get("address", "").strip())
    return "lifted" if address and operator.lift_address(address) else "not-lifted"


DEEDS: Mapping[tuple[str, str], Callable[[Operator, Form], str]] = {
    ("quarantine", "replay"): _replay,
    ("quarantine", "release"): _release,
    ("quarantine", "drop"): _drop,
    ("letters", "hold"): _hold,
    ("letters", "release"): _release_letters,
    ("addresses", "suppress"): _suppress,
    ("addresses", "lift"): _lift,
}


def _number(form: Form) -> int | None:
    text = form.get("number", "")
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_NUMBER)) and int(text) <= LARGEST_NUMBER
    return int(text) if is_number else None


def _span(text: str) -> timedelta | None:
    """Raises ValueError."""
    return duration(text) if text else None
