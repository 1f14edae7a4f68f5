"""A container is a process: well or not, on loopback alone, and gone when nobody needs it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mlstack.local.container.image import Image, Images
from mlstack.local.container.process import Launch, Process
from mlstack.local.container.served import Container, UnhealthyError, UnreachableError
from tests.local.fake_image import SERVER
from tests.local.patience import eventually

PARENT = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
print(child.pid, flush=True)
time.sleep(60)
"""
Start = Callable[..., Container]
ORPHANED = """
import sys, time
from pathlib import Path
from mlstack.local.container.image import Image
from mlstack.local.container.process import Launch
from mlstack.local.container.served import Container
image = Image("", Path(sys.argv[1]), ("python", "/srv/main.py"), {}, "/srv", 0)
launch = Launch(image=image, environment={"SM_MODEL_DIR": "/nowhere"}, folder=Path(sys.argv[2]))
print(Container(launch, "SAGEMAKER_BIND_TO_PORT", lambda _: None).pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def image(tmp_path: Path) -> Image:
    root = tmp_path / "root"
    (root / "srv").mkdir(parents=True)
    (root / "srv" / "main.py").write_text(SERVER)
    return Images(tmp_path / "images").keep(root, ["python3", "-u", "/srv/main.py"], {"SETTING": "image"}, "/srv")


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def start(image: Image, tmp_path: Path, said: list[str]) -> Iterator[Start]:
    made: list[Container] = []

    def started(**environment: str) -> Container:
        launch = Launch(
            image=image,
            environment={"SM_MODEL_DIR": str(tmp_path), **environment},
            folder=tmp_path / "home",
        )
        made.append(Container(launch, "SAGEMAKER_BIND_TO_PORT", said.extend))
        return made[-1]

    yield started
    for container in made:
        container.stop(0)


def test_a_container_answers_and_is_heard(start: Start, said: list[str]) -> None:
    container = start()
    container.become_well(10)

    reply = container.post("/invocations", b"hi", {"Content-Type": "text/x", "Accept": "text/y"}, 5)
    container.stop(5)

    assert (reply.status, reply.body, reply.headers["content-type"]) == (200, b"no model|image|hi", "text/y")
    assert (said[0], said[-1]) == ("hello from the container", "request text/x")
    assert not container.alive


def test_what_the_launch_says_goes_before_the_image(start: Start) -> None:
    container = start(SETTING="launch")
    container.become_well(10)

    assert container.post("/invocations", b"", {}, 5).body == b"no model|launch|"


def test_a_container_listens_on_loopback_alone(start: Start) -> None:
    container = start()
    container.become_well(10)

    addresses = {str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in addresses - {"127.0.0.1", "127.0.1.1"}:
        with socket.socket() as visitor:
            assert visitor.connect_ex((address, container.port)) != 0


def test_a_container_that_ends_is_not_waited_for(start: Start, said: list[str]) -> None:
    container = start(ENDS="yes")

    with pytest.raises(UnhealthyError, match=r"exit status 3: hello from the container$"):
        container.become_well(60)

    container.stop(0)
    assert said == ["hello from the container"]


def test_a_container_that_stays_unwell_is_given_up(start: Start) -> None:
    with pytest.raises(UnhealthyError, match=r"within 0\.3 s"):
        start(UNWELL="yes").become_well(0.3)


def test_no_answer_is_told_from_a_bad_one(start: Start) -> None:
    container = start()
    container.become_well(10)

    assert container.post("/invocations", b"fail", {}, 5).status == 500
    with pytest.raises(UnreachableError):
        container.post("/invocations", b"sleep 5", {}, 0.1)
    with pytest.raises(UnreachableError):
        container.post("/invocations", b"crash", {}, 5)


def test_a_container_ends_when_whoever_started_it_is_killed(image: Image, tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", ORPHANED, str(image.root), str(tmp_path / "home")]
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, cwd=Path.cwd(), env={**os.environ, "PYTHONPATH": "."}
    ) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        owner.send_signal(signal.SIGKILL)

    assert eventually(lambda: not _runs(pid))


@pytest.mark.parametrize("gone", ["stopped", "orphaned"])
def test_what_a_container_started_ends_with_it(tmp_path: Path, said: list[str], gone: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "main.py").write_text(PARENT)
    image = Images(tmp_path / "images").keep(root, ["python", "/main.py"], {}, "/")
    container = Process(Launch(image=image, environment={}, folder=tmp_path / "home"), said.extend)
    child = int(eventually(lambda: said)[0])
    assert _runs(child)

    if gone == "stopped":
        container.stop(0.1)
    else:
        os.close(container._alive)  # noqa: SLF001 - as if whoever started it were gone
        container._alive = -1  # noqa: SLF001 - the same

    assert eventually(lambda: not _runs(child))
    container.stop(0)


def _runs(pid: int) -> bool:
    """Whether a process runs; one that only waits to be buried does not."""
    said = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S607
    return bool(said.stdout.strip()) and not said.stdout.strip().startswith("Z")
