"""A thread that looks, every second, what queues are like and what is due: alarms, schedules, scheduled rules."""

from threading import Event, Lock, Thread

from mlstack.local import runtime
from mlstack.local.alarms.watch import WATCH
from mlstack.local.capacity.settling import SETTLING
from mlstack.local.clock import CLOCK
from mlstack.local.queue_metrics.observation import QUEUES
from mlstack.local.schedules.calendar import CALENDAR

PERIOD_S = 1.0


class Timekeeper:
    """Looks by the server's date."""

    def __init__(self) -> None:
        self._stopped = Event()
        self._looking = Lock()
        self._thread = Thread(target=self._keep, name="timekeeper", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; a look under way is not waited for."""
        self._stopped.set()

    def look(self) -> None:
        """Do all that is due by now."""
        with self._looking:
            moment = CLOCK.now()
            QUEUES.look(moment)
            SETTLING.look()
            CALENDAR.look(moment)
            WATCH.look(moment)

    def _keep(self) -> None:
        while not self._stopped.wait(PERIOD_S):
            try:
                self.look()
            except Exception as error:  # noqa: BLE001 - the next look may do better; the report tells
                runtime.running().report.fault(f"timekeeper: {error!r}")
