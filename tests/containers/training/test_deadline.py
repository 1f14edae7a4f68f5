"""When a task is to end, and what it may still finish."""

from dataclasses import dataclass

from training.deadline import Deadline, Later


@dataclass
class Asked:
    """A Stop that a test says."""

    said: bool = False
    time: float = 100

    def asked(self) -> bool:
        return self.said

    def now(self) -> float:
        return self.time


def test_task_ends_when_its_time_is_over() -> None:
    stop = Asked()
    deadline = Deadline(stop, 60, stop.now)

    seen = []
    for time in (100, 159, 160, 161):
        stop.time = time
        seen.append((deadline.asked(), deadline.late))

    assert seen == [(False, False), (False, False), (True, True), (True, True)]


def test_task_ends_when_it_is_told_to_and_is_not_late_then() -> None:
    stop = Asked(said=True)
    deadline = Deadline(stop, 60, stop.now)

    assert deadline.asked()
    assert not deadline.late


def test_task_without_a_time_takes_as_long_as_it_takes() -> None:
    stop = Asked()
    deadline = Deadline(stop, None, stop.now)
    stop.time = 1e12

    assert not deadline.asked()


def test_what_may_be_finished_has_its_time_from_the_moment_that_the_task_was_told() -> None:
    stop = Asked()
    later = Later(stop, 60, stop.now)

    seen = [later.asked()]
    for time, said in ((500, False), (600, True), (659, True), (660, True)):
        stop.time, stop.said = time, said
        seen.append(later.asked())

    assert seen == [False, False, False, False, True]
