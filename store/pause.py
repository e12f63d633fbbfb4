"""Waiting for a while in a thread."""

from threading import Event


def pause(seconds: float) -> None:
    """Let so many seconds pass.

    `time.sleep` waits until a moment of the clock. It fails with EINVAL in a process that is shown another time, as libfaketime does.
    """
    Event().wait(seconds)
