"""The monitor of a node: it looks at everything a few times a minute, answers scrapes, and tells an operator of alarms.

A scrape reads the database at most once in five seconds, with a time limit, and each of its statements reads rows that wait and no others.
"""

import asyncio
import math
import ssl
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from helpdesk.config.settings import Settings
from helpdesk.gateway.counts import Labels, NewCounts
from helpdesk.gateway.delivery.relay import LetterRelay
from helpdesk.gateway.disk import Disk
from helpdesk.gateway.monitor.canary import CanarySender
from helpdesk.gateway.monitor.certificates import not_after
from helpdesk.gateway.monitor.door_look import look_at_doors, smtp_doors
from helpdesk.gateway.monitor.gauges import gauges_of
from helpdesk.gateway.monitor.listener import Answer, plain
from helpdesk.gateway.monitor.patience import PATIENCE, PatientCall
from helpdesk.gateway.monitor.signs import Ending, Facts, signs_of
from helpdesk.gateway.monitor.table import FROM_DATABASE, METRICS, MetricKind
from helpdesk.gateway.monitor.tell import AlarmPaths, Letterbox
from helpdesk.gateway.monitor.totals import Totals
from helpdesk.gateway.observe import Log
from helpdesk.gateway.terminal import fault_in_one_line
from helpdesk.store.alarms import claim_telling
from helpdesk.store.database import Database, DatabaseAway, StaleTicket
from helpdesk.store.migrate import revision_fault
from helpdesk.store.watched import DeskFigures, desk_figures
from helpdesk.threading.reporting.alarms import (
    RULES,
    AlarmStage,
    AlarmWatch,
    Telling,
    forget_untold,
    look_at,
    note_told,
    remembering,
)

FRESH = 5.0  # seconds for which one look at the database serves all scrapes
SILENT_AFTER = 60.0  # seconds without a word from a process, which speaks every other second
HEARTBEAT_EVERY = 60.0
CERTIFICATES_EVERY = 600.0
MOST_UNSENT = 100  # tellings that wait for a way

log = Log("helpdesk.monitor")


@dataclass(frozen=True, slots=True)
class DatabaseLook:
    """What the database said at one look: its figures, or the fault in one line. `fits` says whether the schema is that of this program."""

    figures: DeskFigures | None
    fault: str
    fits: bool


@dataclass(frozen=True, slots=True)
class NodeView:
    """What the monitor is told by the rest of its node: calls that answer at once."""

    clock: Callable[[], datetime]
    policy: Callable[[], str]
    relay_stalled: Callable[[], bool]
    draining: Callable[[], bool]
    clock_ahead: Callable[[], timedelta]
    version: str
    host: str
    monotonic: Callable[[], float] = time.monotonic


@dataclass(slots=True)
class Monitor:
    """Watches one node. Lives in one event loop; `paths` and `canary` are None where they are not configured."""

    settings: Settings
    database: Database
    disk: Disk
    around: NodeView
    paths: AlarmPaths | None = None
    canary: CanarySender | None = None
    relay: LetterRelay | None = None  # for canary letters
    totals: Totals = field(default_factory=Totals)
    watch: AlarmWatch = field(init=False)
    _remembers: bool = False  # whether the watch has the alarms of before
    _look: DatabaseLook | None = None
    _looked_at: float = 0.0
    _asking: PatientCall[DatabaseLook] = field(init=False)
    _trying: PatientCall[str] = field(init=False)
    _disk: str = ""
    _disk_at: float | None = None
    _doors: dict[str, str] = field(default_factory=dict)
    _certificates: dict[str, Ending] = field(default_factory=dict)
    _certificates_at: float | None = None
    _unsent: list[Telling] = field(default_factory=list)
    _beat_at: float | None = None
    _errands: "dict[str, asyncio.Task[None]]" = field(default_factory=dict)
    _started_at: datetime | None = None

    def __post_init__(self) -> None:
        self.watch = AlarmWatch(self.around.host)
        self._asking, self._trying = PatientCall(self._ask_database), PatientCall(self._try_disk)

    def renew(self, settings: Settings, letterbox: Letterbox) -> None:
        """Go on with other settings of the same listeners and ways, and write letters as they say."""
        self.settings, self._certificates_at = settings, None
        for writer in (self.paths, self.canary):
            if writer is not None:
                writer.letterbox = letterbox

    def hear(self, told: list[NewCounts]) -> None:
        """Add what the processes of the node have told."""
        self.totals.add(told, self.around.monotonic())

    # ---- what is asked over HTTP

    async def metrics(self) -> Answer:
        """All metrics. Those that are read from the database are left out while it is away."""
        from helpdesk.gateway.monitor.exposition import CONTENT_TYPE, exposition

        gauges = self._gauges(await self.look())
        return Answer(200, exposition(self.totals, gauges), CONTENT_TYPE)

    async def healthz(self) -> Answer:
        """Whether the processes of this node turn. The database is not asked, because its outage is no reason to restart a node."""
        return plain(503 if self.silent else 200)

    async def readyz(self) -> Answer:
        """Whether this node can take mail: database, schema and folder of blobs answer, and the node is not being stopped."""
        look = await self.look()
        ready = look.figures is not None and look.fits and not self.around.draining() and not await self._disk_trouble()
        return plain(200 if ready else 503)

    # ---- what is looked at

    @property
    def silent(self) -> tuple[str, ...]:
        """The processes of this node that have spoken and have been silent for a minute."""
        now = self.around.monotonic()
        return tuple(sorted(name for name, at in self.totals.heard_at.items() if now - at > SILENT_AFTER))

    @property
    def _longest_silence(self) -> timedelta:
        now = self.around.monotonic()
        return timedelta(seconds=max((now - at for at in self.totals.heard_at.values()), default=0.0))

    async def look(self) -> DatabaseLook:
        """Look at the database, or return the last look where it is fresh. Takes no longer than PATIENCE."""
        if self._look is not None and self.around.monotonic() - self._looked_at < FRESH:
            return self._look
        try:
            found = await self._asking.result()
        except TimeoutError:
            found = DatabaseLook(None, "no answer in time", True)
        if found.figures is None:
            self.totals.counters["scrape_errors_total", ()] += 1
        self._look, self._looked_at = found, self.around.monotonic()
        return found

    def _ask_database(self) -> DatabaseLook:
        try:
            if fault := revision_fault(self.database):
                return DatabaseLook(None, fault, False)
            with self.database.reading() as connection:
                return DatabaseLook(desk_figures(connection, self.around.clock()), "", True)
        except DatabaseAway as fault:
            return DatabaseLook(None, fault_in_one_line(fault), True)
        except Exception as fault:
            log.exception("monitor.look_failed")
            return DatabaseLook(None, f"{type(fault).__name__}: {fault_in_one_line(fault)}", True)

    async def _disk_trouble(self) -> str:
        """Why no mail can be put on the disk, in one line; "" where it can. One trial serves for as long as one look."""
        if self._disk_at is None or self.around.monotonic() - self._disk_at >= FRESH:
            try:
                self._disk = await self._trying.result()
            except TimeoutError:
                self._disk = "The folder of blobs does not answer."
            self._disk_at = self.around.monotonic()
        return self._disk

    def _try_disk(self) -> str:
        if trouble := self.disk.trouble():
            return f"The disk is {trouble}, so doors take no mail."
        if not self.disk.blobs_are_there:
            return "The folder of blobs is away, so large mail waits outside."
        try:
            self.disk.try_blobs()
        except OSError as fault:
            return f"A trial write into the folder of blobs failed: {fault_in_one_line(fault)}."
        return ""

    async def _look_at_doors(self) -> dict[str, str]:
        return {name: fault for name, (_, fault) in (await look_at_doors(self.settings)).items()}

    def _look_at_certificates(self) -> dict[str, Ending]:
        return {name: _end_of(door.certificate) for name, door in smtp_doors(self.settings).items() if door.certificate}

    # ---- alarms

    async def take_turn(self) -> None:
        """Look at everything once, and begin to tell what is to be told and to send a test letter where one is due.

        A way that hangs holds up no look: `finish_errands` waits for what was begun.
        """
        facts = await self._facts()
        self._remember(facts)
        self.watch, tellings = look_at(self.watch, signs_of(facts), facts.at)
        for telling in tellings:
            await self._tell(telling, facts)
        self.watch = forget_untold(self.watch, facts.at)
        self._run_errand("tell", self._tell_unsent)
        self._run_errand("beat", partial(self._beat, facts))
        if self.canary is not None and facts.figures is not None and not self.around.draining():
            self._run_errand("canary", partial(self._send_canary, self.canary, facts.at))

    def _run_errand(self, name: str, errand: Callable[[], Coroutine[None, None, None]]) -> None:
        """Begin an errand unless the last one of that name still runs."""
        if name not in self._errands:
            task = asyncio.create_task(errand())
            self._errands[name] = task
            task.add_done_callback(partial(self._end_errand, name))

    def _end_errand(self, name: str, task: "asyncio.Task[None]") -> None:
        del self._errands[name]
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.warning("monitor.errand_failed", name=name, reason=f"{type(fault).__name__}: {fault}")

    async def finish_errands(self, seconds: float | None = None) -> None:
        """Wait until every errand has ended, or cut them off after so many seconds."""
        while self._errands:
            _, late = await asyncio.wait(tuple(self._errands.values()), timeout=seconds)
            for task in late:
                task.cancel()

    async def _facts(self) -> Facts:
        now, monotonic = self.around.clock(), self.around.monotonic()
        self._started_at = self._started_at or now
        look = await self.look()
        if self._certificates_at is None or monotonic - self._certificates_at >= CERTIFICATES_EVERY:
            self._certificates = await asyncio.to_thread(self._look_at_certificates)
            self._certificates_at = monotonic
        # A node that is being stopped has shut its doors.
        self._doors = {} if self.around.draining() else await self._look_at_doors()
        canary = self.settings.canary
        return Facts(
            at=now,
            started_at=self._started_at,
            figures=look.figures,
            database=f"The database said: {look.fault}." if look.fault else "",
            disk=await self._disk_trouble(),
            relay="The relay refuses every letter or does not answer; letters wait." if self.around.relay_stalled() else "",
            doors=self._doors,
            silent=() if self.around.draining() else self.silent,
            silent_since=now - self._longest_silence,
            certificates=self._certificates,
            clock_ahead=self.around.clock_ahead(),
            mailboxes=self.settings.mailboxes,
            canary_late_after=canary.late_after if canary else None,
            webhooks=tuple(target.name for target in self.settings.webhook),
        )

    def _remember(self, facts: Facts) -> None:
        """Begin the watch with the alarms of before, as soon as the database says them."""
        if facts.figures is None or self._remembers:
            return
        before = remembering(self.around.host, facts.figures.alarms)
        self.watch = replace(self.watch, troubles={**before.troubles, **self.watch.troubles})
        self._remembers = True

    async def _tell(self, telling: Telling, facts: Facts) -> None:
        """Tell of an alarm unless another node does. While the database is away, each node tells for itself."""
        of_node = RULES[telling.alarm.kind].of_node
        try:
            claim = asyncio.to_thread(claim_telling, self.database, telling, facts.at)
            ours = await asyncio.wait_for(claim, PATIENCE) or of_node
        except (DatabaseAway, StaleTicket, TimeoutError):
            ours = True
        self.watch = note_told(self.watch, telling)
        if not ours:
            return
        report = log.info if telling.stage is AlarmStage.OVER else log.error
        about, _, host = telling.alarm.name.partition("@")
        report(f"alarm.{telling.stage}", about=about, host=host, reason=telling.alarm.text, since=telling.alarm.since.isoformat())
        if self.paths is not None:
            self._unsent = [*self._unsent, telling][-MOST_UNSENT:]

    async def _tell_unsent(self) -> None:
        """Send what is to be told, and keep what no way takes for the next turn."""
        waiting, self._unsent, kept = self._unsent, [], []
        try:
            while waiting and self.paths is not None:
                if not await self.paths.tell(waiting[0]):
                    kept.append(waiting[0])
                del waiting[0]
        finally:
            self._unsent = [*kept, *waiting, *self._unsent]

    async def _beat(self, facts: Facts) -> None:
        now = self.around.monotonic()
        alarm = self.settings.alarm
        if not alarm or not alarm.heartbeat_url or self.paths is None or self.around.draining():
            return
        if (
            self.watch.is_well
            and facts.figures is not None
            and (self._beat_at is None or now - self._beat_at >= HEARTBEAT_EVERY - 1)
        ):
            self._beat_at = now
            await self.paths.beat()

    async def _send_canary(self, canary: CanarySender, now: datetime) -> None:
        try:
            letter = await asyncio.to_thread(canary.begin, now)
        except (DatabaseAway, StaleTicket) as fault:
            log.warning("store.away", reason=fault_in_one_line(fault))
            return
        if letter is not None and self.relay is not None:
            await canary.send(self.relay, letter)

    # ---- figures

    def _gauges(self, look: DatabaseLook) -> Mapping[tuple[str, Labels], float]:
        """The present value of each gauge, 0 where a process has told none yet."""
        gauges: dict[tuple[str, Labels], float] = {
            (metric.name, labels): 0.0
            for metric in METRICS
            if metric.kind is MetricKind.GAUGE and metric.name not in FROM_DATABASE
            for labels in metric.series()
        }
        gauges.update(self.totals.gauges)
        gauges["build_info", (self.around.version,)] = 1.0
        gauges["node_policy_info", (self.around.policy(),)] = 1.0
        gauges["relay_up", ()] = float(not self.around.relay_stalled())
        gauges["database_up", ()] = float(look.figures is not None)
        folder = self.settings.database.blob_folder
        gauges["blob_free_bytes", ()] = float(self.disk.free(folder)) if folder else math.inf  # a bucket has no end
        for door, fault in self._doors.items():
            gauges["door_up", (door,)] = float(not fault)
        for listener, end in self._certificates.items():
            gauges["certificate_not_after_timestamp_seconds", (listener,)] = 0.0 if isinstance(end, str) else end.timestamp()
        if look.figures is not None:
            gauges.update(gauges_of(look.figures, self.settings))
        return gauges


def _end_of(certificate: str) -> Ending:
    """When a certificate ends, or why that cannot be read."""
    try:
        return not_after(Path(certificate))
    except (OSError, ValueError, ssl.SSLError) as fault:
        return fault_in_one_line(fault)
