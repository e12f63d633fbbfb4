"""Log events with keys: a dotted name and its values, one line each, as readable text, for journald, or as JSON.

The same trouble is written once, and then counted. Faults that an operator has to expect, such as a database that is away, are one line
without a traceback. Of an address in a value only the domain is written.
"""

import json
import logging
import os
import threading
from collections.abc import Callable, Hashable, Mapping
from datetime import UTC, datetime
from typing import Any

from helpdesk.gateway.counts import counts
from helpdesk.gateway.repeats import FIRST, Repeats, Repetition
from helpdesk.gateway.terminal import errors, escape, fault_in_one_line, flush_output, is_expected

KEYS = "helpdesk_keys"
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {KEYS, "message", "asctime", "taskName"}

ATOM_SIGNS = frozenset(".!#$%&'*+-/=?^_`{|}~…")

# Keys that tell one trouble apart from another. With other values of other keys it is the same trouble again.
TELLING_APART = (
    "mailbox folder domain account listener name where letter inbound ticket row sha256 file attempts cause kind target".split()
)
# Events that are logged when something begins or ends, and not while it lasts: each of them is news.
NEWS = frozenset(
    "relay.stalled relay.recovered relay.domain_delayed relay.domain_served mailbox.back mailbox.folder_back mailbox.folder_refused "
    "disk.full disk.failed disk.has_space disk.recovered blobs.away blobs.back letters.held "
    "clock.apart clock.jumped clock.database_went_back process.killed login.guessing desk.alarm alarm.began alarm.lasts alarm.over".split()
)
JOURNAL_PRIORITIES = ((logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))  # of syslog.h; below them 7


class Log:
    """The events of one part of the gateway, written to the standard logger."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def info(self, event: str, /, **keys: object) -> None:
        self._logger.info(event, extra={KEYS: keys})

    def warning(self, event: str, /, **keys: object) -> None:
        self._logger.warning(event, extra={KEYS: keys})

    def error(self, event: str, /, **keys: object) -> None:
        """Log an event that needs somebody to act."""
        self._logger.error(event, extra={KEYS: keys})

    def exception(self, event: str, /, **keys: object) -> None:
        self._logger.exception(event, extra={KEYS: keys})


def keys_of(record: logging.LogRecord) -> Mapping[str, Any]:
    """The keys of an event, however they were given to the standard logger."""
    given = getattr(record, KEYS, None)
    if given is not None:
        return dict(given)
    return {name: value for name, value in vars(record).items() if name not in STANDARD}


class TextLines(logging.Formatter):
    """`2026-11-23T21:40:12Z mail.opened ticket=ACZ-K7Q2M9 author=…@acme.example`"""

    def format(self, record: logging.LogRecord) -> str:
        level = "" if record.levelno <= logging.INFO else f" {record.levelname.lower()}"
        pairs = [f"{key}={_quoted_where_needed(value)}" for key, value in _shown_keys(record).items() if _matters(value)]
        line = escape(" ".join([f"{self._begin(record)}{level} {record.getMessage()}".strip(), *pairs]), "")
        return f"{line}\n{_indented(_trace(self, record))}" if record.exc_info else line

    def _begin(self, record: logging.LogRecord) -> str:
        return datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class JournalLines(TextLines):
    """`<6>mail.opened ticket=ACZ-K7Q2M9`: each line with its priority (sd-daemon(3)). journald itself adds the time."""

    def format(self, record: logging.LogRecord) -> str:
        priority = next((number for level, number in JOURNAL_PRIORITIES if record.levelno >= level), 7)
        return "\n".join(f"<{priority}>{line}" for line in super().format(record).split("\n"))

    def _begin(self, record: logging.LogRecord) -> str:
        return ""


class JsonLines(logging.Formatter):
    """`{"at": "2026-11-23T21:40:12.003+00:00", "level": "info", "event": "mail.opened", "ticket": "ACZ-K7Q2M9"}`"""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        entry = {"at": at, "level": record.levelname.lower(), "event": record.getMessage(), **_shown_keys(record)}
        if record.exc_info:
            entry["trace"] = _trace(self, record)
        return json.dumps(entry, default=str)  # ASCII: every control character is escaped


FORMS: Mapping[str, Callable[[], logging.Formatter]] = {"text": TextLines, "journal": JournalLines, "json": JsonLines}


class LogHandler(logging.StreamHandler[Any]):
    """Writes events to standard error: the same trouble once and then its count, and expected faults in one line."""

    def __init__(self) -> None:
        super().__init__(errors())
        self._repeats = Repeats()

    def emit(self, record: logging.LogRecord) -> None:
        record = without_trace_of_expected(record)
        if record.levelno >= logging.ERROR:
            counts.add("errors_total")
        if record.levelno >= logging.WARNING and record.getMessage() not in NEWS:
            repetition = self._repeats.come(trouble_of(record), record.created)
            if repetition is None:
                counts.add("log_suppressed_total")
                return
            record = _with_count(record, repetition)
        super().emit(record)


def trouble_of(record: logging.LogRecord) -> Hashable:
    """What makes two events the same trouble."""
    keys = keys_of(record)
    return record.name, record.getMessage(), *(str(keys[key]) for key in TELLING_APART if key in keys)


def without_trace_of_expected(record: logging.LogRecord) -> logging.LogRecord:
    """The record of an expected fault as a warning with a reason in one line; any other record as it is."""
    fault = record.exc_info[1] if record.exc_info else None
    if not isinstance(fault, Exception) or not is_expected(fault):
        return record
    keys = {**keys_of(record), "reason": f"{type(fault).__name__}: {fault_in_one_line(fault)}"}
    return _copy_with(record, keys, levelno=logging.WARNING, levelname="WARNING", exc_info=None, exc_text=None)


def log_form(wanted: str) -> str:
    """The form of the log's lines: `wanted`, or for "auto" that of journald where standard error leads to it, and else text."""
    if wanted != "auto":
        return wanted
    return "journal" if _leads_to_journal() else "text"


def log_to_standard_error(form: str, level: int = logging.INFO) -> None:
    """Write the gateway's own events from `level` upwards, and those of libraries from warnings upwards."""
    handler = LogHandler()
    handler.setFormatter(FORMS[log_form(form)]())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("helpdesk").setLevel(level)


def escape_stray_faults() -> None:
    """Write events of commands that set up no log, and faults of threads, escaped as a log has them. Python itself would
    escape nothing.
    """
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(TextLines())
    threading.excepthook = _log_fault_of_thread


def end_where_a_thread_fails() -> None:
    """Let a fault that ends a thread end its process too. A door whose writing thread is gone would hear mail and never answer.

    Whoever started the process starts another one, and what was not answered comes again.
    """

    def end(fault: threading.ExceptHookArgs, /) -> None:
        _log_fault_of_thread(fault)
        flush_output()
        os._exit(os.EX_SOFTWARE)

    threading.excepthook = end


def without_local_parts(text: str) -> str:
    """The text with `…` in place of the local part of each address in it. Takes time in proportion to the text."""
    before, *others = text.split("@")
    parts = []
    for after in others:
        is_address = after[:1].isalnum() or after[:1] == "["  # a domain, or an address literal (RFC 5321 §4.1.3)
        parts.append(_without_local_part(before) if is_address else before)
        before = after
    return "@".join([*parts, before])


def _without_local_part(before: str) -> str:
    """The text in front of an `@`, up to the local part (RFC 5321 §4.1.2: a dot-string or a quoted string)."""
    begin = len(before)
    if before.endswith('"'):
        begin = max(before.rfind('"', 0, -1), 0)
    else:
        while begin and (before[begin - 1].isalnum() or before[begin - 1] in ATOM_SIGNS):
            begin -= 1
    return f"{before[:begin]}…" if begin < len(before) else before


def _leads_to_journal() -> bool:
    """Whether standard error is the stream that systemd connected to the journal (systemd.exec(5), JOURNAL_STREAM)."""
    try:
        found = os.fstat(errors().fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def _log_fault_of_thread(fault: threading.ExceptHookArgs, /) -> None:
    trace = (fault.exc_type, fault.exc_value or fault.exc_type(), fault.exc_traceback)
    logging.getLogger("helpdesk").error("thread.failed", exc_info=trace, extra={KEYS: {}})


def _with_count(record: logging.LogRecord, repetition: Repetition) -> logging.LogRecord:
    if repetition is FIRST:
        return record
    since = datetime.fromtimestamp(repetition.first, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return _copy_with(record, {**keys_of(record), "times": repetition.times, "since": since})


def _copy_with(record: logging.LogRecord, keys: Mapping[str, Any], **values: object) -> logging.LogRecord:
    """A copy: other handlers have the record as it was."""
    return logging.makeLogRecord({**vars(record), **values, KEYS: keys})


def _shown_keys(record: logging.LogRecord) -> dict[str, Any]:
    """The keys of an event as they are written: above debug, nobody's whole address."""
    keys = keys_of(record)
    if record.levelno <= logging.DEBUG:
        return dict(keys)
    return {key: without_local_parts(str(value)) if "@" in str(value) else value for key, value in keys.items()}


def _matters(value: object) -> bool:
    return value is not None and value is not False and value != "" and value != ()


def _trace(form: logging.Formatter, record: logging.LogRecord) -> str:
    assert record.exc_info
    return without_local_parts(form.formatException(record.exc_info))


def _indented(trace: str) -> str:
    """The traceback indented, so that no line of it, which may have text of strangers, looks like an event."""
    return "\n".join(f"    {line}" for line in escape(trace).split("\n"))


def _quoted_where_needed(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if " " in text or '"' in text or "=" in text else text
