"""Open the regular files of an archive, and nothing else.

Somebody who can put a file into an archive may have put a symbolic link to the desk's secret there, a FIFO without a writer,
or a device. A path that the operator names may be a link. Below it no link to a file or folder is followed, and each file's
type is checked before the file is read.
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
# Without O_NONBLOCK, opening a FIFO blocks until a writer opens it too.
FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class NotRegular(OSError):
    """The path is no regular file. `strerror` says what it is."""


def open_named(path: Path) -> BinaryIO:
    """Open a file that the operator named, following links. Raise NotRegular and other OSError."""
    return _regular(os.open(path, FILE), path)


def open_below(root: Path, *names: str) -> BinaryIO:
    """Open a file below a folder that the operator named, following no link below that folder. Raise NotRegular and other
    OSError.
    """
    *folders, name = names
    with folder_below(root, *folders) as folder:
        path = root.joinpath(*names)
        # The type is checked before opening, because opening a device can already have an effect.
        if (found := kind_of(os.lstat(name, dir_fd=folder).st_mode)) is not None:
            raise NotRegular(0, f"it is {found}", str(path))
        return _regular(os.open(name, FILE | os.O_NOFOLLOW, dir_fd=folder), path)


@contextmanager
def folder_below(root: Path, *names: str) -> Iterator[int]:
    """The descriptor of a folder below one that the operator named, reached without following a link. Raise OSError."""
    descriptor = os.open(root, FOLDER)
    try:
        for name in names:
            above, descriptor = descriptor, os.open(name, FOLDER | os.O_NOFOLLOW, dir_fd=descriptor)
            os.close(above)
        yield descriptor
    finally:
        os.close(descriptor)


def kind_of(mode: int) -> str | None:
    """What a file is ("a FIFO"), from its mode; None for a regular file."""
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
