"""Regular files of an archive, opened so that nothing else is ever read.

Whoever can put a file into an archive may have put a symbolic link to the desk's secret there, a FIFO without a writer, or a device. A path
that the operator names may be a link; below it no link is followed, neither of a file nor of a folder, and whatever is opened is asked what
it is before it is read.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# Without O_NONBLOCK the opening of a FIFO waits for somebody who writes into it.
FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class NotRegular(OSError):
    """What stands there is no regular file. `strerror` says what it is."""


def open_named(path: Path) -> BinaryIO:
    """A file that the operator named, links followed. Raises NotRegular and other OSError."""
    return _regular(os.open(path, FILE), path)


def open_below(root: Path, *names: str) -> BinaryIO:
    """A file below a folder that the operator named, no link followed below it. Raises NotRegular and other OSError."""
    *folders, name = names
    with folder_below(root, *folders) as folder:
        path = root.joinpath(*names)
        # Asked before it is opened, because opening alone can have an effect on a device.
        if (found := kind_of(os.lstat(name, dir_fd=folder).st_mode)) is not None:
            raise NotRegular(0, f"it is {found}", str(path))
        return _regular(os.open(name, FILE | os.O_NOFOLLOW, dir_fd=folder), path)


@contextmanager
def folder_below(root: Path, *names: str) -> Iterator[int]:
    """The descriptor of a folder below one that the operator named, no link followed below it. Raises OSError."""
    descriptor = os.open(root, FOLDER)
    try:
        for name in names:
            above, descriptor = descriptor, os.open(name, FOLDER | os.O_NOFOLLOW, dir_fd=descriptor)
            os.close(above)
        yield descriptor
    finally:
        os.close(descriptor)


def kind_of(mode: int) -> str | None:
    """What a file is that is not regular; None for a regular one."""
    return None if stat.S_ISREG(mode) else KINDS.get(stat.S_IFMT(mode), "something else")


def _regular(descriptor: int, path: Path) -> BinaryIO:
    try:
        found = kind_of(os.fstat(descriptor).st_mode)
    except OSError:
        os.close(descriptor)
        raise
    if found is not None:
        os.close(descriptor)
        raise NotRegular(0, f"it is {found}", str(path))
    return os.fdopen(descriptor, "rb")
