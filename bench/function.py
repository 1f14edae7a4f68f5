"""What the image function costs by itself: its own time per image, its calls, its import and its package."""

import io
import json
import statistics
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

from bench.environment import told
from bench.wire import PHOTO, Wire
from image_analysis import handler

LAMBDA_ROOT = Path(__file__).resolve().parents[1] / "lambda"
PACKAGES = ("image_analysis", "shared")
FLOOR, HANDLER = "boto3", "image_analysis.handler"
IMPORT = (
    "import sys, time; sys.path.insert(0, {!r}); t = time.perf_counter(); import {}; print(time.perf_counter() - t)"
)
PLENTY = 1e6
"""Calls per second that no image waits for."""


class Context:
    """As much of Lambda's context as the function uses."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """A minute."""
        return 60_000


@dataclass(frozen=True, slots=True)
class OwnTime:
    """The function's own milliseconds per image, and its calls to AWS."""

    p50_ms: float
    p99_ms: float
    calls: int


def own_time(prefix: str, images: int) -> OwnTime:
    """Measure a warm function on images that get the analyses of ``prefix``; real clients, no network."""
    wire, times = Wire(), []
    with told(PLENTY):
        wire.connect()
        for number in range(images + 1):
            calls, started = wire.calls, time.perf_counter()
            if handler.handle({"Records": [_record(prefix, number)]}, Context())["batchItemFailures"]:
                message = "the function could not analyse the bench's photo"
                raise RuntimeError(message)
            if number:  # the first makes the clients' caches
                times.append((time.perf_counter() - started) * 1000)
    return OwnTime(statistics.median(times), statistics.quantiles(times, n=100)[98], wire.calls - calls)


def import_ratio(rounds: int) -> tuple[float, float]:
    """Seconds to import the handler in a fresh process, and that as a multiple of importing boto3 alone."""
    seconds: dict[str, list[float]] = {FLOOR: [], HANDLER: []}
    for _ in range(rounds):
        for module, taken in seconds.items():  # in turn, so that a busy machine slows both alike
            program = [sys.executable, "-c", IMPORT.format(str(LAMBDA_ROOT), module)]
            taken.append(float(subprocess.run(program, capture_output=True, text=True, check=True).stdout))
    handler_s, floor_s = (statistics.median(seconds[module]) for module in (HANDLER, FLOOR))
    return handler_s, handler_s / floor_s


def package_kib() -> float:
    """The size of the zip that is deployed: the function's folder and shared/."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for package in PACKAGES:
            for file in sorted((LAMBDA_ROOT / package).rglob("*.py")):
                archive.write(file, file.relative_to(LAMBDA_ROOT))
    return len(packed.getvalue()) / 1024


def _record(prefix: str, number: int) -> dict[str, str]:
    described = {"key": f"{prefix}{number}.jpg", "size": PHOTO.stat().st_size, "etag": f"{number}"}
    body = {"detail": {"bucket": {"name": "media"}, "object": described}}
    return {"messageId": str(number), "receiptHandle": str(number), "body": json.dumps(body)}
