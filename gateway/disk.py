"""Whether new mail may be taken: is there space for it, and does the disk keep what is written?

Mail is refused for the time being while there is less space than the reserve, so that acknowledged mail can still be
processed. After a disk has failed to keep something, no mail is risked on it: a probe finds out when the disk works again.
"""

import os
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from threading import Lock

from helpdesk.config.settings import DatabaseSettings
from helpdesk.gateway.blobs import blobs_of
from helpdesk.gateway.observe import Log
from helpdesk.gateway.terminal import DISK_ERRORS
from helpdesk.store.blob_folder import try_writing
from helpdesk.store.database import Database, DatabaseAway, DiskFault, StaleTicket, Unstorable

SQLITE = "sqlite:///"
LEAST_INODES = 100
RECOVERED = 1.05  # times the reserve: a disk at its limit would otherwise be full and recovered at every other mail

log = Log("helpdesk.disk")


class DiskTrouble(StrEnum):
    """Why no mail is taken for now."""

    FULL = "full"
    BROKEN = "broken"


class Disk:
    """The folders of a node that must have room and keep what is written. May be used from any thread.

    Room means `reserve` octets or `fraction` of the file system, whichever is more. `probe` writes durably where mail is
    written, and raises OSError or DatabaseAway where that fails. While the folder of blobs is away, mail that needs none is taken.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        reserve: int,
        fraction: float,
        probe: Callable[[], None],
        statvfs: Callable[[Path], os.statvfs_result] = os.statvfs,
        blobs_are_there: Callable[[], bool] = lambda: True,
        try_blobs: Callable[[], None] = lambda: None,
    ) -> None:
        self._folders = tuple(folders)
        self._reserve = reserve
        self._fraction = fraction
        self._probe = probe
        self._statvfs = statvfs
        self._blobs_are_there = blobs_are_there
        self._try_blobs = try_blobs
        self._full = self._broken = self._blobs_away = False
        self._one_at_a_time = Lock()

    def trouble(self) -> DiskTrouble | None:
        """Why mail should be refused now, or None. Takes a few system calls."""
        with self._one_at_a_time:
            self._look_for_space()
            if self._broken:
                return DiskTrouble.BROKEN
            return DiskTrouble.FULL if self._full else None

    def free(self, folder: Path) -> int:
        """Octets of free space in a folder."""
        return self._room(folder)[0]

    def failed(self, fault: Exception) -> None:
        """Report that something could not be stored. If the disk is at fault, there is trouble until a probe succeeds."""
        if not is_fault_of_disk(fault):
            return
        with self._one_at_a_time:
            if not self._broken:
                log.error("disk.failed", reason=str(fault), do="no mail is taken until a trial write succeeds; check the disk")
            self._broken = True

    def look(self) -> None:
        """Probe a disk that has failed, and log when there is room again, and when the blobs go and come. Called every few seconds."""
        self.trouble()
        self._look_for_blobs()
        if not self._broken:
            return
        try:
            self._probe()
        except (OSError, DatabaseAway, StaleTicket, Unstorable):
            return
        with self._one_at_a_time:
            self._broken = False
            log.warning("disk.recovered", do="mail is taken again")

    @property
    def blobs_are_there(self) -> bool:
        return self._blobs_are_there()

    def try_blobs(self) -> None:
        """Write a little where large mail is written, and take it away. Raises OSError."""
        self._try_blobs()

    def _look_for_blobs(self) -> None:
        away = not self.blobs_are_there
        if away and not self._blobs_away:
            log.error("blobs.away", alarm=True, do="large mail waits outside; mount the folder, put it back, or restore a backup")
        elif self._blobs_away and not away:
            log.warning("blobs.back", do="large mail is taken again")
        self._blobs_away = away

    def _look_for_space(self) -> None:
        shortest = min((self._room(folder) for folder in self._folders), default=None)
        if shortest is None:
            return
        left, needed = shortest
        if not self._full and left < needed:
            self._full = True
            log.error("disk.full", left=left, reserve=needed, do="no mail is taken until there is more space")
        elif self._full and left >= needed * RECOVERED:
            self._full = False
            log.warning("disk.has_space", left=left, reserve=needed, do="mail is taken again")

    def _room(self, folder: Path) -> tuple[int, int]:
        """Octets that are free, and octets that must be. A folder that does not exist yet stands for the nearest one above
        it.
        """
        nearest = next((place for place in (folder, *folder.parents) if place.exists()), folder)
        try:
            found = self._statvfs(nearest)
        except OSError:
            return 0, max(self._reserve, 1)
        needed = max(self._reserve, int(self._fraction * found.f_blocks * found.f_frsize))
        if found.f_files and found.f_favail < LEAST_INODES:
            return 0, max(needed, 1)
        return found.f_bavail * found.f_frsize, needed


def is_fault_of_disk(fault: Exception) -> bool:
    """Whether the disk is the cause of a fault."""
    return isinstance(fault, DiskFault) or (isinstance(fault, OSError) and fault.errno in DISK_ERRORS)


def disk_of(settings: DatabaseSettings, database: Database) -> Disk:
    """The disk under a node's store: the folder of the blobs, and that of the database where it is a file."""
    blobs = blobs_of(settings)
    folders = [settings.blob_folder] if settings.blob_folder else []
    if database.is_sqlite:
        folders.append(Path(settings.url.removeprefix(SQLITE).partition("?")[0]).parent)

    def probe() -> None:
        for folder in folders:
            if folder.exists():  # one that is away is another trouble, and its place stays empty
                try_writing(folder)
        database.probe()

    return Disk(
        folders,
        settings.reserve,
        settings.reserve_fraction,
        probe,
        blobs_are_there=lambda: blobs.is_there,
        try_blobs=blobs.try_writing,
    )
