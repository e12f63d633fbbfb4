"""A blob store: large contents under their SHA-256, and a few small notes of the desk. It is a folder or a bucket, and all nodes share it."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from tempfile import TemporaryFile

LENGTH = 64  # of a SHA-256 in hex
MARK = "helpdesk-blobs"  # a note in the store; without it the store is another one, such as the empty place of a file system that is not mounted
DESK = "helpdesk-desk"  # a note with the id of the desk to which the store belongs


class BlobDamaged(Exception):
    """The SHA-256 of a stored content no longer matches its name, because the disk changed its content."""


class BlobsAway(OSError):
    """The blob store is not there, or is not the one that the desk began with. Nothing is stored in its place."""

    def __str__(self) -> str:
        return str(self.args[-1])


class IncomingBlob(ABC):
    """A content that comes piece by piece. It is in the store when it has been kept, and nothing of it stays otherwise."""

    @abstractmethod
    def write(self, piece: bytes) -> None:
        """Add a piece. Raises OSError."""

    @abstractmethod
    def keep(self) -> str:
        """Store the content and return its SHA-256 in hex. It is durable when this returns. Raises OSError."""

    @abstractmethod
    def drop(self) -> None:
        """Forget what has come. After `keep` this does nothing."""


class NoteStore(ABC):
    """Small texts by name, which are replaced as a whole."""

    note_pause: float = 0.0  # seconds that whoever writes a note often lets pass between two times

    @abstractmethod
    def note(self, name: str) -> bytes | None:
        """The content of a note; None where there is none. Raises OSError."""

    @abstractmethod
    def write_note(self, name: str, content: bytes, *, durably: bool = True) -> None:
        """Replace a note. One that is not written `durably` may be lost with the power. Raises OSError."""

    @abstractmethod
    def written_at(self, name: str) -> float | None:
        """When a note was last written, as a POSIX time by the store's own clock; None where there is none. Raises OSError."""


class BlobStore(NoteStore):
    """Stores contents by SHA-256. A stored content is never overwritten or changed.

    A content is put before the row that refers to it is committed, and discarded after its last row has gone.
    """

    place: str  # the folder or the bucket, as the configuration names it

    @property
    @abstractmethod
    def is_there(self) -> bool:
        """Whether the store has its mark or contents. An operator may restore the contents without the mark; `begin` writes it again."""

    @property
    def keeps_versions(self) -> bool:
        """Whether what is deleted or replaced stays as an older version. Raises OSError."""
        return False

    @abstractmethod
    def begin(self) -> None:
        """Make the store and its mark durably. Raises OSError."""

    @property
    def desk(self) -> str:
        """The id of the desk to which the store belongs; "" where it has none. Raises OSError."""
        return (self.note(DESK) or b"").decode("ascii", "replace").strip()

    @abstractmethod
    def belong_to(self, desk: str) -> None:
        """Write the id of a desk into the store, durably. Raises OSError."""

    @abstractmethod
    def put(self, content: bytes) -> str:
        """Store a content and return its SHA-256 in hex. The content is durable when this returns. Raises OSError."""

    def incoming(self) -> IncomingBlob:
        """Begin to store a content of which not all is in memory at a time. Raises OSError."""
        return _SpooledBlob(self)

    @abstractmethod
    def get(self, sha256: str) -> bytes:
        """Return a content whose SHA-256 has been checked. Raises OSError if it cannot be read, BlobDamaged if the check fails."""

    @abstractmethod
    def size_of(self, sha256: str) -> int | None:
        """Octets of a content; None where there is none. Its content is not looked at. Raises OSError."""

    @abstractmethod
    def names(self) -> Iterator[str]:
        """The SHA-256 of every content, in their order. Not all of them are in memory at a time. Raises OSError."""

    @abstractmethod
    def discard(self, sha256: str, older_than: float) -> bool:
        """Remove a content that was last put before the POSIX time `older_than`. Return whether it is gone. Raises OSError.

        The caller has seen that no row refers to it. Whoever puts it again at this moment either keeps it or stores it anew.
        """

    @abstractmethod
    def is_doomed(self, sha256: str) -> bool:
        """Whether a process died while it removed this content. Raises OSError."""

    @abstractmethod
    def keep(self, sha256: str) -> None:
        """Give a content its name back that a process was removing when it died. Raises OSError."""

    @abstractmethod
    def sweep(self, older_than: float) -> int:
        """Remove what writers and removers that died left behind before the POSIX time `older_than`. Return how much. Raises OSError."""

    @abstractmethod
    def try_writing(self) -> None:
        """Write a little durably where the store is there, and take it away. Raises OSError."""

    def has(self, sha256: str) -> bool:
        """Whether there is a content of this name. Raises OSError."""
        return self.size_of(sha256) is not None


class _SpooledBlob(IncomingBlob):
    """Waits in a file without a name until it is whole, for stores that take a content at once."""

    def __init__(self, store: BlobStore) -> None:
        self._store = store
        self._file = TemporaryFile()  # noqa: SIM115 – `drop` closes it

    def write(self, piece: bytes) -> None:
        self._file.write(piece)

    def keep(self) -> str:
        self._file.seek(0)
        return self._store.put(self._file.read())

    def drop(self) -> None:
        self._file.close()
