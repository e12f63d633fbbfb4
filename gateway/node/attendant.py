"""What reloads a node of several processes: SIGHUP to its supervisor, or a client at the control socket."""

import fcntl
import os
import socket
from pathlib import Path

from helpdesk.gateway.node.control import close_control, open_control, question_of
from helpdesk.gateway.node.outcome import ReloadOutcome, outcome_as_json
from helpdesk.gateway.node.reload import Processes, Reloads
from helpdesk.gateway.observe import Log

RELOAD = "reload"  # what a client asks for
ANSWER_SECONDS = 5.0  # in which a client takes its answer

log = Log("helpdesk.control")


class Attendant:
    """The control socket of a supervisor. A client that connects makes SIGIO, so that the supervisor waits for signals and nothing else."""

    def __init__(self, place: Path, config: Path, reloads: Reloads) -> None:
        self._place, self._config, self._reloads = place, config, reloads
        self._listening: socket.socket | None = None

    def begin(self) -> None:
        """Listen. The caller has blocked SIGIO."""
        self._listening = open_control(self._place)
        if self._listening is not None:
            handle = self._listening.fileno()
            fcntl.fcntl(handle, fcntl.F_SETOWN, os.getpid())
            fcntl.fcntl(handle, fcntl.F_SETFL, fcntl.fcntl(handle, fcntl.F_GETFL) | os.O_ASYNC)

    def attend(self, hung_up: bool, processes: Processes) -> None:
        """Reload where SIGHUP came, and for each client that waits."""
        if hung_up:
            self._reloads.reload(processes)
        while self._listening is not None:
            try:
                connection, _ = self._listening.accept()
            except BlockingIOError:
                return
            except OSError as fault:
                log.warning("control.not_accepted", reason=str(fault))
                return
            with connection:
                self._serve(connection, processes)

    def forget(self) -> None:
        """Keep nothing of it in a process that was forked from the supervisor."""
        if self._listening is not None:
            self._listening.close()
            self._listening = None

    def end(self) -> None:
        if self._listening is not None:
            close_control(self._listening, self._place)
            self._listening = None

    def _serve(self, connection: socket.socket, processes: Processes) -> None:
        question = question_of(connection)
        if not question:  # somebody who looked whether a node is here
            return
        refusal = refusal_of(question, self._config)
        outcome = refusal or self._reloads.reload(processes)
        connection.settimeout(ANSWER_SECONDS)
        try:
            connection.sendall(outcome_as_json(outcome))
        except OSError as fault:
            log.info("control.client_gone", reason=str(fault))


def refusal_of(question: dict[str, object], config: Path) -> ReloadOutcome | None:
    """The refusal of a question that is not understood, or is meant for a node with another file; None for a sound one."""
    if question.get("do") != RELOAD:
        return ReloadOutcome(os.EX_PROTOCOL, problems=(f"this node knows no {question.get('do')}; is it of another version?",))
    asked = str(question.get("config"))
    if asked == str(config.absolute()) or _is_same_file(asked, config):
        return None
    reason = f"the node at this control socket runs with {config.absolute()}; give each node a [node] control of its own"
    return ReloadOutcome(os.EX_CONFIG, problems=(reason,))


def _is_same_file(asked: str, config: Path) -> bool:
    try:
        return os.path.samefile(asked, config)
    except OSError:
        return False
