"""The way of every image from its order to its place in ECR, in front of a person."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import sleep
from typing import Literal

from botocore.exceptions import BotoCoreError, ClientError

from image_build.build import IN_PROGRESS
from mlstack.errors import UserError
from mlstack.image.builds.building import Builds, Look
from mlstack.image.builds.order import Order
from mlstack.patience import Patience
from mlstack.text import printable
from mlstack.training.view import View

POLL_S, LOCAL_POLL_S = 5.0, 0.2
"""What is far away takes minutes, and counts how often it is asked."""
LOST_LOOKS = 5
ROOM_S = 3600.0
"""How long a build waits for others of the account to end."""
NO_ROOM = "other builds of the account come first"
Status = Literal["there", "started", "waits", "built", "failed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of an order."""

    order: Order
    status: Status
    look: Look | None = None
    reason: str = ""
    lines: tuple[str, ...] = ()
    """What the build logged last, where it failed."""

    @property
    def is_well(self) -> bool:
        """Whether nothing is left to mend."""
        return self.status in {"there", "started", "built"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """How orders are met."""

    builds: Builds
    send: Callable[[Order], bool]
    """Has the source of an order lie in S3."""
    tell: Callable[[str], None]
    poll_s: float = POLL_S

    def begin(self, order: Order) -> Outcome:
        """Start what must be built, as far as the account has room."""
        if self.builds.is_there(order):
            self.tell(f"{order.name}: {order.tag[:12]} is in ECR already, nothing to do")
            return Outcome(order=order, status="there")
        if self.send(order):
            self.tell(f"{order.name}: sent what it is built from")
        look = self.builds.begin(order)
        if look is None:
            self.tell(f"{order.name}: {NO_ROOM}")
            return Outcome(order=order, status="waits", reason=NO_ROOM)
        self.tell(f"{order.name}: {order.tag[:12]} is being built ({look.build.id})")
        return Outcome(order=order, status="started", look=look)

    def end(self, begun: Outcome, view: View) -> Outcome:
        """Look on until a build has ended; one that waits for room is started when there is some."""
        if begun.status == "there":
            return begun
        view.began(f"Build {begun.order.name}")
        look = begun.look or self._in_turn(begun.order, view)
        if look is None:
            view.ended(well=False)
            return begun
        ended = self._judged(begun.order, self._watched(look, view))
        view.ended(well=ended.is_well)
        return ended

    def _in_turn(self, order: Order, view: View) -> Look | None:
        patience, look = Patience(ROOM_S), None
        while look is None and patience.wait(self.poll_s):
            view.now(NO_ROOM, "")
            look = self.builds.begin(order)
        return look

    def _watched(self, look: Look, view: View) -> Look:
        told, lost = 0, 0
        while True:
            for phase in look.phases[told:]:
                view.now(phase.replace("_", " ").lower(), "")
            told = len(look.phases)
            if look.build.status != IN_PROGRESS:
                return look
            sleep(self.poll_s)
            try:
                look, lost = self.builds.look(look), 0
            except (BotoCoreError, ClientError) as error:  # a fault of a moment ends no look
                lost += 1
                if lost == LOST_LOOKS:
                    message = f"build {look.build.id} is out of sight ({' '.join(str(error).split())}) and may go on"
                    raise UserError(printable(f"{message}; say the same again to look on")) from error

    def _judged(self, order: Order, look: Look) -> Outcome:
        if self.builds.is_there(order):
            return Outcome(order=order, status="built", look=look)
        failed = Outcome(order=order, status="failed", look=look, reason=printable(look.build.failure))
        try:
            return replace(failed, lines=tuple(self.builds.last_lines(look)))
        except UserError as error:
            return replace(failed, reason=f"{failed.reason}; {error}")


def follow(course: Course, begun: Sequence[Outcome], view: View) -> list[Outcome]:
    """Look on until every build has ended."""
    return [course.end(one, view) for one in begun]
