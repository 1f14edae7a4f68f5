"""What the inference server adds to its model: requests over HTTP against the same calls inside one process."""

import contextlib
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from mlstack.local.archive import unpack

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "containers" / "inference"
STARTER = SOURCE / "starter" / "model.tar.gz"
DRAWING = ROOT / "examples" / "waste" / "compost-1.jpg"
LARGE = (4000, 3000)
"""As a telephone takes them."""
CONCURRENCY = 4
PROCESSORS = os.cpu_count() or 1
PEAK = re.compile(r"VmHWM:\s+(\d+) kB")
PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Load:
    """One way of asking for the same picture many times."""

    per_second: float
    p50_ms: float
    p99_ms: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Served:
    """The server and the process without one, for a drawing and for a photograph of 12 megapixels."""

    cold_start_s: float
    """From the start of the process to the first /ping with 200."""
    drawing: Load
    drawing_in_process: Load
    photo: Load
    photo_in_process: Load


def measure(rounds: int) -> Served:
    """The same model, pictures and processors; both ways take turns, so that a busy machine slows both alike."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, photo = Path(scratch) / "model", Path(scratch) / "photo.jpg"
        with tarfile.open(STARTER) as archive:
            unpack(archive, folder)
        Image.effect_noise((LARGE[0] // 8, LARGE[1] // 8), 40).resize(LARGE).convert("RGB").save(photo, quality=88)
        starts = []
        for _ in range(rounds):
            with _serving(folder) as (_, started):
                starts.append(started)
        loads = {}
        for name, picture, count in (("drawing", DRAWING, 300 * rounds), ("photo", photo, 12 * rounds)):
            with _serving(folder) as (server, _):
                loads[name] = server.load(picture.read_bytes(), count)
            loads[f"{name}_in_process"] = _in_process(folder, picture, count)
        return Served(cold_start_s=statistics.median(starts), **loads)


@dataclass(frozen=True, slots=True)
class Server:
    """A running one."""

    port: int
    pid: int

    def load(self, body: bytes, count: int) -> Load:
        """Ask so many times, ``CONCURRENCY`` at a time, each on a connection that stays."""
        local = threading.local()

        def once(_number: int) -> float:
            if not hasattr(local, "connection"):
                local.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
            started = time.perf_counter()
            local.connection.request("POST", "/invocations", body, {"Content-Type": "image/jpeg"})
            answer = local.connection.getresponse()
            answer.read()
            if answer.status != http.HTTPStatus.OK:
                message = f"the server answered {answer.status}"
                raise RuntimeError(message)
            return time.perf_counter() - started

        with ThreadPoolExecutor(CONCURRENCY) as pool:
            list(pool.map(once, range(CONCURRENCY * 4)))  # warm
            started = time.perf_counter()
            times = list(pool.map(once, range(count)))
            taken = time.perf_counter() - started
        return _load(times, taken, self.peak_mib())

    def peak_mib(self) -> float:
        """The largest resident set so far; 0 where the system does not tell."""
        with contextlib.suppress(OSError):
            found = PEAK.search(Path(f"/proc/{self.pid}/status").read_text(encoding="ascii"))
            return int(found[1]) / 1024 if found else 0.0
        return 0.0


@contextmanager
def _serving(folder: Path) -> Iterator[tuple[Server, float]]:
    """A server of a model, and how long it took to answer that it is well."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    told = {"SM_MODEL_DIR": str(folder), "SAGEMAKER_BIND_TO_PORT": str(port)}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "inference"], cwd=SOURCE, env=os.environ | told, stdout=subprocess.DEVNULL
    )
    try:
        while not _well(port):
            if process.poll() is not None or time.perf_counter() - started > PATIENCE_S:
                message = "the server did not become well"
                raise RuntimeError(message)
            time.sleep(0.005)
        yield Server(port, process.pid), time.perf_counter() - started
    finally:
        process.terminate()
        process.wait()


def _well(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/ping")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _in_process(folder: Path, picture: Path, count: int) -> Load:
    arguments = [str(folder), str(picture), str(PROCESSORS), str(count)]
    program = [sys.executable, str(Path(__file__).with_name("classifying.py")), *arguments]
    said = json.loads(subprocess.run(program, capture_output=True, text=True, check=True).stdout)
    return _load(said["times"], said["taken"], said["peak_mib"])


def _load(times: list[float], taken: float, peak_mib: float) -> Load:
    ms = [seconds * 1000 for seconds in times]
    return Load(len(times) / taken, statistics.median(ms), statistics.quantiles(ms, n=100)[98], peak_mib)
