"""Log events with keys: a dotted name and its values, one line each, as readable text or as JSON."""

import json
import logging
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from helpdesk.gateway.terminal import errors, escape

KEYS = "helpdesk_keys"
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {KEYS, "message", "asctime", "taskName"}


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
    """`21:40:12 mail.opened ticket=ACZ-K7Q2M9 from=anna@acme.example`"""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        level = "" if record.levelno <= logging.INFO else f" {record.levelname.lower()}"
        pairs = [f"{key}={_quoted_where_needed(value)}" for key, value in keys_of(record).items() if _matters(value)]
        line = escape(" ".join([f"{at}{level} {record.getMessage()}", *pairs]), "")
        return f"{line}\n{_indented(self.formatException(record.exc_info))}" if record.exc_info else line


class JsonLines(logging.Formatter):
    """`{"at": "2026-11-23T21:40:12.003+00:00", "level": "info", "event": "mail.opened", "ticket": "ACZ-K7Q2M9"}`"""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        entry = {"at": at, "level": record.levelname.lower(), "event": record.getMessage(), **keys_of(record)}
        if record.exc_info:
            entry["trace"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)  # ASCII: every control character is escaped


def log_to_standard_error(form: str, level: int = logging.INFO) -> None:
    """Write the gateway's own events from `level` upwards, and those of libraries from warnings upwards."""
    handler = logging.StreamHandler(errors())
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
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


def _log_fault_of_thread(fault: threading.ExceptHookArgs, /) -> None:
    trace = (fault.exc_type, fault.exc_value or fault.exc_type(), fault.exc_traceback)
    logging.getLogger("helpdesk").error("thread.failed", exc_info=trace, extra={KEYS: {}})


def _matters(value: object) -> bool:
    return value is not None and value is not False and value != "" and value != ()


def _indented(trace: str) -> str:
    """The traceback indented, so that no line of it, which may have text of strangers, looks like an event."""
    return "\n".join(f"    {line}" for line in escape(trace).split("\n"))


def _quoted_where_needed(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if " " in text or '"' in text or "=" in text else text
