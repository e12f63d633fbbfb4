"""Every compiled expression of the gateway by its name: how it is asked, how much it is asked of, and text that makes it work hard.

The text is not made by hand: it is derived from the tree of the expression. What may repeat is repeated and then broken off, what matches is
repeated, cut short and run together, every letter of it is repeated alone.
"""

import ast
import importlib
import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("config", "gateway", "store", "templates", "threading")
NOT_IMPORTED = "store/migrations"  # Alembic alone can import them; they read rows, no mail
ALL = 1 << 20  # characters or octets: whatever a mail has
LINE = 16 * 1024  # of a command at a door
HEADER = 100 * 1024
FIELD = 16 * 1024
VALUE = 1000  # of what an operator writes, or a field that was cut before
DATE = 100


@dataclass(frozen=True, slots=True)
class Reach:
    """The methods by which an expression is asked, and the length of the longest text that it is asked of at once."""

    methods: str
    most: int = ALL


@dataclass(frozen=True, slots=True)
class Pumped:
    """Text of any length: what stands first, what is repeated, what stands last."""

    first: str
    again: str
    last: str = ""

    def of(self, size: int) -> str:
        return (self.first + self.again * (size // len(self.again) + 1))[: max(size - len(self.last), 1)] + self.last


# Of `fullmatch` and `match` the length is that of one line, word or value.
EXPRESSIONS: dict[str, Reach] = {
    "config.address.ATOM": Reach("fullmatch", VALUE),
    "config.postfix_maps.PARTS": Reach("split", VALUE),
    "config.postfix_maps.SPECIAL": Reach("sub", VALUE),
    "config.ready_answers.FILE": Reach("fullmatch", VALUE),
    "config.ready_answers.NAME": Reach("fullmatch", VALUE),
    "config.ready_answers.VALUE": Reach("finditer sub", 20_000),
    "threading.commands.moments.CLOCK": Reach("fullmatch", VALUE),
    "config.address.LABEL": Reach("fullmatch", VALUE),
    "config.colours.COLOUR": Reach("fullmatch", VALUE),
    "config.hours.CLOCK": Reach("fullmatch", VALUE),
    "config.hours.WINDOW": Reach("fullmatch", VALUE),
    "config.lexicon.ACCENTS": Reach("sub", 50_000),
    "config.lexicon.LANGUAGE": Reach("fullmatch", VALUE),
    "config.lexicon.PATTERN": Reach("findall sub", VALUE),
    "config.lexicon.SPACES": Reach("sub", VALUE),
    "config.plain_words.WORD": Reach("findall", 200_000),
    "config.load.AT_LINE": Reach("search sub", VALUE),
    "config.our_addresses.COMMENTS_AND_SPACE": Reach("sub", VALUE),
    "config.reply_addresses.ReplyAddresses.shape": Reach("fullmatch", 320),
    "config.secret.KEY": Reach("fullmatch", VALUE),
    "config.secret.NAME": Reach("fullmatch", VALUE),
    "config.shapes.AUTHSERV_ID": Reach("fullmatch", VALUE),
    "config.shapes.BUCKET_URL": Reach("fullmatch", VALUE),
    "config.shapes.FLAG": Reach("fullmatch", VALUE),
    "store.blob_bucket.CONTENT": Reach("fullmatch", VALUE),
    "store.blob_bucket.DURATION": Reach("sub", VALUE),
    "config.shapes.LANGUAGE": Reach("fullmatch", VALUE),
    "config.shapes.PREFIX": Reach("fullmatch", VALUE),
    "config.shapes.ROLE": Reach("fullmatch", VALUE),
    "config.shapes.SCRYPT": Reach("fullmatch", VALUE),
    "config.shapes.SELECTOR": Reach("fullmatch", VALUE),
    "config.shapes.SOCKET_MODE": Reach("fullmatch", VALUE),
    "config.shapes.TOKEN_TOUCHES": Reach("search", VALUE),
    "config.shapes.VARIABLE": Reach("fullmatch", VALUE),
    "gateway.http.forms.MESSAGE": Reach("fullmatch", FIELD),
    "gateway.http.forms.REPLY": Reach("fullmatch", FIELD),
    "gateway.http.forms.THREAD": Reach("fullmatch", FIELD),
    "gateway.http.files.RANGE": Reach("fullmatch", FIELD),
    "gateway.http.inbox.shown.PICTURE": Reach("sub"),
    "gateway.http.inbox.shown.STYLE": Reach("sub"),
    "gateway.http.inbox.sign_in.THREAD": Reach("fullmatch", VALUE),
    "templates.locales.WEIGHT": Reach("fullmatch", VALUE),
    "config.shapes.ORIGIN_HOST": Reach("fullmatch", VALUE),
    "gateway.http.permissions.PERMISSION": Reach("fullmatch", FIELD),
    "gateway.http.replies.WAIT": Reach("search", VALUE),
    "gateway.demo.letters.NAME": Reach("fullmatch", FIELD),
    "store.api_keys.FORM": Reach("fullmatch", FIELD),
    "gateway.delivery.relay.HOSTNAME": Reach("fullmatch", VALUE),
    "gateway.delivery.reply.STATUS": Reach("match"),
    "gateway.delivery.smtp_connection.PATH": Reach("fullmatch", VALUE),
    "gateway.doors.archive.DATE": Reach("search", HEADER),
    "gateway.doors.archive.FOLDED": Reach("sub", HEADER),
    "gateway.doors.archive.RECEIVED": Reach("search", HEADER),
    "gateway.doors.mailbox.throttling.BACKOFF": Reach("search"),
    "gateway.doors.mailbox.throttling.BUSY": Reach("search"),
    "gateway.doors.mailbox.throttling.BUSY_AT_LOGIN": Reach("search"),
    "gateway.doors.mailbox.throttling.LOST": Reach("search"),
    "gateway.doors.mailbox.pop3_session.BUSY": Reach("search"),
    "gateway.doors.mbox.ASCTIME": Reach("search", 300),
    "gateway.doors.mbox.QUOTED": Reach("sub"),
    "gateway.doors.mbox.TIME": Reach("search", 512),
    "gateway.doors.mbox.YEAR": Reach("search", 512),
    "gateway.doors.passwords.STORED": Reach("fullmatch", VALUE),
    "gateway.doors.paths.FORWARD_PATH": Reach("fullmatch", LINE),
    "gateway.doors.paths.MAIL_ARGUMENT": Reach("fullmatch", LINE),
    "gateway.doors.paths.MAIL_PARAMETERS['AUTH']": Reach("fullmatch", LINE),
    "gateway.doors.paths.MAIL_PARAMETERS['BODY']": Reach("fullmatch", LINE),
    "gateway.doors.paths.MAIL_PARAMETERS['SIZE']": Reach("fullmatch", LINE),
    "gateway.doors.paths.MAIL_PARAMETERS['SMTPUTF8']": Reach("fullmatch", LINE),
    "gateway.doors.paths.RCPT_ARGUMENT": Reach("fullmatch", LINE),
    "gateway.doors.paths.REVERSE_PATH": Reach("fullmatch", LINE),
    "gateway.doors.trace.END_OF_HEADER": Reach("search"),
    "gateway.doors.trace.RECEIVED": Reach("finditer"),
    "gateway.doors.trace.RETURN_PATH": Reach("sub"),
    "gateway.doors.trace.UNSAFE_IN_TRACE": Reach("sub", LINE),
    "gateway.oauth.PRINTABLE": Reach("fullmatch", LINE),
    "gateway.origin.sender_policy.HOST": Reach("fullmatch", LINE),
    "gateway.terminal.LINE_ENDS": Reach("sub"),
    "gateway.terminal.UNFIT": Reach("sub"),
    "store.platform.NUMBER": Reach("fullmatch", FIELD),
    "store.turn_keys.END_OF_HEADER": Reach("search", 20_000),
    "store.turn_keys.MESSAGE_ID": Reach("findall", 20_000),
    "store.turn_keys.THREAD_FIELD": Reach("findall", 20_000),
    "store.turn_keys.TOKEN_SHAPED": Reach("findall", 20_000),
    "store.turns.AUTHOR": Reach("search", 20_000),
    "templates.catalogue.BRACE": Reach("sub", VALUE),
    "templates.catalogue.PLACEHOLDER": Reach("findall sub", VALUE),
    "templates.courtesies.IN_BRACKETS": Reach("sub", 80),
    "templates.enclosures.NOT_IN_A_NAME": Reach("sub", VALUE),
    "templates.headers.MESSAGE_ID": Reach("fullmatch", FIELD),
    "templates.locales.OFFSET": Reach("fullmatch", VALUE),
    "templates.locales.TAG": Reach("fullmatch", VALUE),
    "templates.render.CONSTANT": Reach("findall", VALUE),
    "templates.words.BREAKS": Reach("sub"),
    "templates.words.CONTROLS": Reach("sub"),
    "templates.words.OVERRIDES": Reach("sub"),
    "templates.words.SURROGATES": Reach("sub"),
    "templates.words.UNSEEN": Reach("sub"),
    "threading.commands.grammar.LINE": Reach("fullmatch", 200_000),
    "threading.commands.digest_rows.NUMBERED": Reach("match", 200_000),
    "threading.commands.digest_rows.PARTED": Reach("split", 200_000),
    "threading.commands.digest_rows.ROW": Reach("fullmatch", 200_000),
    "threading.model.sentence.PLACEHOLDER": Reach("sub", VALUE),
    "threading.lifecycle.firewall.WORD": Reach("findall", 200_000),
    "threading.incidents.likeness.NUMBER": Reach("fullmatch", 1500),
    "threading.incidents.likeness.SPACELESS": Reach("match", 1500),
    "threading.incidents.likeness.WORD": Reach("findall", 1500),
    "threading.lifecycle.own_letters.IN_LINE": Reach("finditer", 2_000),
    "threading.lifecycle.own_letters.LABEL": Reach("match", 2_000),
    "threading.lifecycle.ping_pong.THEIRS": Reach("finditer", 400),
    "threading.lifecycle.ping_pong.WORD": Reach("findall", 1000),
    "threading.lifecycle.triage.MAIL_ADDRESS": Reach("search", 50_000),
    "threading.matching.gather.ADDRESS_IN_TEXT": Reach("findall", 200_000),
    "threading.matching.gather.ENVELOPE_ID": Reach("fullmatch", FIELD),
    "threading.matching.gather.LETTER_NUMBER": Reach("fullmatch", FIELD),
    "threading.matching.gather.REFERENCE": Reach("findall", 200_000),
    "threading.reading.addresses.MAIL": Reach("match", 2_000),
    "threading.reading.addresses.PHONE": Reach("fullmatch", 2_000),
    "threading.reading.addresses.UNSEEN": Reach("sub", 2_000),
    "threading.reading.addresses.WEB": Reach("fullmatch", 6_000),
    "threading.reading.banners.SENTENCE_END": Reach("split", 8000),
    "threading.reading.banners.TAG": Reach("fullmatch", 20_000),
    "threading.reading.banners.WORD": Reach("findall", 1000),
    "threading.reading.glued.DIGIT": Reach("search", 40),
    "threading.reading.glued.INNER_BEGIN": Reach("finditer", 20_000),
    "threading.reading.attribution.DATE": Reach("search", VALUE),
    "threading.reading.attribution.DIGIT": Reach("search", VALUE),
    "threading.reading.attribution.TIME": Reach("search", VALUE),
    "threading.reading.attribution.TIME_FIRST": Reach("match", VALUE),
    "threading.reading.calendar.ESCAPE": Reach("sub", 200_000),
    "threading.reading.calendar.MOMENT": Reach("match", 200_000),
    "threading.reading.charsets.CONTROL": Reach("search"),
    "threading.reading.charsets.ESCAPED": Reach("split"),
    "threading.reading.charsets.META": Reach("search", 2048),
    "threading.reading.charsets.PAIR": Reach("findall"),
    "threading.parsing.read.CALENDAR_METHOD": Reach("search", 2000),
    "threading.reading.coverage.BASE64": Reach("fullmatch"),
    "threading.reading.signature_tags.BLANK_FOLD": Reach("search"),
    "threading.matching.compared_words.INNER_URL": Reach("match", 4000),
    "threading.matching.compared_words.MARKS": Reach("match", 20_000),
    "threading.matching.compared_words.REPLY_ADDRESS": Reach("sub", 20_000),
    "threading.matching.compared_words.SHORTCUT": Reach("sub", 20_000),
    "threading.matching.compared_words.URL": Reach("sub", 20_000),
    "threading.matching.compared_words.WORD": Reach("findall finditer", 20_000),
    "threading.matching.compared_words.WRITTEN_TWICE": Reach("sub", 20_000),
    "threading.matching.search_words.ACCENTS": Reach("sub", 50_000),
    "threading.matching.search_words.SPACELESS": Reach("match", 50_000),
    "threading.matching.search_words.WORD": Reach("findall finditer", 50_000),
    "threading.matching.said.ITEM": Reach("match", 20_000),
    "threading.letters.file_links.TOKEN": Reach("fullmatch", FIELD),
    "threading.matching.said.PICTURE": Reach("fullmatch", 200),
    "threading.reading.coverage.DASHED": Reach("findall"),
    "threading.reading.coverage.DELIMITED_HEADER": Reach("search"),
    "threading.reading.coverage.JOINED_COMMAND": Reach("search"),
    "threading.reading.coverage.LOOSE_END": Reach("search"),
    "threading.reading.coverage.MARKUP": Reach("match"),
    "threading.reading.encodings.ENCODING": Reach("search", DATE),
    "threading.reading.encodings.UU_BEGINS": Reach("search"),
    "threading.reading.encodings.UU_ENDS": Reach("search"),
    "threading.reading.fields.PLAIN_FIELD": Reach("findall", HEADER),
    "threading.reading.fields.PARAMETER": Reach("match", HEADER),
    "threading.reading.file_words.ESCAPED": Reach("sub"),
    "threading.reading.file_words.MAIL_FIELDS": Reach("search match", 4096),
    "threading.reading.file_words.MARKUP": Reach("search", 4096),
    "threading.reading.file_words.OCTAL": Reach("fullmatch", 12),
    "threading.reading.file_words.WIDE": Reach("finditer"),
    "threading.reading.head.BLANK_BEFORE": Reach("sub", DATE),
    "threading.reading.head.COMMENT": Reach("sub", DATE),
    "threading.reading.html_limits.LONG_TAG": Reach("finditer"),
    "threading.reading.html_limits.TAG": Reach("finditer"),
    "threading.reading.html_marks.BOLD": Reach("search", VALUE),
    "threading.reading.html_marks.NOT_BOLD": Reach("search", VALUE),
    "threading.reading.html_marks.RENAMED": Reach("match", 500),
    "threading.reading.language_tags.DECLARED": Reach("match", DATE),
    "threading.reading.language.NOT_PROSE": Reach("search", 1500),
    "threading.reading.language.WORD": Reach("findall", 120),
    "threading.reading.mailboxes.ONE_ITEM": Reach("fullmatch", 8 * 1024),
    "threading.reading.mailboxes.QUOTED_STRING": Reach("sub", VALUE),
    "threading.reading.markup.LINK": Reach("finditer"),
    "threading.reading.markup.QUOTE_MARKS": Reach("match"),
    "threading.reading.markup.SPACES": Reach("sub"),
    "threading.matching.platform.TYPE": Reach("fullmatch", FIELD),
    "threading.reading.pictures.BEHIND": Reach("finditer"),
    "threading.reading.outline.BOUNDARY": Reach("findall", FIELD),
    "threading.reading.page.WRITTEN_MARKER": Reach("match"),
    "threading.reading.parameters.PIECE": Reach("match", FIELD),
    "threading.reading.rtf.LINE_TAG": Reach("match", 256 * 1024),
    "threading.reading.rtf.TOKEN": Reach("findall", 256 * 1024),
    "threading.reading.secrets.CARD_DIGITS": Reach("finditer"),
    "threading.reading.secrets.ISSUED": Reach("fullmatch", DATE),
    "threading.reading.secrets.KEY_BEGINS": Reach("search"),
    "threading.reading.secrets.KEY_ENDS": Reach("search"),
    "threading.reading.secrets.LABELLED": Reach("search"),
    "threading.reading.secrets.MADE_UP": Reach("search", 200),
    "threading.reading.secrets.TOKENS": Reach("finditer"),
    "threading.reading.strict.NAME": Reach("fullmatch", HEADER),
    "threading.reading.tags.ANY_TAG": Reach("sub"),
    "threading.reading.tags.SHAPING_TAG": Reach("search"),
    "threading.reading.two_texts.ADDRESS": Reach("sub", 50_000),
    "threading.reading.two_texts.COMMAND": Reach("search", 400),
    "threading.reading.two_texts.WORD": Reach("findall search", 50_000),
    "threading.reading.words.BASE64_OCTETS": Reach("sub", FIELD),
    "threading.reading.words.ENCODED_WORD": Reach("finditer", FIELD),
    "threading.reading.words.INVISIBLE": Reach("search sub"),
    "threading.reading.shaping.ADDRESS": Reach("findall", 200_000),
    "threading.reading.shaping.NOT_WORDS": Reach("sub", 200_000),
    "threading.reading.shaping.PICTURE_MARK": Reach("sub", 200_000),
    "threading.matching.gather.JOURNALED": Reach("search", 5000),
    "threading.decisions.customer.later_copy.SEPARATOR": Reach("search", 400),
    "threading.decisions.customer.later_copy.WORD": Reach("findall finditer search", 50_000),
    "threading.reading.subjects.TAG": Reach("sub", 400),
    "threading.reading.subjects.WORD": Reach("findall", 400),
    "threading.sorting.gratitude.PICTURE": Reach("sub", 600),
    "threading.sorting.gratitude.SENTENCE_END": Reach("split", 300),
    "threading.sorting.gestures.ALTERNATIVE": Reach("search sub", 800),
    "threading.sorting.gestures.LINK": Reach("fullmatch sub", 3000),
    "threading.reading.uuencoded.BEGINS": Reach("search"),
    "threading.sorting.kinds.SENTENCES": Reach("split", 400),
    "threading.sorting.kinds.WORD": Reach("findall", 4000),
    "threading.sorting.report_fields.X400_ADDRESS": Reach("search", 2000),
    "threading.sorting.report_fields.X400_LETTER": Reach("sub", 320),
    "threading.sorting.kinds.SENTENCE_END": Reach("split", 400),
    "threading.sorting.out_of_office.NAME": Reach("search", 240),
    "threading.sorting.report_fields.ADDRESS": Reach("findall finditer search", 3000),
    "threading.sorting.report_text.BARE_NAME": Reach("match", 2000),
    "threading.sorting.report_text.SMTP_REPLY": Reach("sub", 2000),
    "threading.sorting.return_dates.FORMS[0]": Reach("finditer", 3300),
    "threading.sorting.return_dates.FORMS[1]": Reach("finditer", 3300),
    "threading.sorting.return_dates.FORMS[2]": Reach("finditer", 3300),
    "threading.sorting.return_dates.FORMS[3]": Reach("finditer", 3300),
    "threading.sorting.return_dates.FORMS[4]": Reach("finditer", 3300),
    "threading.sorting.return_dates.FORMS[5]": Reach("finditer", 3300),
    "threading.sorting.return_dates.FORMS[6]": Reach("finditer", 3300),
    "threading.sorting.return_dates.WORD": Reach("finditer", 3300),
    "threading.sorting.statuses.ENHANCED": Reach("search", 20_000),
    "threading.sorting.statuses.FAILED": Reach("search", 20_000),
    "threading.sorting.statuses.REPLY_CODE": Reach("search", 20_000),
    "threading.trust.addresses.COMMENT": Reach("sub", FIELD),
    "threading.trust.addresses.IDENTITY": Reach("fullmatch", 254),
    "threading.trust.arrival.LITERAL": Reach("findall", FIELD),
    "threading.trust.assurance.DOUBTED_FIELD": Reach("fullmatch", VALUE),
    "threading.trust.authentication_results.ASKED": Reach("findall", 4096),
    "threading.trust.authentication_results.DMARC_FAILED": Reach("match", 4096),
    "threading.trust.authentication_results.QUOTED": Reach("sub", 4096),
    "threading.trust.doubt_words.MALFORMED": Reach("fullmatch", VALUE),
    "threading.trust.doubt_words.SECOND": Reach("fullmatch", VALUE),
    "threading.trust.doubt_words.SEVERAL": Reach("fullmatch", VALUE),
    "threading.trust.doubt_words.TYPE": Reach("fullmatch", VALUE),
    "threading.trust.lookalikes.ADDRESS": Reach("search", 1000),
    "threading.trust.signature_fields.SELECTOR": Reach("fullmatch", 4096),
    "threading.trust.written_tokens.ENCODED": Reach("sub"),
    "threading.trust.written_tokens.FOLDED": Reach("sub"),
    "threading.trust.written_tokens.WORD": Reach("findall"),
}
# Expressions that are built from the configuration: where, and one of them.
BUILT: Mapping[str, Callable[[], "re.Pattern[str]"]] = {
    "config.reply_addresses.ReplyAddresses.shape": lambda: _reply_addresses().shape,
}
BUILDERS = {"config.reply_addresses"}
METHODS = ("match", "fullmatch", "search", "findall", "finditer", "sub", "subn", "split")


def _reply_addresses() -> Any:
    module = importlib.import_module("helpdesk.config.reply_addresses")
    return module.ReplyAddresses("{local}+{token}@{domain}", "support.example.com")


@cache
def sources() -> dict[str, ast.Module]:
    """The modules of the gateway by their names, without `helpdesk.`."""
    paths = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    kept = [path.relative_to(ROOT) for path in paths if NOT_IMPORTED not in path.as_posix()]
    names = (".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in kept)
    return {name: ast.parse((ROOT / path).read_text()) for name, path in zip(names, kept, strict=True)}


@cache
def compiled() -> dict[str, "re.Pattern[Any]"]:
    """Every expression that a module or a class of it holds, also in tables, and those that are built; by name."""
    found: dict[str, re.Pattern[Any]] = {}
    for name, tree in sources().items():
        module = importlib.import_module(f"helpdesk.{name}")
        for place in _assigned(tree):
            value: Any = module
            for part in place.split("."):
                value = getattr(value, part, None)
            found |= {f"{name}.{place}{key}": pattern for key, pattern in _patterns(value)}
    return found | {name: build() for name, build in BUILT.items()}


def _assigned(tree: "ast.Module | ast.ClassDef") -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield from (f"{node.name}.{name}" for name in _assigned(node))
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        yield from (node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))


def _patterns(value: object) -> Iterator[tuple[str, "re.Pattern[Any]"]]:
    if isinstance(value, re.Pattern):
        yield "", value
    elif isinstance(value, Mapping):
        yield from ((f"[{key!r}]{deeper}", one) for key, entry in value.items() for deeper, one in _patterns(entry))
    elif isinstance(value, list | tuple | set | frozenset):
        yield from ((f"[{at}]{deeper}", one) for at, entry in enumerate(value) for deeper, one in _patterns(entry))


def inline(tree: ast.AST) -> list[str]:
    """Calls that hide an expression from the table: of the functions of `re`, and `re.compile` inside a function."""
    within = {inner for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Lambda) for inner in ast.walk(node)}
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func.value) == "re"
        and (node.func.attr in METHODS or (node.func.attr in ("compile", "template") and node in within))
    ] + [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "re"]


def methods_used(name: str) -> set[str]:
    """By which methods an expression is asked, as far as its own module shows."""
    module, _, place = name.rpartition(".")
    if module not in sources():
        return set()
    nodes = (node for node in ast.walk(sources()[module]) if isinstance(node, ast.Attribute) and node.attr in METHODS)
    return {node.attr for node in nodes if isinstance(node.value, ast.Name) and node.value.id == place}


LETTERS = " \t\nab1AZ_-.,:;@!#<>()[]\"'\\/=+?|ü漢\x01"
LETTERS_OF = {"DIGIT": "1", "WORD": "a1_", "SPACE": " \t\n", "NOT_DIGIT": "a ", "NOT_WORD": "- #", "NOT_SPACE": "a#1"}
BROKEN = "\x01"  # what next to nothing matches
LONGEST_RUN = 70  # of what is repeated inside a match
MOST_PUMPED = 160
MOST_BRANCHES = 12


def pumped(pattern: "re.Pattern[Any]") -> list[Pumped]:
    """What makes an expression try again and again, if anything does."""
    parser: Any = importlib.import_module("re._parser")
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    tree = list(parser.parse(text, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags))
    wholes = dict.fromkeys(_sampled(tree, times, branch) for branch in range(MOST_BRANCHES) for times in (1, LONGEST_RUN))
    found: dict[Pumped, None] = {}
    for before, body, most in islice(_repeats(tree, ""), 60):
        for again in dict.fromkeys([*_letters(body), _sampled(body, 1, 0), _sampled(body, 2, 1)]):
            if again:
                run = again * min(most, LONGEST_RUN)
                found |= dict.fromkeys((Pumped(before, again), Pumped(before, again, BROKEN), Pumped("", before + again)))
                found |= dict.fromkeys((Pumped("", before + run), Pumped("", before + run + BROKEN), Pumped("", run + "\n")))
    for whole in filter(None, wholes):
        cut = (whole, whole[:-1], whole[1:], whole + " ", whole + "\n", whole[:-1] + BROKEN, whole[:-1] + "\n")
        found |= dict.fromkeys(Pumped("", text) for text in cut if text)
    letters = dict.fromkeys(letter for whole in wholes for letter in whole)
    found |= dict.fromkeys(Pumped("", again) for letter in islice(letters, 24) for again in (letter, letter * 41 + "\n"))
    return list(islice(_fitting(found or {Pumped("", "a"): None}, pattern), MOST_PUMPED))


def _fitting(found: Iterable[Pumped], pattern: "re.Pattern[Any]") -> Iterator[Pumped]:
    narrow = isinstance(pattern.pattern, bytes)
    return (pumped for pumped in found if not narrow or max(map(ord, pumped.first + pumped.again), default=0) < 256)


def _repeats(tree: list[Any], before: str) -> Iterator[tuple[str, list[Any], int]]:
    """Whatever an expression repeats: what has to stand before it, what is repeated, how often at most."""
    for code, given in tree:
        name = str(code)
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            most = int(given[1])
            if most > 1:
                yield before, list(given[2]), most
            yield from _repeats(list(given[2]), before)
        for inner in _inner(name, given):
            yield from _repeats(inner, before)
        before += _sampled([(code, given)], 1, 0)


def _inner(name: str, given: Any) -> list[list[Any]]:
    if name == "BRANCH":
        return [list(branch) for branch in given[1][:MOST_BRANCHES]]
    if name == "SUBPATTERN":
        return [list(given[-1])]
    if name in ("ASSERT", "ASSERT_NOT"):
        return [list(given[1])]
    return [list(given)] if name == "ATOMIC_GROUP" else []


def _sampled(tree: list[Any], times: int, branch: int) -> str:
    """Text that matches: what may repeat stands as often as it must, at least `times` where it may."""
    pieces = []
    for code, given in tree:
        name = str(code)
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            count = max(int(given[0]), min(times, int(given[1])))
            pieces.append(_sampled(list(given[2]), 1, branch) * count)
        elif name == "BRANCH":
            pieces.append(_sampled(list(given[1][branch % len(given[1])]), times, branch))
        elif name in ("SUBPATTERN", "ATOMIC_GROUP"):
            pieces.append(_sampled(_inner(name, given)[0], times, branch))
        else:
            pieces.append(next(iter(_letters([(code, given)])), ""))
    return "".join(pieces)


def _letters(tree: list[Any]) -> list[str]:
    """Letters with which a piece of an expression may begin, a few of each class."""
    if not tree:
        return []
    code, given = tree[0]
    name = str(code)
    if name == "LITERAL":
        return [chr(given)]
    if name == "NOT_LITERAL":
        return [letter for letter in LETTERS if ord(letter) != given][:4]
    if name == "ANY":
        return ["a", " ", ":"]
    if name == "IN":
        return _in(list(given))
    inner = [list(given[2])] if "REPEAT" in name else _inner(name, given)
    return [letter for expression in inner for letter in _letters(expression)][:6]


def _in(members: list[Any]) -> list[str]:
    excluded = str(members[0][0]) == "NEGATE"
    named = [letter for code, given in members for letter in _members(str(code), given)]
    if not excluded:
        return list(dict.fromkeys(named))[:8]
    ranges = [given for code, given in members if str(code) == "RANGE"]
    return [sign for sign in LETTERS if sign not in named and not any(low <= ord(sign) <= high for low, high in ranges)][:6]


def _members(name: str, given: Any) -> list[str]:
    if name == "LITERAL":
        return [chr(given)]
    if name == "RANGE":
        return [chr(given[0]), chr(given[1])]
    return list(LETTERS_OF.get(str(given).removeprefix("CATEGORY_").removeprefix("UNI_"), "")) if name == "CATEGORY" else []


PIECE = 64  # characters of a short line


def asked(pattern: "re.Pattern[Any]", method: str, text: str) -> Callable[[], object]:
    """One question of an expression about a text, ready to be asked; `match` and `fullmatch` are asked of many short lines too."""
    given: Any = text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text
    if method == "finditer":
        return lambda: deque(pattern.finditer(given), 0)
    if method in ("sub", "subn"):
        return lambda: pattern.sub(given[:0], given)
    if method in ("match", "fullmatch"):
        call = getattr(pattern, method)
        pieces = [given, *given.splitlines(), *(given[at : at + PIECE] for at in range(0, len(given), PIECE))]
        return lambda: [call(piece) for piece in pieces]
    question: Callable[[Any], object] = getattr(pattern, method)
    return lambda: question(given)


def seconds(ask: Callable[[], object]) -> float:
    start = time.process_time()
    ask()
    return time.process_time() - start
