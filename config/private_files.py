"""Makes files and folders that only their owner can use, for all that the gateway writes: mail, people's words, secrets.

Every file and every folder of the gateway is made here: files have mode 0600, folders 0700, whatever the umask of the process is. A local
socket has a mode of its own, and so has the folder through which others must reach it. A folder that existed before keeps its mode;
`exposure_of` says what is wrong with it.
"""

import errno
import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700
OTHERS = 0o077  # permission bits of the group and of everybody else
MOST_ENTRIES = 200_000  # files and folders of one tree that are looked at
ROOT = 0


def make_folder(folder: Path, mode: int = FOLDER_MODE) -> None:
    """Make a folder and the missing ones above it durably; those that exist stay as they are. Raises OSError."""
    missing = []
    for place in (folder, *folder.parents):
        if place.exists():
            break
        missing.append(place)
    for place in reversed(missing):
        try:
            make_new_folder(place, mode)
        except FileExistsError:
            if not place.is_dir():
                raise
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))


def make_new_folder(place: Path, mode: int = FOLDER_MODE) -> None:
    """Make one folder durably. Raises FileExistsError if there is anything at this place, and other OSError."""
    os.mkdir(place, mode)
    os.chmod(place, mode)  # a umask can take away its owner's own permissions
    _sync_names_of(place.parent)


def sync(place: Path) -> None:
    """Bring the content of a file, or the names in a folder, to the disk. Raises OSError."""
    descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_names_of(folder: Path) -> None:
    try:
        sync_folder(folder)
    except PermissionError:  # its names may be added to and not be read
        os.sync()


def open_private(file: str | Path, flags: int = 0) -> int:
    """A descriptor that writes a file of its owner's alone, made where it is missing; `flags` of os.open in addition. Raises OSError.

    Without O_EXCL an existing file is emptied and becomes private too, before anything is written to it.
    """
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | (flags or os.O_TRUNC), FILE_MODE)
    try:
        # A file that existed keeps its mode in open(), and a umask can take away its owner's own permissions.
        found = os.fstat(descriptor)
        if stat.S_ISREG(found.st_mode) and stat.S_IMODE(found.st_mode) != FILE_MODE:
            os.fchmod(descriptor, FILE_MODE)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def write_private(file: Path, content: bytes, flags: int = 0, *, durably: bool = False) -> None:
    """Write a whole file; `durably`: its content is on the disk when this returns. Raises OSError."""
    with os.fdopen(open_private(file, flags), "wb") as stream:
        stream.write(content)
        if durably:
            stream.flush()
            os.fsync(stream.fileno())


def write_new(file: Path, content: bytes, *, durably: bool = False) -> None:
    """Write a file that must not exist yet, not even as a symbolic link. Raises FileExistsError and other OSError."""
    write_private(file, content, os.O_EXCL, durably=durably)


def ensure_file(file: str | Path) -> None:
    """Make an empty file where there is none, for a library that opens it by its name. Raises OSError."""
    try:
        os.close(open_private(file, os.O_EXCL))
    except FileExistsError:
        return


def exposure_of(place: Path, what: str = "others than its owner can use it") -> str:
    """What is wrong with the mode of a file or folder, with the command that mends it; "" for nothing and for what is not there.

    A file of root that the group of this process may read is the usual place for a service's settings, and is sound.
    """
    try:
        found = place.stat()
    except OSError:
        return ""
    mode = stat.S_IMODE(found.st_mode)
    if not mode & OTHERS or _is_lent_by_root(found, mode):
        return ""
    wanted = FOLDER_MODE if stat.S_ISDIR(found.st_mode) else FILE_MODE
    return f"{what} (mode {mode:04o}); run: chmod {wanted:o} {_quoted(place)}"


def first_exposure(folder: Path) -> tuple[Path, str] | None:
    """The first file or folder below a folder that is not private, with a command that mends the whole tree; None without one."""
    for place in _below(folder):
        if exposure_of(place):
            mode = stat.S_IMODE(place.stat().st_mode)
            return place, f"others than its owner can use it (mode {mode:04o}); run: chmod -R go= {_quoted(folder)}"
    return None


def _is_lent_by_root(found: os.stat_result, mode: int) -> bool:
    if os.geteuid() == ROOT or found.st_uid != ROOT or mode & 0o007:
        return False
    return found.st_gid in (os.getegid(), *os.getgroups()) and not mode & 0o020


def _below(folder: Path) -> Iterator[Path]:
    """Regular files and folders, links not followed, at most `MOST_ENTRIES`. A folder that cannot be read is passed over."""
    left = MOST_ENTRIES
    for here, folders, files in os.walk(folder):
        for name in (*folders, *files):
            place = Path(here, name)
            if left == 0:
                return
            left -= 1
            if not place.is_symlink() and (place.is_file() or place.is_dir()):
                yield place


def _quoted(place: Path) -> str:
    return shlex.quote(str(place))
