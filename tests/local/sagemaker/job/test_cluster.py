"""The hosts of a job end with it, with the server, and never twice."""

import subprocess
from pathlib import Path
from threading import Thread

import pytest

from mlstack.local import log_stream
from mlstack.local.container.image import Images
from mlstack.local.container.process import Launch
from mlstack.local.environment import Place
from mlstack.local.report import Report
from mlstack.local.sagemaker.hall import Hall
from mlstack.local.sagemaker.job.cluster import Cluster
from mlstack.local.sagemaker.job.record import Job, JobError
from mlstack.local.sagemaker.limits import Limits
from tests.local.patience import eventually

PROGRAM = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: print("told to end", flush=True))
print("begun", flush=True)
time.sleep(float(sys.argv[1]))
time.sleep(0.2)
sys.exit(int(sys.argv[2]))
"""


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the hosts print; the log group of a server is not needed for that."""
    lines: list[str] = []
    monkeypatch.setattr(log_stream, "write", lambda *said: lines.extend(said[-1]))
    return lines


@pytest.fixture
def hall(tmp_path: Path) -> Hall:
    images, limits = Images(tmp_path / "images"), Limits(stop_seconds=0.05)
    return Hall(
        place=Place(port=1), folder=tmp_path, images=images, client=lambda _: None, report=Report(), limits=limits
    )


@pytest.fixture
def job() -> Job:
    return Job(name="job", arn="arn", said={})


def launch(hall: Hall, host: str, seconds: float, code: int = 0) -> Launch:
    root = hall.folder / "root"
    root.mkdir(exist_ok=True)
    (root / "main.py").write_text(PROGRAM)
    image = hall.images.keep(root, ["python", "/main.py"], {}, "/")
    return Launch(image=image, arguments=(str(seconds), str(code)), environment={}, folder=hall.folder / host)


def test_a_cluster_is_over_when_every_host_has_ended(hall: Hall, job: Job, printed: list[str]) -> None:
    heard: list[str] = []
    with Cluster(hall, job, "group", "image") as cluster:
        cluster.start({"algo-1": launch(hall, "a", 0), "algo-2": launch(hall, "b", 0.1)}, heard.extend)
        cause = cluster.watch(lambda: None)
        code = cluster.code

    assert (cause, code, heard, printed) == (None, 0, ["begun"], ["begun", "begun"])
    assert not hall.running
    assert not hall.report.read()["containers"]


def test_one_host_that_fails_ends_them_all(hall: Hall, job: Job, printed: list[str]) -> None:
    with Cluster(hall, job, "group", "image") as cluster:
        cluster.start({"algo-1": launch(hall, "a", 60), "algo-2": launch(hall, "b", 0, code=4)}, lambda _: None)
        cluster.watch(lambda: None)

        assert cluster.code == 4
        pids = [one["pid"] for one in hall.report.read()["containers"].values()]

    assert len(printed) >= 1
    assert not [pid for pid in pids if _runs(pid)]


def test_the_end_of_the_server_ends_a_cluster(hall: Hall, job: Job, printed: list[str]) -> None:
    with Cluster(hall, job, "group", "image") as cluster:
        cluster.start({"algo-1": launch(hall, "a", 60)}, lambda _: None)
        [pid] = [one["pid"] for one in hall.report.read()["containers"].values()]
        eventually(lambda: "begun" in printed)

        Thread(target=hall.close).start()
        cluster.watch(lambda: None)

        assert not _runs(pid)
    with pytest.raises(JobError, match="the local AWS is ending"), Cluster(hall, job, "group", "image"):
        pass


def test_a_host_is_told_once_and_then_ended(hall: Hall, job: Job, printed: list[str]) -> None:
    with Cluster(hall, job, "group", "image") as cluster:
        cluster.start({"algo-1": launch(hall, "a", 60)}, lambda _: None)
        eventually(lambda: "begun" in printed)

        cause = cluster.watch(lambda: "enough")
        cluster.stop()
        cluster.stop()

    assert (cause, cluster.code) == ("enough", 0)
    assert printed.count("told to end") == 1
    with pytest.raises(JobError, match="the local AWS is ending"):
        cluster.start({"algo-1": launch(hall, "a", 60)}, lambda _: None)


def _runs(pid: int) -> bool:
    said = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S607
    return bool(said.stdout.strip()) and not said.stdout.strip().startswith("Z")
