"""One machine: boots, lets its units run, and ends when it switches itself off or EC2 does."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock, Thread, current_thread

from mlstack.local.clock import date
from mlstack.local.environment import Place, aws
from mlstack.local.machine import path, user_data
from mlstack.local.machine.instance import Instance
from mlstack.local.machine.metadata import MetadataService
from mlstack.local.machine.programs.shutdown import FILE
from mlstack.local.machine.root import Root
from mlstack.local.machine.services import USER_DATA, Services
from mlstack.local.machine.systemd import Systemd
from mlstack.local.machine.told import Told

PERIOD_S = 0.2
AGENT = "mlstack-workstation.timer"
NOT_OURS = "its user data is not the project's and was not run"
NOTHING = "it has no user data, so nothing runs on it"


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """Where a machine is, and whom it tells."""

    instance: Instance
    place: Place
    """The local AWS, as the machine's account and region."""
    folder: Path
    off: Callable[[], None]
    """Tell EC2 that the machine switched itself off."""
    fault: Callable[[str], None]
    tick_s: float
    booted: Callable[[], None] = lambda: None
    """Tell that its user data has run."""


@dataclass
class Machine:
    """Made at the instance's launch; lives from boot to boot."""

    surroundings: Surroundings
    state: str = "off"
    """off, booting, running, or why nothing runs."""
    is_busy: bool = False
    _is_gone: bool = False
    _is_ours: bool = False
    _passed_s: float = 0.0
    _booted: float = 0.0
    _life: Thread | None = None
    _ended: Event = field(default_factory=Event)
    _writing: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """Make the folder."""
        here = self.surroundings
        here.folder.mkdir(parents=True, exist_ok=True)
        self._root = Root(here.folder / "root", here.instance.id)
        self._systemd = Systemd(here.folder, here.tick_s)
        self._services = Services(here.folder, self._root, self._systemd, self.log, self._say)

    @property
    def log(self) -> Path:
        """What happened on it and what its programs printed."""
        return self.surroundings.folder / "machine.log"

    @property
    def uptime(self) -> float:
        """Seconds since its boot, by its own clock; 0 while it is off."""
        return time.monotonic() - self._booted + self._passed_s if self._booted else 0.0

    def told(self) -> Told:
        """How it is."""
        return Told(
            state="terminated" if self._is_gone and not self._booted else self.state,
            uptime_seconds=round(self.uptime, 1),
            timers=self._systemd.timers() if self._booted else [],
            busy=self.is_busy,
            log=str(self.log),
        )

    def pass_time(self, seconds: float) -> None:
        """Let time pass on it."""
        self._passed_s += seconds

    def let_agent(self, *, works: bool) -> None:
        """Mask what looks from inside whether anybody uses it, or unmask it."""
        self._systemd.mask(AGENT, masked=not works)
        self._say(f"{AGENT} was {'unmasked' if works else 'masked'} from outside")

    def boot(self, *, is_first: bool) -> None:
        """Switch it on, after what may still run of its last life; whose user data it has is seen at the first boot."""
        before, ended = self._life, Event()
        self._life = Thread(target=self._live, args=(before, ended, is_first), name="machine", daemon=True)
        self._ended = ended
        if is_first or self._is_ours:
            self.state = "booting"
        self._life.start()

    def end(self, *, for_good: bool = False) -> None:
        """Cut its power; what runs on it is ended soon."""
        self._is_gone |= for_good
        self._ended.set()

    def wait(self) -> None:
        """Wait until nothing of it runs."""
        if self._life is not None and self._life is not current_thread():
            self._life.join()

    def _live(self, before: Thread | None, ended: Event, is_first: bool) -> None:  # noqa: FBT001 - a thread's argument
        if before is not None:
            before.join()
        why = None
        try:
            if is_first:
                self._is_ours = self._can_run()
            if self._is_ours:
                why = self._run_until(ended, is_first=is_first)
        except Exception as error:  # noqa: BLE001 - nobody waits for this thread; the report tells
            self.state = "it broke down"
            self._fault(repr(error))
        if why:
            self._switch_off(why)

    def _can_run(self) -> bool:
        """Whether the user data is the project's and this system can run it; else the state says why not."""
        text, lacking = self.surroundings.instance.user_data(), path.missing()
        if not user_data.ours(text):
            self.state = NOT_OURS if text.strip() else NOTHING
        elif lacking:
            self.state = f"this system has no {', '.join(lacking)}, so its user data was not run"
            self._fault(self.state)
        else:
            return True
        self._say(self.state)
        return False

    def _run_until(self, ended: Event, *, is_first: bool) -> str | None:
        """Run until the power is cut, or the machine switches itself off: then say why."""
        self.state = "booting"
        metadata = MetadataService(self.surroundings.instance.facts)
        try:
            self._services.environment = self._boot(metadata.address)
            self._begin(is_first=is_first)
            while not ended.wait(PERIOD_S):
                self._root.show(self.uptime, busy=self.is_busy)
                why = self._due_end()
                if why:
                    return why
                self._work()
            return None
        finally:
            self._cease()
            metadata.close()

    def _switch_off(self, why: str) -> None:
        self._say(f"it switched itself off: {why}")
        try:
            self.surroundings.off()
        except Exception as error:  # noqa: BLE001 - whatever EC2 refuses, nobody waits for this thread
            self._fault(repr(error))

    def _fault(self, said: str) -> None:
        self.surroundings.fault(f"machine {self.surroundings.instance.id}: {said}")

    def _boot(self, metadata: str) -> dict[str, str]:
        here = self.surroundings
        (here.folder / FILE).unlink(missing_ok=True)
        self._booted, self._passed_s = time.monotonic(), 0.0
        self._root.boot()
        self._say("it boots")
        programs = path.install(here.folder, here.instance.gpus(), here.instance.framework())
        root = here.folder / "root"
        return {
            **aws(here.place),
            "AGENT_METADATA": metadata,
            "AGENT_ROOT": str(root),
            "AGENT_SECOND_LOOK_S": "0.2",
            "HOME": str(root / "root"),
            "LANG": "C.UTF-8",
            "MLSTACK_PAUSE_S": "0.2",
            "MLSTACK_PYTHON": str(programs / "python3"),
            "MLSTACK_ROOT": str(root),
            "PATH": f"{programs}:{root / 'usr/local/bin'}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "TMPDIR": str(root / "tmp"),
            "TZ": "UTC",
        }

    def _begin(self, *, is_first: bool) -> None:
        """At the first boot the user data, at a later one what is enabled."""
        wanted = self._systemd.boot()
        if is_first:
            self._services.run_user_data(self.surroundings.instance.user_data())
            return
        self.state = "running"
        for name in wanted:
            self._services.start(name)

    def _work(self) -> None:
        code = self._services.look(self.uptime).get(USER_DATA)
        if code is not None:
            self.state = "running" if code == 0 else "its boot failed"
            self.surroundings.booted()

    def _due_end(self) -> str | None:
        """Why the machine ends now; nothing where it does not."""
        try:
            plan = json.loads((self.surroundings.folder / FILE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return str(plan["said"]) if self.uptime >= float(plan["at"]) else None

    def _cease(self) -> None:
        self._services.end()
        self._booted = 0.0
        self.is_busy = False
        self.state = "off"
        self._say("it is off")

    def _say(self, text: str) -> None:
        with self._writing, self.log.open("a", encoding="utf-8") as log:
            log.write(f"{date(time.time()):%Y-%m-%dT%H:%M:%SZ} the machine: {text}\n")
