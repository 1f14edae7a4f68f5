"""What a row of health checks comes to."""

import threading
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.container.image import Image
from mlstack.local.container.process import Launch
from mlstack.local.ecs.health import HEALTHY, UNHEALTHY, UNKNOWN, Check, Health, Pulse
from tests.local.patience import eventually

CHECK = Check(command=("true",), interval_s=1, timeout_s=1, retries=3, grace_s=10)


def _after(*checks: tuple[bool, float]) -> Pulse:
    pulse = Pulse()
    for well, age_s in checks:
        pulse = pulse.after(CHECK, well=well, age_s=age_s)
    return pulse


def test_failures_before_the_grace_is_over_do_not_count() -> None:
    assert _after(*[(False, 1.0)] * 10) == Pulse(UNKNOWN)


def test_grace_ends_with_the_first_success() -> None:
    assert _after((True, 1.0), *[(False, 2.0)] * 3).status == UNHEALTHY


def test_container_is_healthy_until_it_failed_often_enough() -> None:
    assert _after((True, 20.0), (False, 21.0), (False, 22.0)).status == HEALTHY


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 100)), min_size=1))
def test_one_success_makes_well_whatever_was(checks: list[tuple[bool, float]]) -> None:
    assert _after(*checks, (True, 100.0)) == Pulse(HEALTHY)


def test_check_of_a_shell_is_one_line() -> None:
    found = Check.of({"healthCheck": {"command": ["CMD-SHELL", "exit 0 || exit 1"], "interval": 30}}, 1.0)

    assert found is not None
    assert found.command == ("/bin/sh", "-c", "exit 0 || exit 1")
    assert found.interval_s == 1.0


def test_check_that_is_switched_off_is_none() -> None:
    assert Check.of({"healthCheck": {"command": ["NONE"]}}, 1.0) is None


def test_check_under_way_ends_with_its_container(tmp_path: Path) -> None:
    image = Image(digest="sha256:0", root=tmp_path, entrypoint=("python",), environment={}, workdir="/", size=0)
    slow = Check(command=("/bin/sh", "-c", "touch began; sleep 60"), interval_s=1, timeout_s=60, retries=1, grace_s=0)
    health = Health(slow, Launch(image=image, environment={}, folder=tmp_path / "scratch"))
    before = {one.name for one in threading.enumerate()}

    health.begin()
    eventually((tmp_path / "began").exists)
    health.end()

    assert eventually(lambda: "health" not in {one.name for one in threading.enumerate()} - before)
    assert health.status == UNKNOWN
