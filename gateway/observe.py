"""Log events with keys: a dotted name and what belongs to it, one line each, as readable text or as JSON."""

import json
import logging
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from helpdesk.gateway.terminal import errors, escaped

KEYS = "helpdesk_keys"
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {KEYS, "message", "asctime", "taskName"}


class Log:
    """Events of one part of the gateway, over the standard logger."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def info(self, event: str, /, **keys: object) -> None:
        self._logger.info(event, extra={KEYS: keys})

    def warning(self, event: str, /, **keys: object) -> None:
        self._logger.warning(event, extra={KEYS: keys})

    def error(self, event: str, /, **keys: object) -> None:
        """Somebody has to do something about it."""
        self._logger.error(event, extra={KEYS: keys})

    def exception(self, event: str, /, **keys: object) -> None:
        self._logger.exception(event, extra={KEYS: keys})


def keys_of(record: logging.LogRecord) -> Mapping[str, Any]:
    """What belongs to an event, however it was given to the standard logger."""
    given = getattr(record, KEYS, None)
    if given is not None:
        return dict(given)
    return {name: value for name, value in vars(record).items() if name not in STANDARD}


class TextLines(logging.Formatter):
    """`21:40:12 mail.opened ticket=ACZ-K7Q2M9 from=anna@acme.example`"""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        level = "" if record.levelno <= logging.INFO else f" {record.levelname.lower()}"
        pairs = [f"{key}={_shown(value)}" for key, value in keys_of(record).items() if _matters(value)]
        line = escaped(" ".join([f"{at}{level} {record.getMessage()}", *pairs]), "")
        return f"{line}\n{_indented(self.formatException(record.exc_info))}" if record.exc_info else line


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        entry = {"at": at, "level": record.levelname.lower(), "event": record.getMessage(), **keys_of(record)}
        if record.exc_info:
            entry["trace"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)  # ASCII: every control character is escaped


def log_to_standard_error(form: str, level: int = logging.INFO) -> None:
    """Write the gateway's own events; libraries are heard from warnings upwards."""
    handler = logging.StreamHandler(errors())
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("helpdesk").setLevel(level)


def escape_stray_faults() -> None:
    """Events of a command that has no log, and faults of threads, are written as a log writes them: Python itself would escape nothing."""
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(TextLines())
    threading.excepthook = _log_fault_of_thread


def _log_fault_of_thread(fault: threading.ExceptHookArgs, /) -> None:
    trace = (fault.exc_type, fault.exc_value or fault.exc_type(), fault.exc_traceback)
    logging.getLogger("helpdesk").error("thread.failed", exc_info=trace, extra={KEYS: {}})


def _matters(value: object) -> bool:
    return value is not None and value is not False and value != "" and value != ()


def _indented(trace: str) -> str:
    """No line of a trace, in which words of strangers may stand, looks like an event."""
    return "\n".join(f"    {line}" for line in escaped(trace).split("\n"))


def _shown(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if " " in text or '"' in text or "=" in text else text
